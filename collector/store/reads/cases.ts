import type { IncidentId } from "../../../shared/ids.ts";
import type { Evidence, Incident, Ticket, TicketEvent } from "../../../shared/model/incident.ts";
import type { IncidentDetail, IncidentQuery, Page, TicketDetail, TicketQuery, TicketRef } from "../reads.ts";
import type { Database, SqlRecord } from "../sqlite/database.ts";
import { createFilter, globOf, searchWords } from "./filter.ts";
import { decodeCursor, toPage } from "./page.ts";
import { readRowThen } from "./then.ts";

const MAX_EVIDENCE = 1_000;
const MAX_CHILDREN = 1_000;
const MAX_EVENTS = 1_000;

/** Incidents, tickets and what belongs to them are kept whole as JSON, beside the columns that are searched. */
const bodyOf = <T>(record: SqlRecord): T => JSON.parse(String(record["body"])) as T;

type IncidentRow = Incident & { readonly assetName?: string; readonly ticketNumber?: number };

const toIncidentRow = (record: SqlRecord): IncidentRow => ({
  ...bodyOf<Incident>(record),
  ...(record["asset_name"] !== null && { assetName: String(record["asset_name"]) }),
  ...(record["ticket_number"] !== null && { ticketNumber: Number(record["ticket_number"]) }),
});

/** Over at the end; before that the more urgent first. */
const RANK = "CASE WHEN i.state = 'resolved' THEN 9 ELSE json_extract(i.body, '$.priority') END";
const rankOf = ({ state, priority }: Incident): number => (state === "resolved" ? 9 : priority);

/** The most urgent first, among equals the newest; of the resolved ones the newest. */
export const readIncidents = (db: Database, query: IncidentQuery): Page<IncidentRow> => {
  const filter = createFilter();
  filter.oneOf("i.state", query.state);
  filter.oneOf("i.kind", query.kind);
  if (query.assetId !== undefined) filter.and("i.asset_id = ?", query.assetId);
  if (query.agentId !== undefined) filter.and("i.agent_id = ?", query.agentId);
  for (const word of searchWords(query.search)) {
    const glob = globOf(word);
    filter.and("lower(json_extract(i.body, '$.title')) GLOB ? OR lower(a.name) GLOB ?", glob, glob);
  }
  const after = decodeCursor(query.cursor, "incidents", 3);
  if (after) {
    const [rank = 0, openedAt = "", id = ""] = after;
    filter.and(
      `${RANK} > ? OR (${RANK} = ? AND (i.opened_at < ? OR (i.opened_at = ? AND i.incident_id > ?)))`,
      ...[rank, rank, openedAt, openedAt, id],
    );
  }
  const rows = db
    .all(
      `SELECT i.body, a.name AS asset_name, t.number AS ticket_number FROM incidents i
         LEFT JOIN assets a ON a.asset_id = i.asset_id LEFT JOIN tickets t ON t.incident_id = i.incident_id
       ${filter.where()} ORDER BY ${RANK}, i.opened_at DESC, i.incident_id LIMIT ?`,
      ...filter.params(),
      query.limit + 1,
    )
    .map(toIncidentRow);
  return toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => ({ list: "incidents", after: [rankOf(row), row.openedAt, row.incidentId] }),
  );
};

const readTicketRefs = (db: Database, incidentId: IncidentId): TicketRef[] => {
  const own = db
    .all("SELECT number FROM tickets WHERE incident_id = ? ORDER BY number", incidentId)
    .map((record) => ({ connector: "queue", ticketRef: String(record["number"]), number: Number(record["number"]) }));
  const elsewhere = db
    .all("SELECT connector, body FROM ticket_links WHERE key = ? ORDER BY connector", `rollcall:${incidentId}`)
    .map((record) => {
      const { ticketRef, url } = bodyOf<{ ticketRef: string; url?: string }>(record);
      return { connector: String(record["connector"]), ticketRef, ...(url !== undefined && { url }) };
    })
    .filter(({ connector }) => connector !== "queue");
  return [...own, ...elsewhere];
};

export const readIncident = (db: Database, incidentId: IncidentId): IncidentDetail | undefined => {
  const record = db.get(
    "SELECT i.body, a.name AS asset_name FROM incidents i LEFT JOIN assets a ON a.asset_id = i.asset_id WHERE incident_id = ?",
    incidentId,
  );
  if (!record) return undefined;
  const evidence = db.all(
    "SELECT body FROM (SELECT * FROM evidence WHERE incident_id = ? ORDER BY evidence_no DESC LIMIT ?) ORDER BY evidence_no",
    incidentId,
    MAX_EVIDENCE,
  );
  const children = db.all(
    "SELECT body FROM incidents WHERE parent_id = ? ORDER BY opened_at, incident_id LIMIT ?",
    incidentId,
    MAX_CHILDREN,
  );
  const incident = bodyOf<Incident>(record);
  const { assetId, openedAt } = incident;
  const then = assetId === undefined ? undefined : readRowThen(db, assetId, Date.parse(openedAt));
  return {
    incident,
    ...(then?.book !== undefined && { book: then.book }),
    ...(record["asset_name"] !== null && { assetName: String(record["asset_name"]) }),
    evidence: evidence.map(bodyOf<Evidence>),
    children: children.map(bodyOf<Incident>),
    tickets: readTicketRefs(db, incidentId),
  };
};

type TicketRow = Ticket & { readonly assetName?: string };
const toTicketRow = (record: SqlRecord): TicketRow => ({
  ...bodyOf<Ticket>(record),
  ...(record["asset_name"] !== null && { assetName: String(record["asset_name"]) }),
});

/** Newest first. */
export const readTickets = (db: Database, query: TicketQuery): Page<TicketRow> => {
  const filter = createFilter();
  filter.oneOf("t.state", query.state);
  if (query.assetId !== undefined) filter.and("t.asset_id = ?", query.assetId);
  for (const word of searchWords(query.search)) {
    const glob = globOf(word);
    filter.and(
      "lower(json_extract(t.body, '$.subject')) GLOB ? OR lower(a.name) GLOB ? OR t.number = ?",
      glob,
      glob,
      word.replace(/^#/, ""),
    );
  }
  const [before] = decodeCursor(query.cursor, "tickets", 1) ?? [];
  if (before !== undefined) filter.and("t.number < ?", Number(before));
  const rows = db
    .all(
      `SELECT t.body, a.name AS asset_name FROM tickets t LEFT JOIN assets a ON a.asset_id = t.asset_id
       ${filter.where()} ORDER BY t.number DESC LIMIT ?`,
      ...filter.params(),
      query.limit + 1,
    )
    .map(toTicketRow);
  return toPage(
    rows,
    query.limit,
    (row) => row,
    ({ number }) => ({ list: "tickets", after: [number] }),
  );
};

export const readTicket = (db: Database, number: number): TicketDetail | undefined => {
  const record = db.get(
    "SELECT t.body, a.name AS asset_name FROM tickets t LEFT JOIN assets a ON a.asset_id = t.asset_id WHERE t.number = ?",
    number,
  );
  if (!record) return undefined;
  const { assetName, ...ticket } = toTicketRow(record);
  const events = db.all(
    "SELECT body FROM ticket_events WHERE number = ? ORDER BY event_no LIMIT ?",
    number,
    MAX_EVENTS,
  );
  return { ticket, ...(assetName !== undefined && { assetName }), timeline: events.map(bodyOf<TicketEvent>) };
};
