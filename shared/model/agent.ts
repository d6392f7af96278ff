import { z } from "zod";
import { agentIdSchema, assetIdSchema } from "../ids.ts";
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
});
export type Agent = z.infer<typeof agentSchema>;
