import { describe, expect, it } from "vitest";
import { foldDeltas, type PendingDelta } from "../../../agent/spool/fold.ts";
import { thinSightings } from "../../../agent/spool/fold-queue.ts";
import { applyStep, type Item } from "../../../shared/protocol/items.ts";

/** A chain of deltas; each sets items to versions, or drops those set to undefined. */
const chain = (...changes: readonly Readonly<Record<string, string | undefined>>[]): PendingDelta[] =>
  changes.map((change, i) => ({
    id: i + 1,
    observedAtMs: (i + 1) * 1_000,
    step: {
      kind: "delta",
      section: "software",
      base: `h${i}`,
      hash: `h${i + 1}`,
      put: Object.fromEntries(Object.entries(change).flatMap(([k, v]) => (v === undefined ? [] : [[k, { v }]]))),
      drop: Object.keys(change).filter((k) => change[k] === undefined),
    },
  }));

const replay = (pending: readonly PendingDelta[]): Map<string, Item> =>
  pending.reduce<Map<string, Item>>(
    (items, { step }) => (step === undefined ? items : (applyStep(items, step) ?? new Map())),
    new Map(),
  );

const carryOut = (pending: readonly PendingDelta[], folds: ReturnType<typeof foldDeltas>): PendingDelta[] => {
  const gone = new Set(folds.flatMap(({ without }) => without));
  return pending.flatMap((p) => {
    const fold = folds.find(({ into }) => into === p.id);
    return gone.has(p.id) ? [] : [fold === undefined ? p : { ...p, step: fold.step }];
  });
};

describe("folding deltas", () => {
  it("keeps the first and the last delta of an item, and says how many the middle stands for", () => {
    const pending = chain({ a: "1" }, { a: "2" }, { a: "3" }, { a: "4" }, { a: "5" });
    const folds = foldDeltas(pending);
    expect(folds).toEqual([
      {
        into: 4,
        without: [2, 3],
        step: {
          kind: "delta",
          section: "software",
          base: "h1",
          hash: "h4",
          put: { a: { v: "4" } },
          drop: [],
          folded: { count: 3, fromMs: 2_000, toMs: 4_000 },
        },
      },
    ]);
  });

  it("never folds items that changed once or twice", () => {
    expect(foldDeltas(chain({ a: "1" }, { b: "1" }, { c: "1" }, { a: "2" }))).toEqual([]);
  });

  it("gives the same content and an unbroken chain of hashes, whatever is folded", () => {
    const changes = Array.from({ length: 200 }, (_, i) => ({ [`k${(i * 7) % 5}`]: i % 3 === 0 ? undefined : `${i}` }));
    const pending = chain(...changes);
    const after = carryOut(pending, foldDeltas(pending));
    expect(after.length).toBeLessThan(20);
    expect(replay(after)).toEqual(replay(pending));
    for (const [i, { step }] of after.entries()) expect(step?.base).toBe(i === 0 ? "h0" : after[i - 1]?.step?.hash);
    const total = after.reduce((sum, { step }) => sum + (step?.folded?.count ?? 1), 0);
    expect(total).toBe(200);
  });

  it("adds up when folded ones are folded again", () => {
    const pending = chain(...Array.from({ length: 50 }, (_, i) => ({ a: `${i}` })));
    const once = carryOut(pending, foldDeltas(pending, 10));
    const twice = carryOut(once, foldDeltas(once));
    expect(twice).toHaveLength(3);
    expect(twice[1]?.step?.folded).toEqual({ count: 48, fromMs: 2_000, toMs: 49_000 });
  });

  it("folds nothing over a message that holds the whole section", () => {
    const [a, b, c, d, e] = chain({ a: "1" }, { a: "2" }, { a: "3" }, { a: "4" }, { a: "5" });
    const between = { id: 2.5, observedAtMs: 0, step: undefined };
    expect(foldDeltas([a!, b!, between, c!, d!, e!]).map(({ into }) => into)).toEqual([4]);
  });
});

describe("thinning sightings", () => {
  it("keeps the first and the last of each subject and method", () => {
    const seen = (id: string, method: "arp" | "icmp", observedAtMs: number) => ({
      subject: { id, realm: "lab", keys: [] },
      method,
      observedAtMs,
    });
    const all = [
      seen("a", "arp", 1),
      seen("a", "icmp", 2),
      seen("a", "arp", 3),
      seen("b", "arp", 4),
      seen("a", "arp", 5),
    ];
    expect(thinSightings(all).map(({ observedAtMs }) => observedAtMs)).toEqual([1, 2, 4, 5]);
  });
});
