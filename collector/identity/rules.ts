import type { z } from "zod";
import { identityRulesSchema } from "../../shared/model/identity.ts";

/** What a site sets of the rules of identity; the rest is code, and the same everywhere. */
export type IdentityRules = z.infer<typeof identityRulesSchema>;

export const defaultIdentityRules: IdentityRules = { ignore: [], leaseHours: 24 };

/** Its name among the store's small values; JSON. */
export const RULES_META = "identity.rules";

let latest: { readonly text: string; readonly rules: IdentityRules } | undefined;

/** The rules as they are stored; the defaults where none are. The last answer is kept: it is asked with every observation. */
export const parseIdentityRules = (text: string | undefined): IdentityRules => {
  if (text === undefined) return defaultIdentityRules;
  if (latest?.text !== text) latest = { text, rules: identityRulesSchema.parse(JSON.parse(text)) };
  return latest.rules;
};
