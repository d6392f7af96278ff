import type { KeyKind, SubjectKey } from "../../shared/protocol/observation.ts";
import { isCrowded } from "./crowds.ts";
import type { Candidate } from "./identify.ts";
import { isSoftMac, strengthOf } from "./keys.ts";

/** Where and when something was seen: keys weaker than a burnt-in MAC mean something there only. */
export type Realm = {
  readonly realm: string;
  /** When it was seen; absent where time does not matter. */
  readonly atMs?: number;
  /** How long an address stays with who had it when nobody says more; a day where it is absent. */
  readonly leaseMs?: number;
  /** MACs of it that travel among many assets (`crowds.ts`): they link, but decide nothing. */
  readonly crowded?: ReadonlySet<string>;
};

/** A key as an asset holds it. */
export type HeldKey = SubjectKey & { readonly realm: string; readonly lastSeenAtMs?: number };

/** How long an address stays with who had it when nobody says more: the usual lease of an office network. */
const LEASE_MS = 24 * 3_600_000;

/** A serial without its vendor is any maker's. */
const isVague = ({ kind, vendor }: SubjectKey): boolean => kind === "serial" && (vendor ?? "") === "";

/** A key that may make an asset, and join one by itself. */
export const isLasting = (key: SubjectKey): boolean =>
  (strengthOf(key) === "hardware" && !isVague(key)) ||
  ((key.kind === "mac" || key.kind === "lldpChassisId") && !isSoftMac(key));

const pooled = (kind: KeyKind): KeyKind => (kind === "chassisMac" ? "mac" : kind);
const compared: ReadonlySet<KeyKind> = new Set(["hardwareUuid", "serial", "engineId", "mac", "chassisMac"]);

/** The hardware keys of a list by kind, each once; MACs set by software are left out. There are few of a kind: they are looked through. */
type Profile = ReadonlyMap<KeyKind, readonly SubjectKey[]>;
const profiles = new WeakMap<readonly SubjectKey[], Profile>();
/** Lists are compared with many others, and never change: made once for each. */
const profileOf = (keys: readonly SubjectKey[]): Profile => {
  const known = profiles.get(keys);
  if (known) return known;
  const kinds = new Map<KeyKind, Map<string, SubjectKey>>();
  for (const key of keys) {
    if (!compared.has(key.kind) || isSoftMac(key)) continue;
    const ofKind = kinds.get(pooled(key.kind)) ?? new Map<string, SubjectKey>();
    kinds.set(pooled(key.kind), ofKind.set(`${key.vendor ?? ""} ${key.value}`, key));
  }
  const made = new Map(Array.from(kinds, ([kind, ofKind]) => [kind, Array.from(ofKind.values())]));
  profiles.set(keys, made);
  return made;
};
const isSameValue = (a: SubjectKey, b: SubjectKey): boolean =>
  a.value === b.value && (a.vendor ?? "") === (b.vendor ?? "");

const valuesOf = (keys: readonly SubjectKey[]): ReadonlySet<string> => new Set(keys.map(({ value }) => value));

/**
 * Which kinds of hardware keys have a value in common, and which have none though both sides have some. MACs set by software
 * are left out. Serials agree within one vendor; the same text of two vendors is neither.
 */
export const compare = (
  mine: readonly SubjectKey[],
  theirs: readonly SubjectKey[],
): { readonly agree: ReadonlySet<KeyKind>; readonly disagree: ReadonlySet<KeyKind> } => {
  const agree = new Set<KeyKind>();
  const disagree = new Set<KeyKind>();
  const others = profileOf(theirs);
  for (const [kind, keys] of profileOf(mine)) {
    const held = others.get(kind);
    if (!held) continue;
    if (keys.some((key) => held.some((other) => isSameValue(key, other)))) agree.add(kind);
    else if (!keys.some(({ value }) => held.some((other) => other.value === value))) disagree.add(kind);
  }
  return { agree, disagree };
};

/** The MACs of both, and how many they have in common. */
const compareMacs = (keys: readonly SubjectKey[], held: readonly SubjectKey[]) => {
  const [mine, theirs] = [profileOf(keys).get("mac"), profileOf(held).get("mac")];
  if (!mine || !theirs) return undefined;
  const [a, b] = [valuesOf(mine), valuesOf(theirs)];
  return { mine: a.size, theirs: b.size, shared: a.intersection(b).size };
};

/** All MACs of one are the other's too. One of several in common is a dock or an adapter that travels, not the machine. */
export const hasAllMacs = (keys: readonly SubjectKey[], held: readonly SubjectKey[]): boolean => {
  const macs = compareMacs(keys, held);
  return macs !== undefined && macs.shared === Math.min(macs.mine, macs.theirs);
};

/** Most of the interfaces of both are the same: a stack with another master, which answers with another member's serial. */
const keepsInterfaces = (keys: readonly SubjectKey[], held: readonly SubjectKey[]): boolean => {
  const macs = compareMacs(keys, held);
  return macs !== undefined && macs.shared >= 2 && macs.shared * 2 >= Math.max(macs.mine, macs.theirs);
};

/** All MACs of one, or most of the interfaces of both. */
export const keepsMacs = (keys: readonly SubjectKey[], held: readonly SubjectKey[]): boolean =>
  hasAllMacs(keys, held) || keepsInterfaces(keys, held);

/** Whether what is seen may be that asset, by what both have of the keys that a device has one of. */
export const fits = (keys: readonly SubjectKey[], held: readonly SubjectKey[], isOwn: boolean): boolean => {
  // What is seen from afar has nothing that could contradict.
  if (!keys.some((key) => strengthOf(key) === "hardware")) return true;
  const { agree, disagree } = compare(keys, held);
  const hasSame = agree.has("hardwareUuid") || agree.has("serial");
  if (disagree.has("hardwareUuid") || disagree.has("serial"))
    return (hasSame && agree.has("mac")) || keepsInterfaces(keys, held);
  // UUIDs and engine ids are copied with machines and configurations; a serial within its vendor is not.
  const isCopyable = (agree.has("hardwareUuid") || agree.has("engineId")) && !agree.has("serial");
  return isOwn || !(isCopyable && disagree.has("mac"));
};

const isHere = ({ realm }: Realm, key: HeldKey): boolean => key.realm === realm;

/** The strongest key by which the observation may be this asset: hardware and burnt-in MACs anywhere, others in the realm. */
export const linksTo = (seen: Realm, { matched }: Pick<Candidate, "matched">): HeldKey | undefined => {
  const hardware = matched.find((key) => strengthOf(key) === "hardware" && isLasting(key));
  return (
    hardware ??
    matched.find((key) => key.kind === "mac" && !isSoftMac(key)) ??
    matched.find((key) => (key.kind === "mac" || key.kind === "lldpChassisId") && isHere(seen, key))
  );
};

/** The asset has the address now, as far as one can know: same realm, within a lease. */
export const holdsNow = (seen: Realm, candidate: Pick<Candidate, "matched" | "held" | "agent">): boolean =>
  candidate.matched.some(
    (key) =>
      key.kind === "ip" &&
      isHere(seen, key) &&
      (isAddressOnly(candidate) ||
        seen.atMs === undefined ||
        (key.lastSeenAtMs ?? seen.atMs) >= seen.atMs - (seen.leaseMs ?? LEASE_MS)),
  );

/** How much speaks for the candidate: hardware over MACs over address over name. */
export const scoreOf = (seen: Realm, candidate: Candidate): number =>
  candidate.matched.reduce((sum, key) => {
    if (isCrowded(key, seen.crowded)) return sum;
    if (strengthOf(key) === "hardware") return sum + (isLasting(key) ? 100 : 2);
    if (key.kind === "mac") return sum + (isSoftMac(key) ? 5 : 10);
    if (!isHere(seen, key)) return sum;
    if (key.kind === "lldpChassisId" || key.kind === "machineId") return sum + 5;
    if (key.kind === "ip") return sum + (holdsNow(seen, candidate) ? 3 : 0);
    return sum + 1;
  }, 0);

const anchoring: ReadonlySet<KeyKind> = new Set(["hardwareUuid", "serial", "engineId"]);

/** Known by MACs and less only: nothing that would tell two such assets apart if one observation has the keys of both. */
export const isShadow = ({ agent, held }: Pick<Candidate, "agent" | "held">): boolean =>
  agent === undefined && !held.some(({ kind }) => anchoring.has(kind));

/** Known by an address, and perhaps names, only. */
export const isAddressOnly = ({ agent, held }: Pick<Candidate, "agent" | "held">): boolean =>
  agent === undefined && held.length === 0;
