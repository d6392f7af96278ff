import type { SubjectKey } from "../../../shared/protocol/observation.ts";
import { createRecent } from "../../../shared/recent.ts";
import type { ObservationRepository, ObservationRow } from "../store.ts";
import type { Database } from "./database.ts";
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

type Seen = Omit<Parameters<ObservationRepository["observe"]>[0], "atMs">;
/** The interval of a subject that was begun last. `keys`: as they were told, or as they are stored. */
export type Interval = { -readonly [P in keyof IntervalTimes]: IntervalTimes[P] } & {
  keys: Seen["keys"] | string;
  readonly assetId: string | undefined;
  readonly via: string | undefined;
  waits: Waiting | undefined;
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

const textOf = (value: unknown): string | undefined => (value === null ? undefined : String(value));

export const createObservationRepository = (
  db: Database,
  late: Late,
  index: ObservationIndex<Interval>,
): { readonly repository: ObservationRepository; readonly forget: () => void } => {
  /** Of each subject one for each who sees it: looked up by its own name, as any that is made for the purpose is dear. */
  const latest = createRecent<string, Map<number, Interval>>(HELD_SUBJECTS);
  const numberOf = createNumbers();
  const hold = (subjectId: string, by: number, interval: Interval) => {
    const held = latest.get(subjectId);
    if (held && held.size < MAX_OBSERVERS) held.set(by, interval);
    else latest.set(subjectId, new Map([[by, interval]]));
  };
  /** Of the asset that it is: where the subject was another one meanwhile, the interval of before goes on. */
  const findLatest = (seen: Seen, by: number): Interval | undefined => {
    const { agentId, instance, method, realm, subjectId, assetId = "" } = seen;
    const waiting = index.waiting({ assetId, subjectId, by });
    if (waiting) return waiting;
    const record = db.get(LATEST_OF_SUBJECT, assetId, subjectId, agentId, instance, method, realm);
    if (!record) return undefined;
    const no = Number(record["observation_no"]);
    const stored = {
      firstAtMs: Number(record["first_at"]),
      lastAtMs: Number(record["last_at"]),
      count: Number(record["count"]),
      longestGapMs: Number(record["longest_gap_ms"]),
    };
    const times = late.interval(no) ?? stored;
    return {
      no,
      ...times,
      keys: String(record["keys"]),
      assetId: seen.assetId,
      via: textOf(record["via"]),
      waits: undefined,
    };
  };
  const lengthen = (interval: Interval, atMs: number) => {
    interval.count += 1;
    interval.longestGapMs = Math.max(interval.longestGapMs, atMs - interval.lastAtMs);
    interval.firstAtMs = Math.min(interval.firstAtMs, atMs);
    interval.lastAtMs = Math.max(interval.lastAtMs, atMs);
    late.lengthen(interval);
  };
  const repository: ObservationRepository = {
    observe: async ({ atMs, ...seen }) => {
      const { keys, assetId, via } = seen;
      const by = numberOf(seen);
      const held = latest.get(seen.subjectId)?.get(by);
      const interval = held ?? findLatest(seen, by);
      if (interval && isEqual(interval, seen)) {
        // Those of the first message stay: to hold on to each new one's would keep it from being forgotten soon.
        if (typeof interval.keys === "string") interval.keys = keys;
        if (!held) hold(seen.subjectId, by, interval);
        return lengthen(interval, atMs);
      }
      const times = { firstAtMs: atMs, lastAtMs: atMs, count: 1, longestGapMs: 0 };
      const no = observationTable.add(db, { ...seen, ...times });
      const begun = { no, ...times, keys, assetId, via, waits: undefined };
      index.add({ assetId: assetId ?? "", subjectId: seen.subjectId, by, interval: begun });
      hold(seen.subjectId, by, begun);
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
  };
  return { repository, forget: latest.clear };
};
