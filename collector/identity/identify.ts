import type { AgentId, AssetId } from "../../shared/ids.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import { isSoftMac, strengthOf, usefulKeys } from "./keys.ts";

/** What identity is told of one observation. */
export type Observed = {
  readonly keys: readonly SubjectKey[];
  readonly realm: string;
  /** The observer speaks of the host it runs on: it has an agent key, and may make an asset of that alone. */
  readonly own?: { readonly agentId: AgentId; readonly instance: number };
};

/** An asset that shares at least one key with the observation. */
export type Candidate = {
  readonly assetId: AssetId;
  /** Those of the asset's keys that the observation has too. */
  readonly matched: readonly (SubjectKey & { readonly realm: string })[];
  /** Strong keys of the asset, so that a contradiction shows. */
  readonly strong: readonly SubjectKey[];
  /** The agent that lives on it. `gone`: revoked, or it said that it was removed. */
  readonly agent?: { readonly agentId: AgentId; readonly instance: number; readonly gone: boolean };
};

export type Verdict =
  | { readonly kind: "same"; readonly assetId: AssetId; readonly rule: string; readonly explanation: string }
  /** `contestedWith`: assets whose keys are claimed, but may not be taken over. */
  | {
      readonly kind: "new";
      readonly provisional: boolean;
      readonly rule: string;
      readonly explanation: string;
      readonly contestedWith: readonly AssetId[];
    }
  /** Nothing that lasts is known of it: counted, but no asset (design §4). */
  | { readonly kind: "visitor"; readonly rule: string; readonly explanation: string };

const describeKey = ({ kind, value }: SubjectKey): string => `${kind} ${value}`;

/** Keys whose disagreement separates: a device has one of each. */
const singular: ReadonlySet<string> = new Set(["hardwareUuid", "serial", "engineId"]);

const contradiction = (observed: readonly SubjectKey[], strong: readonly SubjectKey[]): string | undefined => {
  for (const mine of observed) {
    if (!singular.has(mine.kind)) continue;
    const theirs = strong.filter(({ kind, vendor }) => kind === mine.kind && (vendor ?? "") === (mine.vendor ?? ""));
    if (theirs.length > 0 && !theirs.some(({ value }) => value === mine.value))
      return `${describeKey(mine)} here, ${describeKey(theirs[0] as SubjectKey)} there`;
  }
  return undefined;
};

/**
 * Which asset an observation is about. Strongest key first: the agent's own, then hardware, then a MAC, then, within the
 * realm, the address; names join nothing by themselves in this version. Pure: the same data gives the same verdict.
 */
export const identify = (observed: Observed, candidates: readonly Candidate[]): Verdict => {
  const keys = usefulKeys(observed.keys);
  const has = (candidate: Candidate, strength: string) =>
    candidate.matched.find(
      (key) => strengthOf(key) === strength && (strength !== "address" || key.realm === observed.realm),
    );

  const byAgent = candidates.find((candidate) => has(candidate, "agent"));
  if (byAgent) return { kind: "same", assetId: byAgent.assetId, rule: "agent-key", explanation: "the same agent key" };

  const strong = candidates.filter((c) => has(c, "hardware") ?? has(c, "network"));
  const fitting = strong.filter((c) => contradiction(keys, c.strong) === undefined);
  if (observed.own) return claim(observed.own, keys, fitting);

  const best = fitting.sort((a, b) => b.matched.length - a.matched.length || (a.assetId < b.assetId ? -1 : 1))[0];
  if (best) {
    const key = has(best, "hardware") ?? has(best, "network");
    return {
      kind: "same",
      assetId: best.assetId,
      rule: "hardware-key",
      explanation: `the same ${describeKey(key as SubjectKey)}`,
    };
  }
  return byAddress(observed, keys, candidates, strong.length > 0);
};

/** A new agent key claims hardware: it may have what no other agent lives on; else both stand until a person decides. */
const claim = (
  own: { readonly agentId: AgentId; readonly instance: number },
  keys: readonly SubjectKey[],
  fitting: readonly Candidate[],
): Verdict => {
  const free = fitting.filter(({ agent }) => agent === undefined || agent.gone);
  const taken = fitting.filter(({ agent }) => agent !== undefined && !agent.gone);
  const contested = taken.filter((c) =>
    c.matched.some((key) => strengthOf(key) === "hardware" || (key.kind === "mac" && !isSoftMac(key))),
  );
  const mine = free[0];
  if (mine && contested.length === 0 && own.instance === 0) {
    const key = mine.matched.find((k) => strengthOf(k) !== "name" && strengthOf(k) !== "address");
    return {
      kind: "same",
      assetId: mine.assetId,
      rule: "claimed-free-hardware",
      explanation: `the same ${key ? describeKey(key) : "hardware"}, and no agent lives there`,
    };
  }
  const provisional = own.instance > 0 || contested.length > 0;
  return {
    kind: "new",
    provisional,
    rule: own.instance > 0 ? "agent-copy" : contested.length > 0 ? "contested-hardware" : "new-agent",
    explanation: provisional
      ? `claims ${
          contested
            .flatMap((c) => c.matched.map(describeKey))
            .slice(0, 3)
            .join(", ") || "an agent key"
        } of another living agent's asset`
      : `first report of an agent${keys.length > 0 ? `, known by ${describeKey(keys[0] as SubjectKey)}` : ""}`,
    contestedWith: contested.map(({ assetId }) => assetId),
  };
};

const byAddress = (
  observed: Observed,
  keys: readonly SubjectKey[],
  candidates: readonly Candidate[],
  contradicted: boolean,
): Verdict => {
  const hasMac = keys.some(({ kind }) => kind === "mac" || kind === "chassisMac");
  const lasting = keys.find((key) => strengthOf(key) === "hardware" || (key.kind === "mac" && !isSoftMac(key)));
  if (!hasMac && !lasting && !contradicted) {
    const holder = candidates.find((c) =>
      c.matched.some(({ kind, realm }) => kind === "ip" && realm === observed.realm),
    );
    if (holder)
      return {
        kind: "same",
        assetId: holder.assetId,
        rule: "address-in-realm",
        explanation: `the same address in ${observed.realm}`,
      };
  }
  if (lasting)
    return {
      kind: "new",
      provisional: false,
      rule: "new-hardware",
      explanation: `first seen by ${describeKey(lasting)}`,
      contestedWith: [],
    };
  if (hasMac) return { kind: "visitor", rule: "soft-mac", explanation: "known by a MAC set by software only" };
  const address = keys.find(({ kind }) => kind === "ip");
  if (!address) return { kind: "visitor", rule: "no-key", explanation: "nothing that could tell it from others" };
  return {
    kind: "new",
    provisional: false,
    rule: "new-address",
    explanation: `answers at ${address.value} in ${observed.realm}, nothing else is known`,
    contestedWith: [],
  };
};
