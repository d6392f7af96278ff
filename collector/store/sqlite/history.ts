import type {
  ChangeRepository,
  ChangeRow,
  CoverageRepository,
  ObservationRepository,
  ObservationRow,
  SweepRow,
} from "../store.ts";
import type { Database } from "./database.ts";
import { defineTable, json, plain } from "./table.ts";

export const changeTable = defineTable<ChangeRow & { readonly changeNo?: number }>(
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
  },
  ["changeId"],
  "changeNo",
);

export const createChangeRepository = (db: Database): ChangeRepository => ({
  add: async (rows) => {
    for (const row of rows) changeTable.add(db, row);
  },
  ofAsset: async (assetId, limit) =>
    changeTable
      .all(db, "WHERE asset_id = ? ORDER BY change_no DESC LIMIT ?", assetId, limit)
      .map(({ changeNo: _, ...row }) => row),
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

export const createObservationRepository = (db: Database): ObservationRepository => ({
  observe: async ({ atMs, ...seen }) => {
    const latest = db.get(LATEST_OF_SUBJECT, seen.agentId, seen.instance, seen.method, seen.realm, seen.subjectId);
    const equal =
      latest !== undefined &&
      latest["keys"] === JSON.stringify(seen.keys) &&
      latest["asset_id"] === (seen.assetId ?? null) &&
      latest["via"] === (seen.via ?? null);
    if (equal) {
      const gapMs = atMs - Number(latest["last_at"]);
      db.run(
        `UPDATE observations SET count = count + 1, last_at = max(last_at, ?), first_at = min(first_at, ?),
           longest_gap_ms = max(longest_gap_ms, ?) WHERE observation_no = ?`,
        atMs,
        atMs,
        gapMs,
        latest["observation_no"] ?? null,
      );
    } else observationTable.add(db, { ...seen, firstAtMs: atMs, lastAtMs: atMs, count: 1, longestGapMs: 0 });
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
  reassign: async (from, to) => void db.run("UPDATE observations SET asset_id = ? WHERE asset_id = ?", to, from),
});

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

export const createCoverageRepository = (db: Database): CoverageRepository => ({
  add: async (row) => sweepTable.put(db, row),
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
