import { toTimestamp } from "../../../shared/clock.ts";
import type { AgentId } from "../../../shared/ids.ts";
import { type Agent, agentFlagSchema } from "../../../shared/model/agent.ts";
import type { AgentKey, CoverageQuery, Page, PageQuery, SweepSummary } from "../reads.ts";
import { agentTable } from "../sqlite/agents.ts";
import type { Database } from "../sqlite/database.ts";
import { sweepTable } from "../sqlite/history.ts";
import type { AgentRow, SweepRow } from "../store.ts";
import { createFilter } from "./filter.ts";
import { decodeCursor, toPage } from "./page.ts";

const at = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : toTimestamp(ms));
const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

/** "office 10.0.4.0/22": what the agent's own file lets it look at. */
const scopeText = ({ name, targets }: AgentRow["scopes"][number]): string =>
  `${name} ${targets.join(" ")}`.trim().slice(0, 256);

type Loose<T> = { [K in keyof T]: T[K] | undefined };
const toAgent = (row: AgentRow): Agent => {
  const agent: Loose<Agent> = {
    agentId: row.agentId,
    instance: row.instance,
    name: row.name,
    assetId: row.assetId,
    version: row.version,
    platform: row.platform,
    uplink: row.uplink,
    state: row.state,
    stateSince: toTimestamp(row.stateSinceMs),
    lastHeardAt: at(row.lastHeardAtMs),
    enrolledAt: toTimestamp(row.enrolledAtMs),
    approvedAt: at(row.approvedAtMs),
    revokedAt: at(row.revokedAtMs),
    heartbeatMs: row.heartbeatMs,
    clockOffsetMs: row.clockOffsetMs,
    epoch: row.epoch,
    sequence: row.sequence,
    scopes: row.scopes.slice(0, 256).map(scopeText),
  };
  return withoutUndefined(agent) as Agent;
};

const FLAGS = `SELECT incident_id, kind, opened_at FROM incidents WHERE agent_id = ? AND state <> 'resolved'
   AND kind IN (${agentFlagSchema.shape.kind.options.map((kind) => `'${kind}'`).join(", ")}) ORDER BY opened_at LIMIT 16`;

const flagged = (db: Database, agent: Agent): Agent => {
  const flags = db
    .all(FLAGS, agent.agentId)
    .map((row) =>
      agentFlagSchema.parse({ kind: row["kind"], incidentId: row["incident_id"], since: row["opened_at"] }),
    );
  return flags.length > 0 ? { ...agent, flags } : agent;
};

/** By name, as people look for them. */
export const readAgents = (db: Database, { limit, cursor }: PageQuery): Page<Agent> => {
  const filter = createFilter();
  const after = decodeCursor(cursor, "agents", 3);
  if (after) filter.and("(name, agent_id, instance) > (?, ?, ?)", ...after);
  const rows = agentTable.all(
    db,
    `${filter.where()} ORDER BY name, agent_id, instance LIMIT ?`,
    ...filter.params(),
    limit + 1,
  );
  return toPage(
    rows,
    limit,
    (row) => flagged(db, toAgent(row)),
    ({ name, agentId, instance }) => ({
      list: "agents",
      after: [name, agentId, instance],
    }),
  );
};

export const readAgent = (db: Database, agentId: AgentId): Agent[] =>
  agentTable.all(db, "WHERE agent_id = ? ORDER BY instance", agentId).map((row) => flagged(db, toAgent(row)));

export const readAgentKey = (db: Database, agentId: AgentId): AgentKey | undefined => {
  const rows = agentTable.all(db, "WHERE agent_id = ? AND revoked_at IS NULL ORDER BY instance", agentId);
  const [first] = rows;
  if (!first) return undefined;
  return {
    publicKey: first.publicKey,
    instances: rows.map(({ instance }) => instance),
    pending: first.approvedAtMs === undefined,
  };
};

const toSummary = ({ startedAtMs, endedAtMs, ...row }: SweepRow): SweepSummary => ({
  sweepId: row.sweepId,
  agentId: row.agentId,
  scope: row.scope,
  realm: row.realm,
  proof: row.proof,
  sightingCount: row.sightingCount,
  startedAt: toTimestamp(startedAtMs),
  endedAt: toTimestamp(endedAtMs),
  addresses: row.addressCount,
});

/** The newest sweep of each observer and scope, the latest first. */
export const readCoverage = (db: Database, query: CoverageQuery): Page<SweepSummary> => {
  const filter = createFilter();
  filter.and(
    `sweep_id IN (SELECT (SELECT l.sweep_id FROM sweeps l WHERE l.agent_id = g.agent_id AND l.instance = g.instance AND l.scope = g.scope
       ORDER BY l.ended_at DESC LIMIT 1) FROM (SELECT DISTINCT agent_id, instance, scope FROM sweeps) g)`,
  );
  if (query.realm !== undefined) filter.and("realm = ?", query.realm);
  if (query.agentId !== undefined) filter.and("agent_id = ?", query.agentId);
  const after = decodeCursor(query.cursor, "coverage", 2);
  if (after) filter.and("(ended_at, sweep_id) < (?, ?)", ...after);
  const rows = sweepTable.all(
    db,
    `${filter.where()} ORDER BY ended_at DESC, sweep_id DESC LIMIT ?`,
    ...filter.params(),
    query.limit + 1,
  );
  return toPage(rows, query.limit, toSummary, ({ endedAtMs, sweepId }) => ({
    list: "coverage",
    after: [endedAtMs, sweepId],
  }));
};

export const readSweep = (db: Database, sweepId: string): SweepRow | undefined =>
  sweepTable.get(db, "sweep_id = ?", sweepId);
