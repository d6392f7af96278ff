/**
 * Which rule decides what: every rule of every profile answers with its own name added, so that after a run it is known on
 * how many records each decided a value. One that decides a single record is either a fact of the maker's MIB, which one
 * device of the family happens to show, or fitted to that device: a person has to judge.
 */
import type { Found, Profile, Rule, RuleField } from "../../agent/snmp/profiles/profile.ts";
import { ruleFields } from "../../agent/snmp/profiles/profile.ts";

type Labelled = Found & { readonly rule?: string };

const labelled = (rule: Rule, name: string): Rule => ({
  ...rule,
  find: (facts) => {
    const hit = rule.find(facts);
    return hit && ({ ...hit, rule: name } as Labelled);
  },
});

/** Copies whose rules are called "profile field#n", n counted from 1 in the profile's own order. */
export const labelProfiles = (profiles: readonly Profile[]): readonly Profile[] =>
  profiles.map((profile) => {
    const rules: Partial<Record<RuleField, readonly Rule[]>> = {};
    for (const field of ruleFields) {
      const list = profile.rules[field];
      if (list !== undefined) rules[field] = list.map((rule, i) => labelled(rule, `${profile.name} ${field}#${i + 1}`));
    }
    return { ...profile, rules };
  });

export type Decision = {
  readonly field: RuleField;
  readonly rule: string;
  readonly value: string;
  readonly source: string;
};
export type Decisions = {
  readonly record: string;
  readonly profile: string | undefined;
  readonly of: readonly Decision[];
};

/** What labelled rules decided of one device; values from the standard MIBs, sysDescr and inference have no rule. */
export const decisionsOf = (
  record: string,
  identity: { readonly profile?: string } & { readonly [F in RuleField]?: Found },
): Decisions => ({
  record,
  profile: identity.profile,
  of: ruleFields.flatMap((field) => {
    const hit: Labelled | undefined = identity[field];
    return hit?.rule === undefined ? [] : [{ field, rule: hit.rule, value: hit.value, source: hit.source }];
  }),
});

/**
 * The report: profiles and rules with the number of records that each decides, those of one record with the value. Fixed
 * values of a profile are counted with the profile, not as rules: they say what the family is.
 */
export const reportRules = (all: readonly Decisions[], profiles: readonly Profile[]): readonly string[] => {
  const byProfile = new Map(profiles.map(({ name }) => [name, 0]));
  const byRule = new Map<string, { readonly record: string; readonly decision: Decision }[]>();
  for (const { record, profile, of } of all) {
    if (profile !== undefined) byProfile.set(profile, (byProfile.get(profile) ?? 0) + 1);
    for (const decision of of) {
      if (decision.source === "profile") continue;
      const list = byRule.get(decision.rule);
      if (list === undefined) byRule.set(decision.rule, [{ record, decision }]);
      else list.push({ record, decision });
    }
  }
  const count = (n: (k: number) => boolean, of: Iterable<number>) => [...of].filter(n).length;
  const single = [...byRule].filter(([, hits]) => hits.length === 1).sort(([a], [b]) => a.localeCompare(b));
  return [
    `profiles: ${byProfile.size}; fit no record ${count((k) => k === 0, byProfile.values())}, one ${count((k) => k === 1, byProfile.values())}, more ${count((k) => k > 1, byProfile.values())}`,
    `rules that decided something: ${byRule.size}; on one record ${single.length}`,
    "",
    "rules that decide one record:",
    ...single.map(
      ([rule, [hit]]) => `  ${rule}  ${hit!.decision.source}  ${JSON.stringify(hit!.decision.value)}  (${hit!.record})`,
    ),
    "",
    "rules by number of records:",
    ...[...byRule]
      .filter(([, hits]) => hits.length > 1)
      .sort(([a, x], [b, y]) => y.length - x.length || a.localeCompare(b))
      .map(([rule, hits]) => `  ${String(hits.length).padStart(4)}  ${rule}`),
  ];
};
