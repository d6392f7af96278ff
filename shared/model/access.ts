import { z } from "zod";
import { count, optional, shortText, text, timestamp } from "../protocol/text.ts";

/** Who may ask, with what, and what was asked for. */

/** From least to most: each role may do all that the ones before it may. */
export const roles = ["viewer", "service-desk", "asset-manager", "administrator"] as const;

export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** Who asks. `csrf` is present for cookie sessions: writes repeat it in the header `x-csrf-token`. */
export const meSchema = z.object({
  name: shortText,
  role: roleSchema,
  via: z.enum(["session", "token"]),
  expiresAt: optional(timestamp),
  csrf: optional(z.string()),
});
export type Me = z.infer<typeof meSchema>;

/** A token as it may be shown: its secret was shown once, when it was made. `role` is for "api", the uses are for "enrol". */
export const tokenSchema = z.object({
  tokenId: shortText,
  kind: z.enum(["api", "enrol"]),
  name: shortText,
  role: optional(roleSchema),
  maxUses: optional(count),
  uses: count,
  approval: z.boolean(),
  createdAt: timestamp,
  createdBy: shortText,
  expiresAt: optional(timestamp),
  revokedAt: optional(timestamp),
  lastUsedAt: optional(timestamp),
});
export type Token = z.infer<typeof tokenSchema>;

export const newTokenSchema = z.object({ tokenId: shortText, secret: z.string() });

export const userSchema = z.object({
  userId: shortText,
  name: shortText,
  role: roleSchema,
  createdAt: timestamp,
  disabledAt: optional(timestamp),
});
export type User = z.infer<typeof userSchema>;

export const auditEntrySchema = z.object({
  at: timestamp,
  actor: shortText,
  action: shortText,
  target: text,
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
