import type { ChangeRepository, ChangeRow, CoverageRepository, SweepRow } from "../store.ts";
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
