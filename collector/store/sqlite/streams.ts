import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import type {
  Item,
  ItemStep,
  SectionHead,
  SectionRepository,
  StoredItems,
  StreamRepository,
  StreamRow,
} from "../store.ts";
import type { Database, SqlRecord } from "./database.ts";
import { defineTable, json, plain } from "./table.ts";

export const streamTable = defineTable<StreamRow>(
  "streams",
  {
    streamNo: plain("stream_no"),
    agentId: plain("agent_id"),
    instance: plain("instance"),
    stream: plain("stream"),
    source: plain("source"),
    subject: json("subject"),
    assetId: plain("asset_id"),
    root: plain("root"),
    observedAtMs: plain("observed_at"),
    recordedAtMs: plain("recorded_at"),
  },
  ["streamNo"],
  "streamNo",
);

export const createStreamRepository = (db: Database): StreamRepository => ({
  get: async (agentId, instance, stream) =>
    streamTable.get(db, "agent_id = ? AND instance = ? AND stream = ?", agentId, instance, stream),
  byNumber: async (streamNo) => streamTable.get(db, "stream_no = ?", streamNo),
  add: async (row) => streamTable.add(db, row),
  put: async (row) => streamTable.put(db, row),
  ofAgent: async (agentId, instance) =>
    streamTable.all(db, "WHERE agent_id = ? AND instance = ? ORDER BY stream_no", agentId, instance),
  ofAsset: async (assetId) => streamTable.all(db, "WHERE asset_id = ? ORDER BY stream_no", assetId),
});

export const headTable = defineTable<SectionHead>(
  "sections",
  {
    section: plain("section"),
    hash: plain("hash"),
    itemCount: plain("item_count"),
    observedAtMs: plain("observed_at"),
    goneAtMs: plain("gone_at"),
    failure: plain("failure"),
  },
  ["section"],
);

/** Half the time of the default level, and no more octets for lists of packages. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Below this, compression costs more than it saves. */
const PACK_FROM_CHARS = 512;

/**
 * A whole section is one value: two thousand rows per host would make the first inventory twenty times as slow and the
 * database three times as large. What is searched across hosts has tables of its own.
 */
const encodeItems = (items: StoredItems): { packed: number; blob: Uint8Array } => {
  const text = JSON.stringify(Array.from(items, ([key, { hash, item }]) => [key, hash, item]));
  const plainBytes = Buffer.from(text);
  return text.length < PACK_FROM_CHARS
    ? { packed: 0, blob: plainBytes }
    : { packed: 1, blob: zstdCompressSync(plainBytes, FAST) };
};

type Entry = readonly [key: string, hash: string, item: Item];
/** What has changed since the whole was written. A key is in one of the two. */
type Patch = { readonly put: readonly Entry[]; readonly drop: readonly string[] };

const NO_PATCH: Patch = { put: [], drop: [] };
const parsePatch = (record: SqlRecord | undefined): Patch =>
  typeof record?.["patch"] === "string" ? (JSON.parse(record["patch"]) as Patch) : NO_PATCH;

export const decodeItems = (record: SqlRecord): StoredItems => {
  const blob = record["items"] as Uint8Array;
  const text = (record["packed"] === 1 ? zstdDecompressSync(blob) : Buffer.from(blob)).toString();
  const { put, drop } = parsePatch(record);
  const items = new Map((JSON.parse(text) as Entry[]).map(([key, hash, item]) => [key, { hash, item }]));
  for (const key of drop) items.delete(key);
  for (const [key, hash, item] of put) items.set(key, { hash, item });
  return items;
};

/** Below this many items the whole is as quick to write. */
const PATCH_FROM_ITEMS = 64;
/** A patch that has grown beyond this is folded into the whole: every reader carries it out again. */
const MAX_PATCH_CHARS = 16_384;

/** The patch with one step more; undefined when the whole should be written instead. */
const extendPatch = (before: Patch, items: StoredItems, step: ItemStep): string | undefined => {
  if (items.size < PATCH_FROM_ITEMS || step.put.length + step.drop.length > PATCH_FROM_ITEMS) return undefined;
  const put = new Map(before.put.map((entry) => [entry[0], entry]));
  const drop = new Set(before.drop);
  for (const key of step.drop) {
    put.delete(key);
    drop.add(key);
  }
  for (const key of step.put) {
    const stored = items.get(key);
    if (!stored) continue;
    drop.delete(key);
    put.set(key, [key, stored.hash, stored.item]);
  }
  const text = JSON.stringify({ put: [...put.values()], drop: [...drop] } satisfies Patch);
  return text.length > MAX_PATCH_CHARS ? undefined : text;
};

const PUT = `INSERT INTO sections (stream_no, section, hash, item_count, observed_at, gone_at, failure, packed, items, patch)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)
  ON CONFLICT (stream_no, section) DO UPDATE SET hash = excluded.hash, item_count = excluded.item_count,
    observed_at = excluded.observed_at, gone_at = excluded.gone_at, failure = excluded.failure, packed = excluded.packed,
    items = excluded.items, patch = NULL`;

const PATCH = `UPDATE sections SET hash = ?, item_count = ?, observed_at = ?, gone_at = ?, failure = ?, patch = ?
  WHERE stream_no = ? AND section = ?`;

export const readItems = (db: Database, streamNo: number, section: SectionName): StoredItems | undefined => {
  const record = db.get(
    "SELECT packed, items, patch FROM sections WHERE stream_no = ? AND section = ?",
    streamNo,
    section,
  );
  return record && decodeItems(record);
};

export const createSectionRepository = (db: Database): SectionRepository => ({
  heads: async (streamNo) => headTable.all(db, "WHERE stream_no = ? ORDER BY section", streamNo),
  items: async (streamNo, section) => readItems(db, streamNo, section),
  put: async (streamNo, { section, hash, observedAtMs, goneAtMs, failure }, items, step) => {
    const head = [hash, items.size, observedAtMs, goneAtMs ?? null, failure ?? null] as const;
    const known = step && db.get("SELECT patch FROM sections WHERE stream_no = ? AND section = ?", streamNo, section);
    const patch = step && known ? extendPatch(parsePatch(known), items, step) : undefined;
    if (patch !== undefined) return void db.run(PATCH, ...head, patch, streamNo, section);
    const { packed, blob } = encodeItems(items);
    db.run(PUT, streamNo, section, ...head, packed, blob);
  },
  touch: async (streamNo, head) =>
    void db.run(
      "UPDATE sections SET observed_at = ?, gone_at = ?, failure = ? WHERE stream_no = ? AND section = ?",
      head.observedAtMs,
      head.goneAtMs ?? null,
      head.failure ?? null,
      streamNo,
      head.section,
    ),
});
