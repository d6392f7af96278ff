import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isVolatile } from "../../../collector/record/weights.ts";
import type { ChangeRow } from "../../../collector/store/store.ts";
import type { LabAgent } from "../../../collector/truthlab/driver.ts";
import type { AssetId } from "../../../shared/ids.ts";
import { itemKey, sectionHash, toItems } from "../../../shared/protocol/canonical.ts";
import type { Item } from "../../../shared/protocol/items.ts";
import { type SectionName, sectionNames, sections } from "../../../shared/protocol/sections.ts";
import type { SectionStep } from "../../../shared/protocol/snapshot.ts";
import { type IdentityLab, keysOf, openIdentityLab } from "../../support/identity-lab.ts";
import { fieldsOfSection, sampleItem } from "../../support/section-samples.ts";

/** What an item that came, one that went and one that changed weigh, for every section that there is. */
const expected: Readonly<Record<SectionName, string>> = {
  system: "value high",
  firmware: "normal normal normal",
  os: "value normal",
  cpu: "high critical high",
  memory: "value high",
  memoryModules: "high critical high",
  disks: "high critical high",
  partitions: "low low low",
  filesystems: "low low low",
  volumes: "high high normal",
  graphics: "high high normal",
  displays: "high high normal",
  pci: "high high normal",
  usb: "normal normal low",
  battery: "normal normal low",
  interfaces: "normal normal low",
  addresses: "low low low",
  routes: "low low low",
  dns: "value low",
  listening: "low low low",
  software: "normal normal normal",
  services: "low low low",
  scheduledTasks: "low low low",
  users: "normal normal low",
  groups: "normal normal low",
  browserExtensions: "normal normal normal",
  containers: "low low low",
  virtualMachines: "normal normal low",
  security: "normal high high",
  certificates: "low low low",
  neighbours: "normal normal low",
  fdb: "noise noise noise",
  arp: "noise noise noise",
  vlans: "normal normal low",
  modules: "high critical high",
  supplies: "low normal noise",
  power: "high high normal",
  accessPoints: "normal high low",
  wirelessClients: "noise noise noise",
  lags: "normal normal low",
  notes: "noise noise noise",
};
/** Fields that tell how, or the same in other words: noise wherever they stand. */
const minor = ["provenance", "description", "source", "location", "purl", "lastLoginAt"];

let lab: IdentityLab;
let agent: LabAgent;
let assetId: AssetId;
beforeAll(async () => {
  lab = await openIdentityLab();
  agent = await lab.agent("pc");
  await tell([]);
  assetId = (await lab.holding("mac=00:1b:21:0a:00:01"))[0] as AssetId;
});
afterAll(() => lab.stop());

const tell = async (steps: SectionStep[], gauges?: Record<string, number>) => {
  const subject = { id: "self", realm: "site", keys: keysOf("mac=00:1b:21:0a:00:01") };
  const observedAtMs = lab.lab.clock.now() - 5_000;
  const snapshot = { source: "local" as const, subject, observedAtMs, steps, failures: [], ...(gauges && { gauges }) };
  await agent.send({ kind: "snapshot", snapshot });
};
const full = (section: SectionName, items: readonly Item[]): SectionStep => {
  const content = sections[section].kind === "value" ? (items[0] ?? {}) : items;
  const hash = sectionHash(section, content as never);
  return { kind: "full", section, hash, items: Object.fromEntries(toItems(section, content as never)) as never };
};
/** What is recorded when a section goes from one content to another, a while after anything before. */
const changesOf = async (section: SectionName, before: readonly Item[], after: readonly Item[]) => {
  lab.pass(7_200_000);
  await tell([full(section, before)]);
  const known = new Set((await recorded()).map(({ changeId }) => changeId));
  lab.pass(7_200_000);
  await tell([full(section, after)]);
  return (await recorded()).filter(({ changeId }) => !known.has(changeId));
};
/** The latest of them. */
const recorded = (): Promise<readonly ChangeRow[]> => lab.lab.read((tx) => tx.changes.ofAsset(assetId, 60));

describe("a change of each section", () => {
  it("is expected of all that there are", () => {
    expect(Object.keys(expected)).toEqual(sectionNames);
  });

  it.each(Object.entries(expected) as [SectionName, string][])("%s: %s", async (section, weights) => {
    const isValue = sections[section].kind === "value";
    const [added, removed, changed] = isValue
      ? ["", "", weights.split(" ")[1]]
      : (weights.split(" ") as [string, string, string]);
    const item = sampleItem(section, 0);
    const other = sampleItem(section, 1);
    const key = isValue ? "" : itemKey(section, item);
    const whole = { assetId, section, itemKey: key };
    const both = { actor: { kind: "agent", agentId: agent.agentId, method: "local" } };
    if (!isValue) {
      const [came] = await changesOf(section, [other], [other, item]);
      expect(came).toMatchObject({ ...whole, ...both, kind: "added", after: item, weight: added });
      expect(came).not.toHaveProperty("before");
      expect(came?.recordedAtMs).toBe(lab.lab.clock.now());
      expect(came?.observedAtMs).toBe(lab.lab.clock.now() - 5_000);
      const gone = await changesOf(section, [other, item], [other]);
      expect(gone).toHaveLength(1);
      expect(gone[0]).toMatchObject({ ...whole, ...both, kind: "removed", before: item, weight: removed });
    }
    for (const field of fieldsOfSection(section)) {
      if ((sections[section].key as readonly string[]).includes(field)) continue;
      const weight = minor.includes(field) ? "noise" : changed;
      const differing = { ...item, [field]: other[field] };
      const one = { ...whole, ...both, kind: "changed", field, weight };
      const rows = await changesOf(section, [item], [differing]);
      expect(rows, `${section}.${field}`).toHaveLength(1);
      expect(rows[0]).toMatchObject({ ...one, before: item[field], after: other[field] });
      const { [field]: _, ...without } = item;
      if (sections[section].schema.safeParse(without).success) {
        const [lost] = await changesOf(section, [item], [without]);
        expect(lost).toMatchObject({ ...one, before: item[field] });
        expect(lost).not.toHaveProperty("after");
      }
    }
  });
});

describe("what is another number at every look", () => {
  it("has no place among the fields of any section", () => {
    const found = sectionNames.flatMap((name) => fieldsOfSection(name).filter(isVolatile));
    expect(found).toEqual([]);
  });

  it("makes no change as a gauge, nor where a source puts it into a section", async () => {
    const os = { name: "Debian", uptimeSeconds: 1, bootTime: "a", freeBytes: 1, inOctets: 1, loadAverage1: 0.1 };
    const later = { name: "Debian", uptimeSeconds: 2, bootTime: "b", freeBytes: 2, inOctets: 2, loadAverage1: 0.2 };
    expect(await changesOf("os", [os], [later])).toEqual([]);
    const [last] = await recorded();
    for (let n = 0; n < 5; n++) {
      lab.pass(60_000);
      await tell([], { uptimeSeconds: n, freeMemoryBytes: n * 1_000, inOctets: n });
    }
    expect((await recorded())[0]).toEqual(last);
  });
});

describe("a value that flaps", () => {
  const link = (operStatus: string) => [{ id: "eth0", name: "eth0", operStatus }];
  const tellLink = async (operStatus: string) => {
    lab.pass(180_000);
    await tell([full("interfaces", link(operStatus))]);
  };
  const ofLink = async (since: ReadonlySet<string>) =>
    (await recorded()).filter(({ changeId }) => !since.has(changeId));
  const start = async () => {
    lab.pass(7_200_000);
    await tell([full("interfaces", link("up"))]);
    lab.pass(7_200_000);
    return new Set((await recorded()).map(({ changeId }) => changeId));
  };

  it("that flips twenty times in an hour is its first change, and one for all others with their number and both values", async () => {
    const before = await start();
    await tellLink("down");
    await tellLink("up");
    const began = lab.lab.clock.now() - 5_000;
    for (let n = 3; n <= 20; n++) await tellLink(n % 2 === 0 ? "up" : "down");
    const rows = await ofLink(before);
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatchObject({ before: "up", after: "down" });
    expect(rows[0]).toMatchObject({
      ...{ section: "interfaces", field: "operStatus", before: "down", after: "up", folded: 19 },
      ...{ sinceMs: began, observedAtMs: lab.lab.clock.now() - 5_000, recordedAtMs: lab.lab.clock.now() },
    });
  });

  it("that takes a third value, or comes back after hours, is told apart", async () => {
    const before = await start();
    for (const state of ["down", "testing", "down", "testing"]) await tellLink(state);
    lab.pass(4 * 3_600_000);
    await tellLink("down");
    expect((await ofLink(before)).map((row) => [row.before, row.after, row.folded])).toEqual([
      ["testing", "down", undefined],
      ["down", "testing", 2],
      ["down", "testing", undefined],
      ["up", "down", undefined],
    ]);
  });

  it("is told twice when it is only taken back: memory that is out and in again is no flapping", async () => {
    const stick = [{ slot: "DIMM A1", sizeBytes: 8_589_934_592 }];
    lab.pass(7_200_000);
    await tell([full("memoryModules", stick)]);
    lab.pass(7_200_000);
    const before = new Set((await recorded()).map(({ changeId }) => changeId));
    await tell([full("memoryModules", [])]);
    lab.pass(60_000);
    await tell([full("memoryModules", stick)]);
    expect((await ofLink(before)).map(({ kind, folded }) => [kind, folded])).toEqual([
      ["added", undefined],
      ["removed", undefined],
    ]);
    for (const now of [[], stick, []]) {
      lab.pass(60_000);
      await tell([full("memoryModules", now)]);
    }
    // The weight is the heaviest of them.
    expect(await ofLink(before)).toMatchObject([
      { kind: "removed", weight: "critical", folded: 4 },
      { kind: "removed" },
    ]);
  });
});
