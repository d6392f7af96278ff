import { toTimestamp } from "../../../shared/clock.ts";
import type { AssetId } from "../../../shared/ids.ts";
import type { Asset, Change, Fact } from "../../../shared/model/asset.ts";
import { changeWeightSchema } from "../../../shared/model/asset.ts";
import { type SectionName, sections } from "../../../shared/protocol/sections.ts";
import type { AssetDetail, AssetQuery, ChangeQuery, ItemQuery, Reads, SectionSummary } from "../reads.ts";
import type { AssetRow, SectionHead, StreamRow } from "../store.ts";
import { assetKeyTable, assetTable, decisionTable } from "./assets.ts";
import type { Database, SqlValue } from "./database.ts";
import { changeTable, observationTable } from "./history.ts";
import { anywhere, createFilter, decodeCursor, pageSize, toPage } from "./paging.ts";
import { headTable, readItems, streamTable } from "./streams.ts";

const toAsset = (row: AssetRow): Asset => {
  const {
    presenceSinceMs,
    firstSeenAtMs,
    lastSeenAtMs,
    instance: _instance,
    provisional: _provisional,
    locked: _locked,
    mergedInto: _merged,
    ...rest
  } = row;
  return {
    ...rest,
    sources: [...row.sources],
    presenceSince: toTimestamp(presenceSinceMs),
    firstSeenAt: toTimestamp(firstSeenAtMs),
    lastSeenAt: toTimestamp(lastSeenAtMs),
  };
};

const sortColumns = {
  name: "name COLLATE NOCASE",
  lastSeenAt: "last_seen_at",
  firstSeenAt: "first_seen_at",
  presence: "presence",
  type: "type",
  assetId: "asset_id",
} as const;
const sortValue = (row: AssetRow, sort: keyof typeof sortColumns): string | number => {
  if (sort === "lastSeenAt") return row.lastSeenAtMs;
  return sort === "firstSeenAt" ? row.firstSeenAtMs : row[sort];
};

const filterAssets = (query: AssetQuery) => {
  const filter = createFilter();
  filter.add("merged_into IS NULL");
  filter.oneOf("type", query.type);
  filter.oneOf("presence", query.presence);
  filter.oneOf("lifecycle", query.lifecycle);
  filter.oneOf("criticality", query.criticality);
  if (query.realm !== undefined) filter.add("realm = ?", query.realm);
  if (query.site !== undefined) filter.add("site = ?", query.site);
  if (query.hasAgent !== undefined) filter.add(`agent_id IS ${query.hasAgent ? "NOT " : ""}NULL`);
  if (query.search !== undefined && query.search.trim() !== "")
    filter.add(
      "asset_id IN (SELECT asset_id FROM asset_text WHERE text LIKE ? ESCAPE '\\')",
      anywhere(query.search.trim()),
    );
  return filter;
};

const readSummaries = (db: Database, assetId: AssetId) =>
  db
    .all(
      `SELECT a.section, a.stream_no, s.hash, s.item_count, s.observed_at, s.gone_at, s.failure
       FROM accepted_sections a JOIN sections s ON s.stream_no = a.stream_no AND s.section = a.section
       WHERE a.asset_id = ? ORDER BY a.section`,
      assetId,
    )
    .map((record) => ({ streamNo: Number(record["stream_no"]), head: headTable.toRow(record) }));

/** A round that found nothing new renews what it looked at: the stream's time counts for sections that did not fail. */
const observedAt = (head: SectionHead, stream: StreamRow): number =>
  head.goneAtMs !== undefined || head.failure !== undefined
    ? head.observedAtMs
    : Math.max(head.observedAtMs, stream.observedAtMs);

export const createAssetReads = (
  db: Database,
): Pick<Reads, "assets" | "asset" | "facts" | "sections" | "items" | "changes"> => {
  const survivor = (assetId: AssetId): AssetRow | undefined => {
    let row = assetTable.get(db, "asset_id = ?", assetId);
    for (let hops = 0; row?.mergedInto !== undefined && hops < 16; hops++)
      row = assetTable.get(db, "asset_id = ?", row.mergedInto);
    return row;
  };
  const streamOf = (streamNo: number) => streamTable.get(db, "stream_no = ?", streamNo);
  const observersOf = (assetId: AssetId): AssetDetail["observers"] =>
    observationTable
      .all(db, "WHERE asset_id = ? ORDER BY last_at DESC, observation_no DESC LIMIT 200", assetId)
      .map((row) => ({
        agentId: row.agentId,
        agentName: String(
          db.get("SELECT name FROM agents WHERE agent_id = ? AND instance = ?", row.agentId, row.instance)?.["name"] ??
            "",
        ),
        method: row.method,
        firstAt: toTimestamp(row.firstAtMs),
        lastAt: toTimestamp(row.lastAtMs),
        count: row.count,
        longestGapMs: row.longestGapMs,
      }));

  return {
    assets: async (query) => {
      const sort = query.sort ?? "name";
      const direction = query.descending ? "DESC" : "ASC";
      const filter = filterAssets(query);
      const place = decodeCursor(query.cursor, 2);
      const column = sortColumns[sort];
      if (place) filter.add(`(${column}, asset_id) ${query.descending ? "<" : ">"} (?, ?)`, ...place);
      const rows = assetTable.all(
        db,
        `${filter.where()} ORDER BY ${column} ${direction}, asset_id ${direction} LIMIT ?`,
        ...filter.params(),
        pageSize(query.limit) + 1,
      );
      return toPage(rows, query.limit, toAsset, (row) => [sortValue(row, sort), row.assetId]);
    },
    asset: async (assetId) => {
      const row = survivor(assetId);
      if (!row) return undefined;
      return {
        ...toAsset(row),
        ...(row.instance === undefined ? {} : { instance: row.instance }),
        provisional: row.provisional === true,
        locked: row.locked,
        keys: assetKeyTable
          .all(db, "WHERE asset_id = ? ORDER BY kind, value, vendor, realm LIMIT 1000", row.assetId)
          .map(({ assetId: _, firstSeenAtMs, lastSeenAtMs, ...key }) => ({
            ...key,
            firstSeenAt: toTimestamp(firstSeenAtMs),
            lastSeenAt: toTimestamp(lastSeenAtMs),
          })),
        observers: observersOf(row.assetId),
        decisions: decisionTable.all(
          db,
          "WHERE asset_id = ?1 OR other_asset_id = ?1 ORDER BY at DESC, decision_id DESC LIMIT 200",
          row.assetId,
        ),
      };
    },
    facts: async (assetId) =>
      readSummaries(db, survivor(assetId)?.assetId ?? assetId).flatMap(({ streamNo, head }): Fact[] => {
        const stream = sections[head.section].kind === "value" ? streamOf(streamNo) : undefined;
        if (!stream) return [];
        const item = readItems(db, streamNo, head.section)?.get("")?.item ?? {};
        return Object.entries(item)
          .filter(([field]) => field !== "provenance")
          .map(([field, value]) => ({
            path: `${head.section}/${field}`,
            value,
            source: { kind: "agent", agentId: stream.agentId, method: stream.source },
            observedAt: toTimestamp(observedAt(head, stream)),
            ...(head.goneAtMs === undefined ? {} : { goodUntil: toTimestamp(head.goneAtMs) }),
          }));
      }),
    sections: async (assetId) =>
      readSummaries(db, survivor(assetId)?.assetId ?? assetId).flatMap(({ streamNo, head }): SectionSummary[] => {
        const stream = streamOf(streamNo);
        if (!stream) return [];
        return [
          {
            section: head.section,
            kind: sections[head.section].kind,
            itemCount: head.itemCount,
            source: stream.source,
            agentId: stream.agentId,
            observedAt: toTimestamp(observedAt(head, stream)),
            ...(head.goneAtMs === undefined ? {} : { goneAt: toTimestamp(head.goneAtMs) }),
            ...(head.failure === undefined ? {} : { failure: head.failure }),
          },
        ];
      }),
    items: async (query) => pageItems(db, survivor(query.assetId)?.assetId ?? query.assetId, query),
    changes: async (query) => pageChanges(db, query),
  };
};

const pageItems = (db: Database, assetId: AssetId, query: ItemQuery): Awaited<ReturnType<Reads["items"]>> => {
  const streamNo = db.get(
    "SELECT stream_no FROM accepted_sections WHERE asset_id = ? AND section = ?",
    assetId,
    query.section,
  )?.["stream_no"];
  const items = streamNo === undefined ? undefined : readItems(db, Number(streamNo), query.section);
  const needle = query.search?.trim().toLowerCase() ?? "";
  const all = [...(items ?? [])]
    .map(([key, { item }]) => ({ key, item }))
    .filter(({ item }) => needle === "" || JSON.stringify(Object.values(item)).toLowerCase().includes(needle))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const after = decodeCursor(query.cursor, 1)?.[0];
  const rest = after === undefined ? all : all.filter(({ key }) => key > String(after));
  return {
    ...toPage(
      rest.slice(0, pageSize(query.limit) + 1),
      query.limit,
      (row) => row,
      ({ key }) => [key],
    ),
    total: all.length,
  };
};

const weights = changeWeightSchema.options;

const pageChanges = (db: Database, query: ChangeQuery): Awaited<ReturnType<Reads["changes"]>> => {
  const filter = createFilter();
  if (query.assetId !== undefined) filter.add("asset_id = ?", query.assetId);
  filter.oneOf("section", query.section as readonly SectionName[] | undefined);
  filter.oneOf("kind", query.kind);
  if (query.weight !== undefined) filter.oneOf("weight", weights.slice(weights.indexOf(query.weight)));
  if (query.sinceMs !== undefined) filter.add("recorded_at >= ?", query.sinceMs);
  if (query.untilMs !== undefined) filter.add("recorded_at < ?", query.untilMs);
  if (query.search !== undefined && query.search.trim() !== "") {
    const needle = anywhere(query.search.trim());
    filter.add(
      "(item_key LIKE ?1 ESCAPE '\\' OR before LIKE ?1 ESCAPE '\\' OR after LIKE ?1 ESCAPE '\\')".replaceAll("?1", "?"),
      needle,
      needle,
      needle,
    );
  }
  const place = decodeCursor(query.cursor, 1);
  if (place) filter.add("change_no < ?", ...place);
  const params: SqlValue[] = [...filter.params(), pageSize(query.limit) + 1];
  const rows = changeTable.all(db, `${filter.where()} ORDER BY change_no DESC LIMIT ?`, ...params);
  const nameOf = (assetId: AssetId) =>
    String(db.get("SELECT name FROM assets WHERE asset_id = ?", assetId)?.["name"] ?? "");
  return toPage(
    rows,
    query.limit,
    ({ changeNo: _, observedAtMs, recordedAtMs, ...row }): Change & { assetName: string } => ({
      ...row,
      observedAt: toTimestamp(observedAtMs),
      recordedAt: toTimestamp(recordedAtMs),
      assetName: nameOf(row.assetId),
    }),
    (row) => [row.changeNo ?? 0],
  );
};
