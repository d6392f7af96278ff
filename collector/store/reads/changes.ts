import { toTimestamp } from "../../../shared/clock.ts";
import { type Change, type ChangeWeight, changeWeightSchema } from "../../../shared/model/asset.ts";
import type { ChangeQuery, Page } from "../reads.ts";
import { WITH_JOINED } from "../sqlite/assets.ts";
import type { Database, SqlRecord } from "../sqlite/database.ts";
import { changeTable } from "../sqlite/history.ts";
import { createFilter, globOf, searchWords } from "./filter.ts";
import { decodeCursor, toPage } from "./page.ts";

const weights = changeWeightSchema.options;
const atLeast = (weight: ChangeWeight): readonly ChangeWeight[] => weights.slice(weights.indexOf(weight));

type Row = Change & { readonly assetName: string; readonly changeNo: number };
const columns = changeTable.columns
  .split(", ")
  .map((column) => `c.${column}`)
  .join(", ");

const toRow = (record: SqlRecord): Row => {
  const { observedAtMs, recordedAtMs, sinceMs, seal: _, changeNo = 0, ...row } = changeTable.toRow(record);
  return {
    ...row,
    changeNo,
    assetName: String(record["asset_name"] ?? row.assetId),
    observedAt: toTimestamp(observedAtMs),
    recordedAt: toTimestamp(recordedAtMs),
    ...(sinceMs !== undefined && { since: toTimestamp(sinceMs) }),
  };
};

/** Newest first, in the order of recording: what arrives late is news now. */
export const readChanges = (db: Database, query: ChangeQuery): Page<Omit<Row, "changeNo">> => {
  const filter = createFilter();
  if (query.assetId !== undefined) filter.and(`c.asset_id IN (${WITH_JOINED})`, query.assetId);
  filter.oneOf("c.section", query.section);
  filter.oneOf("c.kind", query.kind);
  if (query.weight !== undefined) filter.oneOf("c.weight", atLeast(query.weight));
  if (query.sinceMs !== undefined) filter.and("c.observed_at >= ?", query.sinceMs);
  if (query.untilMs !== undefined) filter.and("c.observed_at < ?", query.untilMs);
  for (const word of searchWords(query.search)) {
    const glob = globOf(word);
    filter.and(
      "lower(c.item_key) GLOB ? OR lower(a.name) GLOB ? OR lower(c.field) GLOB ? OR lower(c.before) GLOB ? OR lower(c.after) GLOB ?",
      ...[glob, glob, glob, glob, glob],
    );
  }
  const [before] = decodeCursor(query.cursor, "changes", 1) ?? [];
  if (before !== undefined) filter.and("c.change_no < ?", Number(before));
  const rows = db
    .all(
      `SELECT ${columns}, a.name AS asset_name FROM changes c LEFT JOIN assets a ON a.asset_id = c.asset_id
       ${filter.where()} ORDER BY c.change_no DESC LIMIT ?`,
      ...filter.params(),
      query.limit + 1,
    )
    .map(toRow);
  return toPage(
    rows,
    query.limit,
    ({ changeNo: _, ...row }) => row,
    ({ changeNo }) => ({ list: "changes", after: [changeNo] }),
  );
};
