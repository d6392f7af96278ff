import { createHash } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { compareKeys, hash16 } from "../../../shared/protocol/hash.ts";
import type { Item, SectionContent, StoredItem, StoredItems } from "../store.ts";

/**
 * A list is the content of a large section as it is stored: one text of its keys in the order of their bytes, one of
 * their hashes, and a line of JSON for each item, compressed together. In memory, lists share the items that they have in
 * common. One item of thousands is found, and the hash of the section after a step is told, without parsing the others.
 */
export type List = SectionContent & {
  readonly entries: readonly Entry[];
  /** Without its items, which other lists may have too. */
  readonly sizeBytes: number;
};

/** One item: its JSON is parsed when somebody asks for it. */
export type Entry = { readonly key: string; readonly hash: string; readonly text: string };
/** Gives the entry that is held already, or makes it. */
export type Intern = (key: string, hash: string, text: string) => Entry;
const alone: Intern = (key, hash, text) => ({ key, hash, text });

/** Half the time of the default level, and no more octets for lists of packages. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const HASH_CHARS = 32;
const LF = 0x0a;

export const sortKeys = (keys: readonly string[]): string[] =>
  // The default order is that of UTF-16 units, and by far the quickest.
  keys.some((key) => SURROGATES_UP.test(key)) ? [...keys].sort(compareText) : [...keys].sort();

/** Only above this do UTF-16 units and code points have different orders. */
const SURROGATES_UP = /[\ud800-\uffff]/;

/** By code points, as `compareKeys`: what needs no surrogates compares as JavaScript does. */
const compareText = (a: string, b: string): number => {
  if (a === b) return 0;
  if (SURROGATES_UP.test(a) || SURROGATES_UP.test(b)) return compareKeys(a, b);
  return a < b ? -1 : 1;
};

export const encodeList = (items: StoredItems): Uint8Array => {
  const keys = sortKeys([...items.keys()]);
  const of = (key: string) => items.get(key) as StoredItem;
  const text = [
    JSON.stringify(keys),
    keys.map((key) => of(key).hash).join(""),
    ...keys.map((key) => JSON.stringify(of(key).item)),
  ].join("\n");
  return zstdCompressSync(Buffer.from(text), FAST);
};

export const decodeList = (blob: Uint8Array, intern: Intern = alone): List => {
  const text = zstdDecompressSync(blob);
  const keysEnd = text.indexOf(LF);
  const hashesEnd = text.indexOf(LF, keysEnd + 1);
  const keys = JSON.parse(text.toString("utf8", 0, keysEnd)) as string[];
  const hashes = text.toString("latin1", keysEnd + 1, hashesEnd < 0 ? text.length : hashesEnd);
  let at = hashesEnd + 1;
  const entries = keys.map((key, i) => {
    const from = at;
    const end = text.indexOf(LF, from);
    const to = end < 0 ? text.length : end;
    at = to + 1;
    return intern(key, hashes.slice(i * HASH_CHARS, (i + 1) * HASH_CHARS), text.toString("utf8", from, to));
  });
  return createList(entries);
};

const parse = ({ text }: Entry): Item => JSON.parse(text) as Item;

const createList = (entries: readonly Entry[]): List => {
  const manifest = createManifest(entries);
  return {
    entries,
    size: entries.length,
    sizeBytes: manifest.sizeBytes,
    get: (key) => {
      const entry = manifest.find(key);
      return entry && { hash: entry.hash, item: parse(entry) };
    },
    hash: (key) => manifest.find(key)?.hash,
    hashWith: manifest.hashWith,
    all: () => {
      const items = JSON.parse(`[${entries.map(({ text }) => text).join(",")}]`) as Item[];
      return new Map(entries.map(({ key, hash }, i) => [key, { hash, item: items[i] as Item }]));
    },
  };
};

type Manifest = Pick<SectionContent, "hashWith"> & {
  readonly sizeBytes: number;
  readonly find: (key: string) => Entry | undefined;
};

/** What a section's hash is computed over (`hashOfItems`): a line for each key, "key NUL hash", in order. */
const createManifest = (entries: readonly Entry[]): Manifest => {
  const keys = entries.map(({ key }) => key);
  const starts = new Uint32Array(keys.length + 1);
  const lines = Buffer.from(entries.map(({ key, hash }) => `${key}\0${hash}\n`).join(""));
  let at = 0;
  for (const [i, key] of keys.entries()) {
    starts[i] = at;
    at += Buffer.byteLength(key) + HASH_CHARS + 2;
  }
  starts[keys.length] = at;
  const isPlain = !keys.some((key) => SURROGATES_UP.test(key));
  /** The first place whose key is not before `key`. */
  const place = (key: string): number => {
    const isQuick = isPlain && !SURROGATES_UP.test(key);
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = keys[middle] as string;
      if (isQuick ? other < key : compareText(other, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    // The lines, and for each item a place in three arrays.
    sizeBytes: lines.length + keys.length * 20,
    find: (key) => {
      const entry = entries[place(key)];
      return entry?.key === key ? entry : undefined;
    },
    hashWith: (put, drop) => {
      const edits = [...put.keys(), ...[...drop].filter((key) => !put.has(key))].sort(compareText);
      const sha = createHash("sha256");
      let from = 0;
      for (const key of edits) {
        const i = place(key);
        const here = starts[i] as number;
        if (here > from) sha.update(lines.subarray(from, here));
        const hash = put.get(key);
        if (hash !== undefined) sha.update(`${key}\0${hash}\n`);
        from = keys[i] === key ? (starts[i + 1] as number) : here;
      }
      sha.update(lines.subarray(from));
      return sha.digest("hex").slice(0, HASH_CHARS);
    },
  };
};

/** The same of items at hand. */
export const contentOf = (items: StoredItems): SectionContent => ({
  size: items.size,
  get: (key) => items.get(key),
  hash: (key) => items.get(key)?.hash,
  hashWith: (put, drop) => {
    const all = new Map(Array.from(items, ([key, { hash }]) => [key, hash]));
    for (const key of drop) all.delete(key);
    for (const [key, hash] of put) all.set(key, hash);
    return hash16(
      sortKeys([...all.keys()])
        .map((key) => `${key}\0${all.get(key)}\n`)
        .join(""),
    );
  },
  all: () => items,
});

/** What a host's section has otherwise than its list: `put` in place of or beside the list's items. */
export type Patch = { readonly put: ReadonlyMap<string, StoredItem>; readonly drop: ReadonlySet<string> };
export const NO_PATCH: Patch = { put: new Map(), drop: new Set() };

export const patched = (base: SectionContent, patch: Patch): SectionContent => {
  if (patch.put.size === 0 && patch.drop.size === 0) return base;
  const { put, drop } = patch;
  const fromPatch = (key: string) => put.get(key) ?? (drop.has(key) ? null : undefined);
  const added = [...put.keys()].filter((key) => base.hash(key) === undefined).length;
  const dropped = [...drop].filter((key) => base.hash(key) !== undefined).length;
  return {
    size: base.size + added - dropped,
    get: (key) => {
      const own = fromPatch(key);
      return own === undefined ? base.get(key) : (own ?? undefined);
    },
    hash: (key) => {
      const own = fromPatch(key);
      return own === undefined ? base.hash(key) : own?.hash;
    },
    hashWith: (morePut, moreDrop) => {
      const all = new Map(Array.from(put, ([key, { hash }]) => [key, hash]));
      for (const key of moreDrop) all.delete(key);
      for (const [key, hash] of morePut) all.set(key, hash);
      return base.hashWith(all, new Set([...drop, ...moreDrop]));
    },
    all: () => {
      const items = new Map(base.all());
      for (const key of drop) items.delete(key);
      for (const [key, stored] of put) items.set(key, stored);
      return items;
    },
  };
};

/** One patch for two carried out one after the other. Keys that the base never had need no drop. */
export const joinPatches = (base: SectionContent, before: Patch, after: Patch): Patch => {
  const put = new Map(before.put);
  const drop = new Set(before.drop);
  for (const key of after.drop) {
    put.delete(key);
    if (base.hash(key) !== undefined) drop.add(key);
  }
  for (const [key, stored] of after.put) {
    drop.delete(key);
    if (base.hash(key) === stored.hash) put.delete(key);
    else put.set(key, stored);
  }
  return { put, drop };
};

type PatchEntry = readonly [key: string, hash: string, item: Item];
/** Below this, compression costs more octets and time than it saves. */
const PACK_FROM_CHARS = 1_024;

export const encodePatch = ({ put, drop }: Patch): string | Uint8Array | null => {
  if (put.size === 0 && drop.size === 0) return null;
  const entries = Array.from(put, ([key, { hash, item }]): PatchEntry => [key, hash, item]);
  const text = JSON.stringify({ put: entries, drop: [...drop] });
  return text.length < PACK_FROM_CHARS ? text : zstdCompressSync(Buffer.from(text), FAST);
};

export const decodePatch = (patch: unknown): Patch => {
  if (patch === null || patch === undefined) return NO_PATCH;
  const text = typeof patch === "string" ? patch : zstdDecompressSync(patch as Uint8Array).toString();
  const { put, drop } = JSON.parse(text) as { put: PatchEntry[]; drop: string[] };
  return { put: new Map(put.map(([key, hash, item]) => [key, { hash, item }])), drop: new Set(drop) };
};
