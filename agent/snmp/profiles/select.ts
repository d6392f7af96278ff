/** Which profile a device gets. Pure: longest sysObjectID prefix first, sysDescr and existing subtrees where that says nothing. */
import { isBelow } from "../reader.ts";
import type { Facts } from "./facts.ts";
import type { Profile } from "./profile.ts";
import { agentEnterprises, enterpriseOf } from "./vendors.ts";

/** True for a sysObjectID that names an agent's software, a chip's SDK, a standard MIB or nothing: no device. */
export const isGenericSysObjectID = (oid: string | undefined): boolean => {
  const enterprise = enterpriseOf(oid);
  return enterprise === undefined || agentEnterprises.has(enterprise);
};

const prefixLength = (profile: Profile, sysObjectID: string | undefined): number => {
  if (sysObjectID === undefined) return 0;
  const prefix = profile.prefixes.find((p) => p === sysObjectID || isBelow(sysObjectID, p));
  return prefix === undefined ? 0 : prefix.split(".").length;
};

/**
 * What counts, in this order: arcs of a maker's own prefix; for the rest an existing subtree of the maker, then a sysDescr
 * that names the family, then a generic sysObjectID. Conditions that hold besides a prefix break the tie between profiles
 * of one prefix. 0 is "does not fit".
 */
export const rankOf = (profile: Profile, facts: Pick<Facts, "sysDescr" | "sysObjectID">): number => {
  const arcs = prefixLength(profile, facts.sysObjectID);
  if (profile.prefixes.length > 0 && arcs === 0) return 0;
  if (profile.sysDescr !== undefined && !profile.sysDescr.test(facts.sysDescr)) return 0;
  const conditions = (profile.sysDescr === undefined ? 0 : 2) + (profile.present.length === 0 ? 0 : 3);
  if (arcs === 0 && conditions === 0) return 0;
  if (profile.fallback) return 1;
  const own = arcs > 0 && !isGenericSysObjectID(facts.sysObjectID);
  return own ? 100 + 10 * arcs + conditions : 10 + conditions;
};

/** Profiles that fit as far as the system group tells, best first; equal ranks keep the registry's order. */
export const candidateProfiles = (
  profiles: readonly Profile[],
  facts: Pick<Facts, "sysDescr" | "sysObjectID">,
): readonly Profile[] =>
  profiles
    .map((profile) => ({ profile, rank: rankOf(profile, facts) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .map(({ profile }) => profile);

/**
 * Subtrees whose existence has to be asked for before the first candidate can be taken. Where a maker's sysObjectID leads
 * to a profile without conditions, nothing has to be asked.
 */
export const subtreesToAsk = (candidates: readonly Profile[]): readonly string[] => {
  const sure = candidates.findIndex((profile) => profile.present.length === 0);
  return [...new Set(candidates.slice(0, sure < 0 ? undefined : sure).flatMap((profile) => profile.present))];
};

export const chooseProfile = (candidates: readonly Profile[], existing: ReadonlySet<string>): Profile | undefined =>
  candidates.find((profile) => profile.present.length === 0 || profile.present.some((oid) => existing.has(oid)));
