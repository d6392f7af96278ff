import { z } from "zod";
import { agentIdSchema, assetIdSchema } from "../ids.ts";
import { methodSchema } from "../protocol/observation.ts";
import { sectionNameSchema } from "../protocol/snapshot.ts";
import { count, optional, shortText, text, timestamp } from "../protocol/text.ts";
import { assetKeySchema, assetSchema, changeSchema, factSchema } from "./asset.ts";
import { identityDecisionSchema } from "./identity.ts";
import { incidentSchema } from "./incident.ts";
import { pageOf } from "./page.ts";
import { placeSchema } from "./place.ts";

/** An asset with all that is known of it. */

/** One section of an asset's current state, without its items. `goneAt`: no longer observed; `failure`: why the last round could not read it. */
export const sectionSummarySchema = z.object({
  section: sectionNameSchema,
  kind: z.enum(["value", "collection"]),
  itemCount: count,
  source: methodSchema,
  agentId: agentIdSchema,
  observedAt: timestamp,
  goneAt: optional(timestamp),
  failure: optional(text),
});
export type SectionSummary = z.infer<typeof sectionSummarySchema>;

/** Equal observations by one observer and method, as one interval. */
export const observerSchema = z.object({
  agentId: agentIdSchema,
  agentName: shortText,
  method: methodSchema,
  firstAt: timestamp,
  lastAt: timestamp,
  count,
  longestGapMs: z.number(),
});
export type Observer = z.infer<typeof observerSchema>;

/** How one asset is related to another: a VM to its host, an access point to its controller, a stack to its members. */
export const relationSchema = z.object({
  kind: z.enum(["runs", "runs-on", "controls", "controlled-by", "has-member", "member-of"]),
  /** What the telling device calls the other one; for the other direction, that device's name. */
  name: z.string(),
  state: optional(z.string()),
  /** Absent where no asset is known for it, or several are. */
  assetId: optional(assetIdSchema),
  /** Whose table says so. */
  toldBy: assetIdSchema,
  observedAt: timestamp,
});
export type Relation = z.infer<typeof relationSchema>;

export const relationsSchema = z.object({ items: z.array(relationSchema) });

export const assetDetailSchema = assetSchema.extend({
  provisional: z.boolean(),
  /** Fields that a person set: no observation overwrites them until they are released. */
  locked: z.array(shortText),
  keys: z.array(assetKeySchema),
  observers: z.array(observerSchema),
  decisions: z.array(identityDecisionSchema),
  sections: z.array(sectionSummarySchema),
  openIncidents: z.array(incidentSchema),
  /** Where it is plugged in or served by radio, as of the latest tables; its history is at /assets/{assetId}/places. */
  place: optional(placeSchema),
});
export type AssetDetail = z.infer<typeof assetDetailSchema>;

/** Items of one section by their key; a value section has one, under the key "". */
export const sectionItemSchema = z.object({ key: z.string(), item: z.record(z.string(), z.unknown()) });
export type SectionItemRow = z.infer<typeof sectionItemSchema>;

export const sectionItemsSchema = pageOf(sectionItemSchema).extend({ total: count });

export const assetFactsSchema = z.object({ items: z.array(factSchema) });

/** A change with the name of what it happened to, as lists of many assets need it. */
export const changeRowSchema = changeSchema.extend({ assetName: shortText });
export type ChangeRow = z.infer<typeof changeRowSchema>;
