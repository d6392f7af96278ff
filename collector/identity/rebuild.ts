import type { AssetId } from "../../shared/ids.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import type { AgentRow, AssetKeyRow, AssetRow, CheckpointRow, DecisionRow, ObservationRow } from "../store/store.ts";
import { agentKeyOf, scopeOf, usefulKeys, vendorKey } from "./keys.ts";

/** What was kept: enough to say anew which assets there are and by what they are known. */
export type Kept = {
  readonly assets: readonly AssetRow[];
  readonly keys: readonly AssetKeyRow[];
  /** Oldest first. */
  readonly decisions: readonly DecisionRow[];
  readonly agents: readonly AgentRow[];
  readonly observations: Iterable<ObservationRow>;
  readonly checkpoints: Iterable<CheckpointRow>;
  /** What says nothing at this site. */
  readonly ignore: readonly SubjectKey[];
};

/** A stored row that what was kept does not give. */
export type Fault = { readonly table: string; readonly row: string; readonly reason: string };

type Seen = { firstAtMs: number; lastAtMs: number };
type Derived = Seen & {
  /** By which keys it was ever observed, as they were told. */
  readonly told: Map<string, Seen>;
  /** Those of them that can tell a device from others. */
  readonly useful: Map<string, SubjectKey>;
};

const describe = ({ kind, vendor, value }: SubjectKey, realm: string): string =>
  `${kind} ${vendor ? `${vendor}/` : ""}${value.slice(0, 120)}${realm === "" ? "" : ` in ${realm}`}`;

const isSplit = ({ kind, otherAssetId, before }: DecisionRow): boolean =>
  kind === "separated" && before !== undefined && otherAssetId !== undefined;

/** Which asset was joined into which, by the decisions that stand: joins, and splits that were taken back. */
const deriveJoins = (decisions: readonly DecisionRow[]): ReadonlyMap<AssetId, AssetId> => {
  const into = new Map<AssetId, AssetId>();
  for (const decision of decisions) {
    const { kind, assetId, otherAssetId, undoneAtMs } = decision;
    if (otherAssetId === undefined) continue;
    const isJoined = kind === "joined" ? undoneAtMs === undefined : isSplit(decision) && undoneAtMs !== undefined;
    if (isJoined) into.set(otherAssetId, assetId);
  }
  return into;
};

/** What was told of an asset, by an observation or a checkpoint. */
type Told = Pick<ObservationRow, "realm" | "keys" | "firstAtMs" | "lastAtMs">;

/** An agent tells its own key with what it says of its host. */
const toldBy = ({ method, agentId, instance, ...seen }: ObservationRow): Told =>
  method === "local" ? { ...seen, keys: [agentKeyOf(agentId, instance), ...seen.keys] } : seen;

/**
 * Says anew, from observations (of those beyond the horizon their checkpoints) and decisions, which assets there are, which are one, by which keys each is known and when it was
 * seen, and names each stored row that differs. Which asset an observation was given to is taken as it was decided then (what
 * today's rules would decide is the dry run's matter, `dry-run.ts`); of addresses and names, which change hands, only that they
 * were observed is asked.
 */
export const rebuild = ({ assets, keys, decisions, agents, observations, checkpoints, ignore }: Kept): Fault[] => {
  const faults: Fault[] = [];
  const known = new Map(assets.map((asset) => [asset.assetId, asset]));
  const into = deriveJoins(decisions);
  const survivorOf = (assetId: AssetId): AssetId => {
    let id = assetId;
    for (let hops = 0; hops < 64; hops++) {
      const next = into.get(id);
      if (next === undefined) return id;
      id = next;
    }
    return id;
  };
  const derived = new Map<AssetId, Derived>();
  const take = (assetId: AssetId, told: Told, { table, row }: Omit<Fault, "reason">) => {
    if (known.has(assetId)) observe(derived, survivorOf(assetId), told, ignore);
    else faults.push({ table, row, reason: `is of asset ${assetId}, which is not there` });
  };
  for (const seen of observations)
    if (seen.assetId !== undefined)
      take(seen.assetId, toldBy(seen), { table: "observations", row: String(seen.observationNo) });
  for (const { assetId, key, ...told } of checkpoints)
    take(assetId, { ...told, keys: [key] }, { table: "observation_checkpoints", row: `${assetId} ${key.kind}` });
  // Not pushed: a function can't be given a hundred thousand arguments.
  return [
    ...faults,
    ...checkAssets(assets, decisions, into, derived),
    ...checkAgents(assets, agents, survivorOf),
    ...checkKeys(keys, decisions, known, survivorOf, derived),
  ];
};

const nameOf = ({ kind, vendor, value }: SubjectKey, realm: string): string =>
  `${kind}\0${vendor ?? ""}\0${value}\0${realm}`;

const observe = (
  derived: Map<AssetId, Derived>,
  assetId: AssetId,
  { keys, realm, firstAtMs, lastAtMs }: Told,
  ignore: readonly SubjectKey[],
): void => {
  const one = derived.get(assetId) ?? { firstAtMs, lastAtMs, told: new Map(), useful: new Map() };
  derived.set(assetId, one);
  const widen = (range: Seen) => {
    range.firstAtMs = Math.min(range.firstAtMs, firstAtMs);
    range.lastAtMs = Math.max(range.lastAtMs, lastAtMs);
  };
  widen(one);
  for (const key of usefulKeys(keys, ignore)) one.useful.set(nameOf(key, scopeOf(key, realm)), key);
  const asTold = keys.map((key) => (key.vendor === undefined ? key : { ...key, vendor: vendorKey(key.vendor) }));
  for (const key of [...asTold, ...usefulKeys(keys)]) {
    const name = nameOf(key, scopeOf(key, realm));
    const range = one.told.get(name);
    if (range) widen(range);
    else one.told.set(name, { firstAtMs, lastAtMs });
  }
};

const checkAssets = (
  assets: readonly AssetRow[],
  decisions: readonly DecisionRow[],
  into: ReadonlyMap<AssetId, AssetId>,
  derived: ReadonlyMap<AssetId, Derived>,
): Fault[] => {
  const faults: Fault[] = [];
  const made = new Set<AssetId>();
  const undone = new Set<AssetId>();
  for (const decision of decisions) {
    if (decision.kind === "created") made.add(decision.assetId);
    if (isSplit(decision) && decision.otherAssetId !== undefined) made.add(decision.otherAssetId);
    if (decision.undoneAtMs !== undefined || isSplit(decision))
      for (const one of [decision.assetId, decision.otherAssetId]) if (one !== undefined) undone.add(one);
  }
  const stored = new Set(assets.map(({ assetId }) => assetId));
  for (const assetId of made)
    if (!stored.has(assetId)) faults.push({ table: "assets", row: assetId, reason: "was made, and is not there" });
  for (const { assetId, mergedInto, lastSeenAtMs } of assets) {
    const fault = (reason: string) => faults.push({ table: "assets", row: assetId, reason });
    if (!made.has(assetId)) fault("no decision made it");
    const target = into.get(assetId);
    if (mergedInto !== target)
      fault(
        `is ${mergedInto ? `joined into ${mergedInto}` : "not joined"}; by decisions ${target ?? "it stands alone"}`,
      );
    const seen = mergedInto === undefined && !undone.has(assetId) ? derived.get(assetId) : undefined;
    if (seen && seen.lastAtMs !== lastSeenAtMs)
      fault(`last seen at ${lastSeenAtMs}, but was observed last at ${seen.lastAtMs}`);
    if (!seen && mergedInto === undefined && !derived.has(assetId) && !undone.has(assetId)) fault("was never observed");
  }
  return faults;
};

const checkAgents = (
  assets: readonly AssetRow[],
  agents: readonly AgentRow[],
  survivorOf: (assetId: AssetId) => AssetId,
): Fault[] => {
  const homes = new Map(agents.map(({ agentId, instance, assetId }) => [`${agentId}#${instance}`, assetId]));
  return assets.flatMap(({ assetId, agentId, instance = 0, mergedInto }) => {
    if (agentId === undefined || mergedInto !== undefined) return [];
    const home = homes.get(`${agentId}#${instance}`);
    if (home !== undefined && survivorOf(home) === assetId) return [];
    return [
      { table: "assets", row: assetId, reason: `agent ${agentId} is noted, which lives on ${home ?? "no asset"}` },
    ];
  });
};

const checkKeys = (
  keys: readonly AssetKeyRow[],
  decisions: readonly DecisionRow[],
  known: ReadonlyMap<AssetId, AssetRow>,
  survivorOf: (assetId: AssetId) => AssetId,
  derived: ReadonlyMap<AssetId, Derived>,
): Fault[] => {
  const faults: Fault[] = [];
  const given = new Map<AssetId, Set<string>>();
  const taken = new Map<AssetId, Set<string>>();
  const note = (map: Map<AssetId, Set<string>>, assetId: AssetId, key: SubjectKey) =>
    void map.set(assetId, (map.get(assetId) ?? new Set()).add(nameOf(key, "")));
  for (const { kind, rule, assetId, otherAssetId, agentId, keys: moved } of decisions) {
    if (kind !== "separated") continue;
    if (rule === "disk-moved" && agentId !== undefined) for (const key of moved) note(taken, survivorOf(assetId), key);
    if (otherAssetId === undefined) continue;
    for (const key of moved) {
      note(taken, survivorOf(assetId), key);
      note(given, survivorOf(otherAssetId), key);
    }
  }
  const held = new Map<AssetId, Set<string>>();
  for (const row of keys) {
    const label = `${row.assetId} ${describe(row, row.realm)}`;
    if (!known.has(row.assetId)) {
      faults.push({ table: "asset_keys", row: label, reason: "is of an asset that is not there" });
      continue;
    }
    const home = survivorOf(row.assetId);
    held.set(home, (held.get(home) ?? new Set()).add(nameOf(row, row.realm)));
    const seen = derived.get(home)?.told.get(nameOf(row, row.realm));
    // What a split gave it was observed of the other asset.
    if (given.get(home)?.has(nameOf(row, ""))) continue;
    if (seen === undefined)
      faults.push({ table: "asset_keys", row: label, reason: "was never observed of this asset" });
    else if (row.lastSeenAtMs > seen.lastAtMs || row.firstSeenAtMs < seen.firstAtMs)
      faults.push({ table: "asset_keys", row: label, reason: "is noted at a time at which it was not observed" });
  }
  for (const [assetId, { useful }] of derived)
    for (const [name, key] of useful) {
      if (key.kind === "ip" || held.get(assetId)?.has(name) || taken.get(assetId)?.has(nameOf(key, ""))) continue;
      faults.push({
        ...{ table: "asset_keys", row: `${assetId} ${describe(key, name.slice(name.lastIndexOf("\0") + 1))}` },
        reason: "was observed of this asset, and is not among its keys",
      });
    }
  return faults;
};
