import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../collector/store/sqlite/database.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { openLedger } from "../../../collector/store/sqlite-ledger.ts";
import type { AssetKeyRow, AssetRow, Store, Tx } from "../../../collector/store/store.ts";
import { createAgentId, createAssetId } from "../../../shared/ids.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const T = Date.UTC(2026, 0, 5, 8);
/** More rows than are written with the transaction that saw them, or with another one. */
const MANY = 800;
const random = createSeededRandom(5);
const agentId = createAgentId(T, random);
/** So many that their assets alone are more than a slice. */
const MOST = 2_200;
const ids = Array.from({ length: MOST }, () => createAssetId(T, random));

const asset = (n: number): AssetRow => ({
  ...({ assetId: ids[n] as AssetRow["assetId"], name: `host-${n}`, type: "server", realm: "site" } as const),
  ...({ lifecycle: "in-use", criticality: "normal", presence: "present", presenceSinceMs: T } as const),
  ...{ firstSeenAtMs: T, lastSeenAtMs: T, sources: [], locked: [], version: 1 },
});
const key = (n: number): AssetKeyRow => ({
  ...({
    assetId: ids[n] as AssetRow["assetId"],
    kind: "ip",
    value: `10.0.${n >> 8}.${n & 255}`,
    realm: "site",
  } as const),
  ...{ firstSeenAtMs: T, lastSeenAtMs: T },
});
const observe = (tx: Tx, n: number, atMs: number) =>
  tx.observations.observe({
    ...({ agentId, instance: 0, method: "arp", realm: "site", subjectId: `s${n}` } as const),
    ...{ keys: [{ kind: "ip", value: key(n).value }], assetId: ids[n] as AssetRow["assetId"], atMs },
  });
const see = async (tx: Tx, n: number, atMs: number) => {
  await tx.assets.seen(ids[n] as AssetRow["assetId"], atMs);
  await tx.assets.keySeen(key(n), atMs);
  await observe(tx, n, atMs);
};
const all = async (tx: Tx, work: (tx: Tx, n: number) => Promise<void>) => {
  for (let n = 0; n < MANY; n++) await work(tx, n);
};
const fill = (store: Store) =>
  store.transaction((tx) =>
    all(tx, async (_, n) => {
      await tx.assets.put(asset(n));
      await tx.assets.putKey(key(n));
      await observe(tx, n, T);
    }),
  );
/** The files as they lie there: what a kill leaves. */
const afterKill = (path: string): string => {
  const copy = `${path}.killed-${random.next()}`;
  for (const end of ["", "-wal"]) if (existsSync(path + end)) copyFileSync(path + end, copy + end);
  return copy;
};
const timesOf = (tx: Tx, n: number) =>
  Promise.all([
    tx.assets.get(ids[n] as AssetRow["assetId"]).then((row) => row?.lastSeenAtMs),
    tx.assets.keys(ids[n] as AssetRow["assetId"]).then(([row]) => row?.lastSeenAtMs),
    tx.observations
      .ofAsset(ids[n] as AssetRow["assetId"])
      .then(([row]) => [row?.count, row?.lastAtMs, row?.longestGapMs]),
  ]);
const inRows = (path: string, n: number) => {
  const db = openDatabase(path, { readOnly: true });
  try {
    return [
      db.get("SELECT last_seen_at AS at FROM assets WHERE asset_id = ?", ids[n] ?? "")?.["at"],
      db.get("SELECT last_seen_at AS at FROM asset_keys WHERE asset_id = ?", ids[n] ?? "")?.["at"],
      db.get("SELECT last_at AS at FROM observations WHERE asset_id = ?", ids[n] ?? "")?.["at"],
      db.get("SELECT count(*) AS n FROM late")?.["n"],
    ];
  } finally {
    db.close();
  }
};

describe("times of sight that are noted first", () => {
  const folder = temporaryFolder("late");

  it("lie in the log while many wait, and everybody who must know is told of them", async () => {
    const path = join(folder, "late.db");
    const store = openSqliteStore(path);
    await fill(store);
    await store.transaction((tx) => all(tx, (_, n) => see(tx, n, T + 1_000)));
    await store.transaction((tx) => see(tx, 7, T + 3_000));
    expect(inRows(path, 7)).toEqual([T, T, T, 3]);
    await store.transaction(async (tx) => {
      expect(await timesOf(tx, 7)).toEqual([T + 3_000, T + 3_000, [3, T + 3_000, 2_000]]);
      expect((await tx.assets.candidates([key(8)]))[0]?.lastSeenAtMs).toBe(T + 1_000);
    });
    const ledger = openLedger(path);
    expect(ledger.assets().find(({ assetId }) => assetId === ids[7])?.lastSeenAtMs).toBe(T + 3_000);
    expect(ledger.keys().find(({ assetId }) => assetId === ids[7])?.lastSeenAtMs).toBe(T + 3_000);
    expect([...ledger.observations()].find(({ assetId }) => assetId === ids[7])?.count).toBe(3);
    ledger.close();
    await store.close();
    expect(inRows(path, 7)).toEqual([T + 3_000, T + 3_000, T + 3_000, 0]);
  });

  it("are in their rows at once where few are seen", async () => {
    const path = join(folder, "quiet.db");
    const store = openSqliteStore(path);
    await fill(store);
    await store.close();
    const again = openSqliteStore(path);
    await again.transaction((tx) => see(tx, 7, T + 1_000));
    expect(inRows(path, 7)).toEqual([T + 1_000, T + 1_000, T + 1_000, 0]);
    await again.close();
  });

  it("are written in slices once they have waited, and leave the log with the last of them", async () => {
    const path = join(folder, "slices.db");
    let nowMs = 0;
    const store = openSqliteStore(path, { monotonic: () => nowMs });
    await fill(store);
    nowMs += 61_000;
    // What has waited since it was made is written by now: intervals are, that is, when they are seen again.
    for (let i = 0; i < 4; i++) await store.transaction((tx) => see(tx, 7, T + 500));
    await store.transaction((tx) => all(tx, (_, n) => see(tx, n, T + 1_000)));
    nowMs += 59_000;
    await store.transaction((tx) => see(tx, 7, T + 2_000));
    expect(inRows(path, 7).slice(0, 3)).toEqual([T + 500, T + 500, T + 500]);
    nowMs += 2_000;
    const behind = () =>
      ids.slice(0, MANY).filter((_, n) =>
        inRows(path, n)
          .slice(0, 3)
          .some((at) => Number(at) < T + 1_000),
      ).length;
    await store.transaction((tx) => see(tx, 8, T + 2_000));
    expect(behind()).toBeGreaterThan(0);
    expect(behind()).toBeLessThan(MANY);
    await store.transaction((tx) => see(tx, 8, T + 3_000));
    expect(behind()).toBe(0);
    expect(inRows(path, 8)).toEqual([T + 3_000, T + 3_000, T + 3_000, 0]);
    const killed = openSqliteStore(afterKill(path));
    await killed.transaction(async (tx) =>
      expect(await timesOf(tx, 7)).toEqual([T + 2_000, T + 2_000, [expect.any(Number), T + 2_000, 1_000]]),
    );
    await killed.close();
    await store.close();
  });

  it("are not told again of a row that was written from the log and then anew, between two slices", async () => {
    const path = join(folder, "between.db");
    let nowMs = 0;
    const store = openSqliteStore(path, { monotonic: () => nowMs });
    const most = (work: (tx: Tx, n: number) => Promise<void>) =>
      store.transaction(async (tx) => {
        for (let n = 0; n < MOST; n++) await work(tx, n);
      });
    await most(async (tx, n) => {
      await tx.assets.put(asset(n));
      await tx.assets.putKey(key(n));
    });
    nowMs += 61_000;
    for (let i = 0; i < 4; i++) await store.transaction(async () => {});
    await most(async (tx, n) => {
      await tx.assets.seen(asset(n).assetId, T + 1_000);
      await tx.assets.keySeen(key(n), T + 1_000);
    });
    nowMs += 61_000;
    await store.transaction(async () => {});
    const first = ids.indexOf(ids.toSorted()[0] as AssetRow["assetId"]);
    expect(inRows(path, first)[0]).toBe(T + 1_000);
    await store.transaction((tx) => tx.assets.put(asset(first)));
    expect(inRows(path, first)[3]).toBeGreaterThan(0);
    const killed = openSqliteStore(afterKill(path));
    await killed.transaction(async (tx) => expect((await tx.assets.get(asset(first).assetId))?.lastSeenAtMs).toBe(T));
    await killed.close();
    await store.close();
  });

  it("are read from the log of an older program, which numbers nothing", async () => {
    const path = join(folder, "older.db");
    const store = openSqliteStore(path);
    await fill(store);
    await store.close();
    const db = openDatabase(path);
    const rows = (atMs: number) => ({
      ...{ overruled: [], intervals: [], assets: [[asset(7).assetId, atMs]], texts: [] },
      keys: [[key(7).assetId, "ip", key(7).value, "", "site", atMs]],
    });
    for (const atMs of [T + 1_000, T + 2_000]) db.run("INSERT INTO late (body) VALUES (?)", JSON.stringify(rows(atMs)));
    db.close();
    const newer = openSqliteStore(path);
    await newer.transaction((tx) => all(tx, (_, n) => see(tx, n, T + 1_500)));
    const killed = openSqliteStore(afterKill(path));
    for (const one of [newer, killed]) {
      const [[seen, keySeen], [other]] = await one.transaction((tx) => Promise.all([timesOf(tx, 7), timesOf(tx, 8)]));
      expect([seen, keySeen, other]).toEqual([T + 2_000, T + 2_000, T + 1_500]);
      await one.close();
    }
  });

  it("give an address that is let go its last time", async () => {
    const path = join(folder, "address.db");
    const store = openSqliteStore(path);
    await fill(store);
    await store.transaction((tx) => all(tx, (_, n) => see(tx, n, T + 1_000)));
    await store.transaction((tx) => tx.assets.dropKey(key(7)));
    const db = openDatabase(path, { readOnly: true });
    expect(db.get("SELECT until_at FROM address_uses WHERE asset_id = ?", ids[7] ?? "")?.["until_at"]).toBe(T + 1_000);
    db.close();
    await store.transaction((tx) => tx.assets.putKey(key(7)));
    const killed = openSqliteStore(afterKill(path));
    await killed.transaction(async (tx) => expect((await tx.assets.keys(key(7).assetId))[0]?.lastSeenAtMs).toBe(T));
    await killed.close();
    await store.close();
  });

  it("are what was kept, whatever was taken back and wherever the process was killed", async () => {
    type Step = { readonly what: "see" | "drop" | "put" | "many" | "wait"; readonly n: number; readonly gap: number };
    const step = fc.record<Step>({
      what: fc.constantFrom("see", "see", "drop", "put", "many", "wait"),
      n: fc.nat(3),
      gap: fc.nat(5_000),
    });
    const round = fc.record({
      steps: fc.array(step, { maxLength: 4 }),
      end: fc.constantFrom("keep", "keep", "fail", "kill"),
    });
    let monotonicMs = 0;
    const monotonic = () => monotonicMs;
    const carryOut = async (tx: Tx, { what, n, gap }: Step, atMs: number) => {
      if (what === "see") await see(tx, n, atMs - gap);
      if (what === "drop") await tx.assets.dropKey(key(n));
      if (what === "put") await tx.assets.putKey({ ...key(n), lastSeenAtMs: atMs - 10_000 });
      if (what === "wait") monotonicMs += 40_000;
      if (what === "many") await all(tx, (_, one) => (one > 3 ? see(tx, one, atMs) : Promise.resolve()));
    };
    const tell = (store: Store) => store.transaction((tx) => Promise.all([0, 1, 2, 3, 4].map((n) => timesOf(tx, n))));
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 8 }), async (rounds) => {
        const path = join(folder, `property-${random.next()}.db`);
        let store = openSqliteStore(path, { monotonic });
        let here = path;
        // The same in rows at every moment: reopened in order after each transaction that was kept.
        const plainPath = `${path}.plain`;
        let plain = openSqliteStore(plainPath);
        for (const one of [store, plain]) await fill(one);
        let atMs = T;
        for (const { steps, end } of rounds) {
          atMs += 60_000;
          const run = (one: Store, fails: boolean) =>
            one.transaction(async (tx) => {
              for (const step of steps) await carryOut(tx, step, atMs);
              if (fails) throw new Error("not kept");
            });
          if (end === "fail") await run(store, true).catch(() => {});
          else {
            await run(store, false);
            await run(plain, false);
            await plain.close();
            plain = openSqliteStore(plainPath);
          }
          if (end === "kill") {
            here = afterKill(here);
            await store.close();
            store = openSqliteStore(here, { monotonic });
          }
          expect(await tell(store)).toEqual(await tell(plain));
        }
        await store.close();
        await plain.close();
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});
