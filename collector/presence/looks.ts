import type { AgentId } from "../../shared/ids.ts";
import type { Proof } from "./evidence.ts";
import type { LocalTime } from "./local-time.ts";
import type { PresencePolicy } from "./policy.ts";
import { correctHour, expectedDays, learnHour } from "./rhythm.ts";
import { temperOf } from "./temper.ts";
import { type Look, type LookSight, MAX_LOOKS, type Track } from "./track.ts";
import type { OwnAgent } from "./verdict.ts";

/** What looks make of a track: it was seen, or missed by one that could see, and what either teaches about its habits. Pure. */

const HOUR_MS = 3_600_000;

const learn = (track: Track, atMs: number, seen: boolean, local: LocalTime): Track => {
  const hour = Math.floor(atMs / HOUR_MS);
  if (hour < track.learnedHour) return track;
  const slot = local.hourOfWeek(atMs);
  if (hour > track.learnedHour)
    return { ...track, rhythm: learnHour(track.rhythm, slot, seen), learnedHour: hour, learnedSeen: seen };
  if (!seen || track.learnedSeen) return track;
  return { ...track, rhythm: correctHour(track.rhythm, slot), learnedSeen: true };
};

/** What an hour teaches about a device that only its own agent speaks for. */
export const learnOwn = (track: Track, own: OwnAgent | null, nowMs: number, local: LocalTime): Track => {
  if (own?.state === "connected") return learn(track, nowMs, true, local);
  return own?.state === "closed" || own?.state === "silent" || own?.state === "said-goodbye"
    ? track.looks.length === 0
      ? learn(track, nowMs, false, local)
      : track
    : track;
};

export type LookAt = {
  readonly agentId: AgentId;
  readonly scope: string;
  readonly atMs: number;
  /** End of the sweep in its round that this is part of; null: somebody was asked to look, or just saw it. */
  readonly sweptMs: number | null;
  readonly sight?: LookSight;
};

/** Two sweeps closer than this are one. */
const SAME_SWEEP_MS = 1_000;

/**
 * The interval between sweeps, followed slowly; one gap of an outage is no new habit. What was seen several times in one sweep,
 * or by looks that were asked for in between, says nothing about it.
 */
const paceOf = (
  known: Look | undefined,
  sweptMs: number | null,
  policy: PresencePolicy,
): Pick<Look, "intervalMs" | "sweptMs" | "isPaced"> => {
  const { intervalMs = policy.lookIntervalMs, sweptMs: beforeMs = null } = known ?? {};
  const { isPaced = intervalMs !== policy.lookIntervalMs } = known ?? {};
  if (sweptMs === null || (beforeMs !== null && sweptMs < beforeMs + SAME_SWEEP_MS))
    return { intervalMs, sweptMs: beforeMs, isPaced };
  if (beforeMs === null) return { intervalMs, sweptMs, isPaced };
  const gapMs = sweptMs - beforeMs;
  if (!isPaced) return { intervalMs: gapMs, sweptMs, isPaced: true };
  const next = gapMs > 3 * intervalMs ? intervalMs * 1.1 : 0.8 * intervalMs + 0.2 * gapMs;
  return { intervalMs: next, sweptMs, isPaced };
};

const withLook = (track: Track, look: Look): readonly Look[] => {
  const others = track.looks.filter((other) => other.agentId !== look.agentId);
  return [look, ...others].sort((a, b) => b.hitMs - a.hitMs).slice(0, MAX_LOOKS);
};

const isMissed = (track: Track): boolean => track.looks.some((look) => look.misses > 0);

/** A weekend with a Monday's morning. */
const HABIT_MS = 76 * 3_600_000;

/**
 * The hours of an absence that is over, as far as somebody looked. Learned on return and not while it lasts, so that a device
 * which stays away is measured by what it did before; a long absence is no habit at all.
 */
const learnAbsence = (track: Track, atMs: number, local: LocalTime): Track => {
  const [look] = [...track.looks].sort((a, b) => b.misses - a.misses);
  if (!look || look.misses === 0 || look.missFirstMs === null || look.missLastMs === null) return track;
  const isWatched = look.misses * look.intervalMs >= 0.5 * (look.missLastMs - look.missFirstMs);
  if (!isWatched || atMs - track.lastSeenMs > HABIT_MS) return track;
  let next = track;
  for (let ms = look.missFirstMs; ms <= look.missLastMs; ms += HOUR_MS) next = learn(next, ms, false, local);
  return next;
};

/** Days that one absence adds to those it misses now and then; a week's holiday tells little about ordinary days. */
const MAX_MISSED = 2;

/** After an absence: what it teaches. */
const learnReturn = (track: Track, atMs: number, local: LocalTime): Track => {
  const awayMs = atMs - track.lastSeenMs;
  const interval = track.looks[0]?.intervalMs ?? 0;
  // Only what somebody who could see has missed was an absence; a gap of ours teaches nothing about the device.
  if (
    !isMissed(track) ||
    interval === 0 ||
    awayMs < 3 * interval ||
    track.state === "missing" ||
    track.state === "blind"
  )
    return track;
  const missed = expectedDays(track.rhythm, temperOf(track), track.lastSeenMs, atMs, local);
  return {
    ...track,
    absences: track.absences + 1,
    missed: track.missed + Math.min(missed, MAX_MISSED),
    longestAwayMs: Math.max(track.longestAwayMs * 0.98, awayMs),
  };
};

/** The device was seen: by whom, and how well. Older proofs than what is known change no state. */
export const applyHit = (before: Track, proof: Proof, by: LookAt, policy: PresencePolicy, local: LocalTime): Track => {
  const known = before.looks.find((look) => look.agentId === by.agentId);
  // An answer from the address, without a MAC, does not outweigh observers that hear MACs and miss it.
  const isWeak =
    proof.grade === "address" &&
    before.looks.some((look) => look.grade === "key" && look.agentId !== by.agentId && look.misses > 0);
  const atMs = Math.max(before.lastSeenMs, proof.atMs);
  const isNews = proof.atMs > before.lastSeenMs && !isWeak;
  let track =
    isNews && isMissed(before) ? learnAbsence(learnReturn(before, proof.atMs, local), proof.atMs, local) : before;
  const refuted = (look: Look): Look =>
    !isWeak && look.misses > 0 && (look.missLastMs ?? 0) <= proof.atMs + sameTimeMs(look) ? unmissed(look) : look;
  const look: Look = {
    agentId: by.agentId,
    scope: by.scope === "" ? (known?.scope ?? "") : by.scope,
    ...paceOf(known, by.sweptMs, policy),
    lastMs: Math.max(known?.lastMs ?? 0, by.atMs),
    hitMs: Math.max(known?.hitMs ?? 0, proof.atMs),
    misses: known?.misses ?? 0,
    sweepMisses: known?.sweepMisses ?? 0,
    missFirstMs: known?.missFirstMs ?? null,
    missLastMs: known?.missLastMs ?? null,
    missBeforeMs: known?.missBeforeMs ?? null,
    grade: proof.grade === "key" ? "key" : (known?.grade ?? "address"),
  };
  const looks = withLook(track, look).map(refuted);
  const isCleared = looks.every(({ misses }) => misses === 0);
  track = { ...track, looks, ...(isCleared && track.apart && { apart: null }) };
  if (!isNews) return track;
  return learn({ ...track, lastSeenMs: atMs, lastBy: by.agentId, away: null }, proof.atMs, true, local);
};

export const unmissed = (look: Look): Look => ({
  ...look,
  misses: 0,
  sweepMisses: 0,
  missFirstMs: null,
  missLastMs: null,
  missBeforeMs: null,
});

/** Of one that saw it and one that missed it at the same time, the first is right: a look takes its time, and clocks differ. */
const sameTimeMs = (look: Look): number => Math.min(30_000, look.intervalMs / 2);

/** Two misses closer than this are one look. */
const SAME_LOOK_MS = 5_000;

/** How far apart two misses must be for no restart to explain both: what a reboot may take, or half a look's interval. */
export const spacingMs = (intervalMs: number, policy: PresencePolicy): number =>
  Math.min(policy.goodbyeMs.reboot, 0.45 * intervalMs);

const withMiss = ({ apart }: Track, atMs: number, leastMs: number): NonNullable<Track["apart"]> => {
  if (!apart) return { misses: 1, lastMs: atMs };
  return atMs - apart.lastMs >= leastMs ? { misses: apart.misses + 1, lastMs: atMs } : apart;
};

/** A look that could see covered its address and did not see it. Only agents that once saw the device can miss it. */
export const applyMiss = (track: Track, by: LookAt, policy: PresencePolicy): Track => {
  const known = track.looks.find((look) => look.agentId === by.agentId);
  if (!known || by.atMs <= known.hitMs || by.atMs <= known.lastMs) return track;
  if (by.atMs <= track.lastSeenMs + (track.lastBy === by.agentId ? 0 : sameTimeMs(known))) return track;
  const isNew = known.missLastMs === null || by.atMs - known.missLastMs >= SAME_LOOK_MS;
  const look: Look = {
    ...known,
    ...paceOf(known, by.sweptMs, policy),
    lastMs: by.atMs,
    misses: known.misses + (isNew ? 1 : 0),
    sweepMisses: (known.sweepMisses ?? 0) + (isNew && by.sweptMs !== null ? 1 : 0),
    missFirstMs: known.missFirstMs ?? by.atMs,
    missLastMs: by.atMs,
    missBeforeMs: isNew ? known.missLastMs : (known.missBeforeMs ?? null),
    ...(by.sight && { sight: by.sight }),
  };
  const apart = withMiss(track, by.atMs, spacingMs(known.intervalMs, policy));
  return { ...track, looks: withLook(track, look), apart };
};
