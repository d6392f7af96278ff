import { toTimestamp } from "../../../shared/clock.ts";
import { RollcallError } from "../../../shared/errors.ts";
import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { Method } from "../../../shared/protocol/observation.ts";
import { isSectionName, type SectionName } from "../../../shared/protocol/sections.ts";
import { assetAt, keysAt, type SectionThen, sectionAt, undoSteps } from "../../record/past.ts";
import { acceptedTable, assetKeyTable, assetTable, decisionTable } from "../sqlite/assets.ts";
import type { Database, SqlRecord } from "../sqlite/database.ts";
import { PAST_SINCE_META, sectionPastOf } from "../sqlite/past.ts";
import { headTable, readItems, streamTable } from "../sqlite/streams.ts";
import type { AssetBefore, AssetKeyRow, AssetPastRow, AssetRow, StoredItems, StreamRow } from "../store.ts";

/** A chain of merges longer than this would be a loop. */
const MAX_MERGES = 32;
const MAX_JOINED = 1_000;

/** An asset as it was: what is read of it is read at that time. */
export type Then = {
  readonly atMs: number;
  /** From when on all of this is known; an earlier time is refused. */
  readonly knownFromMs: number;
  readonly row: AssetRow;
  /** The asset and all that were part of it then. */
  readonly joined: readonly AssetId[];
  readonly keys: readonly AssetKeyRow[];
  readonly sections: readonly SectionOfThen[];
  /** Sections whose contents of then are not kept any more. */
  readonly unknown: readonly { readonly section: SectionName; readonly knownFromMs: number }[];
};
export type SectionOfThen = SectionThen & {
  readonly section: SectionName;
  readonly streamNo: number;
  readonly source: Method;
  readonly agentId: AgentId;
  readonly items: () => StoredItems;
};

const refuse = (reason: string) => new RollcallError("reads.then", reason);

const readPast = (db: Database, assetId: AssetId): AssetPastRow[] =>
  db.all("SELECT at, before FROM asset_past WHERE asset_id = ? ORDER BY step_no", assetId).map((record) => ({
    assetId,
    atMs: Number(record["at"]),
    before: JSON.parse(String(record["before"])) as AssetBefore,
  }));

const readAccepted = (db: Database, assetId: AssetId): ReadonlyMap<SectionName, number> =>
  new Map(
    acceptedTable.all(db, "WHERE asset_id = ?", assetId).map(({ section, streamNo }) => [section, streamNo] as const),
  );

type At = ReturnType<typeof assetAt> & { readonly past: readonly AssetPastRow[]; readonly now: AssetRow };

const readAt = (db: Database, assetId: AssetId, atMs: number): At | undefined => {
  const now = assetTable.get(db, "asset_id = ?", assetId);
  if (!now) return undefined;
  const past = readPast(db, assetId);
  return { ...assetAt(now, readAccepted(db, assetId), past, atMs), past, now };
};

/** The asset's own row as of then, as far back as it is kept. */
export const readRowThen = (db: Database, assetId: AssetId, atMs: number): AssetRow | undefined =>
  readAt(db, assetId, atMs)?.row;

const SPLIT_OFF = `WHERE other_asset_id = ? AND kind = 'separated' AND before IS NOT NULL ORDER BY at LIMIT 1`;

/** When the asset began to be one, as far as it is kept. */
const readBegin = (db: Database, { now, past }: At): { readonly ms: number; readonly partOf?: AssetId } => {
  const { firstSeenAtMs } = assetAt(now, new Map(), past, Number.NEGATIVE_INFINITY).row;
  const [split] = decisionTable.all(db, SPLIT_OFF, now.assetId);
  return split && split.atMs > firstSeenAtMs ? { ms: split.atMs, partOf: split.assetId } : { ms: firstSeenAtMs };
};

const CANDIDATES =
  "SELECT DISTINCT other_asset_id AS id FROM decisions WHERE asset_id = ? AND other_asset_id IS NOT NULL";

/** All that were part of it then, directly or by way of others. */
const readJoined = (db: Database, at: At, atMs: number): readonly At[] => {
  const joined = [at];
  const seen = new Set([at.now.assetId]);
  for (const one of joined) {
    for (const { id } of db.all(CANDIDATES, one.now.assetId)) {
      const assetId = id as AssetId;
      if (seen.has(assetId) || joined.length >= MAX_JOINED) continue;
      seen.add(assetId);
      const other = readAt(db, assetId, atMs);
      if (other?.row.mergedInto === one.now.assetId) joined.push(other);
    }
  }
  return joined;
};

const HEAD = `SELECT ${headTable.columns}, began_at, known_from FROM sections WHERE stream_no = ? AND section = ?`;
const STEPS =
  "SELECT at, hash, observed_at, gone_at, patch FROM section_past WHERE stream_no = ? AND section = ? ORDER BY step_no";
const numberOf = (record: SqlRecord, column: string): number | undefined =>
  record[column] === null || record[column] === undefined ? undefined : Number(record[column]);

const readSection = (
  db: Database,
  section: SectionName,
  stream: StreamRow,
  { atMs, sinceMs }: { readonly atMs: number; readonly sinceMs: number },
): SectionOfThen | { readonly knownFromMs: number } | undefined => {
  const { streamNo, source, agentId } = stream;
  const record = db.get(HEAD, streamNo, section);
  if (!record) return undefined;
  const head = headTable.toRow(record);
  const knownFromMs = numberOf(record, "known_from");
  if (knownFromMs !== undefined && atMs < knownFromMs) return { knownFromMs };
  const isRenewed = head.goneAtMs === undefined && head.failure === undefined;
  const now = {
    ...head,
    beganAtMs: numberOf(record, "began_at") ?? sinceMs,
    observedAtMs: isRenewed ? Math.max(head.observedAtMs, stream.observedAtMs) : head.observedAtMs,
  };
  const then = sectionAt(now, db.all(STEPS, streamNo, section).map(sectionPastOf), atMs);
  return (
    then && {
      ...{ ...then, section, streamNo, source, agentId },
      items: () => undoSteps(readItems(db, streamNo, section) ?? new Map(), then.undo),
    }
  );
};

/**
 * The asset as it was at a time, found by undoing what was written since. An id that was part of another asset then leads to
 * that one; one that was joined later leads to itself.
 *
 * @throws RollcallError `reads.then` where that is not known: the asset was not seen yet, or nothing is kept of so long ago.
 */
export const readThen = (db: Database, assetId: AssetId, atMs: number): Then | undefined => {
  let at = readAt(db, assetId, atMs);
  for (let hops = 0; at?.row.mergedInto !== undefined && hops < MAX_MERGES; hops++)
    at = readAt(db, at.row.mergedInto, atMs);
  if (!at) return undefined;
  const begin = readBegin(db, at);
  const since = db.get("SELECT value FROM meta WHERE name = ?", PAST_SINCE_META)?.["value"];
  const sinceMs = since === undefined || since === null ? Number.NEGATIVE_INFINITY : Number(since);
  if (atMs < begin.ms)
    throw refuse(
      begin.partOf === undefined
        ? `asset ${assetId} was first seen at ${toTimestamp(begin.ms)}: ask for that time or a later one`
        : `asset ${assetId} was part of ${begin.partOf} until ${toTimestamp(begin.ms)}: ask for that one, or for a later time`,
    );
  if (atMs < sinceMs)
    throw refuse(`earlier states are kept since ${toTimestamp(sinceMs)}: ask for that time or a later one`);
  const joined = readJoined(db, at, atMs);
  const keys = joined.flatMap(({ now, past }) =>
    keysAt(assetKeyTable.all(db, "WHERE asset_id = ?", now.assetId), past, atMs),
  );
  const sections: SectionOfThen[] = [];
  const unknown: { section: SectionName; knownFromMs: number }[] = [];
  for (const [section, streamNo] of [...at.accepted].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const stream = isSectionName(section) ? streamTable.get(db, "stream_no = ?", streamNo) : undefined;
    const found = stream && readSection(db, section, stream, { atMs, sinceMs: Math.max(sinceMs, begin.ms) });
    if (found && "items" in found) sections.push(found);
    else if (found) unknown.push({ section, knownFromMs: found.knownFromMs });
  }
  return {
    ...{ atMs, row: at.row, keys, sections, unknown },
    knownFromMs: Math.max(begin.ms, sinceMs),
    joined: joined.map(({ now }) => now.assetId),
  };
};
