import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { checkLedger } from "../../../collector/engine/check-ledger.ts";
import { systemClock } from "../../../shared/clock.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { simulateAdversary } from "../../truthlab/identity-adversary.ts";
import { readPlaced, runRollcall } from "../../truthlab/identity-run.ts";
import { type Placed, score } from "../../truthlab/identity-score.ts";

const folder = temporaryFolder("adversary");
const options = { monotonic: systemClock.monotonic, cpuMs: () => 0 };

/** Without the assets of claims that nobody has confirmed: those stay apart on purpose. */
const settled = (path: string): Placed[] => {
  const db = new DatabaseSync(path, { readOnly: true });
  const claims = db.prepare("SELECT asset_id, other_asset_id FROM decisions WHERE kind = 'contested'").all();
  db.close();
  const open = new Set(claims.flatMap((row) => [row["asset_id"], row["other_asset_id"]]));
  return [...readPlaced(path)].filter(({ asset }) => asset === undefined || !open.has(asset));
};

/** Who has which key, and which observation is whose. When a key that lasts was seen last is written about once a day, and may differ. */
const outcome = (path: string) => {
  const db = new DatabaseSync(path, { readOnly: true });
  const keys = db.prepare("SELECT asset_id, kind, value, vendor, realm, first_seen_at FROM asset_keys").all();
  const assets = db.prepare("SELECT * FROM assets").all();
  db.close();
  return { keys, assets, placed: [...readPlaced(path)] };
};

describe("observations as bad as they come", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "fuse nobody, are rebuilt the same, and are told apart the same by a collector that remembers nothing (seed %i)",
    async (seed) => {
      const { lines, truth } = simulateAdversary(seed);
      const path = join(folder, `${seed}.db`);
      await runRollcall(path, lines, options);
      expect(score(truth, readPlaced(path))).toMatchObject({ falseMerges: 0, lost: 0 });
      expect(score(truth, settled(path)).falseSplits).toBe(0);
      expect(checkLedger(path).faults).toEqual([]);
      const forgetful = join(folder, `${seed}-forgetful.db`);
      await runRollcall(forgetful, lines, { ...options, isForgetful: true });
      expect(outcome(forgetful)).toEqual(outcome(path));
    },
  );
});
