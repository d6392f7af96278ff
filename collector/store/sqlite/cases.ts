import { readTrack, spellTrack } from "../../presence/track-text.ts";
import type {
  EvidenceRepository,
  IncidentRepository,
  ObserverRepository,
  OutboxRepository,
  PresenceRepository,
  TicketEventRepository,
  TicketRepository,
} from "../store.ts";
import type { Database, SqlRecord, SqlValue } from "./database.ts";
import { sealOf } from "./seal.ts";

/** Rows whose fields belong to presence, incidents and tickets: kept whole as JSON, beside the columns that are searched. */
const bodyOf = <T>(record: SqlRecord | undefined): T | undefined => record && (JSON.parse(String(record["body"])) as T);
const bodies = <T>(records: readonly SqlRecord[]): T[] =>
  records.map((record) => JSON.parse(String(record["body"])) as T);

/** Inserts or replaces by the first `keys` columns. */
const putSql = (table: string, columns: readonly string[], keys: number): string => {
  const updates = columns.slice(keys).map((column) => `${column} = excluded.${column}`);
  return `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})
    ON CONFLICT (${columns.slice(0, keys).join(", ")}) DO UPDATE SET ${updates.join(", ")}`;
};
/** A field that the row type may not have. */
const optionalField = (row: object, field: string): SqlValue =>
  ((row as Record<string, unknown>)[field] as SqlValue | undefined) ?? null;

const PUT_PRESENCE = putSql("presence", ["asset_id", "due_ms", "body"], 1);

export const createPresenceRepository = (db: Database): PresenceRepository => ({
  get: async (assetId) => {
    const record = db.get("SELECT body FROM presence WHERE asset_id = ?", assetId);
    return record && readTrack(String(record["body"]));
  },
  put: async (track) => void db.run(PUT_PRESENCE, track.assetId, track.dueMs, spellTrack(track)),
  remove: async (assetId) => void db.run("DELETE FROM presence WHERE asset_id = ?", assetId),
  due: async (nowMs, limit) =>
    db
      .all("SELECT body FROM presence WHERE due_ms <= ? ORDER BY due_ms, asset_id LIMIT ?", nowMs, limit)
      .map(({ body }) => readTrack(String(body))),
});

export const createObserverRepository = (db: Database): ObserverRepository => ({
  get: async (agentId) => bodyOf(db.get("SELECT body FROM observers WHERE agent_id = ?", agentId)),
  put: async (observer) =>
    void db.run(
      putSql("observers", ["agent_id", "due_ms", "body"], 1),
      observer.agentId,
      optionalField(observer, "dueMs"),
      JSON.stringify(observer),
    ),
  remove: async (agentId) => void db.run("DELETE FROM observers WHERE agent_id = ?", agentId),
  due: async (nowMs, limit) =>
    bodies(db.all("SELECT body FROM observers WHERE due_ms <= ? ORDER BY due_ms, agent_id LIMIT ?", nowMs, limit)),
  all: async (limit) => bodies(db.all("SELECT body FROM observers ORDER BY agent_id LIMIT ?", limit)),
});

export const incidentColumns = [
  "incident_id",
  "kind",
  "condition",
  "asset_id",
  "agent_id",
  "parent_id",
  "state",
  "opened_at",
  "body",
] as const; // biome format: keep as a table
const PUT_INCIDENT = putSql("incidents", [...incidentColumns, "seal"], 1);

export const createIncidentRepository = (db: Database): IncidentRepository => {
  const select = (rest: string, ...params: SqlValue[]) => db.all(`SELECT body FROM incidents WHERE ${rest}`, ...params);
  return {
    get: async (incidentId) => bodyOf(db.get("SELECT body FROM incidents WHERE incident_id = ?", incidentId)),
    put: async (incident) => {
      const { incidentId, kind, condition, state, openedAt } = incident;
      const related = [incident.assetId ?? null, incident.agentId ?? null, incident.parentId ?? null];
      const values = [incidentId, kind, condition, ...related, state, openedAt, JSON.stringify(incident)];
      db.run(PUT_INCIDENT, ...values, sealOf(values));
    },
    byCondition: async (condition, limit) =>
      bodies(select("condition = ? ORDER BY opened_at DESC, incident_id DESC LIMIT ?", condition, limit)),
    openFor: async (assetId) =>
      bodies(
        select(
          "asset_id = ? AND state IN ('open', 'acknowledged', 'part-of') ORDER BY opened_at, incident_id",
          assetId,
        ),
      ),
    open: async (limit) =>
      bodies(select("state IN ('open', 'acknowledged', 'part-of') ORDER BY opened_at, incident_id LIMIT ?", limit)),
    children: async (parentId, limit) =>
      bodies(select("parent_id = ? ORDER BY opened_at, incident_id LIMIT ?", parentId, limit)),
    resolvedSince: async (openedSince, limit) =>
      bodies(select("state = 'resolved' AND opened_at >= ? ORDER BY opened_at DESC LIMIT ?", openedSince, limit)),
    judgedSince: async (kind, openedSince, limit) =>
      bodies(
        select(
          "kind = ? AND opened_at >= ? AND body ->> '$.verdict' IS NOT NULL ORDER BY opened_at DESC, incident_id DESC LIMIT ?",
          kind,
          openedSince,
          limit,
        ),
      ),
  };
};

export const createEvidenceRepository = (db: Database): EvidenceRepository => ({
  append: async (incidentId, evidence) =>
    void db.run("INSERT INTO evidence (incident_id, body) VALUES (?, ?)", incidentId, JSON.stringify(evidence)),
  list: async (incidentId, limit) =>
    bodies(db.all("SELECT body FROM evidence WHERE incident_id = ? ORDER BY evidence_no LIMIT ?", incidentId, limit)),
});

export const createTicketRepository = (db: Database): TicketRepository => ({
  nextNumber: async () => Number(db.get("SELECT coalesce(max(number), 0) + 1 AS next FROM tickets")?.["next"]),
  get: async (number) => bodyOf(db.get("SELECT body FROM tickets WHERE number = ?", number)),
  byKey: async (key) => bodyOf(db.get("SELECT body FROM tickets WHERE key = ?", key)),
  put: async (ticket) =>
    void db.run(
      putSql("tickets", ["number", "key", "incident_id", "asset_id", "state", "body"], 1),
      ticket.number,
      ticket.key,
      ticket.incidentId,
      ticket.assetId ?? null,
      ticket.state,
      JSON.stringify(ticket),
    ),
});

export const createTicketEventRepository = (db: Database): TicketEventRepository => ({
  append: async (number, event) =>
    void db.run("INSERT INTO ticket_events (number, body) VALUES (?, ?)", number, JSON.stringify(event)),
  list: async (number, limit) =>
    bodies(db.all("SELECT body FROM ticket_events WHERE number = ? ORDER BY event_no LIMIT ?", number, limit)),
});

export const createOutboxRepository = (db: Database): OutboxRepository => ({
  put: async (row) =>
    void db.run(
      putSql("outbox", ["outbox_id", "connector", "key", "due_ms", "body"], 1),
      row.outboxId,
      row.connector,
      row.key,
      row.dueMs,
      JSON.stringify(row),
    ),
  due: async (nowMs, limit, connector) =>
    bodies(
      connector === undefined
        ? db.all(
            `SELECT body FROM outbox WHERE outbox_no IN (SELECT min(outbox_no) FROM outbox GROUP BY connector, key)
               AND due_ms <= ? ORDER BY outbox_no LIMIT ?`,
            nowMs,
            limit,
          )
        : db.all(
            `SELECT body FROM outbox WHERE outbox_no IN (SELECT min(outbox_no) FROM outbox WHERE connector = ? GROUP BY key)
               AND due_ms <= ? ORDER BY outbox_no LIMIT ?`,
            connector,
            nowMs,
            limit,
          ),
    ),
  remove: async (outboxId) => void db.run("DELETE FROM outbox WHERE outbox_id = ?", outboxId),
  byKey: async (connector, key) =>
    bodies(db.all("SELECT body FROM outbox WHERE connector = ? AND key = ? ORDER BY outbox_no", connector, key)),
  link: async (connector, key) =>
    bodyOf(db.get("SELECT body FROM ticket_links WHERE connector = ? AND key = ?", connector, key)),
  putLink: async (row) =>
    void db.run(putSql("ticket_links", ["connector", "key", "body"], 2), row.connector, row.key, JSON.stringify(row)),
});
