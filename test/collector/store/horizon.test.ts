import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, it } from "vitest";
import { checkLedger } from "../../../collector/engine/check-ledger.ts";
import { readAssetThen } from "../../../collector/store/reads/asset-then.ts";
import { openDatabase } from "../../../collector/store/sqlite/database.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { openLedger } from "../../../collector/store/sqlite-ledger.ts";
import { type AssetId, createAgentId, createAssetId } from "../../../shared/ids.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { runRollcall } from "../../truthlab/identity-run.ts";
import { simulateSite } from "../../truthlab/identity-site.ts";

const T = 1_750_000_000_000;
const DAY_MS = 86_400_000;
const random = createSeededRandom(7);
const folder = temporaryFolder("horizon");

const ask = (path: string, sql: string) => {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
};
const number = (path: string, sql: string): number => Number(Object.values(ask(path, sql)[0] ?? {})[0]);
/** Until all that ended before then were looked at, and a few times more. */
const foldAll = async (path: string, beforeMs: number): Promise<void> => {
  const store = openSqliteStore(path);
  for (let n = 0; n < 80; n++) await store.transaction((tx) => tx.observations.fold(beforeMs));
  await store.close();
};

describe("observations beyond the horizon", () => {
  const site = join(folder, "site.db");
  let horizonMs = 0;
  beforeAll(async () => {
    const { lines } = simulateSite({ seed: 8, devices: 150, days: 9 });
    await runRollcall(site, lines, { monotonic: () => 0, cpuMs: () => 0 });
    horizonMs = number(site, "SELECT max(last_at) FROM observations") - 3 * DAY_MS;
  });
  const copyOf = (name: string): string => {
    const path = join(folder, `${name}.db`);
    copyFileSync(site, path);
    return path;
  };

  it("are folded so that the same assets are derived as before, of fewer of them", async () => {
    const path = copyOf("folded");
    const before = checkLedger(path);
    await foldAll(path, horizonMs);
    const after = checkLedger(path);
    expect(before.faults).toEqual([]);
    expect(after).toEqual(before);
    const [count, was] = [path, site].map((db) => number(db, "SELECT count(*) FROM observations"));
    expect(count).toBeLessThan((was ?? 0) * 0.7);
    expect(number(path, "SELECT count(*) FROM observation_checkpoints")).toBeGreaterThan(150);
  });

  it("are missed by nobody: identity says the same of what comes after", async () => {
    const path = join(folder, "folding.db");
    const { lines } = simulateSite({ seed: 8, devices: 150, days: 9 });
    await runRollcall(path, lines, { monotonic: () => 0, cpuMs: () => 0, observationDays: 1 });
    const decided = "SELECT * FROM decisions ORDER BY at, decision_id";
    expect(ask(path, decided)).toEqual(ask(site, decided));
    expect(checkLedger(path)).toEqual(checkLedger(site));
    expect(number(path, "SELECT count(*) FROM observation_checkpoints")).toBeGreaterThan(150);
  });

  it("leave the newest interval of each observer and method, and no visitor", async () => {
    const path = copyOf("newest");
    await foldAll(path, horizonMs);
    const newest = `SELECT asset_id, agent_id, instance, method, max(last_at) AS at FROM observations
      WHERE asset_id IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`;
    expect(ask(path, newest)).toEqual(ask(site, newest));
    const old = `SELECT count(*) FROM observations WHERE asset_id IS NULL AND last_at < ${horizonMs}`;
    expect([number(site, old) > 0, number(path, old)]).toEqual([true, 0]);
  });

  it("still tell when an asset was last seen at a time before it, at most less exactly", async () => {
    const path = copyOf("then");
    await foldAll(path, horizonMs);
    const atMs = horizonMs - DAY_MS;
    const lastSeen = (at: string) => {
      const db = openDatabase(at, { readOnly: true });
      const ids = db.all("SELECT asset_id FROM assets WHERE first_seen_at < ? ORDER BY asset_id", atMs);
      const times = ids.map((one) => readAssetThen(db, one["asset_id"] as AssetId, atMs)?.lastSeenAt ?? "");
      db.close();
      return times;
    };
    const [before, after] = [lastSeen(site), lastSeen(path)];
    for (const [i, at] of after.entries()) expect(at <= (before[i] ?? "")).toBe(true);
    const day = (at: string) => at.slice(0, 10);
    const same = after.filter((at, i) => day(at) === day(before[i] ?? ""));
    expect(same.length).toBeGreaterThan(after.length / 2);
  });

  it("are checked like others: a checkpoint that was altered is named", async () => {
    const path = copyOf("altered");
    await foldAll(path, horizonMs);
    const db = new DatabaseSync(path);
    db.exec("UPDATE observation_checkpoints SET value = value || '0' WHERE kind = 'mac'");
    db.close();
    expect(checkLedger(path).faults).toContainEqual(expect.objectContaining({ table: "asset_keys" }));
  });

  it("begin anew when they are told again", async () => {
    const path = join(folder, "again.db");
    const store = openSqliteStore(path);
    const [agentId, assetId] = [createAgentId(T, random), createAssetId(T, random)];
    const observe = (value: string, atMs: number) =>
      store.transaction(async (tx) =>
        tx.observations.observe({
          ...({ agentId, instance: 0, method: "arp", realm: "site", subjectId: `ip:${value}`, assetId } as const),
          ...{ keys: [{ kind: "ip" as const, value }], atMs },
        }),
      );
    await observe("10.0.0.1", T);
    await observe("10.0.0.1", T + 1_000);
    await observe("10.0.0.2", T + 2_000);
    await observe("10.0.0.3", T + 3_000);
    await observe("10.0.0.1", T + 4_000);
    await observe("10.0.0.3", T + 5_000);
    await store.transaction((tx) => tx.observations.fold(T + DAY_MS));
    await observe("10.0.0.1", T + 2 * DAY_MS);
    await store.close();
    expect(ask(path, "SELECT keys, count, first_at FROM observations ORDER BY observation_no")).toEqual([
      { keys: '[{"kind":"ip","value":"10.0.0.3"}]', count: 2, first_at: T + 3_000 },
      { keys: '[{"kind":"ip","value":"10.0.0.1"}]', count: 1, first_at: T + 2 * DAY_MS },
    ]);
    const ledger = openLedger(path);
    expect([...ledger.broken()]).toEqual([]);
    ledger.close();
  });
});
