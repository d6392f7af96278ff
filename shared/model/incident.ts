import { z } from "zod";
import { agentIdSchema, assetIdSchema, incidentIdSchema } from "../ids.ts";
import { methodSchema } from "../protocol/observation.ts";
import { sightVerdictSchema } from "../protocol/sweep.ts";
import { count, optional, shortText, text, timestamp } from "../protocol/text.ts";

export const incidentKinds = [
  "device-missing",
  "agent-silent",
  "segment-unreachable",
  "unknown-device",
  "device-moved",
  "component-removed",
  "component-replaced",
  "duplicate-address",
  "identity-conflict",
  "came-back-changed",
  "clock-wrong",
  "evidence-refused",
] as const; // biome format: keep as a table
export const incidentKindSchema = z.enum(incidentKinds);
export type IncidentKind = z.infer<typeof incidentKindSchema>;

/** Impact × urgency, as ITIL: 1 is the highest. */
export const levelSchema = z.enum(["high", "medium", "low"]);
export const prioritySchema = z.int().min(1).max(5);

/**
 * One line of the evidence ledger: who looked, when, how, what was seen, and whether the observer could see at all.
 * `bearing` says which way it points: "for" the condition (absent), "against" it (present), "neither" (could not tell).
 */
export const evidenceSchema = z.object({
  at: timestamp,
  observer: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("agent"), agentId: agentIdSchema, name: shortText }),
    z.object({ kind: z.literal("collector") }),
    z.object({ kind: z.literal("person"), name: shortText }),
  ]),
  method: z.union([
    methodSchema,
    z.enum(["connection", "goodbye", "maintenance", "clock", "verdict", "inventory", "topology"]),
  ]),
  couldSee: sightVerdictSchema,
  bearing: z.enum(["for", "against", "neither"]),
  /** What a person reads: "connection closed by the host at 10:14:03 (its system is alive)". */
  statement: text,
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** open: nobody has taken it · acknowledged: a person has · resolved: its cause is over · part-of: folded into `parentId`. */
export const incidentStateSchema = z.enum(["open", "acknowledged", "resolved", "part-of"]);
export type IncidentState = z.infer<typeof incidentStateSchema>;

export const incidentSchema = z.object({
  incidentId: incidentIdSchema,
  kind: incidentKindSchema,
  /** The lasting label of asset and kind; many episodes may share it: "device-missing/ast_…". */
  condition: shortText,
  assetId: optional(assetIdSchema),
  agentId: optional(agentIdSchema),
  parentId: optional(incidentIdSchema),
  state: incidentStateSchema,
  title: shortText,
  /** First line says the most important thing, also what could not be known ("nobody else watches this host"). */
  summary: text,
  impact: levelSchema,
  urgency: levelSchema,
  priority: prioritySchema,
  confidence: z.number().min(0).max(1),
  lastSeenAt: optional(timestamp),
  openedAt: timestamp,
  /** Targets by its priority, in business hours since it was opened, or opened again. */
  respondBy: optional(timestamp),
  resolveBy: optional(timestamp),
  acknowledgedAt: optional(timestamp),
  resolvedAt: optional(timestamp),
  resolution: optional(shortText),
  reopened: count,
  children: count,
  assignee: optional(shortText),
  verdict: optional(z.enum(["true", "false", "planned"])),
  nextStep: optional(text),
  lastKnownPlace: optional(text),
  version: count,
});
export type Incident = z.infer<typeof incidentSchema>;

export const ticketStateSchema = z.enum(["open", "in-progress", "resolved", "closed"]);

/** The built-in desk's ticket: one per incident, `key` is "rollcall:<incidentId>". */
export const ticketSchema = z.object({
  number: z.int().min(1),
  key: shortText,
  incidentId: incidentIdSchema,
  assetId: optional(assetIdSchema),
  state: ticketStateSchema,
  subject: shortText,
  body: text,
  priority: prioritySchema,
  assignee: optional(shortText),
  openedAt: timestamp,
  updatedAt: timestamp,
  resolvedAt: optional(timestamp),
});
export type Ticket = z.infer<typeof ticketSchema>;

export const ticketEventSchema = z.object({
  at: timestamp,
  kind: z.enum(["opened", "comment", "state", "assigned", "resolved", "reopened"]),
  author: shortText,
  text: text,
});
export type TicketEvent = z.infer<typeof ticketEventSchema>;
