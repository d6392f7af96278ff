import type { AgentId, AssetId } from "../../shared/ids.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import type { AgentRow, DecisionRow, ObservationRow } from "../store/store.ts";
import type { HeldKey } from "./compare.ts";
import { withoutCrowds } from "./crowds.ts";
import { type Candidate, identify, type Standing } from "./identify.ts";
import { agentKeyOf, isSharedMac, isSoftMac, scopeOf, strengthOf, usefulKeys } from "./keys.ts";
import type { IdentityRules } from "./rules.ts";

/**
 * Which assets there would be under other rules: the kept observations are told to identity anew, in the order in which they were
 * begun, once under the rules of today and once under the changed ones, and what differs is named by the assets of today.
 * Sessions are not kept: an agent counts as silent from its last report on. What a person keeps apart stays apart.
 */
export type DryRun = {
  readonly observations: number;
  /** Assets that would be one. */
  readonly merges: readonly (readonly AssetId[])[];
  /** Assets that would be several, and how many. */
  readonly splits: readonly { readonly assetId: AssetId; readonly parts: number }[];
  /** Assets that would be made of fewer or more observations than under today's rules: some would be visitors', or no longer. */
  readonly changes: readonly AssetId[];
};

export type DryRunInput = {
  /** In the order in which they were begun; `assetId` names the survivor. */
  readonly observations: readonly ObservationRow[];
  readonly agents: readonly AgentRow[];
  readonly decisions: readonly DecisionRow[];
};

type GroupKey = HeldKey & { readonly firstSeenAtMs: number };
type Lodger = { readonly agentId: AgentId; readonly instance: number };
type Group = {
  readonly id: AssetId;
  readonly keys: Map<string, GroupKey>;
  agent?: Lodger;
  readonly contests: Set<AssetId>;
  /** Whose address it had when it claimed their hardware, and when that was. */
  readonly inPlaceOf: readonly Group[];
  readonly sinceMs: number;
  /** The assets of today that its observations are of, and how many of each. */
  readonly today: Map<AssetId, number>;
};

const nameOf = ({ kind, vendor, value }: SubjectKey): string => `${kind}\0${vendor ?? ""}\0${value}`;
const isLastingKind = (key: SubjectKey): boolean => strengthOf(key) === "hardware" || strengthOf(key) === "network";

/** Those of its keys that the observation has too. */
const matchedOf = (group: Group, keys: readonly SubjectKey[]): GroupKey[] => {
  const held = [...group.keys.values()];
  return keys.flatMap((key) => held.filter((one) => nameOf(one) === nameOf(key)));
};

const append = <K, V>(map: Map<K, Set<V>>, key: K, value: V): void =>
  void map.set(key, (map.get(key) ?? new Set()).add(value));

/** Groups of observations by their keys, as the engine keeps assets. */
const createGroups = () => {
  const groups = new Set<Group>();
  const byKey = new Map<string, Set<Group>>();
  const release = (group: Group, label: string, key: SubjectKey): void => {
    group.keys.delete(label);
    if (![...group.keys.values()].some((held) => nameOf(held) === nameOf(key))) byKey.get(nameOf(key))?.delete(group);
  };
  return {
    groups,
    holding: (keys: readonly SubjectKey[]): Group[] => keys.flatMap((key) => [...(byKey.get(nameOf(key)) ?? [])]),
    release,
    /** An address goes to whoever is newly seen there by a key that lasts. */
    hold: (group: Group, keys: readonly SubjectKey[], realm: string, atMs: number): void => {
      groups.add(group);
      const isLasting = keys.some(({ kind }) => kind !== "ip" && kind !== "hostname" && kind !== "fqdn");
      for (const key of keys) {
        const scoped = scopeOf(key, realm);
        const label = `${nameOf(key)}\0${scoped}`;
        const isTaken = key.kind === "ip" && isLasting && !group.keys.has(label);
        const firstSeenAtMs = group.keys.get(label)?.firstSeenAtMs ?? atMs;
        group.keys.set(label, { ...key, realm: scoped, firstSeenAtMs, lastSeenAtMs: atMs });
        if (isTaken)
          for (const other of [...(byKey.get(nameOf(key)) ?? [])]) if (other !== group) release(other, label, key);
        append(byKey, nameOf(key), group);
      }
    },
    absorb: (into: Group, from: Group): void => {
      for (const [label, key] of from.keys) {
        if (!into.keys.has(label)) into.keys.set(label, key);
        byKey.get(nameOf(key))?.delete(from);
        append(byKey, nameOf(key), into);
      }
      for (const [assetId, count] of from.today) into.today.set(assetId, (into.today.get(assetId) ?? 0) + count);
      if (from.agent) into.agent = from.agent;
      groups.delete(from);
    },
  };
};

/** How agents stood and who saw which MAC, as far as what was kept tells. */
const createWitnesses = ({ observations, agents }: DryRunInput) => {
  const rows = new Map(agents.map((agent) => [`${agent.agentId}#${agent.instance}`, agent]));
  const reports = new Map<string, number>();
  for (const { method, agentId, instance, lastAtMs } of observations)
    if (method === "local")
      reports.set(`${agentId}#${instance}`, Math.max(lastAtMs, reports.get(`${agentId}#${instance}`) ?? 0));
  const sightings = new Map<string, { readonly observer: AgentId; readonly atMs: number }[]>();
  const lastReport = ({ agentId, instance }: Lodger) => reports.get(`${agentId}#${instance}`) ?? 0;
  return {
    standingOf: (agent: Lodger, atMs: number): Standing => {
      const revokedAtMs = rows.get(`${agent.agentId}#${agent.instance}`)?.revokedAtMs;
      if (revokedAtMs !== undefined && revokedAtMs <= atMs) return "revoked";
      return lastReport(agent) < atMs ? "quiet" : "alive";
    },
    note: ({ realm, agentId, lastAtMs }: ObservationRow, keys: readonly SubjectKey[]): void => {
      for (const { kind, value } of keys) {
        if (kind !== "mac") continue;
        const others = (sightings.get(`${realm} ${value}`) ?? []).filter(({ observer }) => observer !== agentId);
        sightings.set(`${realm} ${value}`, [...others, { observer: agentId, atMs: lastAtMs }].slice(-4));
      }
    },
    /** Somebody else than the two has seen a MAC of both since the agent fell silent. */
    isWitnessed: (agent: Lodger, matched: readonly HeldKey[], { realm, agentId }: ObservationRow): boolean =>
      matched.some(
        (key) =>
          key.kind === "mac" &&
          !isSoftMac(key) &&
          (sightings.get(`${realm} ${key.value}`) ?? []).some(
            ({ observer, atMs }) => atMs > lastReport(agent) && observer !== agent.agentId && observer !== agentId,
          ),
      ),
  };
};

const readApart = (decisions: readonly DecisionRow[]): ReadonlyMap<AssetId, ReadonlySet<AssetId>> => {
  const apart = new Map<AssetId, Set<AssetId>>();
  for (const { kind, byHand, assetId, otherAssetId, undoneAtMs } of decisions) {
    if (kind !== "separated" || !byHand || otherAssetId === undefined || undoneAtMs !== undefined) continue;
    append(apart, assetId, otherAssetId);
    append(apart, otherAssetId, assetId);
  }
  return apart;
};

type Found = { readonly group: Group; readonly matched: readonly GroupKey[] };

/** One telling of all observations: who would be what. */
const tell = (input: DryRunInput, rules: IdentityRules): ReadonlySet<Group> => {
  const book = createGroups();
  const witnesses = createWitnesses(input);
  const apart = readApart(input.decisions);
  const isOf = ({ today }: Group, assets: ReadonlySet<AssetId> | undefined): boolean =>
    assets !== undefined && [...today.keys()].some((assetId) => assets.has(assetId));
  const isApart = (a: Group, b: Group): boolean => [...a.today.keys()].some((assetId) => isOf(b, apart.get(assetId)));
  /** Those whose address it has had since it claimed their hardware. */
  const displacedBy = ({ group, matched }: Found, { method, realm }: ObservationRow): readonly Group[] => {
    const address = matched.find((key) => key.kind === "ip" && key.realm === realm);
    const isInPlace = method !== "local" && address !== undefined && address.firstSeenAtMs <= group.sinceMs;
    return isInPlace ? group.inPlaceOf.filter((other) => book.groups.has(other)) : [];
  };
  const toCandidate = ({ group, matched }: Found, found: ReadonlySet<Group>, seen: ObservationRow): Candidate => {
    const displaced = displacedBy({ group, matched }, seen);
    const held = [...group.keys.values()];
    const { agent } = group;
    const lodger = agent && { ...agent, standing: witnesses.standingOf(agent, seen.firstAtMs) };
    return {
      ...{ assetId: group.id, matched, held: held.filter(isLastingKind) },
      ...(lodger ? { agent: lodger, isWitnessed: witnesses.isWitnessed(lodger, matched, seen) } : {}),
      ...(group.contests.size > 0 ? { contests: [...group.contests] } : {}),
      ...(displaced.length > 0 && {
        inPlaceOf: displaced.map((other) => toCandidate({ group: other, matched: [] }, found, seen)),
      }),
      apart: [...found].filter((other) => other !== group && isApart(group, other)).map(({ id }) => id),
    };
  };

  for (const seen of input.observations) {
    const { agentId, instance, realm, firstAtMs: atMs } = seen;
    const own = seen.method === "local";
    const keys = usefulKeys(own ? [agentKeyOf(agentId, instance), ...seen.keys] : seen.keys, rules.ignore);
    // What a person gave to another asset stays there.
    const strange = seen.assetId === undefined ? undefined : apart.get(seen.assetId);
    const holding = new Set(book.holding(keys).filter((group) => !isOf(group, strange)));
    const { known, crowded } = withoutCrowds(
      [...holding].map((group) => ({ group, matched: matchedOf(group, keys) })),
      realm,
    );
    const found = new Set(known.map(({ group }) => group));
    const verdict = identify(
      {
        keys: own ? keys : [...keys, ...seen.keys.filter(isSharedMac)],
        ...{ realm, atMs, observerId: agentId, leaseMs: rules.leaseHours * 3_600_000, crowded },
        ...(own ? { own: { agentId, instance } } : {}),
      },
      known.map((one) => toCandidate(one, found, seen)),
    );
    if (!own) witnesses.note(seen, keys);
    if (verdict.kind === "visitor") continue;
    const near = new Set([...found, ...known.flatMap((one) => displacedBy(one, seen))]);
    const groupOf = (id: AssetId | undefined) => [...near].find((group) => group.id === id);
    const left = groupOf(verdict.leaves);
    if (left) {
      delete left.agent;
      const agentKey = agentKeyOf(agentId, instance);
      book.release(left, `${nameOf(agentKey)}\0`, agentKey);
    }
    const home: Group = (verdict.kind === "same" ? groupOf(verdict.assetId) : undefined) ?? {
      ...{ id: `ast_of_${seen.observationNo}` as AssetId, keys: new Map(), today: new Map() },
      contests: new Set(verdict.kind === "new" ? verdict.contestedWith : []),
      inPlaceOf: (verdict.kind === "new" ? (verdict.inPlaceOf ?? []) : []).flatMap((id) => groupOf(id) ?? []),
      sinceMs: atMs,
    };
    for (const from of verdict.absorb.map(groupOf)) if (from && from !== home) book.absorb(home, from);
    if (own) home.agent = { agentId, instance };
    book.hold(home, keys, realm, atMs);
    if (seen.assetId !== undefined) home.today.set(seen.assetId, (home.today.get(seen.assetId) ?? 0) + 1);
  }
  return book.groups;
};

/** Assets of today by the number of groups that they are in, and the pairs that are one in some group. */
const summarize = (groups: ReadonlySet<Group>) => {
  const parts = new Map<AssetId, number>();
  const sizes = new Map<AssetId, number>();
  const pairs = new Set<string>();
  for (const { today } of groups) {
    const [first, ...rest] = [...today.keys()].sort();
    for (const [assetId, count] of today) {
      parts.set(assetId, (parts.get(assetId) ?? 0) + 1);
      sizes.set(assetId, (sizes.get(assetId) ?? 0) + count);
    }
    for (const other of rest) pairs.add(`${first} ${other}`);
  }
  return { parts, sizes, pairs };
};

export const dryRun = (input: DryRunInput, today: IdentityRules, changed: IdentityRules): DryRun => {
  const before = summarize(tell(input, today));
  const groups = tell(input, changed);
  const after = summarize(groups);
  const splits = [...after.parts]
    .filter(([assetId, parts]) => parts > (before.parts.get(assetId) ?? 1))
    .map(([assetId, parts]) => ({ assetId, parts }));
  return {
    observations: input.observations.length,
    merges: [...groups]
      .map(({ today: assets }) => [...assets.keys()].sort())
      .filter(([first, ...rest]) => rest.some((other) => !before.pairs.has(`${first} ${other}`))),
    splits,
    changes: [...new Set([...before.sizes.keys(), ...after.sizes.keys()])].filter(
      (assetId) => before.sizes.get(assetId) !== after.sizes.get(assetId),
    ),
  };
};
