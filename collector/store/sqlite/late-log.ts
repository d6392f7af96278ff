import type { AssetId } from "../../../shared/ids.ts";
import type { AssetKeyRow } from "../store.ts";
import type { Database } from "./database.ts";

/** The log (`late`) of what `late.ts` notes before it is written into its rows. */

/** What is noted and not in the rows yet. */
export type LateTimes = {
  readonly interval: (no: number) => IntervalTimes | undefined;
  readonly asset: (assetId: AssetId) => number | undefined;
  readonly key: (key: KeyId) => number | undefined;
};

export type KeyId = Pick<AssetKeyRow, "assetId" | "kind" | "value" | "vendor" | "realm">;
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
 * `params`: those of its statement; of a text the asset. `since`: the first row of the log that tells of it. `isNoted`: by this
 * transaction. `isOver`: written, or overruled.
 */
export type Waiting = {
  readonly kind: Kind;
  readonly name: string | number;
  params: Params;
  readonly since: number;
  readonly sinceMs: number;
  isNoted: boolean;
  isOver: boolean;
};
/** In the order in which they began to wait. */
export type Names = Map<string | number, Waiting>;
export type Body = { readonly overruled: readonly string[] } & { readonly [K in Kind]: Params[] };

export const nameOf = ({ assetId, kind, value, vendor, realm }: KeyId): string =>
  `${assetId}\0${kind}\0${value}\0${vendor ?? ""}\0${realm}`;
export const nameOfText = (assetId: string): string => `text ${assetId}`;
const nameOfParams = (kind: Kind, params: Params): string | number => {
  if (kind === "keys") return params.slice(0, 5).join("\0");
  const [id = ""] = params;
  return kind === "texts" ? nameOfText(String(id)) : id;
};

const LONG_AGO = { sinceMs: Number.NEGATIVE_INFINITY, isNoted: false, isOver: false };

export const readLog = (db: Database): { waiting: Names; next: number } => {
  const waiting: Names = new Map();
  let next = 1;
  for (const record of db.all("SELECT late_no, body FROM late ORDER BY late_no")) {
    const since = Number(record["late_no"]);
    const body = JSON.parse(String(record["body"])) as Body;
    for (const name of body.overruled) waiting.delete(name);
    for (const kind of kinds)
      for (const params of body[kind]) {
        const name = nameOfParams(kind, params);
        const known = waiting.get(name);
        if (known) known.params = params;
        else waiting.set(name, { ...{ kind, name, params, since }, ...LONG_AGO });
      }
    next = since + 1;
  }
  return { waiting, next };
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
