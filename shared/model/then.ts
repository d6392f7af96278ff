import { z } from "zod";
import { assetIdSchema } from "../ids.ts";
import { sectionNameSchema } from "../protocol/snapshot.ts";
import { count, optional, shortText, text, timestamp } from "../protocol/text.ts";
import { assetKeySchema, assetSchema, changeWeightSchema, factSchema } from "./asset.ts";
import { sectionSummarySchema } from "./asset-detail.ts";
import { identityDecisionSchema } from "./identity.ts";
import { pageOf } from "./page.ts";
import { placeSchema } from "./place.ts";

/**
 * An asset as it was at a time: what observations and people had made of it by then. What an agent told late counts from when it
 * was observed. Looks that found nothing new are not kept one by one, so that `observedAt` is the last one by then whose time is
 * known; `confirmedAt` is a later one that still found the same.
 */
export const sectionThenSchema = sectionSummarySchema
  .omit({ failure: true })
  .extend({ since: timestamp, confirmedAt: optional(timestamp) });
export type SectionThen = z.infer<typeof sectionThenSchema>;

export const assetThenSchema = assetSchema.omit({ version: true }).extend({
  /** The time that was asked for. */
  at: timestamp,
  /** From this time on everything here is known; earlier ones are refused. */
  knownFrom: timestamp,
  /** Sections of which it is not known any more what they held then, and from when on it is. */
  unknown: z.array(z.object({ section: sectionNameSchema, knownFrom: timestamp })),
  provisional: z.boolean(),
  locked: z.array(shortText),
  /** `lastSeenAt` where it was not seen with it after that time. */
  keys: z.array(assetKeySchema.omit({ lastSeenAt: true }).extend({ lastSeenAt: optional(timestamp) })),
  decisions: z.array(identityDecisionSchema),
  sections: z.array(sectionThenSchema),
  facts: z.array(factSchema),
  place: optional(placeSchema),
});
export type AssetThen = z.infer<typeof assetThenSchema>;

/** One side of a comparison. */
export const comparedSchema = z.object({
  assetId: assetIdSchema,
  name: shortText,
  at: timestamp,
  knownFrom: timestamp,
});

/** One difference, keyed like a change: from the left side to the right one. `field` is absent where one side lacks the item. */
export const comparisonRowSchema = z.object({
  kind: z.enum(["added", "removed", "changed"]),
  section: sectionNameSchema,
  itemKey: text,
  field: optional(shortText),
  left: optional(z.unknown()),
  right: optional(z.unknown()),
  weight: changeWeightSchema,
});
export type ComparisonRow = z.infer<typeof comparisonRowSchema>;
export const comparisonSchema = pageOf(comparisonRowSchema).extend({
  left: comparedSchema,
  right: comparedSchema,
  total: count,
});
export type Comparison = z.infer<typeof comparisonSchema>;
