import type { AgentId } from "../../shared/ids.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import { absorbable } from "./absorb.ts";
import { compare, fits, hasAllMacs, holdsNow, isAddressOnly, isShadow, linksTo, scoreOf } from "./compare.ts";
import type { Candidate, Observed, Verdict } from "./identify.ts";
import { describeKey, isSoftMac, strengthOf } from "./keys.ts";

type Right = "free" | "contested" | "unrelated";

/**
 * May a new agent key have this asset? What no agent lives on, if more than a number that can be copied agrees; what a person
 * freed by revoking; what its agent left or was silent about, if an independent observer saw the MAC since (design §4).
 */
const rightTo = (keys: readonly SubjectKey[], candidate: Candidate): Right => {
  const { agent, held, matched } = candidate;
  const { agree, disagree } = compare(keys, held);
  const isHardware = agree.has("hardwareUuid") || agree.has("serial");
  if (!agent) {
    const isNear = agree.has("mac") || matched.some((key) => key.kind === "ip" || isSoftMac(key));
    const hasMacs = held.some(({ kind }) => kind === "mac" || kind === "chassisMac");
    return isShadow(candidate) || isNear || !hasMacs ? "free" : "contested";
  }
  const isSame = isHardware || (hasAllMacs(keys, held) && !disagree.has("hardwareUuid") && !disagree.has("serial"));
  if (!isSame) return agree.has("engineId") ? "contested" : "unrelated";
  if (agent.standing === "revoked") return "free";
  return agent.standing !== "alive" && candidate.isWitnessed && agree.has("mac") ? "free" : "contested";
};

/** Where one asset has the hardware and its MAC, those with but a copied UUID are other machines, or containers of this one. */
const withoutCopies = (keys: readonly SubjectKey[], candidates: readonly Candidate[]): readonly Candidate[] => {
  const compared = candidates.map((candidate) => ({ candidate, ...compare(keys, candidate.held) }));
  const isWhole = compared.some(({ agree }) => agree.has("mac") && (agree.has("hardwareUuid") || agree.has("serial")));
  if (!isWhole) return candidates;
  const isCopy = ({ agree }: (typeof compared)[number]) => !agree.has("mac") && !agree.has("serial");
  return compared.filter((one) => !isCopy(one)).map(({ candidate }) => candidate);
};

/** A new agent key reports its host: it may have what is free; where a claim is contested, both stand until that is settled. */
export const claim = (
  own: { readonly agentId: AgentId; readonly instance: number },
  observed: Observed,
  keys: readonly SubjectKey[],
  candidates: readonly Candidate[],
): Verdict => {
  const fitting = withoutCopies(
    keys,
    candidates.filter(
      (candidate) => linksTo(observed, candidate) && fits(keys, candidate.held, true) && !isAddressOnly(candidate),
    ),
  );
  const free = fitting
    .filter((candidate) => rightTo(keys, candidate) === "free")
    .sort((a, b) => scoreOf(observed, b) - scoreOf(observed, a) || (a.assetId < b.assetId ? -1 : 1));
  // What has hardware or had an agent goes before what is but a MAC.
  const mine = free.find((candidate) => !isShadow(candidate)) ?? free[0];
  // Whose claim is open already passes it on with what it has: another agent on the same machine is no other claim.
  const contested = fitting.filter(
    (candidate) => rightTo(keys, candidate) === "contested" && !mine?.contests?.includes(candidate.assetId),
  );
  if (mine && contested.length === 0 && own.instance === 0) {
    const key = mine.matched.find((k) => strengthOf(k) !== "name" && strengthOf(k) !== "address");
    const state = { alive: "", quiet: "silent", removed: "removed", revoked: "revoked" }[
      mine.agent?.standing ?? "alive"
    ];
    return {
      kind: "same",
      assetId: mine.assetId,
      rule: mine.agent ? "claimed-left-hardware" : "claimed-free-hardware",
      explanation: `the same ${key ? describeKey(key) : "hardware"}, and ${
        mine.agent ? `the agent that lived there is ${state}` : "no agent lives there"
      }`,
      absorb: absorbable(observed, keys, mine, candidates),
    };
  }
  if (own.instance > 0 || contested.length > 0) {
    const claimed = contested.flatMap(({ matched }) =>
      matched.filter((k) => strengthOf(k) === "hardware" || k.kind === "mac"),
    );
    return {
      kind: "new",
      provisional: true,
      rule: own.instance > 0 ? "agent-copy" : "contested-hardware",
      explanation: `claims ${claimed.map(describeKey).slice(0, 3).join(", ") || "an agent key"} of another asset`,
      contestedWith: contested.map(({ assetId }) => assetId),
      inPlaceOf: contested.filter((candidate) => holdsNow(observed, candidate)).map(({ assetId }) => assetId),
      absorb: free.filter(isShadow).map(({ assetId }) => assetId),
    };
  }
  const address = candidates.find((candidate) => isAddressOnly(candidate) && holdsNow(observed, candidate));
  if (address) {
    const explanation = `known by its address in ${observed.realm} only, now by its agent`;
    return { kind: "same", assetId: address.assetId, rule: "address-gets-agent", explanation, absorb: [] };
  }
  const known = keys.find(({ kind }) => kind !== "agent");
  return {
    kind: "new",
    provisional: false,
    rule: "new-agent",
    explanation: `first report of an agent${known ? `, known by ${describeKey(known)}` : ""}`,
    contestedWith: [],
    absorb: [],
  };
};
