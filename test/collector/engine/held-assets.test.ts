import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHeldAssets } from "../../../collector/engine/held-assets.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import type { AssetKeyRow, AssetRow, Tx } from "../../../collector/store/store.ts";
import { type AssetId, createAssetId } from "../../../shared/ids.ts";
import type { SubjectKey } from "../../../shared/protocol/observation.ts";
import { createSeededRandom } from "../../../shared/random.ts";

const random = createSeededRandom(3);
const ids: readonly AssetId[] = Array.from({ length: 3 }, (_, i) => createAssetId(i, random));
const keys: readonly SubjectKey[] = [
  { kind: "mac", value: "00:16:3e:00:00:01" },
  { kind: "ip", value: "10.0.0.7" },
  { kind: "serial", value: "XYZ123", vendor: "hp" },
];
const assetOf = (assetId: AssetId, fields: Partial<AssetRow> = {}): AssetRow => ({
  ...{ assetId, name: "a", type: "unknown", realm: "hq", lifecycle: "in-use", criticality: "normal" },
  ...{
    presence: "present",
    presenceSinceMs: 0,
    firstSeenAtMs: 0,
    lastSeenAtMs: 0,
    sources: [],
    locked: [],
    version: 1,
  },
  ...fields,
});
const keyOf = (asset: number, key: number, atMs: number): AssetKeyRow => ({
  ...(keys[key] as SubjectKey),
  ...{ assetId: ids[asset] as AssetId, realm: "hq", firstSeenAtMs: 0, lastSeenAtMs: atMs },
});

const areThere = async (tx: Tx, ...assets: readonly number[]): Promise<boolean> => {
  for (const n of assets) if (!(await tx.assets.get(ids[n] as AssetId))) return false;
  return true;
};

/** What everybody may do to assets; each works on rows that the store has, and nothing is written of an asset before itself. */
const steps: Record<string, (tx: Tx, a: number, b: number, atMs: number) => Promise<void> | undefined> = {
  "an asset is written": async (tx, a, _b, atMs) => {
    const row = await tx.assets.get(ids[a] as AssetId);
    await tx.assets.put({ ...(row ?? assetOf(ids[a] as AssetId)), name: `at ${atMs}` });
  },
  "it is joined into another": async (tx, a, b) => {
    if (b < a && (await areThere(tx, b)))
      await tx.assets.put(assetOf(ids[a] as AssetId, { mergedInto: ids[b] as AssetId }));
  },
  "it is set free": (tx, a) => tx.assets.put(assetOf(ids[a] as AssetId)),
  "it gets a key": async (tx, a, b, atMs) => {
    if (await areThere(tx, a)) await tx.assets.putKey(keyOf(a, b, atMs));
  },
  "a key is seen": (tx, a, b, atMs) => tx.assets.keySeen(keyOf(a, b, 0), atMs),
  "a key is taken away": (tx, a, b) => tx.assets.dropKey(keyOf(a, b, 0)),
  "it is seen": (tx, a, _b, atMs) => tx.assets.seen(ids[a] as AssetId, atMs),
  "it is seen by a key": (tx, a, b, atMs) => tx.assets.seen(ids[a] as AssetId, atMs, [keyOf(a, b, 0)]),
  "it is seen by a key of what was joined into it": (tx, a, b, atMs) =>
    tx.assets.seen(ids[0] as AssetId, atMs, [keyOf(a, b, 0)]),
  "its presence changes": (tx, a, _b, atMs) => tx.assets.setPresence(ids[a] as AssetId, "missing", atMs),
  "it is contested": async (tx, a, b, atMs) => {
    if (!(await areThere(tx, a, b))) return;
    await tx.decisions.add({
      ...{ decisionId: `dec_${a}${b}`, kind: "contested", rule: "r", byHand: false, keys: [], explanation: "", atMs },
      ...{ assetId: ids[a] as AssetId, otherAssetId: ids[b] as AssetId },
      ...(atMs % 2 === 0 ? { undoneAtMs: atMs } : {}),
    });
  },
};

const view = async (tx: Tx) => ({
  assets: await Promise.all(ids.map((id) => tx.assets.get(id))),
  keys: await Promise.all(ids.map((id) => tx.assets.keys(id))),
  candidates: await tx.assets.candidates(keys),
  bindings: await Promise.all(ids.map((id) => tx.decisions.bindingOf(id))),
});

describe("assets held in memory", () => {
  it("are what the store has, whatever was written and whatever was not kept", async () => {
    const step = fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(2), fc.nat(2), fc.nat(50));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ step, fails: fc.boolean() }), { maxLength: 25 }), async (history) => {
        const store = openSqliteStore(":memory:");
        const held = createHeldAssets();
        for (const {
          step: [name, a, b, atMs],
          fails,
        } of history) {
          const kept = store.transaction(async (bare) => {
            const tx = held.watching(bare);
            await view(tx);
            await steps[name]?.(tx, a, b, atMs);
            expect(await view(tx)).toEqual(await view(bare));
            if (fails) throw new Error("not kept");
          });
          await kept.catch((error: unknown) => {
            if (!(error instanceof Error && error.message === "not kept")) throw error;
            held.clear();
          });
          await store.transaction(async (bare) => expect(await view(held.watching(bare))).toEqual(await view(bare)));
        }
        await store.close();
      }),
      { numRuns: 120, seed: 9 },
    );
  });
});
