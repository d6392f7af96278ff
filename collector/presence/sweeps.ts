import type { AssetId } from "../../shared/ids.ts";
import { isIpv4, parseIp } from "../../shared/ip.ts";
import type { Method } from "../../shared/protocol/observation.ts";
import type { Sweep } from "../../shared/protocol/sweep.ts";
import type { AgentScope, SweepRow } from "../store/store.ts";
import { addressKey } from "./address-key.ts";
import { countsAsAsked } from "./evidence.ts";
import type { PresencePolicy } from "./policy.ts";
import { temperOf } from "./temper.ts";
import type { Track } from "./track.ts";

/** What a sweep's silence is worth. Pure: the tracks that it covered come from the caller. */

/** Both ends of each run as address keys, and whether its silence counts. */
export const runsOf = (
  sweep: Pick<SweepRow, "coverage">,
  policy: PresencePolicy,
): readonly { readonly from: string; readonly to: string; readonly isCounted: boolean }[] =>
  sweep.coverage.flatMap((run) => {
    const from = parseIp(run.from);
    const to = parseIp(run.to);
    if (!from || !to) return [];
    return [{ from: addressKey(from), to: addressKey(to), isCounted: countsAsAsked(run, policy) }];
  });

/** Ways in which an agent itself heard an address; once its kernel knows the MAC, any answer may be the one that counts. */
const direct: ReadonlySet<Method> = new Set<Method>([
  ...(["arp", "ndp", "neighbours", "icmp", "tcp", "udp", "mdns", "ssdp", "netbios"] as const),
]);

/**
 * Addresses at which a MAC answered this very sweep: of whoever else has the address by our books nothing was heard there,
 * though somebody was asked. Tables that others keep are no answers.
 */
export const answeredByMac = (sweep: Pick<Sweep, "sightings">): ReadonlySet<string> => {
  const out = new Set<string>();
  for (const { method, subject } of sweep.sightings) {
    const ip = parseIp(subject.keys.find(({ kind }) => kind === "ip")?.value ?? "");
    if (direct.has(method) && ip && subject.keys.some(({ kind }) => kind === "mac")) out.add(addressKey(ip));
  }
  return out;
};

/** Why a sweep's word on silence is refused, if it is: it speaks of what its agent may not look at, or of the whole world. */
export const refusalOf = (
  sweep: Pick<SweepRow, "scope" | "realm" | "coverage">,
  scopes: readonly AgentScope[],
): string | undefined => {
  const scope = scopes.find((candidate) => candidate.name === sweep.scope);
  if (!scope) return `sweep of scope "${sweep.scope}", which the agent did not name at its hello`;
  if (scope.realm !== sweep.realm)
    return `sweep of realm "${sweep.realm}", but scope "${scope.name}" belongs to "${scope.realm}"`;
  const ranges = rangesOf(scope.targets);
  // A scope given by host names can't be checked from here.
  if (ranges === undefined) return undefined;
  for (const run of sweep.coverage) {
    const from = parseIp(run.from);
    const to = parseIp(run.to);
    if (!from || !to || isIpv4(from) !== isIpv4(to)) return `coverage ${run.from} to ${run.to} is no range`;
    const [low, high] = [addressKey(from), addressKey(to)];
    if (low > high) return `coverage ${run.from} to ${run.to} is no range`;
    if (!isCovered(low, high, ranges)) return `coverage ${run.from} to ${run.to} lies outside scope "${scope.name}"`;
  }
  return undefined;
};

type Range = readonly [string, string];

const isCovered = (low: string, high: string, ranges: readonly Range[]): boolean =>
  ranges.some(([from, to]) => low.length === from.length && low >= from && high <= to);

const rangesOf = (targets: readonly string[]): readonly Range[] | undefined => {
  const out: Range[] = [];
  for (const target of targets) {
    const range = rangeOf(target);
    if (!range) return undefined;
    out.push(range);
  }
  return out.length === 0 ? undefined : joined(out);
};

const follows = (key: string): string =>
  `${key[0]}${(BigInt(`0x${key.slice(1)}`) + 1n).toString(16).padStart(key.length - 1, "0")}`;

/** A run of a sweep may reach over several targets that lie side by side. */
const joined = (ranges: readonly Range[]): readonly Range[] => {
  const out: Range[] = [];
  for (const [from, to] of ranges.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const last = out.at(-1);
    if (last === undefined || last[1].length !== to.length || from > follows(last[1])) out.push([from, to]);
    else if (to > last[1]) out[out.length - 1] = [last[0], to];
  }
  return out;
};

const rangeOf = (target: string): Range | undefined => {
  const [first = "", second] = target.split(target.includes("/") ? "/" : "-", 2);
  const from = parseIp(first);
  if (!from) return undefined;
  const low = addressKey(from);
  if (target.includes("/")) {
    const width = (low.length - 1) * 4;
    const prefix = Number(second);
    if (!Number.isInteger(prefix) || prefix < 0 || prefix > width) return undefined;
    const hostMask = (1n << BigInt(width - prefix)) - 1n;
    const base = BigInt(`0x${low.slice(1)}`) & ~hostMask;
    const text = (n: bigint) => `${low[0]}${n.toString(16).padStart(width / 4, "0")}`;
    return [text(base), text(base | hostMask)];
  }
  if (second === undefined) return [low, low];
  // "10.0.0.1-10.0.0.50" or "10.0.0.1-50"
  const to = parseIp(/^\d{1,3}$/.test(second) ? first.replace(/\d+$/, second) : second);
  return to ? [low, addressKey(to)] : undefined;
};

export type Weighed = {
  readonly missed: readonly Track[];
  /** Missed, but not counted: too many at once for devices, so the observer or its segment is in doubt. */
  readonly doubted: readonly Track[];
  /** Nearly everything is missed: this look saw nothing, whatever it says of itself. */
  readonly sawNothing: boolean;
};

/** From this share on it is the observer or the whole segment, and no sum of devices. */
const NEARLY_ALL = 0.7;

/** Fewer than these at once are devices; more may be the observer. */
const CROWD = 4;

/**
 * Sorts what a sweep that could see did not see. Where more than `doubtShare` of the steady devices that were there at its
 * last look vanish together, and no switch, port, access point or hypervisor that we know of explains it by having lost (nearly)
 * all that hangs on it, we doubt the look and not the devices, until `doubts` looks in a row said the same.
 */
export const weighSweep = (
  covered: readonly Track[],
  isSeen: (assetId: AssetId) => boolean,
  agentId: SweepRow["agentId"],
  doubts: number,
  policy: PresencePolicy,
): Weighed => {
  const mine = covered.filter((track) => track.looks.some((look) => look.agentId === agentId && look.hitMs > 0));
  const missed = mine.filter((track) => !isSeen(track.assetId));
  if (missed.length < CROWD) return { missed, doubted: [], sawNothing: false };
  const steady = mine.filter(
    (track) => temperOf(track) === "steady" && track.state !== "missing" && track.state !== "away",
  );
  const fresh = steady.filter((track) => !isSeen(track.assetId) && track.suspicion === null);
  const lost = steady.filter((track) => !isSeen(track.assetId));
  if (lost.length >= CROWD && lost.length >= NEARLY_ALL * steady.length)
    return { missed: [], doubted: missed, sawNothing: true };
  if (fresh.length < CROWD || fresh.length <= policy.doubtShare * steady.length || doubts >= 2)
    return { missed, doubted: [], sawNothing: false };
  const explained = new Set<AssetId>();
  const hanging = steady.filter((track) => track.parentId !== null);
  // Behind one port: a hypervisor with its guests, or a switch that we don't know.
  const bundles = [
    ...Map.groupBy(hanging, (track) => track.parentId).values(),
    ...Map.groupBy(
      hanging.filter((track) => track.port !== null),
      (track) => `${track.parentId} ${track.port}`,
    ).values(),
  ];
  for (const children of bundles) {
    const gone = children.filter((track) => !isSeen(track.assetId));
    if (children.length >= 2 && gone.length >= 0.8 * children.length)
      for (const track of gone) explained.add(track.assetId);
  }
  const open = fresh.filter((track) => !explained.has(track.assetId));
  // What hangs on nothing we know (the switches themselves) goes with what they took along.
  if (open.length <= Math.max(CROWD - 1, policy.doubtShare * steady.length))
    return { missed, doubted: [], sawNothing: false };
  const doubted = new Set(missed.filter((track) => !explained.has(track.assetId)));
  return { missed: missed.filter((track) => !doubted.has(track)), doubted: [...doubted], sawNothing: false };
};
