import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import type { Item, SectionHead, SectionRepository, StoredItems, StreamRepository, StreamRow } from "../store.ts";
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

export const decodeItems = (record: SqlRecord): StoredItems => {
  const blob = record["items"] as Uint8Array;
  const text = (record["packed"] === 1 ? zstdDecompressSync(blob) : Buffer.from(blob)).toString();
  return new Map((JSON.parse(text) as [string, string, Item][]).map(([key, hash, item]) => [key, { hash, item }]));
};

const PUT = `INSERT INTO sections (stream_no, section, hash, item_count, observed_at, gone_at, failure, packed, items)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (stream_no, section) DO UPDATE SET hash = excluded.hash, item_count = excluded.item_count,
    observed_at = excluded.observed_at, gone_at = excluded.gone_at, failure = excluded.failure, packed = excluded.packed,
    items = excluded.items`;

export const readItems = (db: Database, streamNo: number, section: SectionName): StoredItems | undefined => {
  const record = db.get("SELECT packed, items FROM sections WHERE stream_no = ? AND section = ?", streamNo, section);
  return record && decodeItems(record);
};

export const createSectionRepository = (db: Database): SectionRepository => ({
  heads: async (streamNo) => headTable.all(db, "WHERE stream_no = ? ORDER BY section", streamNo),
  items: async (streamNo, section) => readItems(db, streamNo, section),
  put: async (streamNo, head, items) => {
    const { packed, blob } = encodeItems(items);
    db.run(
      PUT,
      streamNo,
      head.section,
      head.hash,
      items.size,
      head.observedAtMs,
      head.goneAtMs ?? null,
      head.failure ?? null,
      packed,
      blob,
    );
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
