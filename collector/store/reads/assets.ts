import { toTimestamp } from "../../../shared/clock.ts";
import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { Asset } from "../../../shared/model/asset.ts";
import type { Method } from "../../../shared/protocol/observation.ts";
import type { AssetDetail, AssetQuery, Page } from "../reads.ts";
import { assetKeyTable, assetTable, decisionTable, WITH_JOINED } from "../sqlite/assets.ts";
import type { Database, SqlRecord } from "../sqlite/database.ts";
import type { AssetRow } from "../store.ts";
import { createFilter, type Filter, globOf, lowerAscii, searchWords } from "./filter.ts";
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
const toAsset = (row: AssetRow): Asset => {
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
  return asset;
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

/** More trigrams than this begin with a word of one letter; looking through all texts is then no slower. */
const MAX_TERMS = 200;
/** From this share of all assets on, walking them in order and looking at each finds a page sooner than an index does. */
const COMMON_SHARE = 0.6;

/** The text of an asset, past its index: as an expression that SQLite doesn't try to answer from there. */
const TEXT_OF = `(SELECT t.c1 FROM asset_text_rows r CROSS JOIN asset_text_content t ON t.id = r.row_no
  WHERE r.asset_id = assets.asset_id)`;

/**
 * Words of one or two letters, of which the index of trigrams knows nothing: the trigrams that begin with one are taken
 * together instead. Every text ends in two line ends, so that what stands last begins a trigram too.
 */
const addShortWord = (db: Database, filter: Filter, word: string): boolean => {
  const from = lowerAscii(word);
  const last = from.codePointAt(from.length - 1) ?? 0;
  const until = from.slice(0, -1) + String.fromCodePoint(last + 1);
  const terms = db.all(
    "SELECT term, doc FROM asset_terms WHERE term >= ? AND term < ? LIMIT ?",
    from,
    until,
    MAX_TERMS + 1,
  );
  // As many as there are texts, or a few more: joined assets keep theirs.
  const assets = Number(db.get("SELECT max(rowid) AS n FROM asset_text")?.["n"]);
  if (terms.some(({ doc }) => Number(doc) >= COMMON_SHARE * assets)) {
    filter.and(`${TEXT_OF} GLOB ?`, globOf(word));
    return true;
  }
  if (terms.length > MAX_TERMS) return false;
  if (terms.length === 0) filter.and("0");
  else {
    const any = terms.map(({ term }) => `"${String(term).replaceAll('"', '""')}"`).join(" OR ");
    filter.and("asset_id IN (SELECT asset_id FROM asset_text WHERE asset_text MATCH ?)", any);
  }
  return true;
};

/** All words in one look at the index: apart, a common one would list thousands of ids for nothing. */
const addSearch = (db: Database, filter: Filter, search: string | undefined): void => {
  const words = searchWords(search);
  if (words.length === 0) return;
  const [only = ""] = words;
  if (words.length === 1 && [...only].length < 3 && addShortWord(db, filter, only)) return;
  const globs = words.map(() => "text GLOB ?").join(" AND ");
  filter.and(`asset_id IN (SELECT asset_id FROM asset_text WHERE ${globs})`, ...words.map(globOf));
};

export const readAssets = (db: Database, query: AssetQuery): Page<Asset> => {
  const { sort = "name", descending = false, limit } = query;
  const order = orders[sort];
  const filter = createFilter();
  filter.and("merged_into IS NULL");
  addSearch(db, filter, query.search);
  filter.oneOf("type", query.type);
  filter.oneOf("presence", query.presence);
  filter.oneOf("lifecycle", query.lifecycle);
  filter.oneOf("criticality", query.criticality);
  if (query.realm !== undefined) filter.and("realm = ?", query.realm);
  if (query.site !== undefined) filter.and("site = ?", query.site);
  if (query.hasAgent !== undefined) filter.and(query.hasAgent ? "agent_id IS NOT NULL" : "agent_id IS NULL");
  const list = `assets/${sort}/${descending ? "down" : "up"}`;
  const after = decodeCursor(query.cursor, list, 2);
  const [beyond, direction] = descending ? ["<", "DESC"] : [">", "ASC"];
  if (after) {
    const [value = "", id = ""] = after;
    // Spelled out instead of a row value, whose comparison would not use the column's NOCASE.
    filter.and(`${order.sql} ${beyond}= ? AND (${order.sql} ${beyond} ? OR asset_id ${beyond} ?)`, value, value, id);
  }
  const rows = assetTable.all(
    db,
    `${filter.where()} ORDER BY ${order.sql} ${direction}, asset_id ${direction} LIMIT ?`,
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

const OBSERVERS = `SELECT o.agent_id, o.method, min(o.first_at) AS first_at, max(o.last_at) AS last_at, sum(o.count) AS count,
    max(o.longest_gap_ms) AS longest_gap_ms, coalesce(a.name, o.agent_id) AS agent_name
  FROM observations o LEFT JOIN agents a ON a.agent_id = o.agent_id AND a.instance = o.instance
  WHERE o.asset_id IN (${WITH_JOINED}) GROUP BY o.agent_id, o.instance, o.method ORDER BY last_at DESC LIMIT ?`;

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
    locked: row.locked,
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
