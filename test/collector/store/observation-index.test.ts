import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readAsset } from "../../../collector/store/reads/assets.ts";
import { openDatabase } from "../../../collector/store/sqlite/database.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { openLedger } from "../../../collector/store/sqlite-ledger.ts";
import type { AssetRow, Store, Tx } from "../../../collector/store/store.ts";
import { createAgentId, createAssetId } from "../../../shared/ids.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const T = Date.UTC(2026, 0, 5, 8);
/** More than are written with the transaction that saw them. */
const MANY = 700;
const random = createSeededRandom(11);
const agentId = createAgentId(T, random);
const ids = Array.from({ length: MANY }, () => createAssetId(T, random));
const idOf = (n: number) => ids[n] as (typeof ids)[number];

const asset = (n: number): AssetRow => ({
  ...({ assetId: idOf(n), name: `host-${n}`, type: "server", realm: "site", lifecycle: "in-use" } as const),
  ...({ criticality: "normal", presence: "present", presenceSinceMs: T, firstSeenAtMs: T } as const),
  ...{ lastSeenAtMs: T, sources: [], locked: [], version: 1 },
});

/** Every third is a visitor. */
const observe = async (tx: Tx, n: number, atMs: number, value = `10.0.0.${n}`) =>
  tx.observations.observe({
    ...({ agentId, instance: 0, method: "arp", realm: "site", subjectId: `s${n}` } as const),
    ...{ keys: [{ kind: "ip", value }], atMs },
    ...(n % 3 === 0 ? {} : { assetId: idOf(n) }),
  });
const observeAll = (store: Store, atMs: number) =>
  store.transaction(async (tx) => {
    for (let n = 0; n < MANY; n++) await observe(tx, n, atMs);
  });
const countsOf = (store: Store, n: number) =>
  store.transaction(async (tx) => (await tx.observations.ofAsset(idOf(n))).map(({ count }) => count));
const ask = (path: string, sql: string): unknown => {
  const db = openDatabase(path, { readOnly: true });
  try {
    return Object.values(db.get(sql) ?? {})[0];
  } finally {
    db.close();
  }
};
const indexed = (path: string) => ask(path, "SELECT count(*) FROM asset_observations");
/** As the API reads it, by another connection: how often each of its observers saw it. */
const observersOf = (path: string, n: number) => {
  const db = openDatabase(path, { readOnly: true });
  try {
    return readAsset(db, idOf(n))?.observers.map(({ count }) => count);
  } finally {
    db.close();
  }
};
const faults = (path: string) => {
  const ledger = openLedger(path);
  try {
    return [...ledger.broken()];
  } finally {
    ledger.close();
  }
};
/** The files as they lie there: what a kill leaves. */
const afterKill = (path: string): string => {
  for (const end of ["", "-wal"]) if (existsSync(path + end)) copyFileSync(path + end, `${path}.killed${end}`);
  return `${path}.killed`;
};

describe("the index of observations by asset", () => {
  const folder = temporaryFolder("observation-index");

  it("follows in slices once its rows have waited, and knows of those meanwhile", async () => {
    const path = join(folder, "slices.db");
    let nowMs = 0;
    const store = openSqliteStore(path, { monotonic: () => nowMs });
    await store.transaction((tx) => tx.assets.put(asset(8)));
    await observeAll(store, T);
    expect(indexed(path)).toBe(0);
    expect(await countsOf(store, 7)).toEqual([1]);
    expect(observersOf(path, 8)).toEqual([1]);
    expect(faults(path)).toEqual([]);
    nowMs += 61_000;
    await store.transaction((tx) => observe(tx, 8, T + 1_000, "10.0.9.9"));
    expect(indexed(path)).toBe(MANY + 1);
    expect(await countsOf(store, 8)).toEqual([1, 1]);
    expect(observersOf(path, 8)).toEqual([2]);
    await store.close();
    expect(observersOf(path, 8)).toEqual([2]);
    expect(ask(path, "SELECT upto FROM observations_indexed")).toBe(MANY + 1);
    expect(faults(path)).toEqual([]);
  });

  it("is whole again after a kill, and goes on with the intervals that were begun", async () => {
    const path = join(folder, "killed.db");
    const store = openSqliteStore(path);
    await observeAll(store, T);
    const killed = afterKill(path);
    await store.close();
    const again = openSqliteStore(killed);
    await again.transaction(async () => {});
    expect([indexed(killed), ask(killed, "SELECT upto FROM observations_indexed")]).toEqual([MANY, MANY]);
    await observeAll(again, T + 1_000);
    expect(await countsOf(again, 7)).toEqual([2]);
    await again.close();
    expect(ask(killed, "SELECT count(*) FROM observations")).toBe(MANY);
    expect(indexed(killed)).toBe(MANY);
    expect(faults(killed)).toEqual([]);
  });

  it("has nothing of a transaction that was not kept", async () => {
    const path = join(folder, "kept.db");
    const store = openSqliteStore(path);
    const failing = store.transaction(async (tx) => {
      for (let n = 0; n < MANY; n++) await observe(tx, n, T);
      throw new Error("on purpose");
    });
    await expect(failing).rejects.toThrow("on purpose");
    await store.transaction((tx) => observe(tx, 7, T + 1_000));
    expect(await countsOf(store, 7)).toEqual([1]);
    await store.close();
    expect(indexed(path)).toBe(1);
    expect(faults(path)).toEqual([]);
  });

  it("is compared with the observations, each row that differs by its number", async () => {
    const path = join(folder, "altered.db");
    const store = openSqliteStore(path);
    await observeAll(store, T);
    await store.close();
    const db = openDatabase(path);
    db.run("DELETE FROM asset_observations WHERE observation_no = 5");
    db.run("DELETE FROM observations WHERE observation_no = 9");
    db.close();
    expect(faults(path)).toEqual([
      expect.objectContaining({ table: "observations", row: "5" }),
      expect.objectContaining({ table: "asset_observations", row: "9" }),
    ]);
  });
});
