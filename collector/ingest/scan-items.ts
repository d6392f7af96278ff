/** One entry of an object, `"key":{...}`, by its octets, with a hash to look it up by. */
export type Span = { readonly from: number; readonly to: number; readonly hash: number };

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
export const readEntries = (
  bytes: Uint8Array,
  start: number,
  maxDepth: number,
): { readonly spans: readonly Span[]; readonly to: number } | undefined => {
  const spans: Span[] = [];
  const end = bytes.length;
  let at = start + 1;
  if (bytes[start] !== OPEN) return undefined;
  if (bytes[at] === CLOSE) return { spans, to: at + 1 };
  while (at < end) {
    const from = at;
    if (bytes[at] !== QUOTE) return undefined;
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
    spans.push({ from, to: at, hash: hash >>> 0 });
    const c = bytes[at++];
    if (c === CLOSE) return { spans, to: at };
    if (c !== COMMA) return undefined;
  }
  return undefined;
};
