import type { SubjectKey } from "../../../shared/protocol/observation.ts";
import { createRecent } from "../../../shared/recent.ts";
import type { ObservationRepository, ObservationRow } from "../store.ts";
import type { Database } from "./database.ts";
import { createHorizon } from "./horizon.ts";
import type { Late } from "./late.ts";
import type { IntervalTimes, Waiting } from "./late-log.ts";
import type { ObservationIndex } from "./observation-index.ts";
import { defineTable, json, plain } from "./table.ts";

export const observationTable = defineTable<ObservationRow>(
  "observations",
  {
    observationNo: plain("observation_no"),
    agentId: plain("agent_id"),
    instance: plain("instance"),
    method: plain("method"),
    realm: plain("realm"),
    subjectId: plain("subject_id"),
    keys: json("keys"),
    assetId: plain("asset_id"),
    firstAtMs: plain("first_at"),
    lastAtMs: plain("last_at"),
    count: plain("count"),
    longestGapMs: plain("longest_gap_ms"),
    via: plain("via"),
  },
  ["observationNo"],
  "observationNo",
);

/** CROSS JOIN: the index is gone through from its newest on, whatever SQLite thinks of it. */
const LATEST_OF_SUBJECT = `SELECT o.observation_no, keys, via, first_at, last_at, count, longest_gap_ms
  FROM asset_observations i CROSS JOIN observations o ON o.observation_no = i.observation_no
  WHERE i.asset_id = ? AND i.subject_id = ? AND agent_id = ? AND instance = ? AND method = ? AND realm = ?
  ORDER BY i.observation_no DESC LIMIT 1`;
const NUMBERS_OF_ASSET = "SELECT observation_no FROM asset_observations WHERE asset_id = ?";

/** For who reads by another connection: the observations of these assets, with those that are not indexed yet. */
export const numbersOf = (assets: string): string =>
  `SELECT observation_no FROM asset_observations WHERE asset_id IN (${assets})
   UNION ALL SELECT observation_no FROM observations
     WHERE observation_no > (SELECT upto FROM observations_indexed) AND asset_id IN (${assets})`;

/** Subjects whose newest intervals are held; beyond, those not seen lately go. About 0.5 KB each interval, most of it shared with the message. */
const HELD_SUBJECTS = 65_536;

/** Of one subject: every agent calls its own host the same. Beyond, they are read again. */
const MAX_OBSERVERS = 131_072;
/** So many of one subject are looked through. */
const FEW_OBSERVERS = 8;

type Seen = Parameters<ObservationRepository["observe"]>[0];
/** The interval of a subject that was begun last. `keys`: as they were told, or as they are stored. */
export type Interval = { -readonly [P in keyof IntervalTimes]: IntervalTimes[P] } & {
  keys: Seen["keys"] | string;
  readonly subjectId: string;
  readonly assetId: string | undefined;
  readonly via: string | undefined;
  /** A number for who saw it and how. */
  readonly by: number;
  /** Of the same subject, by another. */
  next: Interval | undefined;
  waits: Waiting | undefined;
};
/** The newest intervals of one subject, one for each who sees it: the first of a few, or many. */
type Newest = Interval | Map<number, Interval>;

const newestBy = (newest: Newest | undefined, by: number): Interval | undefined => {
  if (newest instanceof Map) return newest.get(by);
  let one = newest;
  while (one && one.by !== by) one = one.next;
  return one;
};

/** With this one, instead of the one by the same observer. */
const withNewest = (newest: Newest | undefined, interval: Interval): Newest => {
  if (newest instanceof Map) return newest.size < MAX_OBSERVERS ? newest.set(interval.by, interval) : interval;
  const others: Interval[] = [];
  for (let one = newest; one; one = one.next) if (one.by !== interval.by) others.push(one);
  const all = [interval, ...others];
  const isFew = all.length <= FEW_OBSERVERS;
  for (const [i, one] of all.entries()) one.next = isFew ? all[i + 1] : undefined;
  return isFew ? interval : new Map(all.map((one) => [one.by, one]));
};

const isSame = (a: SubjectKey, b: SubjectKey | undefined): boolean =>
  b !== undefined && a.value === b.value && a.kind === b.kind && a.vendor === b.vendor;

const isEqual = ({ keys, assetId, via }: Interval, seen: Seen): boolean => {
  if (assetId !== seen.assetId || via !== seen.via) return false;
  if (typeof keys === "string") return keys === JSON.stringify(seen.keys);
  return keys === seen.keys || (keys.length === seen.keys.length && keys.every((key, i) => isSame(key, seen.keys[i])));
};

type Observer = Pick<Seen, "agentId" | "instance" | "method" | "realm">;
/** A short name for who saw it and how: texts of a hundred characters cost more to look up than all else here. */
const createNumbers = (): ((observer: Observer) => number) => {
  const numbers = new Map<string, number>();
  let last: (Observer & { readonly no: number }) | undefined;
  return ({ agentId, instance, method, realm }) => {
    if (last?.agentId === agentId && last.instance === instance && last.method === method && last.realm === realm)
      return last.no;
    const name = `${agentId} ${instance} ${method} ${realm}`;
    const no = numbers.get(name) ?? numbers.size;
    numbers.set(name, no);
    last = { agentId, instance, method, realm, no };
    return no;
  };
};

const intervalOf = ({
  no,
  times: { firstAtMs, lastAtMs, count, longestGapMs },
  keys,
  subjectId,
  assetId,
  via,
  by,
}: Pick<Interval, "no" | "keys" | "subjectId" | "assetId" | "via" | "by"> & {
  readonly times: Omit<IntervalTimes, "no">;
}): Interval => ({
  no,
  firstAtMs,
  lastAtMs,
  count,
  longestGapMs,
  keys,
  subjectId,
  assetId,
  via,
  by,
  next: undefined,
  waits: undefined,
});

const textOf = (value: unknown): string | undefined => (value === null ? undefined : String(value));

export const createObservationRepository = (
  db: Database,
  late: Late,
  index: ObservationIndex<Interval>,
): { readonly repository: ObservationRepository; readonly forget: () => void } => {
  /** By their own names: any that is made for the purpose is dear to look up. */
  const latest = createRecent<string, Newest>(HELD_SUBJECTS);
  const numberOf = createNumbers();
  const hold = (subjectId: string, interval: Interval) =>
    latest.set(subjectId, withNewest(latest.get(subjectId), interval));
  /** Of the asset that it is: where the subject was another one meanwhile, the interval of before goes on. */
  const findLatest = (seen: Seen, by: number): Interval | undefined => {
    const { agentId, instance, method, realm, subjectId, assetId } = seen;
    const waiting = index.waiting({ assetId, subjectId, by });
    if (waiting) return waiting;
    const record = db.get(LATEST_OF_SUBJECT, assetId ?? "", subjectId, agentId, instance, method, realm);
    if (!record) return undefined;
    const no = Number(record["observation_no"]);
    const stored = {
      firstAtMs: Number(record["first_at"]),
      lastAtMs: Number(record["last_at"]),
      count: Number(record["count"]),
      longestGapMs: Number(record["longest_gap_ms"]),
    };
    const via = textOf(record["via"]);
    return intervalOf({
      no,
      times: late.interval(no) ?? stored,
      keys: String(record["keys"]),
      subjectId,
      assetId,
      via,
      by,
    });
  };
  const lengthen = (interval: Interval, atMs: number) => {
    interval.count += 1;
    interval.longestGapMs = Math.max(interval.longestGapMs, atMs - interval.lastAtMs);
    interval.firstAtMs = Math.min(interval.firstAtMs, atMs);
    interval.lastAtMs = Math.max(interval.lastAtMs, atMs);
    late.lengthen(interval);
  };
  const horizon = createHorizon(db, {
    toRow: observationTable.toRow,
    waits: ({ observationNo: no, assetId, subjectId }) =>
      late.interval(no) !== undefined || index.waits({ no, assetId, subjectId }),
    forgetSubject: latest.delete,
  });
  const repository: ObservationRepository = {
    observe: (seen) => {
      const { subjectId, keys, assetId, via, atMs } = seen;
      const by = numberOf(seen);
      const held = newestBy(latest.get(subjectId), by);
      const interval = held ?? findLatest(seen, by);
      if (interval && isEqual(interval, seen)) {
        // Those of the first message stay: to hold on to each new one's would keep it from being forgotten soon.
        if (typeof interval.keys === "string") interval.keys = keys;
        if (!held) hold(subjectId, interval);
        return lengthen(interval, atMs);
      }
      const times = { firstAtMs: atMs, lastAtMs: atMs, count: 1, longestGapMs: 0 };
      const { agentId, instance, method, realm } = seen;
      const no = observationTable.add(db, {
        agentId,
        instance,
        method,
        realm,
        subjectId,
        keys,
        assetId,
        via,
        ...times,
      });
      const begun = intervalOf({ no, times, keys, subjectId, assetId, via, by });
      index.add(begun);
      hold(subjectId, begun);
    },
    ofAsset: async (assetId) => {
      index.settle(assetId);
      for (const { observation_no: no } of db.all(NUMBERS_OF_ASSET, assetId)) late.settleInterval(Number(no));
      return observationTable.all(
        db,
        `WHERE observation_no IN (
           SELECT observation_no FROM (
             SELECT observation_no, row_number() OVER (PARTITION BY agent_id, instance, method, keys ORDER BY last_at DESC, observation_no DESC) AS n
             FROM observations WHERE observation_no IN (${NUMBERS_OF_ASSET})) WHERE n = 1)
         ORDER BY last_at DESC, observation_no DESC LIMIT 1000`,
        assetId,
      );
    },
    fold: async (beforeMs) => horizon.fold(beforeMs),
  };
  const forget = () => {
    latest.clear();
    horizon.forget();
  };
  return { repository, forget };
};
