import { z } from "zod";
import { assetIdSchema } from "../ids.ts";
import { keyKindSchema, subjectKeySchema } from "../protocol/observation.ts";
import { count, optional, shortText, text, timestamp } from "../protocol/text.ts";
import { assetKeySchema } from "./asset.ts";

/** How assets are told apart: the decisions, and the rules by which they are made. */

/** Why this is one asset: a stored join, split or refusal. */
export const identityDecisionSchema = z.object({
  decisionId: shortText,
  kind: z.enum(["created", "joined", "separated", "contested"]),
  otherAssetId: optional(assetIdSchema),
  rule: shortText,
  byHand: z.boolean(),
  explanation: text,
  at: timestamp,
  undoneAt: optional(timestamp),
});
export type IdentityDecision = z.infer<typeof identityDecisionSchema>;

/** How an asset is recognised: all keys, each with the asset it was learned of, and all decisions with what they went by. */
export const assetIdentitySchema = z.object({
  assetId: assetIdSchema,
  provisional: z.boolean(),
  keys: z.array(
    assetKeySchema.extend({
      strength: z.enum(["agent", "hardware", "network", "name", "address"]),
      /** A joined asset, where the key came with it. */
      learnedOf: optional(assetIdSchema),
    }),
  ),
  decisions: z.array(
    identityDecisionSchema.extend({
      assetId: assetIdSchema,
      keys: z.array(subjectKeySchema),
      canUndo: z.boolean(),
      /** Kinds of hardware keys in which this asset and the other agree, and in which both have some and none in common. */
      agree: z.array(keyKindSchema),
      disagree: z.array(keyKindSchema),
    }),
  ),
});
export type AssetIdentity = z.infer<typeof assetIdentitySchema>;

/** A decision as a list of many assets shows it. */
export const decisionNoteSchema = identityDecisionSchema.extend({
  assetId: assetIdSchema,
  assetName: shortText,
  otherAssetName: optional(shortText),
  keys: z.array(subjectKeySchema),
  canUndo: z.boolean(),
});
export type DecisionNote = z.infer<typeof decisionNoteSchema>;

/** A site's own rules of identity. */
export const identityRulesSchema = z.strictObject({
  /** Keys that say nothing here, beside the junk known everywhere. */
  ignore: z.array(subjectKeySchema.strict()).max(1_000),
  /** How long an address stays with who had it when nobody says more, hours. */
  leaseHours: z.number().min(1).max(720),
});
export type IdentityRules = z.infer<typeof identityRulesSchema>;

/** What the kept observations would give under other rules, in assets of today. */
export const identityDryRunSchema = z.object({
  observations: count,
  merges: z.array(z.array(assetIdSchema)),
  splits: z.array(z.object({ assetId: assetIdSchema, parts: count })),
  /** Assets that more or fewer observations would be of. */
  changes: z.array(assetIdSchema),
});
export type IdentityDryRun = z.infer<typeof identityDryRunSchema>;
