import { toTimestamp } from "../../shared/clock.ts";
import type { Evidence, Incident, Ticket } from "../../shared/model/incident.ts";
import type { OperationOutcome, Requester } from "../engine/operations.ts";
import type { WatchOperation } from "../engine/watch.ts";
import { ticketKey } from "../tickets/body.ts";
import { changeTicket, commentTicket } from "../tickets/builtin.ts";
import { leaveFamily } from "./settle.ts";
import type { Work } from "./work.ts";

/** What people do to cases and tickets. The built-in queue and the case are two views of one thing and stay together. */

const ok: OperationOutcome = { status: "ok", result: {} };
const refused = (code: "not-found" | "conflict", reason: string): OperationOutcome => ({
  status: "refused",
  code,
  reason,
});

export const applyOperation = async (
  work: Work,
  operation: WatchOperation,
  requester: Requester,
): Promise<OperationOutcome> => {
  if ("number" in operation) {
    const ticket = await work.tx.tickets.get(operation.number);
    if (!ticket) return refused("not-found", `there is no ticket ${operation.number}`);
    return onTicket(work, operation, ticket, requester.name);
  }
  const incident = await work.tx.incidents.get(operation.incidentId);
  if (!incident) return refused("not-found", `there is no incident ${operation.incidentId}`);
  return onIncident(work, operation, incident, requester.name);
};

type OnIncident = Extract<WatchOperation, { incidentId: unknown }>;
type OnTicket = Extract<WatchOperation, { number: unknown }>;

const onIncident = async (
  work: Work,
  operation: OnIncident,
  incident: Incident,
  author: string,
): Promise<OperationOutcome> => {
  const { cases, tx, nowMs } = work;
  switch (operation.kind) {
    case "incident.acknowledge": {
      if (incident.state === "resolved") return refused("conflict", "it is resolved already");
      const assignee = operation.assignee ?? incident.assignee;
      await cases.update({
        ...incident,
        state: incident.state === "open" ? "acknowledged" : incident.state,
        acknowledgedAt: incident.acknowledgedAt ?? toTimestamp(nowMs),
        ...(assignee !== undefined && { assignee }),
      });
      await onTicketOf(
        work,
        incident,
        { state: "in-progress", ...(assignee !== undefined && { assignee }) },
        "state",
        operation.note ?? `acknowledged by ${author}`,
        author,
      );
      return ok;
    }
    case "incident.assign": {
      const { assignee: _before, ...rest } = incident;
      const assignee = operation.assignee ?? "";
      await cases.update({ ...rest, ...(assignee !== "" && { assignee }) });
      await onTicketOf(
        work,
        incident,
        { assignee },
        "assigned",
        assignee === "" ? "assigned to nobody" : `assigned to ${assignee}`,
        author,
      );
      return ok;
    }
    case "incident.comment": {
      const change = await commentTicket(tx, incident, operation.text, nowMs, author);
      if (change) work.touched.tickets.add(change.number);
      await cases.addEvidence(incident, [word(work, author, operation.text)]);
      return ok;
    }
    case "incident.resolve": {
      if (incident.state === "resolved") return refused("conflict", "it is resolved already");
      const resolved = await cases.resolveByHand(incident, operation.resolution, author);
      await leaveFamily(work, resolved, undefined);
      return ok;
    }
    case "incident.verdict": {
      await cases.update({ ...incident, verdict: operation.verdict });
      await cases.addEvidence(incident, [word(work, author, `judged "${operation.verdict}"`, "verdict")]);
      return ok;
    }
    default:
      return operation satisfies never;
  }
};

const word = (work: Work, author: string, text: string, method: "verdict" | "inventory" = "verdict"): Evidence => ({
  at: toTimestamp(work.nowMs),
  observer: { kind: "person", name: author },
  method,
  couldSee: "partly",
  bearing: "neither",
  statement: text.slice(0, 4_096),
});

const onTicketOf = async (
  work: Work,
  incident: Incident,
  change: Partial<Pick<Ticket, "state" | "assignee">>,
  kind: "state" | "assigned",
  text: string,
  author: string,
): Promise<void> => {
  const ticket = await work.tx.tickets.byKey(ticketKey(incident));
  if (!ticket) return;
  await changeTicket(work.tx, ticket, change, { kind, text, author }, work.nowMs);
  work.touched.tickets.add(ticket.number);
};

const onTicket = async (work: Work, operation: OnTicket, ticket: Ticket, author: string): Promise<OperationOutcome> => {
  const { tx, nowMs, cases } = work;
  const incident = await tx.incidents.get(ticket.incidentId);
  work.touched.tickets.add(ticket.number);
  switch (operation.kind) {
    case "ticket.comment":
      await changeTicket(tx, ticket, {}, { kind: "comment", text: operation.text, author }, nowMs);
      return ok;
    case "ticket.assign": {
      const assignee = operation.assignee ?? "";
      await changeTicket(
        tx,
        ticket,
        { assignee },
        { kind: "assigned", text: assignee === "" ? "assigned to nobody" : `assigned to ${assignee}`, author },
        nowMs,
      );
      if (incident) {
        const { assignee: _before, ...rest } = incident;
        await cases.update({ ...rest, ...(assignee !== "" && { assignee }) });
      }
      return ok;
    }
    case "ticket.state": {
      const text = operation.note ?? `${ticket.state} -> ${operation.state}`;
      await changeTicket(tx, ticket, { state: operation.state }, { kind: "state", text, author }, nowMs);
      if (!incident) return ok;
      if (operation.state === "in-progress" && incident.state === "open")
        await cases.update({
          ...incident,
          state: "acknowledged",
          acknowledgedAt: incident.acknowledgedAt ?? toTimestamp(nowMs),
        });
      if ((operation.state === "resolved" || operation.state === "closed") && incident.state !== "resolved") {
        const resolved = await cases.resolveByHand(incident, text, author);
        await leaveFamily(work, resolved, undefined);
      }
      return ok;
    }
    default:
      return operation satisfies never;
  }
};
