import { toTimestamp } from "../../shared/clock.ts";
import type { Evidence, Incident, Ticket, TicketEvent } from "../../shared/model/incident.ts";
import type { Tx } from "../store/store.ts";
import { ticketBody, ticketKey } from "./body.ts";

/**
 * The queue that is always there: a ticket per incident, written in the incident's own transaction, so that neither can
 * exist without the other. Every function may be repeated.
 */
export type QueueChange = { readonly number: number; readonly what: "opened" | "updated" };

const AUTHOR = "Rollcall";

const event = (atMs: number, kind: TicketEvent["kind"], text: string, author = AUTHOR): TicketEvent => ({
  at: toTimestamp(atMs),
  kind,
  author,
  text: text.slice(0, 4_096),
});

/** Opens the incident's ticket, or opens it again if it was resolved. */
export const ensureTicketOpen = async (
  tx: Tx,
  incident: Incident,
  evidence: readonly Evidence[],
  nowMs: number,
): Promise<QueueChange | undefined> => {
  const at = toTimestamp(nowMs);
  const known = await tx.tickets.byKey(ticketKey(incident));
  const asset = incident.assetId === undefined ? undefined : await tx.assets.get(incident.assetId);
  const body = ticketBody(incident, evidence, asset?.book);
  if (!known) {
    const number = await tx.tickets.nextNumber();
    await tx.tickets.put({
      number,
      key: ticketKey(incident),
      incidentId: incident.incidentId,
      ...(incident.assetId !== undefined && { assetId: incident.assetId }),
      state: "open",
      subject: incident.title,
      body,
      priority: incident.priority,
      openedAt: at,
      updatedAt: at,
    });
    await tx.ticketEvents.append(number, event(nowMs, "opened", incident.title));
    return { number, what: "opened" };
  }
  if (known.state !== "resolved" && known.state !== "closed") return undefined;
  const { resolvedAt: _at, ...rest } = known;
  await tx.tickets.put({ ...rest, state: "open", body, priority: incident.priority, updatedAt: at });
  await tx.ticketEvents.append(known.number, event(nowMs, "reopened", incident.title));
  return { number: known.number, what: "updated" };
};

/** Resolves it, saying why; a ticket that a person closed stays as it is. */
export const ensureTicketResolved = async (
  tx: Tx,
  incident: Incident,
  why: string,
  nowMs: number,
  author = AUTHOR,
): Promise<QueueChange | undefined> => {
  const at = toTimestamp(nowMs);
  const known = await tx.tickets.byKey(ticketKey(incident));
  if (!known || known.state === "resolved" || known.state === "closed") return undefined;
  await tx.tickets.put({ ...known, state: "resolved", resolvedAt: at, updatedAt: at });
  await tx.ticketEvents.append(known.number, event(nowMs, "resolved", why, author));
  return { number: known.number, what: "updated" };
};

/** Adds a line to its timeline. */
export const commentTicket = async (
  tx: Tx,
  incident: Incident,
  text: string,
  nowMs: number,
  author = AUTHOR,
): Promise<QueueChange | undefined> => {
  const at = toTimestamp(nowMs);
  const known = await tx.tickets.byKey(ticketKey(incident));
  if (!known) return undefined;
  await tx.tickets.put({ ...known, updatedAt: at });
  await tx.ticketEvents.append(known.number, event(nowMs, "comment", text, author));
  return { number: known.number, what: "updated" };
};

/** What a person did to a ticket of the queue. */
export const changeTicket = async (
  tx: Tx,
  known: Ticket,
  change: Partial<Pick<Ticket, "state" | "assignee">>,
  entry: { readonly kind: TicketEvent["kind"]; readonly text: string; readonly author: string },
  nowMs: number,
): Promise<QueueChange> => {
  const at = toTimestamp(nowMs);
  const isOver = change.state === "resolved" || change.state === "closed";
  const { resolvedAt, assignee, ...rest } = known;
  const nextAssignee = "assignee" in change ? change.assignee : assignee;
  await tx.tickets.put({
    ...rest,
    ...(change.state !== undefined && { state: change.state }),
    ...(nextAssignee !== undefined && nextAssignee !== "" && { assignee: nextAssignee }),
    ...(change.state === undefined
      ? resolvedAt !== undefined && { resolvedAt }
      : isOver && { resolvedAt: resolvedAt ?? at }),
    updatedAt: at,
  });
  await tx.ticketEvents.append(known.number, event(nowMs, entry.kind, entry.text, entry.author));
  return { number: known.number, what: "updated" };
};
