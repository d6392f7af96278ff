import { versionKey } from "../../record/versions.ts";
import type { Item, SectionContent, StoredItem } from "../store.ts";
import type { Database } from "./database.ts";
import type { Patch } from "./lists.ts";
import { createSoftwareTidying } from "./software-tidying.ts";

/**
 * Who has which version of what. Each version of a package has a number; hosts that were installed alike share a set of
 * numbers, and each has a few of its own. Written along with the sections, in their transactions.
 */
export type SoftwareIndex = {
  /** What a stream's software is now: `base` with `patch`. `list` names the base where several streams can have it. */
  readonly put: (streamNo: number, base: SectionContent, patch: Patch, list: string | undefined) => void;
  /** The same after a step on what the stream had: no more is looked at than what the step touches. */
  readonly step: (
    streamNo: number,
    on: SectionContent,
    step: { readonly put: ReadonlyMap<string, StoredItem>; readonly drop: Iterable<string> },
  ) => boolean;
  /** Which of an asset's streams counts. */
  readonly accept: (assetId: string, streamNo: number | undefined) => void;
  /** After a rollback: numbers that were given in it are nobody's. */
  readonly forget: () => void;
};

/** Numbers of a base, and the set that stands for them. */
type Placed = { readonly setNo: number; readonly drift: ReadonlyMap<number, boolean> };

const MAX_KNOWN = 200_000;
const MAX_PLACED = 2_000;
/** A base that differs from a set in a larger part gets a set of its own. */
const MAX_DRIFT = 0.1;
const MARKS = 8;
const EMPTY_SET = 0;
/** Versions and sets that nobody has any more go after so many new versions: the dictionary grows by those alone. */
const TIDY_EVERY = 512;

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** Case and blanks at the ends are nobody's difference. */
export const normalName = (name: string): string => name.trim().normalize("NFC").toLowerCase();
/** "Debian OpenSSL Team <pkg-openssl@lists.debian.org>" is who it is without the address. */
export const normalPublisher = (publisher: string): string =>
  publisher
    .replace(/\s*<[^>]*>\s*$/, "")
    .replace(/\s+/g, " ")
    .trim();

export const createSoftwareIndex = (db: Database): SoftwareIndex => {
  const known = new Map<string, number>();
  /** The same by the items' hashes, for which no item need be looked at. */
  const byHash = new Map<string, number>();
  const placed = new Map<string, Placed>();
  const sets = new Map<number, Uint32Array>();
  const tidying = createSoftwareTidying(db);
  /** Since it was tidied. */
  let added = 0;

  const numberOfStored = ({ hash, item }: { readonly hash: string; readonly item: () => Item }): number => {
    const before = byHash.get(hash);
    if (before !== undefined) return before;
    if (byHash.size >= MAX_KNOWN) byHash.clear();
    const number = numberOf(item());
    byHash.set(hash, number);
    return number;
  };

  const numberOf = (item: Item): number => {
    const field = (name: string) => textOf(item[name]) ?? "";
    const [manager, title, architecture] = [field("manager"), field("name"), field("architecture")];
    const [instance, version] = [field("instance"), field("version")];
    const identity = [manager, title, architecture, instance, version].join("\0");
    const before = known.get(identity);
    if (before !== undefined) return before;
    if (known.size >= MAX_KNOWN) known.clear();
    const key = versionKey(manager, version);
    const params = [normalName(title), manager, key, version, architecture, instance, title] as const;
    const row = db.get(
      "SELECT software_no, source FROM software WHERE name = ? AND manager = ? AND version_key = ? AND version = ? AND architecture = ? AND instance = ? AND title = ?",
      ...params,
    );
    const publisher = textOf(item["publisher"]);
    const source = textOf(item["source"]);
    if (!row) added++;
    const number = row
      ? Number(row["software_no"])
      : db.run(
          "INSERT INTO software (name, manager, version_key, version, architecture, instance, title, publisher, purl, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          ...params,
          publisher && normalPublisher(publisher),
          textOf(item["purl"]),
          source && normalName(source),
        ).lastId;
    // Written before there was a column for it.
    if (row?.["source"] === null && source !== null)
      db.run("UPDATE software SET source = ? WHERE software_no = ?", normalName(source), number);
    known.set(identity, number);
    return number;
  };

  const numbersIn = (setNo: number): Uint32Array => {
    const before = sets.get(setNo);
    if (before) return before;
    if (sets.size >= MAX_PLACED) sets.clear();
    const blob = db.get("SELECT numbers FROM software_sets WHERE set_no = ?", setNo)?.["numbers"] as Uint8Array;
    // A copy, since a blob need not begin where a number may.
    const numbers = new Uint32Array(new Uint8Array(blob).buffer);
    sets.set(setNo, numbers);
    return numbers;
  };

  const addSet = (numbers: Uint32Array): number => {
    const setNo = db.run("INSERT INTO software_sets (numbers) VALUES (?)", new Uint8Array(numbers.buffer)).lastId;
    for (const mark of marksOf(numbers))
      db.run("INSERT INTO software_set_marks (mark, set_no) VALUES (?, ?)", mark, setNo);
    for (const number of numbers)
      db.run("INSERT INTO software_in_sets (software_no, set_no) VALUES (?, ?)", number, setNo);
    return setNo;
  };

  /** The set most like these numbers; one is made where none is like enough. */
  const place = (numbers: Uint32Array): Placed => {
    const marks = marksOf(numbers);
    const kin = db.all(
      `SELECT set_no, count(*) AS n FROM software_set_marks WHERE mark IN (${marks.map(() => "?").join(", ")})
         GROUP BY set_no ORDER BY n DESC, set_no LIMIT 3`,
      ...marks,
    );
    const drifts = [EMPTY_SET, ...kin.map((row) => Number(row["set_no"]))].map((setNo) => ({
      setNo,
      drift: differenceOf(numbersIn(setNo), numbers),
    }));
    const best = drifts.reduce((a, b) => (b.drift.size < a.drift.size ? b : a));
    return best.drift.size <= Math.max(MARKS, numbers.length * MAX_DRIFT)
      ? best
      : { setNo: addSet(numbers), drift: new Map() };
  };

  const placeOf = (base: SectionContent, list: string | undefined): Placed => {
    const before = list === undefined ? undefined : placed.get(list);
    if (before) return before;
    const numbers = new Set(
      Array.from(base.all().values(), ({ hash, item }) => numberOfStored({ hash, item: () => item })),
    );
    const place_ = place(Uint32Array.from(numbers).sort());
    if (placed.size >= MAX_PLACED) placed.clear();
    if (list !== undefined) placed.set(list, place_);
    return place_;
  };

  /** A drift after items went and came; in this order, since the same version can be both, under two keys. */
  const turned = (
    before: Placed,
    on: SectionContent,
    { put, drop }: { put: ReadonlyMap<string, StoredItem>; drop: Iterable<string> },
  ): Placed => {
    const drift = new Map(before.drift);
    const set = numbersIn(before.setNo);
    const turn = (number: number, has: boolean) => {
      if (contains(set, number) === has) drift.delete(number);
      else drift.set(number, has);
    };
    for (const key of [...drop, ...put.keys()]) {
      const hash = on.hash(key);
      if (hash !== undefined) turn(numberOfStored({ hash, item: () => on.get(key)?.item ?? {} }), false);
    }
    for (const { hash, item } of put.values()) turn(numberOfStored({ hash, item: () => item }), true);
    return { setNo: before.setNo, drift };
  };

  const readPlaced = (streamNo: number): Placed | undefined => {
    const row = db.get("SELECT set_no, drift FROM installed WHERE stream_no = ?", streamNo);
    return row && { setNo: Number(row["set_no"]), drift: decodeDrift(row["drift"]) };
  };

  const write = (streamNo: number, known: Placed | undefined, { setNo, drift }: Placed) => {
    const before: ReadonlyMap<number, boolean> = known?.drift ?? new Map();
    for (const number of before.keys())
      if (!drift.has(number))
        db.run("DELETE FROM software_drift WHERE software_no = ? AND stream_no = ?", number, streamNo);
    for (const [number, has] of drift)
      if (before.get(number) !== has)
        db.run(
          "INSERT INTO software_drift (software_no, stream_no, has) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET has = excluded.has",
          ...[number, streamNo, has ? 1 : 0],
        );
    if (known) {
      db.run("UPDATE installed SET set_no = ?, drift = ? WHERE stream_no = ?", setNo, encodeDrift(drift), streamNo);
      return;
    }
    db.run(
      `INSERT INTO installed (stream_no, set_no, accepted, drift) VALUES (?1, ?2,
         EXISTS (SELECT 1 FROM streams t JOIN accepted_sections a ON a.asset_id = t.asset_id AND a.section = 'software'
           WHERE t.stream_no = ?1 AND a.stream_no = ?1), ?3)`,
      ...[streamNo, setNo, encodeDrift(drift)],
    );
  };

  /** Not before all that was numbered lately is in a set or in somebody's drift. */
  const tidy = () => {
    if (added < TIDY_EVERY) return;
    added = 0;
    const gone = tidying.tidy();
    for (const numbers of [known, byHash])
      for (const [name, number] of numbers) if (gone.numbers.has(number)) numbers.delete(name);
    for (const [list, { setNo, drift }] of placed)
      if (gone.sets.has(setNo) || [...drift.keys()].some((number) => gone.numbers.has(number))) placed.delete(list);
    for (const setNo of gone.sets) sets.delete(setNo);
  };

  return {
    put: (streamNo, base, patch, list) => {
      write(streamNo, readPlaced(streamNo), turned(placeOf(base, list), base, patch));
      tidy();
    },
    step: (streamNo, on, step) => {
      const before = readPlaced(streamNo);
      if (before) write(streamNo, before, turned(before, on, step));
      tidy();
      return before !== undefined;
    },
    accept: (assetId, streamNo) => {
      const before = db.get(
        "SELECT stream_no FROM accepted_sections WHERE asset_id = ? AND section = 'software'",
        assetId,
      )?.["stream_no"];
      if (before !== undefined && before !== streamNo)
        db.run("UPDATE installed SET accepted = 0 WHERE stream_no = ?", before);
      if (streamNo !== undefined) db.run("UPDATE installed SET accepted = 1 WHERE stream_no = ?", streamNo);
    },
    forget: () => {
      known.clear();
      byHash.clear();
      placed.clear();
      sets.clear();
      tidying.forget();
    },
  };
};

/** Smallest after mixing (Knuth's multiplicative hash), so that sets of one kind share most of them. */
const marksOf = (numbers: Uint32Array): number[] =>
  Array.from(
    numbers
      .map((number) => Math.imul(number, 0x9e3779b1) >>> 0)
      .sort()
      .slice(0, MARKS),
  );

const contains = (sorted: Uint32Array, number: number): boolean => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < number) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === number;
};

/** What the second has and the first lacks (true), and the other way round (false). Both ascend. */
const differenceOf = (from: Uint32Array, to: Uint32Array): Map<number, boolean> => {
  const drift = new Map<number, boolean>();
  let i = 0;
  let j = 0;
  while (i < from.length || j < to.length) {
    const a = from[i] ?? Number.POSITIVE_INFINITY;
    const b = to[j] ?? Number.POSITIVE_INFINITY;
    if (a === b) {
      i++;
      j++;
    } else if (a < b) {
      drift.set(a, false);
      i++;
    } else {
      drift.set(b, true);
      j++;
    }
  }
  return drift;
};

const encodeDrift = (drift: ReadonlyMap<number, boolean>): Uint8Array | null =>
  drift.size === 0 ? null : new Uint8Array(Int32Array.from(drift, ([number, has]) => (has ? number : -number)).buffer);

const decodeDrift = (blob: unknown): Map<number, boolean> =>
  blob instanceof Uint8Array
    ? new Map(Array.from(new Int32Array(new Uint8Array(blob).buffer), (n) => [Math.abs(n), n > 0]))
    : new Map();
