/** One entry of an object, `"key":{...}`, by its octets, with a hash to look it up by; `known` where it was guessed. */
export type Span<E = unknown> = {
  readonly from: number;
  readonly to: number;
  readonly hash: number;
  readonly known?: E | undefined;
};

/** Knows entries by heart: one that begins at `at`, compared in full, or what to make of one that had to be read. */
export type Guess<E> = {
  readonly at: (at: number) => ({ readonly raw: Uint8Array; readonly hash: number } & E) | undefined;
  readonly read: (span: Span<E>) => E | undefined;
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;

// FNV-1a, 32 bits (draft-eastlake-fnv): for looking up, not for trusting.
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The entries of a JSON object of objects that begins at `start`, written without spaces, and where it ends. Finds where
 * values begin and end, and nothing else: whoever uses an entry compares it with one that was parsed, or parses it.
 *
 * @returns undefined where it is no such object, or nested deeper than `maxDepth`.
 */
export const readEntries = <E>(
  bytes: Uint8Array,
  start: number,
  maxDepth: number,
  guess?: Guess<E>,
): { readonly spans: readonly Span<E>[]; readonly to: number } | undefined => {
  const spans: Span<E>[] = [];
  const end = bytes.length;
  let at = start + 1;
  if (bytes[start] !== OPEN) return undefined;
  if (bytes[at] === CLOSE) return { spans, to: at + 1 };
  while (at < end) {
    const from = at;
    if (bytes[at] !== QUOTE) return undefined;
    const known = guess?.at(at);
    if (known) {
      at += known.raw.length;
      spans.push({ from, to: at, hash: known.hash, known });
    } else {
      const read = readEntry(bytes, at, maxDepth);
      if (!read) return undefined;
      at = read.to;
      spans.push({ ...read, known: guess?.read(read) });
    }
    const c = bytes[at++];
    if (c === CLOSE) return { spans, to: at };
    if (c !== COMMA) return undefined;
  }
  return undefined;
};

const readEntry = (bytes: Uint8Array, from: number, maxDepth: number): Span<never> | undefined => {
  const end = bytes.length;
  let at = from;
  let hash = FNV_OFFSET;
  let depth = 0;
  let isText = false;
  let isKeyRead = false;
  for (; at < end; at++) {
    const c = bytes[at] as number;
    hash = Math.imul(hash ^ c, FNV_PRIME);
    if (isText) {
      if (c === BACKSLASH) {
        at++;
        hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
      } else if (c === QUOTE) {
        isText = false;
        if (!isKeyRead) {
          if (bytes[at + 1] !== COLON || bytes[at + 2] !== OPEN) return undefined;
          isKeyRead = true;
        }
      }
    } else if (c === QUOTE) isText = true;
    else if (c === OPEN || c === OPEN_LIST) {
      if (++depth > maxDepth) return undefined;
    } else if (c === CLOSE || c === CLOSE_LIST) {
      if (--depth === 0) break;
    }
  }
  if (at >= end) return undefined;
  at++;
  return { from, to: at, hash: hash >>> 0 };
};
