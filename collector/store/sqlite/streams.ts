import { zstdDecompressSync } from "node:zlib";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import { createRecent } from "../../../shared/recent.ts";
import type {
  Item,
  SectionContent,
  SectionHead,
  SectionRepository,
  StoredItems,
  StreamRepository,
  StreamRow,
} from "../store.ts";
import type { Database, SqlRecord } from "./database.ts";
import { createHeldRows } from "./held-rows.ts";
import { createListCache, type ListCache, noListCache } from "./list-cache.ts";
import {
  contentOf,
  decodeList,
  encodeList,
  type Intern,
  joinPatches,
  type List,
  NO_PATCH,
  type Patch,
  patched,
} from "./lists.ts";
import type { SoftwareIndex } from "./software.ts";
import { createPatchCodec, type LyingPatch, type PatchCodec } from "./split-patches.ts";
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

export const createStreamRepository = (
  db: Database,
): { readonly repository: StreamRepository; readonly forget: () => void } => {
  const held = createHeldRows(db, streamTable);
  const numbers = createRecent<string, number>(16_384);
  const byNumber = (streamNo: number) =>
    held.get(String(streamNo), () => streamTable.get(db, "stream_no = ?", streamNo));
  const repository: StreamRepository = {
    get: async (agentId, instance, stream) => {
      const name = `${agentId}#${instance} ${stream}`;
      const streamNo = numbers.get(name);
      if (streamNo !== undefined) return byNumber(streamNo);
      const row = streamTable.get(db, "agent_id = ? AND instance = ? AND stream = ?", agentId, instance, stream);
      if (row) numbers.set(name, row.streamNo);
      return row && held.get(String(row.streamNo), () => row);
    },
    byNumber: async (streamNo) => byNumber(streamNo),
    add: async (row) => streamTable.add(db, row),
    put: async (row) => held.put(String(row.streamNo), row),
    ofAgent: async (agentId, instance) =>
      streamTable.all(db, "WHERE agent_id = ? AND instance = ? ORDER BY stream_no", agentId, instance),
    ofAsset: async (assetId) => streamTable.all(db, "WHERE asset_id = ? ORDER BY stream_no", assetId),
  };
  return {
    repository,
    forget: () => {
      held.forget();
      numbers.clear();
    },
  };
};

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

/** From so many items on, a content is a list that hosts share; below, sharing saves less than it costs. */
const SHARE_FROM_ITEMS = 64;
/** A patch that has grown beyond this is folded into a list of its own: every reader carries it out again. */
const MAX_PATCH_BYTES = 16_384;
/** Streams whose heads are held: a round that finds nothing new reads them, too. */
const HELD_STREAMS = 16_384;
/** Lists held ready: some hundred of two thousand packages. */
const CACHE_BYTES = 128 << 20;
/** Lists that nobody has any more are removed after so many new ones. */
const COLLECT_EVERY = 64;

type Entry = readonly [key: string, hash: string, item: Item];

/** Small contents lie in their row: JSON [[key, hash, item], ...], compressed where an older version found that worth it. */
const encodeItems = (items: StoredItems): Uint8Array =>
  Buffer.from(JSON.stringify(Array.from(items, ([key, { hash, item }]): Entry => [key, hash, item])));

const decodeItems = (record: SqlRecord): StoredItems => {
  const blob = record["items"] as Uint8Array;
  const text = (record["packed"] === 1 ? zstdDecompressSync(blob) : Buffer.from(blob)).toString();
  return new Map((JSON.parse(text) as Entry[]).map(([key, hash, item]) => [key, { hash, item }]));
};

const PUT = `INSERT INTO sections (stream_no, section, hash, item_count, observed_at, gone_at, failure, packed, items, patch, list_no, began_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10, ?5)
  ON CONFLICT (stream_no, section) DO UPDATE SET hash = excluded.hash, item_count = excluded.item_count,
    observed_at = excluded.observed_at, gone_at = excluded.gone_at, failure = excluded.failure, packed = excluded.packed,
    items = excluded.items, patch = excluded.patch, list_no = excluded.list_no`;

const PATCH = `UPDATE sections SET hash = ?, item_count = ?, observed_at = ?, gone_at = ?, failure = ?, patch = ?
  WHERE stream_no = ? AND section = ?`;

const BY_STREAM = `SELECT s.packed, s.items, s.patch, s.list_no, l.hash AS list_hash
  FROM sections s LEFT JOIN lists l ON l.list_no = s.list_no WHERE s.stream_no = ? AND s.section = ?`;

/** A content, and how it is stored: what a step on it may be written as. */
type Held = {
  readonly content: SectionContent;
  readonly base: SectionContent;
  readonly patch: Patch;
  readonly lying?: LyingPatch;
  readonly listNo: number | undefined;
  /** The list by what it holds. */
  readonly list: string | undefined;
  /** Whose content it is; absent for a list by itself. */
  readonly streamNo?: number;
};

const nameOf = (section: SectionName, hash: string): string => `${section}/${hash}`;

const loadList = (db: Database, listNo: number, intern: Intern): List => {
  const record = db.get("SELECT items FROM lists WHERE list_no = ?", listNo);
  if (!record) throw new Error(`list ${listNo} is not stored`);
  return decodeList(record["items"] as Uint8Array, intern);
};

type Reading = { readonly cache: ListCache; readonly codec: PatchCodec };

const readHeld = (
  db: Database,
  { cache, codec }: Reading,
  streamNo: number,
  section: SectionName,
): Held | undefined => {
  const record = db.get(BY_STREAM, streamNo, section);
  if (!record) return undefined;
  const listNo = record["list_no"] === null ? undefined : Number(record["list_no"]);
  const list = listNo === undefined ? undefined : nameOf(section, String(record["list_hash"]));
  const base =
    listNo === undefined || list === undefined
      ? contentOf(decodeItems(record))
      : cache.get(list, (intern) => loadList(db, listNo, intern));
  const lying = codec.decode(`${streamNo}/${section}`, record["patch"]);
  const { patch } = lying;
  return { content: patched(base, patch), base, patch, lying, listNo, list, streamNo };
};

/** For who reads now and then. */
export const readItems = (db: Database, streamNo: number, section: SectionName): StoredItems | undefined =>
  readHeld(db, { cache: noListCache, codec: createPatchCodec() }, streamNo, section)?.content.all();

export const createSectionRepository = (
  db: Database,
  software: Pick<SoftwareIndex, "put" | "step">,
): SectionRepository & { readonly fillSoftware: (limit: number) => number; readonly forget: () => void } => {
  const cache = createListCache(CACHE_BYTES);
  const codec = createPatchCodec();
  const reading: Reading = { cache, codec };
  const heads = createRecent<number, readonly SectionHead[]>(HELD_STREAMS);
  /** How the contents that were handed out are stored, so that a step on one is written as no more than the step. */
  const handedOut = new WeakMap<SectionContent, Held>();
  let added = 0;

  const handOut = (held: Held | undefined): SectionContent | undefined => {
    if (held) handedOut.set(held.content, held);
    return held?.content;
  };

  const findList = (section: SectionName, hash: string, minUses = 0): number | undefined => {
    const record = db.get(
      "SELECT list_no FROM lists WHERE hash = ? AND section = ? AND uses >= ?",
      ...[hash, section, minUses],
    );
    return record && Number(record["list_no"]);
  };

  const collect = () => {
    if (++added % COLLECT_EVERY === 0) db.run("DELETE FROM lists WHERE uses = 0");
  };

  const addList = (section: SectionName, hash: string, items: StoredItems): number => {
    collect();
    return db.run(
      "INSERT INTO lists (section, hash, item_count, uses, items) VALUES (?, ?, ?, 0, ?)",
      ...[section, hash, items.size, encodeList(items)],
    ).lastId;
  };

  const use = (streamNo: number, section: SectionName, listNo: number | null) => {
    const before = db.get("SELECT list_no FROM sections WHERE stream_no = ? AND section = ?", streamNo, section);
    const left = before?.["list_no"] ?? null;
    if (left === listNo) return;
    if (left !== null) db.run("UPDATE lists SET uses = uses - 1 WHERE list_no = ?", left);
    if (listNo !== null) db.run("UPDATE lists SET uses = uses + 1 WHERE list_no = ?", listNo);
  };

  const columnsOf = ({ hash, observedAtMs, goneAtMs, failure }: SectionHead, size: number) =>
    [hash, size, observedAtMs, goneAtMs ?? null, failure ?? null] as const;

  const write = (
    streamNo: number,
    head: SectionHead,
    size: number,
    {
      listNo = null,
      items,
      patch = null,
    }: { listNo?: number | null; items?: Uint8Array; patch?: Uint8Array | string | null },
  ) => {
    use(streamNo, head.section, listNo);
    db.run(PUT, streamNo, head.section, ...columnsOf(head, size), items ?? new Uint8Array(), patch, listNo);
  };

  const putWhole = (streamNo: number, head: SectionHead, items: StoredItems) => {
    if (items.size < SHARE_FROM_ITEMS) write(streamNo, head, items.size, { items: encodeItems(items) });
    else {
      const listNo = findList(head.section, head.hash) ?? addList(head.section, head.hash, items);
      write(streamNo, head, items.size, { listNo });
    }
    const list = items.size < SHARE_FROM_ITEMS ? undefined : nameOf(head.section, head.hash);
    if (head.section === "software") software.put(streamNo, contentOf(items), NO_PATCH, list);
  };

  /** Contents of before there was a dictionary. */
  const fillSoftware = (limit: number): number => {
    const records = db.all(
      "SELECT stream_no FROM sections WHERE section = 'software' AND stream_no NOT IN (SELECT stream_no FROM installed) LIMIT ?",
      limit,
    );
    for (const record of records) {
      const streamNo = Number(record["stream_no"]);
      const held = readHeld(db, reading, streamNo, "software");
      if (held) software.put(streamNo, held.base, held.patch, held.list);
    }
    return records.length;
  };

  return {
    fillSoftware,
    forget: heads.clear,
    heads: async (streamNo) => {
      const known = heads.get(streamNo) ?? headTable.all(db, "WHERE stream_no = ? ORDER BY section", streamNo);
      heads.set(streamNo, known);
      return known;
    },
    items: async (streamNo, section) => readHeld(db, reading, streamNo, section)?.content.all(),
    content: async (streamNo, section) => handOut(readHeld(db, reading, streamNo, section)),
    shared: async (section, hash) => {
      const listNo = findList(section, hash, 1);
      if (listNo === undefined) return undefined;
      const list = nameOf(section, hash);
      const base = cache.get(list, (intern) => loadList(db, listNo, intern));
      return handOut({ content: base, base, patch: NO_PATCH, listNo, list });
    },
    put: async (streamNo, head, items) => {
      heads.delete(streamNo);
      putWhole(streamNo, head, items);
    },
    step: async (streamNo, head, on, { put, drop }) => {
      heads.delete(streamNo);
      const held = handedOut.get(on);
      if (!held) throw new Error("a step on a content that this store did not give");
      const moved: Patch = { put, drop: new Set(drop) };
      const patch = joinPatches(held.base, held.patch, moved);
      const after = patched(held.base, patch);
      const isOwn = held.streamNo === streamNo;
      const encoded = codec.encode(isOwn ? held.lying : undefined, moved, patch);
      if (after.size < SHARE_FROM_ITEMS || (encoded?.length ?? 0) > MAX_PATCH_BYTES)
        return putWhole(streamNo, head, after.all());
      const isIndexed = head.section === "software" && isOwn && software.step(streamNo, on, { put, drop });
      if (head.section === "software" && !isIndexed) software.put(streamNo, held.base, patch, held.list);
      const known = db.get("SELECT list_no FROM sections WHERE stream_no = ? AND section = ?", streamNo, head.section);
      if (known && (known["list_no"] ?? undefined) === held.listNo)
        db.run(PATCH, ...columnsOf(head, after.size), encoded, streamNo, head.section);
      else
        write(streamNo, head, after.size, {
          ...(held.listNo === undefined ? { items: encodeItems(held.base.all()) } : { listNo: held.listNo }),
          patch: encoded,
        });
    },
    touch: async (streamNo, head) => {
      heads.delete(streamNo);
      db.run(
        "UPDATE sections SET observed_at = ?, gone_at = ?, failure = ? WHERE stream_no = ? AND section = ?",
        head.observedAtMs,
        head.goneAtMs ?? null,
        head.failure ?? null,
        streamNo,
        head.section,
      );
    },
  };
};
