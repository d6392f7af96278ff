import type { AgentId, AssetId } from "../../shared/ids.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import { absorbable } from "./absorb.ts";
import { claim } from "./claims.ts";
import {
  compare,
  fits,
  type HeldKey,
  holdsNow,
  isAddressOnly,
  isLasting,
  isShadow,
  keepsMacs,
  linksTo,
  type Realm,
  scoreOf,
} from "./compare.ts";
import { isCrowded } from "./crowds.ts";
import { describeKey, isSharedMac, isSoftMac, usefulKeys } from "./keys.ts";

/** What identity is told of one observation. */
export type Observed = Realm & {
  readonly keys: readonly SubjectKey[];
  /** Who says so; its word about a claim of its own is not independent. */
  readonly observerId?: AgentId;
  /** The observer speaks of the host it runs on: it has an agent key, and may make an asset of that alone. */
  readonly own?: { readonly agentId: AgentId; readonly instance: number };
};

/**
 * How the agent of an asset stands. quiet: no session, and silent for a while or after a goodbye. removed: it said, signed,
 * that it was being removed. revoked: a person took its right away.
 */
export type Standing = "alive" | "quiet" | "removed" | "revoked";

/** An asset that shares at least one key with the observation. */
export type Candidate = {
  readonly assetId: AssetId;
  /** Those of the asset's keys that the observation has too. */
  readonly matched: readonly HeldKey[];
  /** The asset's lasting keys, so that a contradiction shows. */
  readonly held: readonly SubjectKey[];
  /** The agent that lives on it. */
  readonly agent?: { readonly agentId: AgentId; readonly instance: number; readonly standing: Standing };
  /** Since its agent fell silent, another agent than the claiming one has seen a MAC that both have, in the same realm. */
  readonly isWitnessed?: boolean;
  /** It claims the hardware of these assets, and nobody has decided yet. */
  readonly contests?: readonly AssetId[];
  /** Of those, with all that is known of them, whose address it has had since it made the claim. */
  readonly inPlaceOf?: readonly Candidate[];
  /** Assets that a person keeps apart from this one. */
  readonly apart?: readonly AssetId[];
};

export type Verdict =
  | {
      readonly kind: "same";
      readonly assetId: AssetId;
      readonly rule: string;
      readonly explanation: string;
      /** Other assets that this observation shows to be the same device. */
      readonly absorb: readonly AssetId[];
      /** The asset that the agent does not live on any more. */
      readonly leaves?: AssetId;
    }
  | {
      readonly kind: "new";
      readonly provisional: boolean;
      readonly rule: string;
      readonly explanation: string;
      /** Assets whose keys are claimed, but may not be taken over. */
      readonly contestedWith: readonly AssetId[];
      /** Of those, who had the claimant's address until now. */
      readonly inPlaceOf?: readonly AssetId[];
      /** Assets known by a MAC only, which this one turns out to be. */
      readonly absorb: readonly AssetId[];
      readonly leaves?: AssetId;
    }
  /** Nothing that lasts is known of it, or nothing that tells which of two it is: counted, but no asset (design §4). */
  | { readonly kind: "visitor"; readonly rule: string; readonly explanation: string };

/**
 * Which asset an observation is about. Strongest key first: the agent's own, then hardware, then a MAC, then, within the
 * realm and the time of a lease, the address; names join nothing by themselves. Pure: the same data gives the same verdict.
 */
export const identify = (observed: Observed, candidates: readonly Candidate[]): Verdict => {
  const keys = usefulKeys(observed.keys);
  const { own } = observed;
  if (!own) return place(observed, keys, candidates);

  const home = candidates.find(({ matched }) => matched.some(({ kind }) => kind === "agent"));
  const others = candidates.filter((candidate) => candidate !== home);
  if (!home) return claim(own, observed, keys, others);
  if (own.instance === 0 && isOtherHardware(keys, home.held))
    return { ...claim(own, observed, keys, others), leaves: home.assetId } as Verdict;
  return {
    kind: "same",
    assetId: home.assetId,
    rule: "agent-key",
    explanation: "the same agent key",
    absorb: absorbable(observed, keys, home, others),
  };
};

/**
 * The agent's disk sits in another machine: no number of the old one came along, nor a MAC of its. Where the serials of both are
 * known to differ, an adapter that both have had does not make them one.
 */
const isOtherHardware = (keys: readonly SubjectKey[], held: readonly SubjectKey[]): boolean => {
  const { agree, disagree } = compare(keys, held);
  if (agree.has("hardwareUuid") || agree.has("serial") || agree.has("engineId")) return false;
  if (!disagree.has("hardwareUuid") && !disagree.has("serial")) return false;
  return disagree.has("mac") || (disagree.has("serial") && agree.has("mac") && !keepsMacs(keys, held));
};

const place = (observed: Observed, keys: readonly SubjectKey[], candidates: readonly Candidate[]): Verdict => {
  const linked = candidates.filter((candidate) => linksTo(observed, candidate));
  const ranked = linked
    .filter(({ held }) => fits(keys, held, false))
    .map((candidate) => ({ candidate, score: scoreOf(observed, candidate) }))
    .sort((a, b) => b.score - a.score || (a.candidate.assetId < b.candidate.assetId ? -1 : 1));
  const confirmed = confirmedClaim(
    observed,
    ranked.map(({ candidate }) => candidate),
  );
  if (confirmed) return confirmed;

  // What has an identity of its own goes before what is but a MAC: that one is taken in.
  const anchors = ranked.filter(({ candidate }) => !isShadow(candidate));
  const best = anchors[0] ?? ranked[0];
  if (!best) return byAddress(observed, keys, candidates, linked.length > 0);
  const { candidate, score } = best;
  const link = linksTo(observed, candidate) as SubjectKey;
  // Nothing but a MAC that travels.
  if (score === 0) return ofSeveral(link);
  const absorb = absorbable(observed, keys, candidate, candidates);
  const rival = anchors.find((other) => other !== best && !absorb.includes(other.candidate.assetId));
  if (rival && rival.score === score) return ofSeveral(link);
  return {
    kind: "same",
    assetId: candidate.assetId,
    rule: "hardware-key",
    explanation: `the same ${describeKey(link)}`,
    absorb,
  };
};

const ofSeveral = (key: SubjectKey): Verdict => ({
  kind: "visitor",
  rule: "key-of-several",
  explanation: `${describeKey(key)} is known of several devices`,
});

/**
 * The old agent is not heard any more, and an independent observer sees what both have: the MAC that the claim named, or, where
 * the claimant is seen by another MAC of its own (a dock's), that at the address which the old one had until the claim.
 */
const confirmedClaim = (observed: Observed, fitting: readonly Candidate[]): Verdict | undefined => {
  for (const claimant of fitting) {
    const { agent, contests } = claimant;
    if (!agent || agent.instance > 0 || !contests?.length || agent.agentId === observed.observerId) continue;
    const mac = claimant.matched.find((key) => key.kind === "mac" && !isSoftMac(key) && key.realm === observed.realm);
    const known = fitting.find(
      (candidate) => contests.includes(candidate.assetId) && isLeft(claimant, candidate, observed),
    );
    const left = holdsNow(observed, claimant) ? claimant.inPlaceOf : undefined;
    const old = known ?? left?.find((candidate) => isLeft(claimant, candidate, observed));
    if (!mac || !old) continue;
    return {
      kind: "same",
      assetId: old.assetId,
      rule: "claim-confirmed",
      explanation: known
        ? `the old agent is silent, and another observer sees ${describeKey(mac)} that both have`
        : `the old agent is silent, and another observer sees ${describeKey(mac)} at the address that the old one had`,
      absorb: [claimant.assetId],
    };
  }
  return undefined;
};

/** The same machine as the claimant, by hardware and MAC, whose agent is silent; and nobody keeps the two apart. */
const isLeft = (claimant: Candidate, { agent, held, apart }: Candidate, { observerId }: Observed): boolean => {
  if (!agent || agent.standing === "alive" || agent.agentId === observerId) return false;
  const { agree, disagree } = compare(claimant.held, held);
  const isSame = (agree.has("hardwareUuid") || agree.has("serial")) && agree.has("mac");
  return isSame && !disagree.has("serial") && !apart?.includes(claimant.assetId);
};

const byAddress = (
  observed: Observed,
  keys: readonly SubjectKey[],
  candidates: readonly Candidate[],
  isLinked: boolean,
): Verdict => {
  const traveller = keys.find((key) => isCrowded(key, observed.crowded));
  const lasting = keys.find((key) => isLasting(key) && !isCrowded(key, observed.crowded));
  const isContradicted = isLinked || traveller !== undefined;
  const soft = keys.find(isSoftMac);
  if (!lasting && !soft && observed.keys.some(isSharedMac))
    return { kind: "visitor", rule: "shared-mac", explanation: "a MAC that several devices take in turn" };
  const holder = candidates
    .filter((candidate) => holdsNow(observed, candidate) && (lasting === undefined || isAddressOnly(candidate)))
    .sort((a, b) => lastSeen(b) - lastSeen(a) || (a.assetId < b.assetId ? -1 : 1))[0];
  if (holder && !soft && !isContradicted) {
    const explanation = lasting
      ? `known by its address in ${observed.realm} only, now by ${describeKey(lasting)}`
      : `the same address in ${observed.realm}`;
    const rule = lasting ? "address-gets-hardware" : "address-in-realm";
    return { kind: "same", assetId: holder.assetId, rule, explanation, absorb: [] };
  }
  if (lasting) return created("new-hardware", `first seen by ${describeKey(lasting)}`);
  if (traveller) return ofSeveral(traveller);
  if (soft) return { kind: "visitor", rule: "soft-mac", explanation: "known by a MAC set by software only" };
  const address = keys.find(({ kind }) => kind === "ip");
  if (!address) return { kind: "visitor", rule: "no-key", explanation: "nothing that could tell it from others" };
  return created("new-address", `answers at ${address.value} in ${observed.realm}, nothing else is known`);
};

const lastSeen = ({ matched }: Candidate): number => Math.max(0, ...matched.map((key) => key.lastSeenAtMs ?? 0));

const created = (rule: string, explanation: string): Verdict => ({
  kind: "new",
  provisional: false,
  rule,
  explanation,
  contestedWith: [],
  absorb: [],
});
