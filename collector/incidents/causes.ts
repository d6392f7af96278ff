import type { AssetId } from "../../shared/ids.ts";
import { temperOf } from "../presence/temper.ts";
import type { Track } from "../presence/track.ts";

/**
 * One cause, one incident: which switch, port, access point, hypervisor or subnet a loss shares with others. Pure; what
 * hangs on what was learned before (neighbours, FDB, wireless clients, hypervisors' lists) and is handed in.
 */
export type Cause = {
  readonly kind: "device" | "port" | "subnet";
  /** The lasting part of the case's condition. */
  readonly key: string;
  readonly name: string;
  readonly assetId?: AssetId;
  /** Everything that went with it and that we know of, the device itself included. */
  readonly lost: readonly Track[];
  /** What was expected behind it at the time. */
  readonly expected: number;
};

export type Surroundings = {
  readonly nowMs: number;
  readonly track: (assetId: AssetId) => Track | undefined;
  readonly behind: (assetId: AssetId) => readonly Track[];
  /** Devices of its subnet, itself included. */
  readonly neighboursOf: (track: Track) => readonly Track[];
};

const MAX_DEPTH = 16;
const MAX_BEHIND = 5_000;

const intervalOf = (track: Track): number => track.looks[0]?.intervalMs ?? 900_000;

/** Nobody who could see has seen it since, and somebody missed it. */
export const isLost = (track: Track): boolean =>
  track.state === "missing" || track.looks.some((look) => look.misses > 0 && (look.missLastMs ?? 0) > track.lastSeenMs);

/** Missed more than once, so far apart that neither a restart nor a look that overlooked it explains both. */
const isSurelyLost = (track: Track): boolean => track.state === "missing" || (track.apart?.misses ?? 0) >= 2;

/** When it went: after it was seen last, before the first look that missed it. */
const untilMs = (track: Track): number =>
  Math.min(...track.looks.flatMap((look) => (look.misses > 0 && look.missFirstMs !== null ? [look.missFirstMs] : [])));

/**
 * Whether two losses may be one event: last seen within one look of each other, or, where nobody could look for a while, each
 * may have gone at a time at which the other one may have.
 */
const isTogether = (a: Track, b: Track): boolean =>
  Math.abs(a.lastSeenMs - b.lastSeenMs) <= 1.25 * Math.max(intervalOf(a), intervalOf(b)) ||
  (a.lastSeenMs <= untilMs(b) && b.lastSeenMs <= untilMs(a) && Number.isFinite(untilMs(a) + untilMs(b)));

/** It was there just before the loss, so that its being lost or seen says something. */
const wasThere = (track: Track, loss: Track): boolean =>
  track.lastSeenMs >= loss.lastSeenMs - 1.25 * Math.max(intervalOf(track), intervalOf(loss)) ||
  (isLost(track) && isTogether(track, loss));

const subtree = (root: AssetId, around: Surroundings): readonly Track[] => {
  const out: Track[] = [];
  const known = new Set<AssetId>([root]);
  for (let level: AssetId[] = [root], depth = 0; level.length > 0 && depth < MAX_DEPTH; depth++) {
    const next: AssetId[] = [];
    for (const id of level)
      for (const child of around.behind(id)) {
        if (known.has(child.assetId) || out.length >= MAX_BEHIND) continue;
        known.add(child.assetId);
        out.push(child);
        next.push(child.assetId);
      }
    level = next;
  }
  return out;
};

type Share = { readonly lost: readonly Track[]; readonly expected: number };

/** Of what comes and goes by itself, absence says little: it is counted only where nothing steady hangs there. */
const shareOf = (tracks: readonly Track[], loss: Track): Share => {
  const there = tracks.filter((track) => wasThere(track, loss));
  const steady = there.filter((track) => temperOf(track) === "steady");
  const expected = steady.length > 0 ? steady : there;
  return { lost: expected.filter((track) => isLost(track) && isTogether(track, loss)), expected: expected.length };
};

/** Nearly all that hung there is gone, and more than one. */
const isWhole = ({ lost, expected }: Share): boolean => lost.length >= 2 && lost.length >= 0.8 * expected;

const deviceCause = (root: Track, share: Share): Cause => ({
  kind: "device",
  key: `asset:${root.assetId}`,
  name: root.name,
  assetId: root.assetId,
  lost: share.lost,
  expected: share.expected,
});

/** The topmost thing that explains the loss: itself with what hangs on it, an ancestor, its port, or chance in one subnet. */
export const findCause = (loss: Track, around: Surroundings): Cause | undefined =>
  deviceThatTook(loss, around) ??
  portCause(loss, around) ??
  (loss.parentId === null ? companyCause(loss, around) : undefined) ??
  subnetCause(loss, around);

const deviceThatTook = (loss: Track, around: Surroundings): Cause | undefined => {
  let found: Cause | undefined;
  const own = shareOf(subtree(loss.assetId, around), loss);
  if (own.lost.length >= 1 && own.lost.length >= 0.6 * own.expected)
    found = deviceCause(loss, { lost: [loss, ...own.lost], expected: own.expected + 1 });
  let current: Track | undefined = loss;
  for (let depth = 0; depth < MAX_DEPTH && current?.parentId; depth++) {
    const parent: Track | undefined = around.track(current.parentId);
    if (!parent) break;
    const share = shareOf(subtree(parent.assetId, around), loss);
    const isParentLost = isLost(parent) && isTogether(parent, loss);
    if (isParentLost && share.lost.length >= 0.5 * share.expected)
      found = deviceCause(parent, { lost: [parent, ...share.lost], expected: share.expected + 1 });
    // A parent that answers can still have lost all that hangs on it (its ports, its radio): only with more than a pair.
    else if (!isParentLost && isWhole(share) && share.lost.length >= 3 && depth === 0)
      found ??= deviceCause(parent, share);
    else if (!isParentLost) break;
    current = parent;
  }
  return found;
};

/**
 * Of a device whose place nobody knows yet (it is new, or its switch was not read since): the one thing that took (nearly) all
 * of its subnet's devices that went in the same look, or at which others of its subnet are. If that is not its place, it stays
 * away when the others return, and gets a case of its own then.
 */
const companyCause = (loss: Track, around: Surroundings): Cause | undefined => {
  const placed = around.neighboursOf(loss).filter((track) => track.parentId !== null);
  const cause = crowdCause(loss, placed, around) ?? homeCause(loss, placed, around);
  return cause && { ...cause, lost: [...cause.lost, loss], expected: cause.expected + 1 };
};

const crowdCause = (loss: Track, placed: readonly Track[], around: Surroundings): Cause | undefined => {
  const gone = placed.filter((track) => isLost(track) && isTogether(track, loss));
  if (gone.length < CROWD) return undefined;
  const causes = new Map<string, { readonly cause: Cause; votes: number }>();
  for (const track of gone.slice(0, MAX_VOTES)) {
    const cause = deviceThatTook(track, around);
    if (!cause) continue;
    const known = causes.get(cause.key);
    if (known) known.votes++;
    else causes.set(cause.key, { cause, votes: 1 });
  }
  const [best] = [...causes.values()].sort((a, b) => b.votes - a.votes);
  return best && best.votes >= CROWD && best.votes >= 0.8 * Math.min(gone.length, MAX_VOTES) ? best.cause : undefined;
};

/** A switch that went in the same look, and at which others of its subnet are, whether or not they were there then. */
const homeCause = (loss: Track, placed: readonly Track[], around: Surroundings): Cause | undefined => {
  const homes = [...new Set(placed.map((track) => track.parentId))].flatMap((id) => {
    const home = id === null ? undefined : around.track(id);
    return home && isLost(home) && isTogether(home, loss) ? [home] : [];
  });
  for (const home of homes) {
    const cause = deviceThatTook(home, around);
    if (cause) return cause;
  }
  return undefined;
};

/** Of a crowd so many are asked what took them. */
const MAX_VOTES = 8;

/** Without anything that is known to have taken them, a look that overlooked somebody is no company. */
const surely = ({ lost, expected }: Share): Share => ({ lost: lost.filter(isSurelyLost), expected });

const portCause = (loss: Track, around: Surroundings): Cause | undefined => {
  if (loss.parentId === null || loss.port === null) return undefined;
  const onPort = around.behind(loss.parentId).filter((track) => track.port === loss.port);
  const share = surely(shareOf(onPort, loss));
  if (!isWhole(share)) return undefined;
  const name = `port ${loss.port} of ${around.track(loss.parentId)?.name ?? "its switch"}`;
  return { kind: "port", key: `port:${loss.parentId}:${loss.port}`, name, ...share };
};

/** Of those beside it that were there just before (on its switch, else in its subnet), which went with it. */
export const companyOf = (
  loss: Track,
  around: Surroundings,
): { readonly lost: readonly Track[]; readonly there: number; readonly where: string } => {
  const parent = loss.parentId === null ? undefined : around.track(loss.parentId);
  const near = parent ? around.behind(parent.assetId) : around.neighboursOf(loss);
  const others = near.filter((track) => track.assetId !== loss.assetId);
  const share = surely(shareOf(others, loss));
  return { lost: share.lost, there: share.expected, where: parent ? `on ${parent.name}` : `in ${subnetName(loss)}` };
};

/** So many steady devices don't fail in one look by chance. */
const CROWD = 3;

const subnetCause = (loss: Track, around: Surroundings): Cause | undefined => {
  if (loss.addressKey === null) return undefined;
  // What went with its own switch is explained by that, and says nothing about its neighbours.
  const isElsewhere = (track: Track) => {
    const parent =
      track.parentId === null || track.parentId === loss.parentId ? undefined : around.track(track.parentId);
    return parent !== undefined && isLost(parent);
  };
  const steady = around.neighboursOf(loss).filter((track) => temperOf(track) === "steady" && !isElsewhere(track));
  const share = surely(shareOf(steady, loss));
  if (share.lost.length < CROWD) return undefined;
  const name = `subnet ${subnetName(loss)}`;
  return { kind: "subnet", key: `subnet:${loss.realm}:${subnetName(loss)}`, name, ...share };
};

/** The /24 or /64 of its address: what we know of subnets before somebody tells us more. */
export const subnetName = (track: Pick<Track, "address">): string => {
  const address = track.address ?? "";
  return address.includes(":")
    ? `${address.split(":").slice(0, 4).join(":")}::/64`
    : `${address.replace(/\.\d+$/, ".0")}/24`;
};

/** First and last address key of that subnet. */
export const subnetKeys = (addressKey: string): readonly [string, string] => {
  const keep = addressKey.startsWith("4") ? 7 : 17;
  const head = addressKey.slice(0, keep);
  return [head.padEnd(addressKey.length, "0"), head.padEnd(addressKey.length, "f")];
};
