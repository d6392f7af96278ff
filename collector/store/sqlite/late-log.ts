import type { AssetId } from "../../../shared/ids.ts";
import type { KeyId } from "../store.ts";
import type { Database } from "./database.ts";

/** The log (`late`) of what `late.ts` notes before it is written into its rows. */

/** What is noted and not in the rows yet. */
export type LateTimes = {
  readonly interval: (no: number) => IntervalTimes | undefined;
  readonly asset: (assetId: AssetId) => number | undefined;
  readonly key: (key: KeyId) => number | undefined;
};

export type IntervalTimes = {
  readonly no: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly count: number;
  readonly longestGapMs: number;
};

export type Kind = "intervals" | "assets" | "keys" | "texts";
export const kinds: readonly Kind[] = ["intervals", "assets", "keys", "texts"];

export type Params = (string | number)[];
/**
 * `times`: of an interval. `of`: the columns by which the row is named, where `name` does not do. `atMs`: when an asset or a key was seen.
 * `no`: by which the log tells of it again; 0 until it has told of it. `since`: the first row of the log that tells of it. `isNoted`:
 * by this transaction. `isOver`: written, or overruled.
 */
export type Waiting = {
  readonly kind: Kind;
  readonly name: string | number;
  times: IntervalTimes | undefined;
  readonly of: readonly string[];
  atMs: number;
  no: number;
  readonly since: number;
  readonly sinceMs: number;
  isNoted: boolean;
  isOver: boolean;
};
/** Those of its statement; of a text the asset. */
export const paramsOf = ({ kind, name, times, of, atMs }: Waiting): Params => {
  if (times) return [times.no, times.count, times.firstAtMs, times.lastAtMs, times.longestGapMs];
  if (kind === "texts") return [...of];
  return kind === "assets" ? [name, atMs] : [...of, atMs];
};
const timesOf = ([no, count, firstAtMs, lastAtMs, longestGapMs]: readonly number[]): IntervalTimes => ({
  ...{
    no: no ?? 0,
    firstAtMs: firstAtMs ?? 0,
    lastAtMs: lastAtMs ?? 0,
    count: count ?? 0,
    longestGapMs: longestGapMs ?? 0,
  },
});
/** As it was told when it began to wait. */
const partsOf = (kind: Kind, params: Params): Pick<Waiting, "times" | "of" | "atMs"> => {
  if (kind === "intervals") return { times: timesOf(params.map(Number)), of: [], atMs: 0 };
  if (kind === "texts") return { times: undefined, of: params.map(String), atMs: 0 };
  const of = kind === "assets" ? [] : params.slice(0, -1).map(String);
  return { times: undefined, of, atMs: Number(params.at(-1)) };
};
/** In the order in which they began to wait. */
export type Names = Map<string | number, Waiting>;
/** Rows that began to wait with this commit: by kind, numbered on from `from`. Older programs told all of them so, without numbers. */
export type Body = { readonly from?: number; readonly overruled: readonly string[] } & {
  readonly [K in Kind]: Params[];
};

/**
 * What a commit saw again of rows that waited already, as 64-bit floats: how many intervals, of each of them its number and the four
 * times of its statement; then of each asset or key its number and when it was seen.
 */
export const createAgain = () => {
  let values = new Float64Array(1_024);
  return (waiting: readonly Waiting[]): Uint8Array | null => {
    if (waiting.length === 0) return null;
    if (values.length < 1 + waiting.length * 5) values = new Float64Array(2 * (1 + waiting.length * 5));
    let [at, intervals] = [1, 0];
    for (const { times, no } of waiting) {
      if (!times) continue;
      values[at++] = no;
      values[at++] = times.count;
      values[at++] = times.firstAtMs;
      values[at++] = times.lastAtMs;
      values[at++] = times.longestGapMs;
      intervals += 1;
    }
    values[0] = intervals;
    for (const { times, no, atMs } of waiting) {
      if (times) continue;
      values[at++] = no;
      values[at++] = atMs;
    }
    return new Uint8Array(values.buffer, 0, at * Float64Array.BYTES_PER_ELEMENT);
  };
};

const takeAgain = (blob: Uint8Array, waiting: ReadonlyMap<number, Waiting>): void => {
  const values = new Float64Array(blob.slice().buffer);
  const [intervals = 0] = values;
  let at = 1;
  for (let i = 0; i < intervals; i++, at += 5) {
    const one = waiting.get(values[at] as number);
    if (one?.times) one.times = timesOf([one.times.no, ...values.subarray(at + 1, at + 5)]);
  }
  for (; at < values.length; at += 2) {
    const one = waiting.get(values[at] as number);
    if (one) one.atMs = values[at + 1] as number;
  }
};

export const nameOf = ({ assetId, kind, value, vendor, realm }: KeyId): string =>
  `${assetId}\0${kind}\0${value}\0${vendor ?? ""}\0${realm}`;
export const nameOfText = (assetId: string): string => `text ${assetId}`;
const nameOfParams = (kind: Kind, params: Params): string | number => {
  if (kind === "keys") return params.slice(0, 5).join("\0");
  const [id = ""] = params;
  return kind === "texts" ? nameOfText(String(id)) : id;
};

const LONG_AGO = Number.NEGATIVE_INFINITY;
export const waitingFor = (what: Omit<Waiting, "no" | "isNoted" | "isOver">, no = 0): Waiting => {
  const { kind, name, times, of, atMs, since, sinceMs } = what;
  return { kind, name, times, of, atMs, no, since, sinceMs, isNoted: false, isOver: false };
};

/** `next`: the number of its next row. `nextNo`: that of the next row that begins to wait. */
export const readLog = (db: Database): { waiting: Names; next: number; nextNo: number } => {
  const waiting: Names = new Map();
  const numbered = new Map<number, Waiting>();
  let [next, nextNo] = [1, 1];
  for (const record of db.all("SELECT late_no, body, again FROM late ORDER BY late_no")) {
    const since = Number(record["late_no"]);
    const body = JSON.parse(String(record["body"])) as Body;
    for (const name of body.overruled) waiting.delete(name);
    let no = body.from ?? 0;
    for (const kind of kinds)
      for (const params of body[kind]) {
        const name = nameOfParams(kind, params);
        const one = waitingFor({ kind, name, ...partsOf(kind, params), since, sinceMs: LONG_AGO }, no);
        // Behind what began to wait before it: the log is shortened up to what waits longest.
        waiting.delete(name);
        waiting.set(name, one);
        if (no > 0) numbered.set(no++, one);
      }
    if (record["again"] instanceof Uint8Array) takeAgain(record["again"], numbered);
    next = since + 1;
    nextNo = Math.max(nextNo, no);
  }
  return { waiting, next, nextNo };
};

export const timesIn = (waiting: Names): LateTimes => ({
  interval: (no) => waiting.get(no)?.times,
  asset: (assetId) => waiting.get(assetId)?.atMs,
  key: (key) => (waiting.size === 0 ? undefined : waiting.get(nameOf(key))?.atMs),
});

/** For who reads by another connection and must not be behind. */
export const readLate = (db: Database): LateTimes => timesIn(readLog(db).waiting);
