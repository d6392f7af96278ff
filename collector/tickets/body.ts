import type { Book } from "../../shared/model/book.ts";
import type { Evidence, Incident } from "../../shared/model/incident.ts";

/** What a person at a desk reads first: the case in one line, then what is known, by whom, and what to do. Plain text. */

export const ticketKey = (incident: Pick<Incident, "incidentId">): string => `rollcall:${incident.incidentId}`;

const when = (at: string): string => at.replace("T", " ").replace(/\.\d+Z$/, " UTC");

const bearings: Record<Evidence["bearing"], string> = { for: "+", against: "-", neither: "?" };

export const evidenceLine = (row: Evidence): string => {
  const who =
    row.observer.kind === "agent"
      ? `agent ${row.observer.name}`
      : row.observer.kind === "person"
        ? row.observer.name
        : "collector";
  const sight = row.couldSee === "could-see" ? "" : `, ${row.couldSee}`;
  return `${bearings[row.bearing]} ${when(row.at)}  ${who} (${row.method}${sight}): ${row.statement}`;
};

const MAX_EVIDENCE = 20;
const MAX_BODY = 4_096;

export const ticketBody = (incident: Incident, evidence: readonly Evidence[], book: Book = {}): string => {
  const line = (label: string, value: string | undefined) =>
    value === undefined ? [] : [`${label}: ${value.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")}`];
  const shown = evidence.slice(-MAX_EVIDENCE);
  const lines = [
    incident.summary,
    "",
    ...line("Last seen", incident.lastSeenAt === undefined ? undefined : when(incident.lastSeenAt)),
    ...line("Last known place", incident.lastKnownPlace),
    ...line("Location on record", book.location),
    ...line("Owner", book.owner),
    ...line("Inventory number", book.inventoryNumber),
    ...line("Warranty until", book.warrantyUntil),
    ...line("Next step", incident.nextStep),
    `Confidence: ${Math.round(incident.confidence * 100)} %`,
    `Priority: ${incident.priority} (impact ${incident.impact}, urgency ${incident.urgency})`,
    "",
    "Evidence (+ for, - against, ? neither):",
    ...shown.map(evidenceLine),
    ...(evidence.length > shown.length ? [`(${evidence.length - shown.length} earlier lines in the incident)`] : []),
  ];
  const body = lines.join("\n");
  return body.length <= MAX_BODY ? body : `${body.slice(0, MAX_BODY - 1)}…`;
};
