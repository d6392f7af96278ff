import type { AssetId } from "../../../shared/ids.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import type { AssetBefore, PastRepository, SectionPastRow } from "../contract/past.ts";
import { pastFields } from "../contract/past.ts";
import type { AssetKeyRow, AssetRow } from "../store.ts";
import { assetKeyTable, assetTable, type StoredAssets } from "./assets.ts";
import type { Database, SqlRecord } from "./database.ts";
import { decodePatch, encodePatch } from "./lists.ts";
import { sealOf } from "./seal.ts";

/** How many earlier contents of a section are kept; the oldest go first. How long: `retention.ts`. */
const KEPT_STEPS = 20_000;

export const PAST_SINCE_META = "past.since";

const ADD_SECTION = `INSERT INTO section_past (stream_no, section, step_no, at, hash, observed_at, gone_at, patch)
  SELECT ?1, ?2, coalesce(max(step_no), 0) + 1, ?3, ?4, ?5, ?6, ?7 FROM section_past WHERE stream_no = ?1 AND section = ?2
  RETURNING step_no`;
const OLDEST = "SELECT step_no FROM section_past WHERE stream_no = ? AND section = ? ORDER BY step_no LIMIT 1";
const ADD_ASSET = `INSERT INTO asset_past (asset_id, step_no, at, before)
  SELECT ?1, coalesce(max(step_no), 0) + 1, ?2, ?3 FROM asset_past WHERE asset_id = ?1`;

/** Drops what is too much, and notes from when on the section is known. */
const prune = (db: Database, { streamNo, section }: SectionPastRow, stepNo: number): void => {
  const oldest = db.get(OLDEST, streamNo, section);
  if (!oldest || stepNo - Number(oldest["step_no"]) < KEPT_STEPS) return;
  const where = "stream_no = ?1 AND section = ?2 AND step_no <= ?3";
  const params = [streamNo, section, stepNo - KEPT_STEPS] as const;
  const last = db.get(`SELECT max(at) AS at FROM section_past WHERE ${where}`, ...params)?.["at"];
  db.run(`DELETE FROM section_past WHERE ${where}`, ...params);
  db.run("UPDATE sections SET known_from = ? WHERE stream_no = ? AND section = ?", last ?? null, streamNo, section);
};

/** What presence and sightings write by themselves is checked against what they write it from. */
const sealedFields = pastFields.filter((field) => !["presence", "presenceSinceMs", "book"].includes(field));
/** The book stands last, where there is one: seals of before there were books hold. */
export const assetSeal = (row: AssetRow): string =>
  sealOf([row.assetId, ...sealedFields.map((field) => row[field] || undefined), ...(row.book ? [row.book] : [])]);

export const sectionPastOf = (record: SqlRecord): Omit<SectionPastRow, "streamNo" | "section"> => ({
  atMs: Number(record["at"]),
  hash: String(record["hash"]),
  observedAtMs: Number(record["observed_at"]),
  ...(record["gone_at"] !== null && { goneAtMs: Number(record["gone_at"]) }),
  step: (({ put, drop }) => ({ put, drop: [...drop] }))(decodePatch(record["patch"])),
});

/** What of the repository writes something that has a past. */
type Watched = Pick<StoredAssets, "put" | "setPresence" | "accept" | "unaccept" | "dropKey">;

type Open = { atMs: number; row: Record<string, unknown>; accepted: Partial<Record<SectionName, number | null>> } & {
  lost: AssetKeyRow[];
  got: Omit<AssetKeyRow, "firstSeenAtMs" | "lastSeenAtMs">[];
};

const isEqual = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b));

/**
 * Keeps what assets were before each write. `watching` is the repository, told on; `flush` writes what the transaction came to,
 * one row for each asset and time; `forget` drops it.
 */
export const createPast = (db: Database) => {
  let markMs: number | undefined;
  const open = new Map<AssetId, Open>();
  /** As they were written last. */
  const unsealed = new Map<AssetId, AssetRow>();
  /** Made in this transaction: what came about by their first sight is how they began. */
  const fresh = new Map<AssetId, number>();

  const write = (assetId: AssetId, { atMs, row, accepted, lost, got }: Open): void => {
    const before: AssetBefore = {
      ...(Object.keys(row).length > 0 && { row }),
      ...(Object.keys(accepted).length > 0 && { accepted }),
      ...(lost.length > 0 && { lost }),
      ...(got.length > 0 && { got }),
    };
    if (Object.keys(before).length > 0) db.run(ADD_ASSET, assetId, atMs, JSON.stringify(before));
  };
  const entryOf = (assetId: AssetId, fallbackMs: number): Open | undefined => {
    const atMs = markMs ?? fallbackMs;
    const began = fresh.get(assetId);
    if (began !== undefined && atMs <= began) return undefined;
    const known = open.get(assetId);
    if (known?.atMs === atMs) return known;
    if (known) write(assetId, known);
    const entry: Open = { atMs, row: {}, accepted: {}, lost: [], got: [] };
    open.set(assetId, entry);
    return entry;
  };
  const noteFields = (old: AssetRow, now: Partial<AssetRow>, fields: readonly (keyof AssetRow)[]): void => {
    const moved = fields.filter((field) => !isEqual(old[field], now[field]));
    const entry = moved.length > 0 ? entryOf(old.assetId, old.lastSeenAtMs) : undefined;
    if (entry) for (const field of moved) if (!(field in entry.row)) entry.row[field] = old[field] ?? null;
  };
  const noteAccepted = (assetId: AssetId, section: SectionName, streamNo: number | undefined): void => {
    const held = db.get("SELECT stream_no FROM accepted_sections WHERE asset_id = ? AND section = ?", assetId, section);
    const old = held === undefined ? null : Number(held["stream_no"]);
    if (old === (streamNo ?? null)) return;
    const entry = entryOf(assetId, 0);
    if (entry && !(section in entry.accepted)) entry.accepted[section] = old;
  };

  const watching = <A extends Watched>(assets: A): A => ({
    ...assets,
    put: async (row) => {
      const old = assetTable.get(db, "asset_id = ?", row.assetId);
      if (old) noteFields(old, row, pastFields);
      else fresh.set(row.assetId, row.firstSeenAtMs);
      unsealed.set(row.assetId, row);
      await assets.put(row, old);
    },
    setPresence: async (assetId, presence, presenceSinceMs) => {
      const old = assetTable.get(db, "asset_id = ?", assetId);
      if (old) noteFields(old, { presence, presenceSinceMs }, ["presence", "presenceSinceMs"]);
      await assets.setPresence(assetId, presence, presenceSinceMs);
    },
    accept: async (row) => {
      noteAccepted(row.assetId, row.section, row.streamNo);
      await assets.accept(row);
    },
    unaccept: async (row) => {
      noteAccepted(row.assetId, row.section, undefined);
      await assets.unaccept(row);
    },
    dropKey: async (key) => {
      const [lost] = assetKeyTable.all(
        db,
        "WHERE asset_id = ? AND kind = ? AND value = ? AND vendor = ? AND realm = ?",
        ...[key.assetId, key.kind, key.value, key.vendor ?? "", key.realm],
      );
      if (lost) entryOf(key.assetId, lost.lastSeenAtMs)?.lost.push(lost);
      await assets.dropKey(key);
    },
  });

  const repository: Omit<PastRepository, "dropBefore"> = {
    mark: (atMs) => {
      markMs = atMs;
    },
    keyReturns: async ({ firstSeenAtMs: _first, lastSeenAtMs, ...key }) =>
      void entryOf(key.assetId, lastSeenAtMs)?.got.push(key),
    keepSection: async (row) => {
      const { streamNo, section, atMs, hash, observedAtMs, goneAtMs, step } = row;
      const patch = encodePatch({ put: step.put, drop: new Set(step.drop) });
      const added = db.get(ADD_SECTION, streamNo, section, atMs, hash, observedAtMs, goneAtMs ?? null, patch);
      prune(db, row, Number(added?.["step_no"]));
    },
  };
  const forget = () => {
    markMs = undefined;
    unsealed.clear();
    open.clear();
    fresh.clear();
  };
  return {
    repository,
    watching,
    flush: () => {
      for (const [assetId, entry] of open) write(assetId, entry);
      for (const row of unsealed.values())
        db.run("UPDATE assets SET seal = ? WHERE asset_id = ?", assetSeal(row), row.assetId);
      forget();
    },
    forget,
  };
};
