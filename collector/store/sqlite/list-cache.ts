import type { Entry, Intern, List } from "./lists.ts";

/** Lists that were used last, within a bound of octets. They are named by what they hold, so that none is ever stale. */
export type ListCache = { readonly get: (name: string, load: (intern: Intern) => List) => List };

type Held = Entry & { uses: number };

/** Of an item beside its texts: the object, the headers of three strings, and its place in the table. */
const ENTRY_BYTES = 160;
const sizeOf = ({ key, hash, text }: Entry): number => key.length + hash.length + text.length + ENTRY_BYTES;

/**
 * Images of one distribution have most of their items in common: each is held once, for as long as a list has it, so that
 * a few hundred lists of two thousand packages fit where each alone would take half a megabyte.
 */
export const createListCache = (maxBytes: number): ListCache & { readonly bytes: () => number } => {
  const lists = new Map<string, List>();
  const items = new Map<string, Held>();
  let bytes = 0;

  const intern: Intern = (key, hash, text) => {
    const known = items.get(hash);
    if (known && known.key === key && known.text === text) {
      known.uses++;
      return known;
    }
    const entry: Held = { key, hash, text, uses: 1 };
    bytes += sizeOf(entry);
    if (!known) items.set(hash, entry);
    return entry;
  };

  const release = (list: List) => {
    bytes -= list.sizeBytes;
    for (const entry of list.entries as readonly Held[]) {
      if (--entry.uses > 0) continue;
      bytes -= sizeOf(entry);
      if (items.get(entry.hash) === entry) items.delete(entry.hash);
    }
  };

  return {
    get: (name, load) => {
      const known = lists.get(name);
      const list = known ?? load(intern);
      lists.delete(name);
      lists.set(name, list);
      if (known) return list;
      bytes += list.sizeBytes;
      for (const [oldest, held] of lists) {
        if (bytes <= maxBytes || oldest === name) break;
        lists.delete(oldest);
        release(held);
      }
      return list;
    },
    bytes: () => bytes,
  };
};

/** For who reads now and then. */
export const noListCache: ListCache = { get: (_, load) => load((key, hash, text) => ({ key, hash, text })) };
