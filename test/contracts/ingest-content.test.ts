import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Item } from "../../shared/protocol/items.ts";
import {
  connectScripted,
  enrolScripted,
  fullStep,
  hashOfContent,
  type ScriptedAgent,
  snapshotOf,
} from "../support/scripted-agent.ts";
import { startTestCollector, type TestCollector } from "../support/start-collector.ts";

type Page<T> = { readonly items: readonly T[]; readonly total?: number };
type Asset = { readonly assetId: string; readonly name: string };

const packageOf = (n: number, version = "1"): [string, Item] => {
  const item = { manager: "dpkg", name: `package-${n}`, architecture: "amd64", version, description: "x".repeat(60) };
  return [`dpkg|package-${n}|amd64|`, item];
};
const imageOf = (size: number) => Object.fromEntries(Array.from({ length: size }, (_, n) => packageOf(n)));
const subjectOf = (value: string, id = "self") => ({
  subject: { id, realm: "site", keys: [{ kind: "hardwareUuid" as const, value }] },
});
const osOf = (hostname: string) => fullStep("os", { "": { hostname } });

/** Sections that the collector did not take. */
const askedAgain = ({ heard }: ScriptedAgent) =>
  heard.flatMap((body) => (body.kind === "need" ? (body.sections ?? []) : []));

/** What agents bring, as the API shows it. */
describe("content of what agents bring", () => {
  let collector: TestCollector;
  let hosts = 0;
  beforeAll(async () => {
    collector = await startTestCollector();
  });
  afterAll(() => collector.stop());

  const newAgent = async () => {
    const agent = await connectScripted(collector.url, await enrolScripted(collector));
    await agent.waitFor("welcome");
    return agent;
  };
  const nextUuid = () => `4c4c4544-0042-3010-8051-${(++hosts).toString(16).padStart(12, "0")}`;
  const find = async (q: string) =>
    (await collector.get<Page<Asset>>(`/api/v1/assets?q=${encodeURIComponent(q)}`)).items;
  const softwareOf = async ({ assetId }: Asset) => {
    const page = await collector.get<Page<{ key: string; item: Item }>>(
      `/api/v1/assets/${assetId}/sections/software?limit=1000`,
    );
    return Object.fromEntries(page.items.map(({ key, item }) => [key, item]));
  };

  it("is each host's own, though hosts of one image share what they have in common", async () => {
    const image = imageOf(300);
    const others = [{}, { ...Object.fromEntries([packageOf(7, "2"), packageOf(900)]) }, {}];
    const contents = others.map((other) => ({ ...image, ...other }));
    delete contents[2]?.["dpkg|package-9|amd64|"];
    for (const [n, items] of contents.entries()) {
      const agent = await newAgent();
      await agent.deliver(snapshotOf([osOf(`twin-${n}`), fullStep("software", items)], subjectOf(nextUuid())));
      expect(askedAgain(agent)).toEqual([]);
      const base = hashOfContent(items);
      const [key, item] = packageOf(n, `3.${n}`);
      items[key] = item;
      const delta = {
        kind: "delta",
        section: "software",
        base,
        hash: hashOfContent(items),
        put: { [key]: item },
        drop: [],
      } as const;
      await agent.deliver(
        snapshotOf(
          [{ ...delta, drop: [] }],
          subjectOf(`4c4c4544-0042-3010-8051-${hosts.toString(16).padStart(12, "0")}`),
        ),
      );
      await agent.close();
    }
    for (const [n, items] of contents.entries()) {
      const [asset] = await find(`twin-${n}`);
      expect(await softwareOf(asset as Asset)).toEqual(items);
      const changes = await collector.get<Page<{ itemKey: string; before: string; after: string }>>(
        `/api/v1/changes?assetId=${asset?.assetId}`,
      );
      expect(changes.items.map(({ itemKey, before, after }) => [itemKey, before, after])).toEqual([
        [packageOf(n)[0], "1", `3.${n}`],
      ]);
    }
    const who = await collector.get<Page<unknown>>("/api/v1/software/installations?name=package-7&below=2");
    expect(who.total).toBe(2);
  });

  it("tells what differs when a host says its whole list again", async () => {
    const agent = await newAgent();
    const about = subjectOf(nextUuid());
    const items = imageOf(200);
    await agent.deliver(snapshotOf([osOf("again"), fullStep("software", items)], about));
    const now = { ...items, ...Object.fromEntries([packageOf(3, "2")]) };
    delete now["dpkg|package-4|amd64|"];
    await agent.deliver(snapshotOf([fullStep("software", now)], { ...about, observedAtMs: Date.now() + 1 }));
    const [asset] = await find("again");
    const changes = await collector.get<Page<{ itemKey: string; kind: string }>>(
      `/api/v1/changes?assetId=${asset?.assetId}`,
    );
    expect(changes.items.map(({ itemKey, kind }) => `${kind} ${itemKey}`).sort()).toEqual([
      "changed dpkg|package-3|amd64|",
      "removed dpkg|package-4|amd64|",
    ]);
    expect(await softwareOf(asset as Asset)).toEqual(now);
    await agent.close();
  });

  it("is found after a NUL, in keys, names and items", async () => {
    const agent = await newAgent();
    const item = { name: "a\0hidden", value: "before\0behind" };
    await agent.deliver(
      snapshotOf([osOf("nul\0host-tail"), fullStep("notes", { "a\0hidden": item })], {
        subject: { id: "self", realm: "site", keys: [{ kind: "serial", value: "SN\0serial-tail", vendor: "maker" }] },
      }),
    );
    expect(askedAgain(agent)).toEqual([]);
    for (const q of ["host-tail", "serial-tail"])
      expect((await find(q)).map(({ name }) => name)).toEqual(["nul\ufffdhost-tail"]);
    const [asset] = await find("host-tail");
    const notes = await collector.get<Page<{ item: Item }>>(`/api/v1/assets/${asset?.assetId}/sections/notes?q=behind`);
    expect(notes.items.map(({ item: { value } }) => value)).toEqual(["before\ufffdbehind"]);
    const changed = { ...item, value: "later\0on" };
    const items = { "a\0hidden": changed };
    const delta = {
      kind: "delta",
      section: "notes",
      base: hashOfContent({ "a\0hidden": item }),
      hash: hashOfContent(items),
    } as const;
    await agent.deliver(
      snapshotOf([{ ...delta, put: items, drop: [] }], {
        subject: { id: "self", realm: "site", keys: [{ kind: "serial", value: "SN\0serial-tail", vendor: "maker" }] },
      }),
    );
    expect(askedAgain(agent)).toEqual([]);
    await agent.close();
  });
});
