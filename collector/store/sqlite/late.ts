import type { Clock } from "../../../shared/clock.ts";
import type { AssetId } from "../../../shared/ids.ts";
import type { KeyId } from "../store.ts";
import type { Database } from "./database.ts";
import {
  type Body,
  createAgain,
  type IntervalTimes,
  type Kind,
  kinds,
  type LateTimes,
  type Names,
  nameOf,
  nameOfText,
  paramsOf,
  readLog,
  timesIn,
  type Waiting,
  waitingFor,
} from "./late-log.ts";
import { createTurns } from "./turns.ts";

/**
 * What follows from sightings, noted before it is written into its rows. Rows of intervals, assets and keys lie apart, and to
 * write ten thousand of them means as many pages to copy and to sync. Instead a transaction appends what it saw to the log
 * (`late`), which is durable with it, and rows follow in good time, once for all that was noted of them meanwhile.
 *
 * Where little waits it is written with the transaction that noted it, so that nothing is late at a collector that is not busy.
 * The store's own reads know what waits; those of other connections are behind by that much.
 */
export type Late = LateTimes & {
  /** In `waits` it finds again what it noted of it, without looking it up. */
  readonly lengthen: (interval: IntervalTimes & { waits: Waiting | undefined }) => void;
  readonly seen: (assetId: AssetId, atMs: number) => void;
  readonly keySeen: (key: KeyId, atMs: number) => void;
  /** The text by which the asset is found is to be made anew. */
  readonly textMoved: (assetId: AssetId) => void;
  /** The row is written anew, or goes: what was noted of it holds no more. */
  readonly overruleAsset: (assetId: AssetId) => void;
  readonly overruleKey: (key: KeyId) => void;
  /** Writes this row if it waits, so that it can be read in SQL. */
  readonly settleInterval: (no: number) => void;
  readonly settleKey: (key: KeyId) => void;
  /** Writes every row that waits. */
  readonly settleAll: () => void;
  readonly isWaiting: () => boolean;
  /** At the beginning of a transaction. */
  readonly begin: () => void;
  /** At the end of a transaction: the log, and the rows whose turn it is. */
  readonly flush: () => void;
  /** After a transaction that was not kept: the next one reads from the log what waits. */
  readonly forget: () => void;
};

/** Each says the same however often it is carried out, and takes no time back. */
const WRITE = {
  intervals: `UPDATE observations SET count = max(count, ?2), first_at = min(first_at, ?3), last_at = max(last_at, ?4),
    longest_gap_ms = max(longest_gap_ms, ?5) WHERE observation_no = ?1`,
  assets: "UPDATE assets SET last_seen_at = ?2 WHERE asset_id = ?1 AND last_seen_at < ?2",
  keys: `UPDATE asset_keys SET last_seen_at = ?6
    WHERE asset_id = ?1 AND kind = ?2 AND value = ?3 AND vendor = ?4 AND realm = ?5 AND last_seen_at < ?6`,
} as const;
/**
 * By table, and as rows lie there: keys by their asset. Hundreds of thousands that lie all over the memory: numbers are sorted by
 * themselves, and what is of an asset together.
 */
const asTheyLie = (waiting: Names): Waiting[] => {
  const numbers: number[] = [];
  const ofAssets: Record<Kind, Map<string, Waiting[]>> = {
    ...{ intervals: new Map(), assets: new Map(), keys: new Map(), texts: new Map() },
  };
  for (const [name, one] of waiting) {
    if (typeof name === "number") numbers.push(name);
    else {
      const assetId = one.of[0] ?? name;
      const others = ofAssets[one.kind].get(assetId);
      if (others) others.push(one);
      else ofAssets[one.kind].set(assetId, [one]);
    }
  }
  return [
    ...Array.from(Float64Array.from(numbers).sort(), (no) => waiting.get(no) as Waiting),
    ...kinds.flatMap((kind) => [...ofAssets[kind]].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, those]) => those)),
  ];
};

const NONE: readonly string[] = [];

/** @param writeText makes the text of an asset anew */
export const createLate = (
  db: Database,
  { monotonic, writeText }: Pick<Clock, "monotonic"> & { readonly writeText: (assetId: string) => void },
): Late => {
  const waiting: Names = new Map();
  /** By this transaction. */
  const noted: Waiting[] = [];
  const overruled: string[] = [];
  let next = 1;
  let nextNo = 1;
  const toAgain = createAgain();
  /** The first row of the log. */
  let oldest = 0;
  let isLoaded = false;
  /** Rows of keys are held for long, and a name of a hundred letters costs more than all else here. */
  const ofKey = new WeakMap<KeyId, Waiting>();

  let nowMs = 0;
  const begin = () => {
    nowMs = monotonic();
    if (isLoaded) return;
    const log = readLog(db);
    for (const [name, one] of log.waiting) waiting.set(name, one);
    next = log.next;
    nextNo = log.nextNo;
    isLoaded = true;
  };
  const tell = (one: Waiting) => {
    if (one.isNoted) return;
    one.isNoted = true;
    noted.push(one);
  };
  const startWaiting = (what: Pick<Waiting, "kind" | "name" | "times" | "of" | "atMs">): Waiting => {
    const { kind, name, times, of, atMs } = what;
    const one = waitingFor({ kind, name, times, of, atMs, since: next, sinceMs: nowMs });
    waiting.set(name, one);
    tell(one);
    return one;
  };
  /** A time that was noted already is not taken back. */
  const noteTime = (one: Waiting, atMs: number) => {
    if (one.atMs >= atMs) return;
    one.atMs = atMs;
    tell(one);
  };
  const end = (one: Waiting) => {
    waiting.delete(one.name);
    one.isOver = true;
  };
  const overrule = (name: string) => {
    const one = waiting.get(name);
    if (one) end(one);
    // Rows of a slice that is written are in the log until the last slice is; with nothing left that waits it goes.
    if (one || waiting.size > 0) overruled.push(name);
  };
  const write = (one: Waiting) => {
    if (one.kind === "texts") writeText(one.of[0] ?? "");
    else db.run(WRITE[one.kind], ...paramsOf(one));
  };
  const writeFinally = (one: Waiting) => {
    if (one.isOver) return;
    write(one);
    end(one);
  };
  const turns = createTurns({
    count: () => waiting.size,
    sinceMs: () => waiting.values().next().value?.sinceMs,
    asTheyLie: () => asTheyLie(waiting),
    write: writeFinally,
  });
  const settle = (name: string | number) => {
    const one = waiting.get(name);
    if (one) write(one);
  };
  const log = () => {
    if (waiting.size === 0) return;
    const again: Waiting[] = [];
    const begun: Record<Kind, Waiting[]> = { intervals: [], assets: [], keys: [], texts: [] };
    for (const one of noted) if (!one.isOver) (one.no > 0 ? again : begun[one.kind]).push(one);
    const body: Body = { from: nextNo, overruled, intervals: [], assets: [], keys: [], texts: [] };
    for (const kind of kinds)
      for (const one of begun[kind]) {
        one.no = nextNo++;
        body[kind].push(paramsOf(one));
      }
    if (overruled.length === 0 && again.length === 0 && body.from === nextNo) return;
    db.run("INSERT INTO late (late_no, body, again) VALUES (?, ?, ?)", next++, JSON.stringify(body), toAgain(again));
  };
  /** Drops what the log tells of rows that are written by now. */
  const shorten = () => {
    const [first] = waiting.values();
    const since = first?.since ?? next;
    if (since === oldest) return;
    db.run("DELETE FROM late WHERE late_no < ?", since);
    oldest = since;
  };
  const forgetNoted = () => {
    for (const one of noted) one.isNoted = false;
    noted.length = 0;
    overruled.length = 0;
  };

  const times = timesIn(waiting);
  return {
    ...times,
    lengthen: (interval) => {
      const { no, waits } = interval;
      const known = waits && !waits.isOver ? waits : waiting.get(no);
      if (!known) interval.waits = startWaiting({ kind: "intervals", name: no, times: interval, of: NONE, atMs: 0 });
      else {
        interval.waits = known;
        known.times = interval;
        tell(known);
      }
    },
    seen: (assetId, atMs) => {
      const known = waiting.get(assetId);
      if (known) noteTime(known, atMs);
      else startWaiting({ kind: "assets", name: assetId, times: undefined, of: NONE, atMs });
    },
    keySeen: (key, atMs) => {
      const held = ofKey.get(key);
      if (held && !held.isOver) return noteTime(held, atMs);
      const name = nameOf(key);
      const known = waiting.get(name);
      if (known) noteTime(known, atMs);
      const { assetId, kind, value, vendor = "", realm } = key;
      const of = [assetId, kind, value, vendor, realm];
      ofKey.set(key, known ?? startWaiting({ kind: "keys", name, times: undefined, of, atMs }));
    },
    textMoved: (assetId) => {
      const name = nameOfText(assetId);
      if (!waiting.has(name)) startWaiting({ kind: "texts", name, times: undefined, of: [assetId], atMs: 0 });
    },
    overruleAsset: overrule,
    overruleKey: (key) => overrule(nameOf(key)),
    settleInterval: settle,
    settleKey: (key) => settle(nameOf(key)),
    settleAll: () => asTheyLie(waiting).forEach(writeFinally),
    isWaiting: () => waiting.size > 0,
    begin,
    flush: () => {
      turns.take(nowMs);
      log();
      shorten();
      forgetNoted();
    },
    forget: () => {
      for (const one of waiting.values()) one.isOver = true;
      waiting.clear();
      forgetNoted();
      turns.forget();
      oldest = 0;
      isLoaded = false;
    },
  };
};
