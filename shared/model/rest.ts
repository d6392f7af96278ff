import { z } from "zod";
import { agentIdSchema, assetIdSchema, incidentIdSchema } from "../ids.ts";
import { deviceTypeSchema } from "../protocol/sections.ts";
import { sectionNameSchema } from "../protocol/snapshot.ts";
import { count, optional, shortText, text, timestamp } from "../protocol/text.ts";
import { agentSchema } from "./agent.ts";
import { actorSchema, assetKeySchema, assetSchema, changeSchema, factSchema, presenceStateSchema } from "./asset.ts";
import { evidenceSchema, incidentSchema, ticketEventSchema, ticketSchema, ticketStateSchema } from "./incident.ts";

/** What only the REST API says: everything below is an answer or a body of `/api/v1`, built from the records beside this file. */

/** From least to most: each role may do all that the ones before it may. */
export const roles = ["viewer", "service-desk", "asset-manager", "administrator"] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** RFC 9457. `code` is stable and dotted ("auth.expired"), `remedy` a sentence that says what to do. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: optional(z.string()),
  remedy: optional(z.string()),
  instance: optional(z.string()),
  /** For input that does not fit its schema: each fault with its place. */
  errors: optional(z.array(z.object({ path: z.string(), message: z.string() }))),
});
export type Problem = z.infer<typeof problemSchema>;

/** Who asks. `csrf` is present for cookie sessions: writes repeat it in the header `x-csrf-token`. */
export const meSchema = z.object({
  name: shortText,
  role: roleSchema,
  via: z.enum(["session", "token"]),
  expiresAt: optional(timestamp),
  csrf: optional(z.string()),
});
export type Me = z.infer<typeof meSchema>;

const tally = <K extends z.ZodType<string>>(key: K) => z.array(z.object({ key, count }));

export const overviewSchema = z.object({
  /** When the counts were taken. */
  at: timestamp,
  assets: count,
  assetsByPresence: tally(presenceStateSchema),
  assetsByType: tally(deviceTypeSchema),
  realms: tally(shortText),
  openIncidents: count,
  openIncidentsByPriority: z.array(z.object({ key: z.int(), count })),
  unacknowledged: count,
  openTickets: count,
  agents: count,
  agentsByState: z.array(z.object({ key: agentSchema.shape.state, count })),
  changesLastDay: count,
  softwareInstallations: count,
});
export type Overview = z.infer<typeof overviewSchema>;

/** One section of an asset's current state, without its items. */
export const assetSectionSchema = z.object({
  section: sectionNameSchema,
  kind: z.enum(["value", "collection"]),
  items: count,
  source: actorSchema,
  observedAt: timestamp,
});
export type AssetSection = z.infer<typeof assetSectionSchema>;

export const assetDetailSchema = assetSchema.extend({
  keys: z.array(assetKeySchema),
  sections: z.array(assetSectionSchema),
  openIncidents: z.array(incidentSchema),
  /** Personal sections exist and were left out, since the role may not read them. */
  personalWithheld: optional(z.boolean()),
});
export type AssetDetail = z.infer<typeof assetDetailSchema>;

/** One item of a section, or the section's value under the key "". */
export const sectionItemSchema = z.object({
  section: sectionNameSchema,
  itemKey: text,
  value: z.record(z.string(), z.unknown()),
  source: actorSchema,
  observedAt: timestamp,
});
export type SectionItemRow = z.infer<typeof sectionItemSchema>;

export const assetFactsSchema = z.object({ items: z.array(factSchema) });

/** A change with the name of what it happened to, as lists of many assets need it. */
export const changeRowSchema = changeSchema.extend({ assetName: shortText });
export type ChangeRow = z.infer<typeof changeRowSchema>;

export const incidentRowSchema = incidentSchema.extend({
  assetName: optional(shortText),
  ticketNumber: optional(z.int()),
});
export type IncidentRow = z.infer<typeof incidentRowSchema>;

export const incidentDetailSchema = incidentRowSchema.extend({
  evidence: z.array(evidenceSchema),
  childIncidents: z.array(incidentRowSchema),
  timeline: z.array(ticketEventSchema),
});
export type IncidentDetail = z.infer<typeof incidentDetailSchema>;

export const ticketRowSchema = ticketSchema.extend({ assetName: optional(shortText) });
export type TicketRow = z.infer<typeof ticketRowSchema>;
export const ticketDetailSchema = ticketRowSchema.extend({
  timeline: z.array(ticketEventSchema),
  incident: optional(incidentSchema),
});
export type TicketDetail = z.infer<typeof ticketDetailSchema>;

/** An API token as it may be shown: its secret was shown once, when it was made. */
export const apiTokenSchema = z.object({
  tokenId: shortText,
  name: shortText,
  role: roleSchema,
  createdAt: timestamp,
  expiresAt: optional(timestamp),
  revokedAt: optional(timestamp),
  lastUsedAt: optional(timestamp),
});
export type ApiToken = z.infer<typeof apiTokenSchema>;

export const enrolmentTokenSchema = z.object({
  tokenId: shortText,
  name: shortText,
  createdAt: timestamp,
  expiresAt: timestamp,
  /** How often it may still be used; absent: without limit. */
  usesLeft: optional(count),
  needsApproval: z.boolean(),
  revokedAt: optional(timestamp),
});
export type EnrolmentToken = z.infer<typeof enrolmentTokenSchema>;

export const auditEntrySchema = z.object({
  at: timestamp,
  actor: shortText,
  role: optional(roleSchema),
  action: shortText,
  target: optional(shortText),
  detail: optional(text),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** What one sweep of an agent covered, and whether it could see (design §6). */
export const coverageRowSchema = z.object({
  agentId: agentIdSchema,
  agentName: shortText,
  scope: shortText,
  realm: shortText,
  from: shortText,
  to: shortText,
  lastSweepAt: timestamp,
  asks: count,
  seen: count,
  verdict: z.enum(["could-see", "partly", "blind"]),
  reasons: z.array(shortText),
});
export type CoverageRow = z.infer<typeof coverageRowSchema>;

export const healthSchema = z.object({ status: z.enum(["ok", "degraded"]), version: shortText });

/** What a live event tells: something of this topic is new; the reader asks the API for the rest. */
export const liveEventSchema = z.object({
  topic: z.enum(["assets", "changes", "incidents", "tickets", "agents"]),
  assetId: optional(assetIdSchema),
  incidentId: optional(incidentIdSchema),
  agentId: optional(agentIdSchema),
  ticketNumber: optional(z.int()),
});
export type LiveEvent = z.infer<typeof liveEventSchema>;

export const writeBodies = {
  comment: z.strictObject({ text: z.string().trim().min(1).max(4_000) }),
  assign: z.strictObject({ assignee: z.string().trim().max(128) }),
  verdict: z.strictObject({ verdict: z.enum(["true", "false", "planned"]), comment: optional(z.string().max(4_000)) }),
  resolve: z.strictObject({ resolution: z.string().trim().min(1).max(256) }),
  ticketState: z.strictObject({ state: ticketStateSchema, comment: optional(z.string().max(4_000)) }),
  signIn: z.strictObject({ code: z.string().min(16).max(128) }),
  createToken: z.strictObject({
    name: z.string().trim().min(1).max(128),
    role: roleSchema,
    expiresInDays: optional(z.int().min(1).max(3_650)),
  }),
  createEnrolmentToken: z.strictObject({
    name: z.string().trim().min(1).max(128),
    uses: optional(z.int().min(1).max(100_000)),
    expiresInHours: z.int().min(1).max(8_760).default(24),
    needsApproval: optional(z.boolean()),
  }),
} as const;
