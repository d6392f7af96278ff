import { toTimestamp } from "../../../shared/clock.ts";
import type { AssetId } from "../../../shared/ids.ts";
import type { DecisionNote } from "../../../shared/model/identity.ts";
import type { DecisionQuery, Page } from "../reads.ts";
import { decisionTable } from "../sqlite/assets.ts";
import type { Database } from "../sqlite/database.ts";
import type { DecisionRow } from "../store.ts";
import { createFilter } from "./filter.ts";
import { decodeCursor, toPage } from "./page.ts";

/** A contested claim whose two assets are still there, and whose claimant is still kept apart until somebody decides. */
const WAITING = `kind = 'contested' AND undone_at IS NULL
  AND EXISTS (SELECT 1 FROM assets a WHERE a.asset_id = decisions.asset_id AND a.provisional = 1 AND a.merged_into IS NULL)
  AND EXISTS (SELECT 1 FROM assets o WHERE o.asset_id = decisions.other_asset_id AND o.merged_into IS NULL)`;

/** Joins, splits and contested claims of all assets, the latest first: ids begin with their time. */
export const readDecisions = (db: Database, query: DecisionQuery): Page<DecisionNote> => {
  const { limit, cursor, kind, byHand, waiting } = query;
  const list = "decisions";
  const filter = createFilter();
  if (waiting) filter.and(WAITING);
  else if (kind === undefined) filter.and("kind <> 'created'");
  filter.oneOf("kind", kind);
  if (byHand !== undefined) filter.and("by_hand = ?", byHand ? 1 : 0);
  const after = decodeCursor(cursor, list, 1);
  if (after) filter.and("decision_id < ?", after[0] ?? "");
  const nameOf = (assetId: AssetId | undefined): string | undefined => {
    const name = assetId && db.get("SELECT name FROM assets WHERE asset_id = ?", assetId)?.["name"];
    return typeof name === "string" ? name : undefined;
  };
  const toNote = (row: DecisionRow): DecisionNote => {
    const { decisionId, kind: what, assetId, otherAssetId, rule, byHand: hand, keys, explanation, before } = row;
    const otherName = nameOf(otherAssetId);
    return {
      ...{ decisionId, kind: what, assetId, assetName: nameOf(assetId) ?? assetId, rule, byHand: hand, explanation },
      ...{ keys: [...keys], at: toTimestamp(row.atMs) },
      canUndo: row.undoneAtMs === undefined && (before !== undefined || (what === "separated" && hand)),
      ...(otherAssetId !== undefined && { otherAssetId, otherAssetName: otherName ?? otherAssetId }),
      ...(row.undoneAtMs !== undefined && { undoneAt: toTimestamp(row.undoneAtMs) }),
    };
  };
  const rows = decisionTable.all(
    db,
    `${filter.where()} ORDER BY decision_id DESC LIMIT ?`,
    ...[...filter.params(), limit + 1],
  );
  return toPage(rows, limit, toNote, ({ decisionId }) => ({ list, after: [decisionId] }));
};
