import type { Item } from "../../shared/protocol/items.ts";
import { isSectionName, MAX_ITEMS, type SectionName } from "../../shared/protocol/sections.ts";
import { limits } from "./limits.ts";
import { type Guess, readEntries, type Span } from "./scan-items.ts";

/**
 * Large lists that came before, by their octets: most of what a host's first inventory says, another host has said. A list
 * is told as one that the engine holds and what is otherwise; only that is parsed, checked and hashed. Nothing rests on
 * what is remembered here: octets are compared in full, and the engine checks the hash of what comes out.
 */
export type KnownLists = {
  /** Cuts large whole sections out of a message that is told by known lists, or learns what it could be known by. */
  readonly prepare: (plain: Uint8Array) => Prepared;
  /** The engine does not hold the list `base`, or what was told by it has not the hash `hash`. */
  readonly forget: (section: SectionName, base: string, hash: string) => void;
};

export type Prepared = {
  /** What is left to parse; undefined where all of it is. */
  readonly text: string | undefined;
  /** What was not read through yet: without the sections whose entries were found, and their depth. */
  readonly rest: string;
  readonly cuts: readonly Cut[];
  /** For when the message goes to the engine, which holds its lists from then on; gives how to take that back. */
  readonly learn: Learn | undefined;
};

export type Learn = () => () => void;

/** In the place of `items` stands the text `mark`. */
export type Cut = {
  readonly mark: string;
  readonly section: SectionName;
  readonly hash: string;
  readonly base: string;
  readonly put: Readonly<Record<string, Item>>;
  readonly drop: readonly string[];
};

/** `next`: what followed it in the list that was learned last. */
type Entry = { readonly raw: Buffer; readonly hash: number; uses: number; stamp: number; next: Entry | undefined };
type Spans = readonly Span<Entry>[];
type List = {
  readonly name: string;
  readonly hash: string;
  readonly entries: readonly Entry[];
  readonly marks: readonly number[];
};

/** From so many items on, looking for a known list costs less than parsing. */
const FROM_ITEMS = 64;
/** A list that differs in a larger part than this is another list. */
const MAX_DIFFERENCE = 0.1;
/** Octets of entries that are remembered, each once: some sixty unlike lists of two thousand packages. */
const MAX_BYTES = 64 << 20;
/** Smallest hashes of entries that a list is found by, as its kin have most of them too. */
const MARKS = 8;
const MAX_SPELLED_OUT = 1_000;

const ITEMS = Buffer.from('"items":{');
/** As agents write a whole section: what stands before its items. */
const BEFORE = /"section":"([A-Za-z]{1,40})","hash":"([0-9a-f]{32})",$/;
const BEFORE_BYTES = 120;

export const createKnownLists = (
  nonce: string,
  { maxBytes = MAX_BYTES }: { readonly maxBytes?: number } = {},
): KnownLists => {
  const entries = new Map<number, Entry>();
  const lists = new Map<string, List>();
  const byMark = new Map<number, Set<List>>();
  const spelledOut = new Set<string>();
  let bytes = 0;
  let stamp = 0;

  const remove = (list: List) => {
    lists.delete(list.name);
    for (const mark of list.marks) {
      const kin = byMark.get(mark);
      kin?.delete(list);
      if (kin?.size === 0) byMark.delete(mark);
    }
    for (const entry of list.entries) {
      if (--entry.uses > 0) continue;
      bytes -= entry.raw.length;
      // Else what is still remembered would hold what is not, entry after entry.
      entry.next = undefined;
      if (entries.get(entry.hash) === entry) entries.delete(entry.hash);
    }
  };

  const add = (section: SectionName, hash: string, plain: Buffer, spans: Spans): List | undefined => {
    const name = `${section}/${hash}`;
    if (lists.has(name)) return undefined;
    const own = spans.map((span) => {
      const known = find(plain, span);
      if (known) {
        known.uses++;
        return known;
      }
      const raw = Buffer.from(plain.subarray(span.from, span.to));
      const entry: Entry = { raw, hash: span.hash, uses: 1, stamp: 0, next: undefined };
      entries.set(span.hash, entry);
      bytes += entry.raw.length;
      return entry;
    });
    for (const [i, entry] of own.entries()) entry.next = own[i + 1];
    const list = { name, hash, entries: own, marks: marksOf(spans) };
    lists.set(name, list);
    for (const mark of list.marks) byMark.set(mark, (byMark.get(mark) ?? new Set()).add(list));
    for (const oldest of lists.values()) {
      if (bytes <= maxBytes || oldest === list) break;
      remove(oldest);
    }
    return list;
  };

  /** What came after what, the last time: nearly always so again, and told without reading it octet by octet. */
  const guessIn = (plain: Buffer): Guess<Entry> => {
    let last: Entry | undefined;
    return {
      at: (at) => {
        const next = last?.next;
        if (!next || next.uses === 0 || at + next.raw.length > plain.length) return undefined;
        if (plain.compare(next.raw, 0, next.raw.length, at, at + next.raw.length) !== 0) return undefined;
        last = next;
        return next;
      },
      read: (span) => {
        const known = find(plain, span);
        // Another version stands in the place of the one that was expected.
        last = known ?? last?.next;
        return known;
      },
    };
  };

  const find = (plain: Buffer, { hash, from, to }: Span<unknown>): Entry | undefined => {
    const entry = entries.get(hash);
    return entry && entry.raw.length === to - from && plain.compare(entry.raw, 0, to - from, from, to) === 0
      ? entry
      : undefined;
  };

  /** Known lists of the section that share most marks with this one, best first. */
  const kinOf = (section: SectionName, spans: Spans): List[] => {
    const votes = new Map<List, number>();
    for (const mark of marksOf(spans))
      for (const list of byMark.get(mark) ?? [])
        if (list.name.startsWith(`${section}/`)) votes.set(list, (votes.get(list) ?? 0) + 1);
    return [...votes]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 3)
      .map(([list]) => list);
  };

  const tell = (section: SectionName, hash: string, plain: Buffer, spans: Spans): Omit<Cut, "mark"> | undefined => {
    const most = spans.length * MAX_DIFFERENCE;
    for (const list of kinOf(section, spans)) {
      const inList = ++stamp;
      for (const entry of list.entries) entry.stamp = inList;
      const inBoth = ++stamp;
      const put: Span<Entry>[] = [];
      for (const span of spans) {
        if (span.known && span.known.stamp >= inList) span.known.stamp = inBoth;
        else put.push(span);
      }
      const gone = list.entries.filter((entry) => entry.stamp !== inBoth);
      if (put.length + gone.length > most) continue;
      lists.delete(list.name);
      lists.set(list.name, list);
      const items = parseEntries(put.map(({ from, to }) => plain.toString("utf8", from, to)));
      const drop = Object.keys(parseEntries(gone.map(({ raw }) => raw.toString())) ?? {});
      if (!items) return undefined;
      return { section, hash, base: list.hash, put: items, drop: drop.filter((key) => !Object.hasOwn(items, key)) };
    }
    return undefined;
  };

  const prepare = (bytesOfMessage: Uint8Array): Prepared => {
    const plain = Buffer.from(bytesOfMessage.buffer, bytesOfMessage.byteOffset, bytesOfMessage.byteLength);
    const cuts: Cut[] = [];
    const pieces: string[] = [];
    const outside: string[] = [];
    let read = 0;
    const unknown: { section: SectionName; hash: string; spans: Spans }[] = [];
    let kept = 0;
    let at = plain.indexOf(ITEMS);
    while (at >= 0) {
      const from = at + ITEMS.length - 1;
      const [, section, hash] = BEFORE.exec(plain.toString("latin1", Math.max(0, at - BEFORE_BYTES), at)) ?? [];
      let next = from;
      if (section !== undefined && hash !== undefined && isSectionName(section)) {
        const found = readEntries(plain, from, limits.maxDepth - 8, guessIn(plain));
        if (found) {
          next = found.to;
          outside.push(plain.toString("utf8", read, from));
          read = next;
          if (found.spans.length >= FROM_ITEMS && found.spans.length <= MAX_ITEMS) {
            const told = spelledOut.has(`${section}/${hash}`) ? undefined : tell(section, hash, plain, found.spans);
            if (told) {
              const mark = `${nonce}:${cuts.length}`;
              cuts.push({ ...told, mark });
              pieces.push(plain.toString("utf8", kept, from), JSON.stringify(mark));
              kept = next;
            } else unknown.push({ section, hash, spans: found.spans });
          }
        }
      }
      at = plain.indexOf(ITEMS, next);
    }
    const learn: Learn = () => {
      const added = unknown.map(({ section, hash, spans }) => {
        spelledOut.delete(`${section}/${hash}`);
        return add(section, hash, plain, spans);
      });
      return () => {
        for (const list of added) if (list && lists.get(list.name) === list) remove(list);
      };
    };
    return {
      text: cuts.length === 0 ? undefined : pieces.join("") + plain.toString("utf8", kept),
      rest: outside.join("") + plain.toString("utf8", read),
      cuts,
      learn: unknown.length === 0 ? undefined : learn,
    };
  };

  return {
    prepare,
    forget: (section, base, hash) => {
      const list = lists.get(`${section}/${base}`);
      if (list) remove(list);
      if (spelledOut.size >= MAX_SPELLED_OUT) spelledOut.clear();
      spelledOut.add(`${section}/${hash}`);
    },
  };
};

const marksOf = (spans: Spans): number[] => {
  const smallest: number[] = [];
  for (const { hash } of spans) {
    if (smallest.length === MARKS && hash >= (smallest[MARKS - 1] as number)) continue;
    if (smallest.includes(hash)) continue;
    smallest.push(hash);
    smallest.sort((a, b) => a - b);
    if (smallest.length > MARKS) smallest.pop();
  }
  return smallest;
};

/** Entries as JSON has them, `"key":{...}`; undefined where they are not what they looked like. */
const parseEntries = (texts: readonly string[]): Record<string, Item> | undefined => {
  try {
    return JSON.parse(`{${texts.join(",")}}`) as Record<string, Item>;
  } catch {
    return undefined;
  }
};
