import { toTimestamp } from "../../../shared/clock.ts";
import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { Method } from "../../../shared/protocol/observation.ts";
import { isSectionName, type SectionName, sections } from "../../../shared/protocol/sections.ts";
import type { ItemQuery, Page, SectionItemRow, SectionSummary } from "../reads.ts";
import type { Database, SqlRecord } from "../sqlite/database.ts";
import { readItems } from "../sqlite/streams.ts";
import { readAssetRow } from "./assets.ts";
import { searchWords } from "./filter.ts";
import { decodeCursor, toPage } from "./page.ts";
import { readThen } from "./then.ts";

/** An asset's accepted sections, without their items. */
const ACCEPTED = `SELECT s.section, s.stream_no, s.item_count, s.observed_at, s.gone_at, s.failure, t.source, t.agent_id,
    t.observed_at AS looked_at
  FROM accepted_sections a JOIN sections s ON s.stream_no = a.stream_no AND s.section = a.section
    JOIN streams t ON t.stream_no = a.stream_no
  WHERE a.asset_id = ? ORDER BY s.section`;

export type Accepted = {
  readonly section: SectionName;
  readonly streamNo: number;
  readonly itemCount: number;
  readonly observedAtMs: number;
  readonly goneAtMs: number | undefined;
  readonly failure: string | undefined;
  readonly source: Method;
  readonly agentId: AgentId;
};

/** A round that found nothing new renews what it looked at: the stream's time counts for sections that it could read. */
const observedAt = (record: SqlRecord): number =>
  record["gone_at"] === null && record["failure"] === null
    ? Math.max(Number(record["observed_at"]), Number(record["looked_at"]))
    : Number(record["observed_at"]);

/** @param query gives the same columns for an asset; by default of the sections that count. */
export const readAccepted = (db: Database, assetId: AssetId, query = ACCEPTED): Accepted[] => {
  const survivor = readAssetRow(db, assetId);
  if (!survivor) return [];
  return db
    .all(query, survivor.assetId)
    .filter((record) => isSectionName(String(record["section"])))
    .map((record) => ({
      section: record["section"] as SectionName,
      streamNo: Number(record["stream_no"]),
      itemCount: Number(record["item_count"]),
      observedAtMs: observedAt(record),
      goneAtMs: record["gone_at"] === null ? undefined : Number(record["gone_at"]),
      failure: record["failure"] === null ? undefined : String(record["failure"]),
      source: record["source"] as Method,
      agentId: record["agent_id"] as AgentId,
    }));
};

export const readSections = (db: Database, assetId: AssetId): SectionSummary[] =>
  readAccepted(db, assetId).map(({ section, itemCount, source, agentId, observedAtMs, goneAtMs, failure }) => ({
    section,
    kind: sections[section].kind,
    itemCount,
    source,
    agentId,
    observedAt: toTimestamp(observedAtMs),
    ...(goneAtMs !== undefined && { goneAt: toTimestamp(goneAtMs) }),
    ...(failure !== undefined && { failure }),
  }));

/** By key; every word of the search must stand somewhere in the item. */
export const readSectionItems = (
  db: Database,
  { assetId, section, search, limit, cursor, atMs }: ItemQuery,
): Page<SectionItemRow> & { readonly total: number } => {
  const list = `items/${section}`;
  const [afterKey] = decodeCursor(cursor, list, 1) ?? [];
  const items = atMs === undefined ? itemsNow(db, assetId, section) : itemsThen(db, assetId, section, atMs);
  if (!items) return { items: [], total: 0 };
  const words = searchWords(search).map((word) => word.toLowerCase());
  const matches = (row: SectionItemRow): boolean => {
    const text =
      words.length === 0 ? "" : `${row.key}\n${Object.values(row.item).map(String).join("\n")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const found = Array.from(items, ([key, { item }]) => ({ key, item })).filter(matches);
  found.sort((a, b) => (a.key < b.key ? -1 : 1));
  const from = afterKey === undefined ? 0 : found.findIndex(({ key }) => key > String(afterKey));
  const rows = from < 0 ? [] : found.slice(from, from + limit + 1);
  const page = toPage(
    rows,
    limit,
    (row) => row,
    ({ key }) => ({ list, after: [key] }),
  );
  return { ...page, total: found.length };
};

const itemsNow = (db: Database, assetId: AssetId, section: SectionName) => {
  const accepted = readAccepted(db, assetId).find((one) => one.section === section);
  return accepted && readItems(db, accepted.streamNo, section);
};

const itemsThen = (db: Database, assetId: AssetId, section: SectionName, atMs: number) =>
  readThen(db, assetId, atMs)
    ?.sections.find((one) => one.section === section)
    ?.items();
