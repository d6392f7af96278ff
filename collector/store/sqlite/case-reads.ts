import { toTimestamp } from "../../../shared/clock.ts";
import type { Agent } from "../../../shared/model/agent.ts";
import type { Evidence, Incident, Ticket, TicketEvent } from "../../../shared/model/incident.ts";
import type { Reads, SweepSummary, TicketRef } from "../reads.ts";
import type { AgentRow, SweepRow, TicketLinkRow } from "../store.ts";
import { agentTable } from "./agents.ts";
import type { Database, SqlRecord } from "./database.ts";
import { sweepTable } from "./history.ts";
import { anywhere, createFilter, decodeCursor, pageSize, toPage } from "./paging.ts";

const bodyOf = <T>(record: SqlRecord): T => JSON.parse(String(record["body"])) as T;

export const toAgent = (row: AgentRow): Agent => {
  const at = (name: string, ms: number | undefined) => (ms === undefined ? {} : { [name]: toTimestamp(ms) });
  const pick = <K extends keyof AgentRow>(name: K) => (row[name] === undefined ? {} : { [name]: row[name] });
  return {
    agentId: row.agentId,
    instance: row.instance,
    name: row.name,
    ...pick("assetId"),
    ...pick("version"),
    ...pick("platform"),
    ...pick("uplink"),
    state: row.state,
    stateSince: toTimestamp(row.stateSinceMs),
    ...at("lastHeardAt", row.lastHeardAtMs),
    enrolledAt: toTimestamp(row.enrolledAtMs),
    ...at("approvedAt", row.approvedAtMs),
    ...at("revokedAt", row.revokedAtMs),
    ...pick("heartbeatMs"),
    ...pick("clockOffsetMs"),
    epoch: row.epoch,
    sequence: row.sequence,
    scopes: row.scopes.map(({ name }) => name),
  };
};

const toSweep = (row: SweepRow): SweepSummary => ({
  sweepId: row.sweepId,
  agentId: row.agentId,
  scope: row.scope,
  realm: row.realm,
  startedAt: toTimestamp(row.startedAtMs),
  endedAt: toTimestamp(row.endedAtMs),
  proof: row.proof,
  addresses: row.addressCount,
  sightingCount: row.sightingCount,
});

export const createAgentReads = (
  db: Database,
): Pick<Reads, "agents" | "agent" | "agentKey" | "coverage" | "sweep"> => ({
  agents: async (query) => {
    const place = decodeCursor(query.cursor, 2);
    const rows = agentTable.all(
      db,
      `${place ? "WHERE (agent_id, instance) > (?, ?)" : ""} ORDER BY agent_id, instance LIMIT ?`,
      ...(place ?? []),
      pageSize(query.limit) + 1,
    );
    return toPage(rows, query.limit, toAgent, (row) => [row.agentId, row.instance]);
  },
  agent: async (agentId) => agentTable.all(db, "WHERE agent_id = ? ORDER BY instance LIMIT 100", agentId).map(toAgent),
  agentKey: async (agentId) => {
    const rows = agentTable.all(db, "WHERE agent_id = ? ORDER BY instance", agentId);
    const first = rows[0];
    if (!first || first.revokedAtMs !== undefined) return undefined;
    return {
      publicKey: first.publicKey,
      instances: rows.map(({ instance }) => instance),
      pending: first.approvedAtMs === undefined,
    };
  },
  coverage: async (query) => {
    const filter = createFilter();
    if (query.realm !== undefined) filter.add("realm = ?", query.realm);
    if (query.agentId !== undefined) filter.add("agent_id = ?", query.agentId);
    const place = decodeCursor(query.cursor, 2);
    if (place) filter.add("(ended_at, sweep_id) < (?, ?)", ...place);
    const rows = sweepTable.all(
      db,
      `${filter.where()} ORDER BY ended_at DESC, sweep_id DESC LIMIT ?`,
      ...filter.params(),
      pageSize(query.limit) + 1,
    );
    return toPage(rows, query.limit, toSweep, (row) => [row.endedAtMs, row.sweepId]);
  },
  sweep: async (sweepId) => sweepTable.get(db, "sweep_id = ?", sweepId),
});

export const createCaseReads = (db: Database): Pick<Reads, "incidents" | "incident" | "tickets" | "ticket"> => {
  const assetName = (assetId: string | undefined): { assetName?: string } => {
    const name =
      assetId === undefined ? undefined : db.get("SELECT name FROM assets WHERE asset_id = ?", assetId)?.["name"];
    return typeof name === "string" ? { assetName: name } : {};
  };
  const ticketNumber = (incidentId: string): { ticketNumber?: number } => {
    const number = db.get("SELECT number FROM tickets WHERE incident_id = ? ORDER BY number LIMIT 1", incidentId)?.[
      "number"
    ];
    return typeof number === "number" ? { ticketNumber: number } : {};
  };
  const ticketsOf = (incidentId: string): TicketRef[] => [
    ...db
      .all("SELECT number FROM tickets WHERE incident_id = ? ORDER BY number LIMIT 100", incidentId)
      .map(({ number }) => ({ connector: "queue", ticketRef: String(number), number: Number(number) })),
    ...db
      .all("SELECT body FROM ticket_links WHERE key = ? ORDER BY connector", `rollcall:${incidentId}`)
      .map((record) => bodyOf<TicketLinkRow>(record))
      .map(({ connector, ticketRef, url }) => ({ connector, ticketRef, ...(url === undefined ? {} : { url }) })),
  ];

  return {
    incidents: async (query) => {
      const filter = createFilter();
      filter.oneOf("state", query.state);
      filter.oneOf("kind", query.kind);
      if (query.assetId !== undefined) filter.add("asset_id = ?", query.assetId);
      if (query.agentId !== undefined) filter.add("agent_id = ?", query.agentId);
      if (query.search !== undefined && query.search.trim() !== "")
        filter.add("body LIKE ? ESCAPE '\\'", anywhere(query.search.trim()));
      const place = decodeCursor(query.cursor, 2);
      if (place) filter.add("(opened_at, incident_id) < (?, ?)", ...place);
      const rows = db.all(
        `SELECT body FROM incidents ${filter.where()} ORDER BY opened_at DESC, incident_id DESC LIMIT ?`,
        ...filter.params(),
        pageSize(query.limit) + 1,
      );
      return toPage(
        rows.map((record) => bodyOf<Incident>(record)),
        query.limit,
        (incident) => ({ ...incident, ...assetName(incident.assetId), ...ticketNumber(incident.incidentId) }),
        (incident) => [incident.openedAt, incident.incidentId],
      );
    },
    incident: async (incidentId) => {
      const record = db.get("SELECT body FROM incidents WHERE incident_id = ?", incidentId);
      if (!record) return undefined;
      const incident = bodyOf<Incident>(record);
      return {
        incident,
        ...assetName(incident.assetId),
        evidence: db
          .all("SELECT body FROM evidence WHERE incident_id = ? ORDER BY evidence_no LIMIT 1000", incidentId)
          .map((row) => bodyOf<Evidence>(row)),
        children: db
          .all("SELECT body FROM incidents WHERE parent_id = ? ORDER BY opened_at, incident_id LIMIT 1000", incidentId)
          .map((row) => bodyOf<Incident>(row)),
        tickets: ticketsOf(incidentId),
      };
    },
    tickets: async (query) => {
      const filter = createFilter();
      filter.oneOf("state", query.state);
      if (query.assetId !== undefined) filter.add("asset_id = ?", query.assetId);
      if (query.search !== undefined && query.search.trim() !== "")
        filter.add("body LIKE ? ESCAPE '\\'", anywhere(query.search.trim()));
      const place = decodeCursor(query.cursor, 1);
      if (place) filter.add("number < ?", ...place);
      const rows = db.all(
        `SELECT body FROM tickets ${filter.where()} ORDER BY number DESC LIMIT ?`,
        ...filter.params(),
        pageSize(query.limit) + 1,
      );
      return toPage(
        rows.map((record) => bodyOf<Ticket>(record)),
        query.limit,
        (ticket) => ({ ...ticket, ...assetName(ticket.assetId) }),
        (ticket) => [ticket.number],
      );
    },
    ticket: async (number) => {
      const record = db.get("SELECT body FROM tickets WHERE number = ?", number);
      if (!record) return undefined;
      const ticket = bodyOf<Ticket>(record);
      return {
        ticket,
        ...assetName(ticket.assetId),
        timeline: db
          .all("SELECT body FROM ticket_events WHERE number = ? ORDER BY event_no LIMIT 5000", number)
          .map((row) => bodyOf<TicketEvent>(row)),
      };
    },
  };
};
