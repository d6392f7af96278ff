import { toTimestamp } from "../../../shared/clock.ts";
import type { Incident } from "../../../shared/model/incident.ts";
import type { Proposal } from "../../../shared/model/proposal.ts";
import type { DeskLink, OutboxEntry, Page, PageQuery } from "../reads.ts";
import type { Database, SqlRecord } from "../sqlite/database.ts";
import { secretTable } from "../sqlite/desks.ts";
import type { OutboxRow, SecretRow, TicketLinkRow } from "../store.ts";
import { createFilter } from "./filter.ts";
import { decodeCursor, toPage } from "./page.ts";

const MAX_PROPOSALS = 500;
const MAX_LINKS = 10_000;
/** "rollcall:" before an incident's id makes its key at every desk. */
const KEY_CHARS = 9;

export const readProposals = (db: Database): Proposal[] =>
  db
    .all("SELECT body FROM proposals ORDER BY created_at DESC, proposal_id DESC LIMIT ?", MAX_PROPOSALS)
    .map((record) => JSON.parse(String(record["body"])) as Proposal);

export const readSecretRows = (db: Database): SecretRow[] => secretTable.all(db, "ORDER BY name");

/** When an intent was written stands in its id (48 bits of milliseconds, as ULID). */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const idTimeMs = (id: string): number => {
  const digits = id.slice(id.indexOf("_") + 1).slice(0, 10);
  return [...digits].reduce((value, digit) => value * 32 + Math.max(0, ALPHABET.indexOf(digit)), 0);
};

const toEntry = (record: SqlRecord): OutboxEntry => {
  const row = JSON.parse(String(record["body"])) as OutboxRow;
  const incidentId = row.key.slice(KEY_CHARS);
  return {
    outboxId: row.outboxId,
    desk: row.connector,
    incidentId: incidentId as OutboxEntry["incidentId"],
    ...(record["title"] === null ? {} : { title: String(record["title"]) }),
    action: row.action,
    attempts: row.attempts,
    since: toTimestamp(idTimeMs(row.outboxId)),
    dueAt: toTimestamp(row.dueMs),
    isFirst: record["is_first"] === 1,
    ...(row.lastError === undefined ? {} : { lastError: row.lastError }),
  };
};

/** Oldest first: what waits longest is what somebody should look at. */
export const readOutbox = (
  db: Database,
  { limit, cursor }: PageQuery,
): Page<OutboxEntry> & { readonly total: number } => {
  const filter = createFilter();
  const [after] = decodeCursor(cursor, "outbox", 1) ?? [];
  if (after !== undefined) filter.and("o.outbox_no > ?", Number(after));
  const rows = db.all(
    `SELECT o.outbox_no, o.body, i.body ->> '$.title' AS title,
       NOT EXISTS (SELECT 1 FROM outbox e WHERE e.connector = o.connector AND e.key = o.key AND e.outbox_no < o.outbox_no) AS is_first
     FROM outbox o LEFT JOIN incidents i ON i.incident_id = substr(o.key, ${KEY_CHARS + 1})
     ${filter.where()} ORDER BY o.outbox_no LIMIT ?`,
    ...filter.params(),
    limit + 1,
  );
  const total = Number(db.get("SELECT count(*) AS n FROM outbox")?.["n"]);
  const page = toPage(rows, limit, toEntry, (record) => ({ list: "outbox", after: [Number(record["outbox_no"])] }));
  return { ...page, total };
};

/** How many intents wait for each desk. */
export const readWaiting = (db: Database): Record<string, number> =>
  Object.fromEntries(
    db
      .all("SELECT connector, count(*) AS n FROM outbox GROUP BY connector")
      .map((record) => [String(record["connector"]), Number(record["n"])]),
  );

/** Tickets at desks whose incidents are open, or opened at or after `resolvedSince` and are over. */
export const readDeskLinks = (db: Database, resolvedSince: string): DeskLink[] =>
  db
    .all(
      `SELECT l.connector, l.body AS link, i.body AS incident FROM incidents i
         JOIN ticket_links l ON l.key = 'rollcall:' || i.incident_id
       WHERE i.state IN ('open', 'acknowledged', 'part-of') OR (i.state = 'resolved' AND i.opened_at >= ?)
       ORDER BY i.opened_at LIMIT ?`,
      resolvedSince,
      MAX_LINKS,
    )
    .map((record) => {
      const { ticketRef, url, data } = JSON.parse(String(record["link"])) as TicketLinkRow;
      const number = data?.["number"];
      return {
        desk: String(record["connector"]),
        ref: {
          id: ticketRef,
          ...(url === undefined ? {} : { url }),
          ...(typeof number === "string" ? { number } : {}),
        },
        incident: JSON.parse(String(record["incident"])) as Incident,
      };
    });
