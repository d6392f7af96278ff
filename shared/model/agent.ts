import { z } from "zod";
import { agentIdSchema, assetIdSchema, incidentIdSchema } from "../ids.ts";
import { proofOfSightSchema } from "../protocol/sweep.ts";
import { count, optional, shortText, timestamp } from "../protocol/text.ts";

/** connected · closed (the host's system ended the connection: it lives) · silent (nothing heard, no close) · said-goodbye · revoked. */
export const agentSessionStateSchema = z.enum([
  "connected",
  "closed",
  "silent",
  "said-goodbye",
  "pending",
  "revoked",
  "never",
]);

/** Why an agent's word is not taken as it is: it speaks of what it may not look at, its clock is wrong, its key is used twice. */
export const agentFlagSchema = z.object({
  kind: z.enum(["evidence-refused", "clock-wrong", "identity-conflict"]),
  incidentId: incidentIdSchema,
  since: timestamp,
});
export type AgentFlag = z.infer<typeof agentFlagSchema>;

export const agentSchema = z.object({
  agentId: agentIdSchema,
  instance: count,
  name: shortText,
  assetId: optional(assetIdSchema),
  version: optional(shortText),
  platform: optional(shortText),
  uplink: optional(shortText),
  state: agentSessionStateSchema,
  stateSince: timestamp,
  lastHeardAt: optional(timestamp),
  enrolledAt: timestamp,
  approvedAt: optional(timestamp),
  revokedAt: optional(timestamp),
  heartbeatMs: optional(z.number()),
  clockOffsetMs: optional(z.number()),
  epoch: count,
  sequence: count,
  scopes: z.array(shortText).max(256),
  /** Open cases about its word; absent where there is none. */
  flags: optional(z.array(agentFlagSchema).max(16)),
});
export type Agent = z.infer<typeof agentSchema>;

/** One sweep: what an agent covered, and whether it could see (design §6). */
export const sweepSummarySchema = z.object({
  sweepId: shortText,
  agentId: agentIdSchema,
  scope: shortText,
  realm: shortText,
  startedAt: timestamp,
  endedAt: timestamp,
  proof: proofOfSightSchema,
  addresses: count,
  sightingCount: count,
});
export type SweepSummary = z.infer<typeof sweepSummarySchema>;
