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
 * `params`: those of its statement; of a text the asset. `no`: by which the log tells of it again; 0 until it has told of it. `since`:
 * the first row of the log that tells of it. `isNoted`: by this transaction. `isOver`: written, or overruled.
 */
export type Waiting = {
  readonly kind: Kind;
  readonly name: string | number;
  params: Params;
  no: number;
  readonly since: number;
  readonly sinceMs: number;
  isNoted: boolean;
  isOver: boolean;
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
    for (const { kind, no, params } of waiting) {
      if (kind !== "intervals") continue;
      values[at++] = no;
      for (let i = 1; i < 5; i++) values[at++] = params[i] as number;
      intervals += 1;
    }
    values[0] = intervals;
    for (const { kind, no, params } of waiting) {
      if (kind === "intervals") continue;
      values[at++] = no;
      values[at++] = params[params.length - 1] as number;
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
    if (one) one.params = [one.params[0] as number, ...values.subarray(at + 1, at + 5)];
  }
  for (; at < values.length; at += 2) {
    const one = waiting.get(values[at] as number);
    if (one) one.params[one.params.length - 1] = values[at + 1] as number;
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

const LONG_AGO = { sinceMs: Number.NEGATIVE_INFINITY, isNoted: false, isOver: false };

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
        const one = { ...{ kind, name, params, no, since }, ...LONG_AGO };
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

export const timesIn = (waiting: Names): LateTimes => {
  const lastOf = (name: string): number | undefined => {
    const last = waiting.get(name)?.params.at(-1);
    return last === undefined ? undefined : Number(last);
  };
  return {
    interval: (no) => {
      const params = waiting.get(no)?.params.map(Number);
      if (!params) return undefined;
      const [, count = 0, firstAtMs = 0, lastAtMs = 0, longestGapMs = 0] = params;
      return { no, count, firstAtMs, lastAtMs, longestGapMs };
    },
    asset: lastOf,
    key: (key) => (waiting.size === 0 ? undefined : lastOf(nameOf(key))),
  };
};

/** For who reads by another connection and must not be behind. */
export const readLate = (db: Database): LateTimes => timesIn(readLog(db).waiting);
