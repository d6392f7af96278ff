import type { SubjectKey } from "../../../shared/protocol/observation.ts";
import { createRecent } from "../../../shared/recent.ts";
import type {
  ChangeRepository,
  ChangeRow,
  CoverageRepository,
  ObservationRepository,
  ObservationRow,
  SweepRow,
} from "../store.ts";
import type { Database } from "./database.ts";
import { sealOf } from "./seal.ts";
import { defineTable, json, plain } from "./table.ts";

type StoredChange = ChangeRow & { readonly changeNo?: number; readonly seal?: string };

export const changeTable = defineTable<StoredChange>(
  "changes",
  {
    changeNo: plain("change_no"),
    changeId: plain("change_id"),
    assetId: plain("asset_id"),
    kind: plain("kind"),
    section: plain("section"),
    itemKey: plain("item_key"),
    field: plain("field"),
    before: json("before"),
    after: json("after"),
    observedAtMs: plain("observed_at"),
    recordedAtMs: plain("recorded_at"),
    actor: json("actor"),
    weight: plain("weight"),
    folded: plain("folded"),
    sinceMs: plain("since"),
    seal: plain("seal"),
  },
  ["changeId"],
  "changeNo",
);

export const changeSeal = (row: ChangeRow): string =>
  sealOf([
    ...[row.changeId, row.assetId, row.kind, row.section, row.itemKey, row.field, row.before, row.after],
    ...[row.observedAtMs, row.recordedAtMs, row.actor, row.weight, row.folded, row.sinceMs],
  ]);

const toChange = ({ changeNo: _no, seal: _seal, ...row }: StoredChange): ChangeRow => row;

export const createChangeRepository = (db: Database): ChangeRepository => ({
  add: async (rows) => {
    for (const row of rows) changeTable.add(db, { ...row, seal: changeSeal(row) });
  },
  ofAsset: async (assetId, limit) =>
    changeTable.all(db, "WHERE asset_id = ? ORDER BY change_no DESC LIMIT ?", assetId, limit).map(toChange),
  recent: async (assetId, sinceMs, limit) => {
    const rows = changeTable.all(db, "WHERE asset_id = ? ORDER BY change_no DESC LIMIT ?", assetId, limit);
    return rows.filter(({ recordedAtMs }) => recordedAtMs >= sinceMs).map(toChange);
  },
  fold: async (row) => {
    const stored = changeTable.get(db, "change_id = ?", row.changeId);
    if (!stored) return;
    // An addition has no value before it, and a removal none after: what the row had there goes.
    const { before: _before, after: _after, ...kept } = stored;
    changeTable.update(db, stored, { ...kept, ...row, seal: changeSeal(row) });
  },
});

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

/** The one begun last: in the order of the index, however many there are. */
const LATEST_OF_SUBJECT = `SELECT observation_no, keys, asset_id, via, last_at FROM observations
  WHERE agent_id = ? AND instance = ? AND method = ? AND realm = ? AND subject_id = ? ORDER BY observation_no DESC LIMIT 1`;
const LENGTHEN = `UPDATE observations SET count = count + 1, last_at = max(last_at, ?), first_at = min(first_at, ?),
  longest_gap_ms = max(longest_gap_ms, ?) WHERE observation_no = ?`;

/** Intervals that are held; beyond, those not lengthened lately go. About 0.5 KB each, most of it shared with the message. */
const HELD_INTERVALS = 65_536;

type Seen = Omit<Parameters<ObservationRepository["observe"]>[0], "atMs">;
/** The interval of a subject that was begun last. `keys`: as they were told, or as they are stored. */
type Interval = {
  readonly no: number;
  readonly keys: Seen["keys"] | string;
  readonly assetId: string | undefined;
  readonly via: string | undefined;
  lastAtMs: number;
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

export const createObservationRepository = (
  db: Database,
): { readonly repository: ObservationRepository; readonly forget: () => void } => {
  const latest = createRecent<string, Interval>(HELD_INTERVALS);
  const numberOf = createNumbers();
  const readLatest = ({ agentId, instance, method, realm, subjectId }: Seen): Interval | undefined => {
    const record = db.get(LATEST_OF_SUBJECT, agentId, instance, method, realm, subjectId);
    return (
      record && {
        no: Number(record["observation_no"]),
        keys: String(record["keys"]),
        assetId: record["asset_id"] === null ? undefined : String(record["asset_id"]),
        via: record["via"] === null ? undefined : String(record["via"]),
        lastAtMs: Number(record["last_at"]),
      }
    );
  };
  const repository: ObservationRepository = {
    observe: async ({ atMs, ...seen }) => {
      const { keys, assetId, via } = seen;
      const name = `${numberOf(seen)} ${seen.subjectId}`;
      const interval = latest.get(name) ?? readLatest(seen);
      if (interval && isEqual(interval, seen)) {
        db.run(LENGTHEN, atMs, atMs, atMs - interval.lastAtMs, interval.no);
        const lastAtMs = Math.max(atMs, interval.lastAtMs);
        if (typeof interval.keys === "string") latest.set(name, { ...interval, keys, lastAtMs });
        else interval.lastAtMs = lastAtMs;
        return;
      }
      const no = observationTable.add(db, { ...seen, firstAtMs: atMs, lastAtMs: atMs, count: 1, longestGapMs: 0 });
      latest.set(name, { no, keys, assetId, via, lastAtMs: atMs });
    },
    ofAsset: async (assetId) =>
      observationTable.all(
        db,
        `WHERE observation_no IN (
           SELECT observation_no FROM (
             SELECT observation_no, row_number() OVER (PARTITION BY agent_id, instance, method, keys ORDER BY last_at DESC, observation_no DESC) AS n
             FROM observations WHERE asset_id = ?) WHERE n = 1)
         ORDER BY last_at DESC, observation_no DESC LIMIT 1000`,
        assetId,
      ),
    reassign: async (from, to) => {
      latest.clear();
      db.run("UPDATE observations SET asset_id = ? WHERE asset_id = ?", to, from);
    },
  };
  return { repository, forget: latest.clear };
};

export const sweepTable = defineTable<SweepRow>(
  "sweeps",
  {
    sweepId: plain("sweep_id"),
    agentId: plain("agent_id"),
    instance: plain("instance"),
    scope: plain("scope"),
    realm: plain("realm"),
    startedAtMs: plain("started_at"),
    endedAtMs: plain("ended_at"),
    verdict: plain("verdict"),
    coverage: json("coverage"),
    proof: json("proof"),
    addressCount: plain("address_count"),
    sightingCount: plain("sighting_count"),
    commandId: plain("command_id"),
  },
  ["sweepId"],
);

/** How long every sweep of a scope is kept, ms. After that, only those that saw more or less than the one before them. */
const SWEEPS_WHOLE_MS = 86_400_000;
/** And how long those, ms. */
const SWEEPS_KEPT_MS = 90 * 86_400_000;
/** With each sweep that comes one becomes old, or a few. */
const THINNED_AT_ONCE = 16;
const IN_SCOPE = "agent_id = ?1 AND instance = ?2 AND scope = ?3";
const THIN = `DELETE FROM sweeps WHERE sweep_id IN (SELECT sweep_id FROM (
    SELECT sweep_id, verdict, address_count, lag(verdict) OVER earlier AS verdict_before, lag(address_count) OVER earlier AS count_before
    FROM (SELECT * FROM sweeps WHERE ${IN_SCOPE} AND ended_at < ?4 ORDER BY ended_at DESC LIMIT ${THINNED_AT_ONCE})
    WINDOW earlier AS (ORDER BY ended_at, sweep_id))
  WHERE verdict = verdict_before AND address_count = count_before)`;

export const createCoverageRepository = (db: Database): CoverageRepository => ({
  add: async (row) => {
    sweepTable.put(db, row);
    const scope = [row.agentId, row.instance, row.scope] as const;
    db.run(THIN, ...scope, row.endedAtMs - SWEEPS_WHOLE_MS);
    db.run(`DELETE FROM sweeps WHERE ${IN_SCOPE} AND ended_at < ?4`, ...scope, row.endedAtMs - SWEEPS_KEPT_MS);
  },
  since: async (realm, sinceMs) =>
    sweepTable.all(db, "WHERE realm = ? AND ended_at >= ? ORDER BY ended_at DESC, sweep_id DESC", realm, sinceMs),
  latest: async () =>
    sweepTable.all(
      db,
      `WHERE sweep_id IN (
         SELECT sweep_id FROM (
           SELECT sweep_id, row_number() OVER (PARTITION BY agent_id, instance, scope ORDER BY ended_at DESC, sweep_id DESC) AS n
           FROM sweeps) WHERE n = 1)
       ORDER BY agent_id, instance, scope`,
    ),
});
