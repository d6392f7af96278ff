import { toTimestamp } from "../../../shared/clock.ts";
import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { Asset } from "../../../shared/model/asset.ts";
import type { Method } from "../../../shared/protocol/observation.ts";
import { lockedOf } from "../../record/book.ts";
import type { AssetDetail, AssetFilter, AssetQuery, Page } from "../reads.ts";
import { assetKeyTable, assetTable, decisionTable, WITH_JOINED } from "../sqlite/assets.ts";
import type { Database, SqlRecord } from "../sqlite/database.ts";
import { numbersOf } from "../sqlite/observations.ts";
import type { AssetRow } from "../store.ts";
import { conditionSql } from "./asset-query.ts";
import { searchSql } from "./asset-search.ts";
import { createFilter, type Filter, searchWords } from "./filter.ts";
import { decodeCursor, toPage } from "./page.ts";

/** A chain of merges longer than this would be a loop. */
const MAX_MERGES = 32;
const MAX_LISTED = 1_000;

const optionalFields = [
  "manufacturer",
  "model",
  "serialNumber",
  "osName",
  "osVersion",
  "primaryAddress",
  "primaryMac",
  "site",
  "agentId",
  "softwareCount",
] as const satisfies readonly (keyof Asset & keyof AssetRow)[];

/** Named one by one on purpose: lists make thousands of these a second, and rest properties cost more than the query. */
export const toAsset = (row: AssetRow): Asset => {
  const asset: Asset = {
    assetId: row.assetId,
    name: row.name,
    type: row.type,
    realm: row.realm,
    lifecycle: row.lifecycle,
    criticality: row.criticality,
    presence: row.presence,
    presenceSince: toTimestamp(row.presenceSinceMs),
    firstSeenAt: toTimestamp(row.firstSeenAtMs),
    lastSeenAt: toTimestamp(row.lastSeenAtMs),
    sources: row.sources as Asset["sources"],
    version: row.version,
  };
  const open: Record<string, unknown> = asset;
  for (const field of optionalFields) if (row[field] !== undefined) open[field] = row[field];
  return row.book === undefined ? asset : Object.assign(open as Asset, row.book);
};

type SortKey = NonNullable<AssetQuery["sort"]>;
/** What each order sorts by: SQL, and the same value of a row for the cursor. */
const orders: Readonly<Record<SortKey, { readonly sql: string; readonly of: (row: AssetRow) => string | number }>> = {
  name: { sql: "name COLLATE NOCASE", of: (row) => row.name },
  lastSeenAt: { sql: "last_seen_at", of: (row) => row.lastSeenAtMs },
  firstSeenAt: { sql: "first_seen_at", of: (row) => row.firstSeenAtMs },
  presence: { sql: "presence", of: (row) => row.presence },
  type: { sql: "type", of: (row) => row.type },
  assetId: { sql: "asset_id", of: (row) => row.assetId },
};

const filterOf = (db: Database, query: AssetFilter): Filter => {
  const filter = createFilter();
  filter.and("merged_into IS NULL");
  const words = searchWords(query.search);
  const wanted = [
    ...(words.length === 0 ? [] : [searchSql(db, words)]),
    ...(query.where === undefined || query.where.kind === "all" ? [] : [conditionSql(db, query.where)]),
  ];
  for (const { sql, params } of wanted) filter.and(sql, ...params);
  filter.oneOf("type", query.type);
  filter.oneOf("presence", query.presence);
  filter.oneOf("lifecycle", query.lifecycle);
  filter.oneOf("criticality", query.criticality);
  if (query.realm !== undefined) filter.and("realm = ?", query.realm);
  if (query.site !== undefined) filter.and("site = ?", query.site);
  if (query.hasAgent !== undefined) filter.and(query.hasAgent ? "agent_id IS NOT NULL" : "agent_id IS NULL");
  return filter;
};

/** How many there are. */
export const countAssets = (db: Database, query: AssetFilter): number => {
  const filter = filterOf(db, query);
  return Number(db.get(`SELECT count(*) AS n FROM assets ${filter.where()}`, ...filter.params())?.["n"]);
};

export const readAssets = (db: Database, query: AssetQuery): Page<Asset> => {
  const { sort = "name", descending = false, limit } = query;
  const order = orders[sort];
  const filter = filterOf(db, query);
  const list = `assets/${sort}/${descending ? "down" : "up"}`;
  const after = decodeCursor(query.cursor, list, 2);
  const [beyond, direction] = descending ? ["<", "DESC"] : [">", "ASC"];
  if (after) {
    const [value = "", id = ""] = after;
    // Spelled out instead of a row value, whose comparison would not use the column's NOCASE.
    filter.and(`${order.sql} ${beyond}= ? AND (${order.sql} ${beyond} ? OR asset_id ${beyond} ?)`, value, value, id);
  }
  // Walking the order's index suits what is true of many assets; a query is read with one look at each instead, and then sorted.
  const walks = query.where === undefined || query.where.kind === "all";
  const rows = assetTable.all(
    db,
    `${filter.where()} ORDER BY ${walks ? "" : "+"}${order.sql} ${direction}, ${walks ? "" : "+"}asset_id ${direction} LIMIT ?`,
    ...filter.params(),
    limit + 1,
  );
  return toPage(rows, limit, toAsset, (row) => ({ list, after: [order.of(row), row.assetId] }));
};

/** The asset, or the one it was joined into. */
export const readAssetRow = (db: Database, assetId: AssetId): AssetRow | undefined => {
  let row = assetTable.get(db, "asset_id = ?", assetId);
  for (let i = 0; row?.mergedInto !== undefined && i < MAX_MERGES; i++)
    row = assetTable.get(db, "asset_id = ?", row.mergedInto);
  return row;
};

const OBSERVERS = `WITH ids (id) AS MATERIALIZED (${WITH_JOINED}) SELECT o.agent_id, o.method, min(o.first_at) AS first_at, max(o.last_at) AS last_at, sum(o.count) AS count,
    max(o.longest_gap_ms) AS longest_gap_ms, coalesce(a.name, o.agent_id) AS agent_name
  FROM observations o LEFT JOIN agents a ON a.agent_id = o.agent_id AND a.instance = o.instance
  WHERE o.observation_no IN (${numbersOf("SELECT id FROM ids")}) GROUP BY o.agent_id, o.instance, o.method ORDER BY last_at DESC LIMIT ?`;

const toObserver = (record: SqlRecord): AssetDetail["observers"][number] => ({
  agentId: String(record["agent_id"]) as AgentId,
  agentName: String(record["agent_name"]),
  method: String(record["method"]) as Method,
  firstAt: toTimestamp(Number(record["first_at"])),
  lastAt: toTimestamp(Number(record["last_at"])),
  count: Number(record["count"]),
  longestGapMs: Number(record["longest_gap_ms"]),
});

export const readAsset = (db: Database, assetId: AssetId): AssetDetail | undefined => {
  const row = readAssetRow(db, assetId);
  if (!row) return undefined;
  const keys = assetKeyTable.all(
    db,
    `WHERE asset_id IN (${WITH_JOINED}) ORDER BY kind, value, vendor, realm, asset_id LIMIT ?`,
    row.assetId,
    MAX_LISTED,
  );
  const decisions = decisionTable.all(
    db,
    "WHERE asset_id = ? OR other_asset_id = ? ORDER BY at DESC, decision_id DESC LIMIT ?",
    row.assetId,
    row.assetId,
    MAX_LISTED,
  );
  return {
    ...toAsset(row),
    ...(row.instance !== undefined && { instance: row.instance }),
    provisional: row.provisional ?? false,
    locked: lockedOf(row),
    keys: keys.map(({ assetId: learnedOf, vendor, firstSeenAtMs, lastSeenAtMs, ...key }) => ({
      ...key,
      ...(learnedOf !== row.assetId && { learnedOf }),
      ...(vendor !== undefined && { vendor }),
      firstSeenAt: toTimestamp(firstSeenAtMs),
      lastSeenAt: toTimestamp(lastSeenAtMs),
    })),
    observers: db.all(OBSERVERS, row.assetId, MAX_LISTED).map(toObserver),
    decisions,
  };
};
