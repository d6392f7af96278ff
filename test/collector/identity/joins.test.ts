import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "../../../collector/engine/operations.ts";
import type { LabAgent } from "../../../collector/truthlab/driver.ts";
import type { AssetId } from "../../../shared/ids.ts";
import { sectionHash, toItems } from "../../../shared/protocol/canonical.ts";
import type { Item } from "../../../shared/protocol/items.ts";
import { type IdentityLab, keysOf, openIdentityLab } from "../../support/identity-lab.ts";

const person = { name: "kim", role: "asset-manager" } as const;
const keysFor = (n: number) => [
  `hardwareUuid=4c4c4544-0042-3010-8051-b4c04f4e4d3${n}`,
  `serial=dell/7KX20Q${n}`,
  `mac=00:1b:21:0a:00:0${n}`,
  `ip=10.0.0.${n + 1}`,
  `hostname=host${n}`,
];

let lab: IdentityLab;
const agents: LabAgent[] = [];
const assets: AssetId[] = [];

const reportOs = async (agent: LabAgent, n: number, version: string) => {
  lab.pass(60_000);
  const content = { name: "Debian", version };
  await agent.send({
    kind: "snapshot",
    snapshot: {
      source: "local",
      subject: { id: "self", realm: "site", keys: keysOf(...keysFor(n)) },
      observedAtMs: lab.lab.clock.now(),
      steps: [
        {
          kind: "full",
          section: "os",
          hash: sectionHash("os", content),
          items: Object.fromEntries(toItems("os", content)) as Record<string, Item>,
        },
      ],
      failures: [],
    },
  });
};

beforeAll(async () => {
  lab = await openIdentityLab();
  for (let n = 0; n < 4; n++) {
    const agent = await lab.agent(`agent${n}`);
    await reportOs(agent, n, "12");
    await lab.see([`mac=00:1b:21:0a:00:0${n}`, `ip=10.0.0.${n + 1}`]);
    if (n % 2 === 0) await reportOs(agent, n, "13");
    agents.push(agent);
    assets.push(...(await lab.holding(`mac=00:1b:21:0a:00:0${n}`)));
  }
});
afterAll(() => lab.stop());

const apply = async (operation: Operation) => {
  lab.pass(1_000);
  const { answer } = await lab.lab.engine().apply(operation, person);
  return answer;
};
const decisionOf = (answer: Awaited<ReturnType<typeof apply>>): string => {
  if (answer.status !== "ok") throw new Error(answer.reason);
  return (answer.result as { decisionId: string }).decisionId;
};

/** All that an asset is, but for its version and what presence makes of the moment. */
const dump = (of: readonly AssetId[]) =>
  lab.lab.read(async (tx) => {
    const out: unknown[] = [];
    for (const assetId of of) {
      const row = await tx.assets.get(assetId);
      const {
        version: _v,
        presence: _p,
        presenceSinceMs: _s,
        ...asset
      } = row ?? { version: 0, presence: "", presenceSinceMs: 0 };
      const accepted = await tx.assets.accepted(assetId);
      const facts = await Promise.all(
        accepted.map(async ({ section, streamNo }) => [
          section,
          [...((await tx.sections.items(streamNo, section)) ?? [])],
        ]),
      );
      out.push({
        asset,
        facts,
        keys: await tx.assets.keys(assetId),
        changes: await tx.changes.ofAsset(assetId, 1_000),
        observations: await tx.observations.ofAsset(assetId),
        streams: (await tx.streams.ofAsset(assetId)).map(({ streamNo }) => streamNo),
        agents: (await tx.agents.ofAsset(assetId)).map(({ agentId }) => agentId),
      });
    }
    return out;
  });

const pair = fc.tuple(fc.nat(3), fc.nat(3)).filter(([a, b]) => a !== b);
const at = (n: number): AssetId => assets[n] as AssetId;

describe("joins and splits by hand", () => {
  it("has facts and changes to lose", async () => {
    const [first] = (await dump([at(0)])) as [{ facts: unknown[]; changes: unknown[] }];
    expect(first.facts.length).toBeGreaterThan(0);
    expect(first.changes.length).toBeGreaterThan(0);
  });

  it("merge and undo: facts, keys and history of both are as before", async () => {
    await fc.assert(
      fc.asyncProperty(pair, async ([a, b]) => {
        const before = await dump(assets);
        const merged = await apply({ kind: "asset.merge", assetId: at(a), otherAssetId: at(b) });
        expect(await lab.holding(keysFor(b)[1] ?? "")).toEqual([at(a)]);
        expect(await apply({ kind: "asset.undo", assetId: at(a), decisionId: decisionOf(merged) })).toMatchObject({
          status: "ok",
        });
        expect(await dump(assets)).toEqual(before);
      }),
      { numRuns: 12, seed: 5 },
    );
  });

  it("merges undone in the opposite order leave everything as before", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 3, maxLength: 3 }),
        async ([a = 0, b = 0, c = 0]) => {
          const before = await dump(assets);
          const first = decisionOf(await apply({ kind: "asset.merge", assetId: at(b), otherAssetId: at(c) }));
          const second = decisionOf(await apply({ kind: "asset.merge", assetId: at(a), otherAssetId: at(b) }));
          expect(await lab.holding(keysFor(c)[1] ?? "")).toEqual([at(a)]);
          expect(await apply({ kind: "asset.undo", assetId: at(b), decisionId: first })).toMatchObject({
            status: "refused",
          });
          await apply({ kind: "asset.undo", assetId: at(a), decisionId: second });
          await apply({ kind: "asset.undo", assetId: at(b), decisionId: first });
          expect(await dump(assets)).toEqual(before);
        },
      ),
      { numRuns: 8, seed: 6 },
    );
  });

  it("split and undo: the asset is as before, whichever keys had left", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.subarray([0, 1, 2, 3, 4], { minLength: 1 }), async (n, which) => {
        const before = await dump(assets);
        const keys = keysOf(...which.map((index) => keysFor(n)[index] ?? ""));
        const split = await apply({ kind: "asset.split", assetId: at(n), keys });
        if (split.status === "ok") {
          const { assetId } = split.result as { assetId: AssetId };
          for (const index of which) expect(await lab.holding(keysFor(n)[index] ?? "")).toEqual([assetId]);
        }
        await apply({ kind: "asset.undo", assetId: at(n), decisionId: decisionOf(split) });
        expect(await dump(assets)).toEqual(before);
      }),
      { numRuns: 12, seed: 7 },
    );
  });

  it("the survivor takes what people wrote of the other where it has nothing, and keeps what was written since", async () => {
    const edit = (n: number, set: Extract<Operation, { kind: "asset.edit" }>["set"]) =>
      apply({ kind: "asset.edit", assetId: at(n), set });
    const bookOf = (n: number) => lab.lab.read(async (tx) => (await tx.assets.get(at(n)))?.book);
    await edit(2, { owner: "Kim", location: "rack 7" });
    await edit(3, { owner: "Jo", price: "10.50 EUR", supplier: "ACME" });
    const before = await dump(assets);
    const merged = decisionOf(await apply({ kind: "asset.merge", assetId: at(2), otherAssetId: at(3) }));
    expect(await bookOf(2)).toEqual({ owner: "Kim", location: "rack 7", price: "10.50 EUR", supplier: "ACME" });
    await apply({ kind: "asset.undo", assetId: at(2), decisionId: merged });
    expect(await dump(assets)).toEqual(before);
    const again = decisionOf(await apply({ kind: "asset.merge", assetId: at(2), otherAssetId: at(3) }));
    await edit(2, { supplier: "Other" });
    await apply({ kind: "asset.undo", assetId: at(2), decisionId: again });
    expect(await bookOf(2)).toEqual({ owner: "Kim", location: "rack 7", supplier: "Other" });
    expect(await bookOf(3)).toEqual({ owner: "Jo", price: "10.50 EUR", supplier: "ACME" });
  });

  it("what is learned while two are one stays after the merge is undone", async () => {
    const merged = decisionOf(await apply({ kind: "asset.merge", assetId: at(0), otherAssetId: at(1) }));
    await reportOs(agents[1] as LabAgent, 1, "14");
    const [, was] = (await dump([at(0), at(0)])) as [unknown, { changes: unknown[] }];
    await apply({ kind: "asset.undo", assetId: at(0), decisionId: merged });
    const [now] = (await dump([at(0)])) as [{ changes: unknown[] }];
    expect(now.changes).toEqual(was.changes);
  });
});

describe("what a person decided", () => {
  it("a split stands against an observation that would join again", async () => {
    const own = await openIdentityLab();
    await own.see(["mac=00:1b:21:0b:00:01"]);
    await own.see(["mac=00:1b:21:0b:00:02"]);
    const snmp = () =>
      own.snmp(["serial=cisco/FOC9", "mac=00:1b:21:0b:00:01", "mac=00:1b:21:0b:00:02"], {
        id: String(own.lab.clock.now()),
      });
    await snmp();
    const [asset] = await own.holding("serial=cisco/FOC9");
    const [joined] = (await own.rules(asset as AssetId)).filter(({ kind, before }) => kind === "joined" && before);
    expect(joined).toMatchObject({ rule: "hardware-key", byHand: false });
    const undone = await own.lab
      .engine()
      .apply({ kind: "asset.undo", assetId: asset as AssetId, decisionId: joined?.decisionId ?? "" }, person);
    expect(undone.answer).toMatchObject({ status: "ok" });
    expect(await own.assets()).toHaveLength(2);
    await snmp();
    expect(await own.assets()).toHaveLength(2);
    expect((await own.assets()).every(({ presence }) => presence !== "retired")).toBe(true);
    await own.stop();
  });

  it("a dock that a person gave to an asset of its own stays there, however many laptops have had it", async () => {
    const own = await openIdentityLab();
    const dock = "mac=a0:ce:c8:00:00:09";
    const report = async (n: number, agent: Awaited<ReturnType<typeof own.agent>>, ip = `10.0.0.${n}`) =>
      own.report(agent, [`serial=dell/LAP${n}00`, `mac=00:1b:21:0c:00:0${n}`, dock, `ip=${ip}`]);
    const laptops = await Promise.all(Array.from({ length: 9 }, (_, i) => own.agent(`laptop-${i + 1}`)));
    for (const [i, agent] of laptops.entries()) await report(i + 1, agent);
    const [first] = await own.holding("serial=dell/LAP100");
    const split = await own.lab
      .engine()
      .apply({ kind: "asset.split", assetId: first as AssetId, keys: keysOf(dock) }, person);
    expect(split.answer).toMatchObject({ status: "ok" });
    const before = await own.holding(dock);
    expect(before).not.toContain(first);
    own.pass(60_000);
    // With the same keys as before nothing would be asked.
    await report(1, laptops[0] as (typeof laptops)[number], "10.0.0.101");
    expect(await own.holding(dock)).toEqual(before);
    await own.stop();
  });

  it("an address that a person gave to an asset of its own stays there while that is seen at it, and no longer", async () => {
    const own = await openIdentityLab();
    const [mac, address] = ["mac=00:1b:21:0d:00:02", "ip=10.0.0.77"];
    const agent = await own.agent("pc");
    const report = (...more: readonly string[]) =>
      own.report(agent, ["serial=dell/PC7700", "mac=00:1b:21:0d:00:01", ...more]);
    await report(mac, address);
    const [pc] = await own.holding("serial=dell/PC7700");
    const keys = keysOf(mac, address);
    const split = await own.lab.engine().apply({ kind: "asset.split", assetId: pc as AssetId, keys }, person);
    expect(split.answer).toMatchObject({ status: "ok" });
    const [other] = await own.holding(mac);
    own.pass(20 * 3_600_000);
    await own.see([mac, address]);
    own.pass(20 * 3_600_000);
    await report(address);
    expect(await own.holding(address)).toEqual([other]);
    own.pass(20 * 3_600_000);
    await report(address, "hostname=pc");
    expect(await own.holding(address)).toEqual([pc]);
    expect(await own.holding(mac)).toEqual([other]);
    await own.stop();
  });

  it.each([
    ["an asset with itself", () => ({ kind: "asset.merge", assetId: at(0), otherAssetId: at(0) }) as const, "invalid"],
    [
      "keys that it does not have",
      () => ({ kind: "asset.split", assetId: at(0), keys: keysOf("serial=dell/NOTHERE") }) as const,
      "invalid",
    ],
    [
      "a decision that there is not",
      () => ({ kind: "asset.undo", assetId: at(0), decisionId: "dec_none" }) as const,
      "not-found",
    ],
  ])("%s is refused", async (_, operation, code) => {
    expect(await apply(operation())).toMatchObject({ status: "refused", code });
  });
});
