import type { AssetId } from "../../../shared/ids.ts";
import { type DryRun, dryRun } from "../../identity/dry-run.ts";
import { type IdentityRules, parseIdentityRules, RULES_META } from "../../identity/rules.ts";
import { agentTable } from "../sqlite/agents.ts";
import { decisionTable } from "../sqlite/assets.ts";
import type { Database } from "../sqlite/database.ts";
import { observationTable } from "../sqlite/observations.ts";

/** Merges are followed so far; a chain is no longer. */
const MAX_HOPS = 64;

export const readIdentityRules = (db: Database): IdentityRules => {
  const value = db.get("SELECT value FROM meta WHERE name = ?", RULES_META)?.["value"];
  return parseIdentityRules(typeof value === "string" ? value : undefined);
};

/** What the kept observations would give under other rules; undefined where there are more of them than `limit`. */
export const readDryRun = (db: Database, changed: IdentityRules, limit: number): DryRun | undefined => {
  const count = Number(db.get("SELECT count(*) AS n FROM (SELECT 1 FROM observations LIMIT ?)", limit + 1)?.["n"] ?? 0);
  if (count > limit) return undefined;
  const into = new Map(
    db
      .all("SELECT asset_id, merged_into FROM assets WHERE merged_into IS NOT NULL")
      .map((record) => [record["asset_id"] as AssetId, record["merged_into"] as AssetId]),
  );
  const survivorOf = (assetId: AssetId): AssetId => {
    let id = assetId;
    for (let hops = 0; hops < MAX_HOPS; hops++) id = into.get(id) ?? id;
    return id;
  };
  const observations = observationTable
    .all(db, "ORDER BY observation_no")
    .map((row) => (row.assetId === undefined ? row : { ...row, assetId: survivorOf(row.assetId) }));
  const agents = agentTable.all(db, "ORDER BY agent_id, instance");
  const decisions = decisionTable.all(db, "WHERE kind = 'separated' ORDER BY at, decision_id");
  return dryRun({ observations, agents, decisions }, readIdentityRules(db), changed);
};
