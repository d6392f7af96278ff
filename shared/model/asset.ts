import { z } from "zod";
import { agentIdSchema, assetIdSchema } from "../ids.ts";
import { deviceTypeSchema } from "../protocol/device-types.ts";
import { keyKindSchema, methodSchema, sightingSchema, subjectKeySchema } from "../protocol/observation.ts";
import { sectionNameSchema } from "../protocol/snapshot.ts";
import { count, optional, shortText, text, timestamp } from "../protocol/text.ts";
import { bookFields, bookShape } from "./book.ts";

/** Only a person or a desk's verdict retires (design §5). What is not "in-use" or "missing" is not expected to answer. */
export const lifecycleSchema = z.enum(["ordered", "in-stock", "in-use", "missing", "in-repair", "retired", "disposed"]);
export type Lifecycle = z.infer<typeof lifecycleSchema>;

/** States of design §6. `unobserved`: nobody is meant to look any more (agent revoked or removed), which is no alarm. */
export const presenceStateSchema = z.enum([
  "present",
  "late",
  "suspect",
  "missing",
  "blind",
  "away",
  "unobserved",
  "retired",
]);
export type PresenceState = z.infer<typeof presenceStateSchema>;

export const criticalitySchema = z.enum(["low", "normal", "high", "critical"]);
export type Criticality = z.infer<typeof criticalitySchema>;

/** Who said so: an agent by one of its methods, a person, or a rule. */
export const actorSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("agent"), agentId: agentIdSchema, method: methodSchema }),
  z.object({ kind: z.literal("person"), name: shortText }),
  z.object({ kind: z.literal("rule"), name: shortText }),
]);
export type Actor = z.infer<typeof actorSchema>;

/** What a source says, where another's word counts. */
export const heardSchema = z.object({ path: text, value: z.unknown(), source: actorSchema, observedAt: timestamp });

/** One source's word on one field. `path` is "section/field" for values, "section[key]/field" or "section[key]" for items. */
export const factSchema = z.object({
  path: text,
  value: z.unknown(),
  source: actorSchema,
  observedAt: timestamp,
  /** Since when the section has been as it is, where that is known. */
  since: optional(timestamp),
  /** After this the fact is shown greyed; it is not deleted. */
  goodUntil: optional(timestamp),
  /** Why it is not to be relied on any more. */
  expired: optional(text),
  /** A person's edit: wins over every source until released, and shows what it hides. */
  locked: optional(z.boolean()),
  /** What the sources say of a field that a person set. */
  hides: optional(z.array(heardSchema)),
});
export type Fact = z.infer<typeof factSchema>;

export const assetKeySchema = subjectKeySchema.extend({
  realm: shortText,
  firstSeenAt: timestamp,
  lastSeenAt: timestamp,
});
export type AssetKey = z.infer<typeof assetKeySchema>;

/** The list form. `name` is the best name known; `agentId` the agent that lives on it, if one does. */
export const assetSchema = z.object({
  assetId: assetIdSchema,
  name: shortText,
  type: deviceTypeSchema,
  manufacturer: optional(shortText),
  model: optional(shortText),
  serialNumber: optional(shortText),
  osName: optional(shortText),
  osVersion: optional(shortText),
  primaryAddress: optional(shortText),
  primaryMac: optional(shortText),
  realm: shortText,
  site: optional(shortText),
  lifecycle: lifecycleSchema,
  criticality: criticalitySchema,
  presence: presenceStateSchema,
  presenceSince: timestamp,
  firstSeenAt: timestamp,
  lastSeenAt: timestamp,
  agentId: optional(agentIdSchema),
  sources: z.array(methodSchema).max(32),
  softwareCount: optional(count),
  ...bookShape,
  version: count,
});
export type Asset = z.infer<typeof assetSchema>;

/** Fields that a person can set. */
export const editableFields = ["name", "lifecycle", "criticality", "site", ...bookFields] as const;
/** A person's edit: what is set is locked; what is released the next observation fills again, or it is empty where nobody observes it. */
export const assetEditShape = {
  set: z.strictObject({
    name: optional(z.string().trim().min(1).max(256)),
    lifecycle: optional(lifecycleSchema),
    criticality: optional(criticalitySchema),
    site: optional(z.string().trim().min(1).max(256)),
    ...bookShape,
  }),
  release: optional(z.array(z.enum(editableFields)).max(editableFields.length)),
} as const;

export const changeWeightSchema = z.enum(["noise", "low", "normal", "high", "critical"]);
export type ChangeWeight = z.infer<typeof changeWeightSchema>;

/** One accepted difference. `field` is absent when a whole item came or went; then `before` or `after` holds the item. */
export const changeSchema = z.object({
  changeId: shortText,
  assetId: assetIdSchema,
  kind: z.enum(["added", "removed", "changed"]),
  section: sectionNameSchema,
  itemKey: text,
  field: optional(shortText),
  before: optional(z.unknown()),
  after: optional(z.unknown()),
  observedAt: timestamp,
  recordedAt: timestamp,
  actor: actorSchema,
  weight: changeWeightSchema,
  /** Several changes in one: steps that nobody could be told of in time (spool above its soft limit), or a value that flaps. */
  folded: optional(count),
  /** Of a value that flaps: the first of those in this row. `observedAt` is the last; `before` and `after` are the values that it had in turn. */
  since: optional(timestamp),
});
export type Change = z.infer<typeof changeSchema>;

export const identityKeySchema = z.object({ kind: keyKindSchema, value: shortText });
export { sightingSchema };
