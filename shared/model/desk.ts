import { z } from "zod";
import { incidentIdSchema } from "../ids.ts";
import { count, optional, shortText, text, timestamp } from "../protocol/text.ts";
import { pageOf } from "./page.ts";

/** Desks of the configuration, and what waits for them. */

export const outboxEntrySchema = z.object({
  outboxId: shortText,
  desk: shortText,
  incidentId: incidentIdSchema,
  title: optional(shortText),
  action: z.enum(["open", "comment", "resolve", "reopen"]),
  attempts: count,
  since: timestamp,
  dueAt: timestamp,
  /** Nothing of the same incident waits before it. */
  isFirst: z.boolean(),
  lastError: optional(text),
});
export type OutboxEntry = z.infer<typeof outboxEntrySchema>;

export const outboxSchema = pageOf(outboxEntrySchema).extend({ total: count });

export const deskFindingSchema = z.object({ ok: z.boolean(), what: text, remedy: optional(text) });
export type DeskFinding = z.infer<typeof deskFindingSchema>;

/** A desk of the configuration: what its start-up check found, and how its deliveries fare since the collector started. */
export const deskSchema = z.object({
  name: shortText,
  connector: shortText,
  title: shortText,
  /** "real": tried against the running product · "fake": against a strict fake that cites its documents. */
  tried: z.enum(["real", "fake"]),
  abilities: z.array(
    z.enum(["comment", "resolve", "reopen", "find", "read", "linksAsset", "assignee", "verdict", "merges"]),
  ),
  checkedAt: optional(timestamp),
  findings: z.array(deskFindingSchema),
  waiting: count,
  delivered: count,
  rejected: count,
  failuresInRow: count,
  /** Nothing but one trial call is made before this: the desk failed too often in a row. */
  restsUntil: optional(timestamp),
  lastError: optional(text),
});
export type DeskStatus = z.infer<typeof deskSchema>;

export const deskTrialSchema = z.object({
  ok: z.boolean(),
  steps: z.array(z.object({ what: shortText, ok: z.boolean(), detail: text })),
  url: optional(text),
});
export type DeskTrial = z.infer<typeof deskTrialSchema>;

export const deskPreviewSchema = z.object({ subject: text, text: z.string(), html: z.string() });
export type DeskPreview = z.infer<typeof deskPreviewSchema>;

/** Where a desk's ticket and our incident say different things. */
export const deskDifferenceSchema = z.object({
  desk: shortText,
  ticket: shortText,
  url: optional(text),
  incidentId: incidentIdSchema,
  title: shortText,
  what: z.enum(["state", "assignee", "verdict", "merged", "unreadable"]),
  ours: text,
  theirs: text,
});
export type DeskDifference = z.infer<typeof deskDifferenceSchema>;

export const deskParitySchema = z.object({ compared: count, differences: z.array(deskDifferenceSchema) });

/** A secret as it may be shown: never itself. */
export const secretSchema = z.object({ name: shortText, updatedAt: timestamp, updatedBy: shortText });
export type SecretName = z.infer<typeof secretSchema>;
