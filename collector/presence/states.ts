import type { AgentId } from "../../shared/ids.ts";
import type { Criticality, PresenceState } from "../../shared/model/asset.ts";
import type { DeviceType } from "../../shared/protocol/sections.ts";
import type { Proof } from "./evidence.ts";
import type { LocalTime } from "./local-time.ts";
import type { PresencePolicy } from "./policy.ts";
import { correctHour, expectedDays, learnHour, presenceAt, type Temper, weightOf } from "./rhythm.ts";
import { type Look, MAX_LOOKS, NEVER, type Track } from "./track.ts";

/**
 * The rules of presence (README.md beside this file), as functions of a track, what its observers are able to, and `now`.
 * Nothing here reads, writes or knows an order of arrival.
 */

/** How the agent on the device itself stands; its session is the strongest evidence there is. */
export type OwnAgent = {
  /** "unsure": its patience runs, but nothing of it was heard since the collector could hear. */
  readonly state: "connected" | "unsure" | "closed" | "silent" | "said-goodbye" | "gone";
  /** Last time that it, or its host's system by closing the connection, was heard. */
  readonly heardMs: number;
  readonly goodbyeUntilMs: number | null;
};

export type View = {
  readonly nowMs: number;
  readonly policy: PresencePolicy;
  readonly local: LocalTime;
  /** Since when the collector could have heard anything: its own start, jump or wake. */
  readonly hearableSinceMs: number;
  readonly own: OwnAgent | null;
  /** Whether this agent is connected, heard, and in no doubt about itself. */
  readonly canSee: (agentId: AgentId) => boolean;
  /** Whether this agent is not meant to look any more: revoked, removed, unknown. */
  readonly isGone: (agentId: AgentId) => boolean;
  /** End of the maintenance window that holds now, if one does. */
  readonly maintenanceUntilMs: number | null;
};

export type Judgement = {
  readonly state: PresenceState;
  readonly dueMs: number;
  /** "confirm": somebody should look again now; "accuse": it is missing. */
  readonly wants: "confirm" | "accuse" | null;
  readonly reason: string;
};

const steadyTypes: ReadonlySet<DeviceType> = new Set([
  "server",
  "virtual-machine",
  "container",
  "hypervisor",
  "switch",
  "router",
  "firewall",
  "access-point",
  "wireless-controller",
  "ups",
  "pdu",
  "storage",
  "camera",
  "phone",
  "sensor",
  "modem",
  "olt",
  "radio",
  "load-balancer",
  "management-controller",
  "appliance",
]);

/** Hours that must have been learned before behaviour outweighs kind. */
const LEARNED_HOURS = 84;

/** Whether a device is judged by minutes or by its habits: by its kind first, by its behaviour once that is known. */
export const temperOf = (track: Track): Temper => {
  const bySort: Temper = steadyTypes.has(track.deviceType) ? "steady" : "rhythmic";
  // A kind we can't tell is believed steady until it stays away for the first time.
  if (track.deviceType === "unknown" && track.absences < 0.5) return "steady";
  // What it has done so far leaves nothing to weigh: asked of every device at every look.
  if (bySort === "steady" ? track.absences < 3 : track.absences >= 1) return bySort;
  const { looks, hits } = weightOf(track.rhythm);
  if (looks < LEARNED_HOURS) return bySort;
  if (bySort === "steady") return hits < 0.9 * looks ? "rhythmic" : "steady";
  return hits >= 0.985 * looks ? "steady" : "rhythmic";
};

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

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

/** The interval between looks, followed slowly; one gap of an outage is no new habit. */
const nextInterval = (intervalMs: number, gapMs: number, isFirst: boolean): number => {
  if (gapMs < 1_000) return intervalMs;
  if (isFirst) return gapMs;
  return gapMs > 3 * intervalMs ? intervalMs * 1.1 : 0.8 * intervalMs + 0.2 * gapMs;
};

export type LookAt = {
  readonly agentId: AgentId;
  readonly scope: string;
  readonly atMs: number;
  readonly isRoutine: boolean;
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
  const gap = known ? proof.atMs - known.lastMs : 0;
  const refuted = (look: Look): Look =>
    !isWeak && look.misses > 0 && (look.missLastMs ?? 0) <= proof.atMs + sameTimeMs(look) ? unmissed(look) : look;
  const look: Look = {
    agentId: by.agentId,
    scope: by.scope === "" ? (known?.scope ?? "") : by.scope,
    intervalMs: known
      ? by.isRoutine
        ? nextInterval(
            known.intervalMs,
            gap,
            known.hitMs === known.lastMs && known.intervalMs === policy.lookIntervalMs,
          )
        : known.intervalMs
      : policy.lookIntervalMs,
    lastMs: Math.max(known?.lastMs ?? 0, by.atMs),
    hitMs: Math.max(known?.hitMs ?? 0, proof.atMs),
    misses: known?.misses ?? 0,
    sweepMisses: known?.sweepMisses ?? 0,
    missFirstMs: known?.missFirstMs ?? null,
    missLastMs: known?.missLastMs ?? null,
    missBeforeMs: known?.missBeforeMs ?? null,
    grade: proof.grade === "key" ? "key" : (known?.grade ?? "address"),
  };
  track = { ...track, looks: withLook(track, look).map(refuted) };
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
/** A look that could see covered its address and did not see it. Only agents that once saw the device can miss it. */
export const applyMiss = (track: Track, by: LookAt): Track => {
  const known = track.looks.find((look) => look.agentId === by.agentId);
  if (!known || by.atMs <= known.hitMs || by.atMs <= known.lastMs) return track;
  if (by.atMs <= track.lastSeenMs + (track.lastBy === by.agentId ? 0 : sameTimeMs(known))) return track;
  const isNew = known.missLastMs === null || by.atMs - known.missLastMs >= SAME_LOOK_MS;
  const look: Look = {
    ...known,
    intervalMs: by.isRoutine ? nextInterval(known.intervalMs, by.atMs - known.lastMs, false) : known.intervalMs,
    lastMs: by.atMs,
    misses: known.misses + (isNew ? 1 : 0),
    sweepMisses: (known.sweepMisses ?? 0) + (isNew && by.isRoutine ? 1 : 0),
    missFirstMs: known.missFirstMs ?? by.atMs,
    missLastMs: by.atMs,
    missBeforeMs: isNew ? known.missLastMs : (known.missBeforeMs ?? null),
  };
  return { ...track, looks: withLook(track, look) };
};

const patienceFactor: Record<Criticality, number> = { critical: 0.8, high: 0.9, normal: 1, low: 1.5 };

const judgement = (
  state: PresenceState,
  dueMs: number,
  reason: string,
  wants: Judgement["wants"] = null,
): Judgement => ({
  state,
  dueMs,
  wants,
  reason,
});

/** When this device was last known to live: seen by others, or heard by itself. */
export const lastLifeMs = (track: Track, own: OwnAgent | null): number => Math.max(track.lastSeenMs, own?.heardMs ?? 0);

export const judge = (track: Track, view: View): Judgement => {
  const { nowMs, own } = view;
  if (track.lifecycle === "retired" || track.lifecycle === "disposed")
    return judgement("retired", NEVER, `it is ${track.lifecycle}`);
  const temper = temperOf(track);
  if (own?.state === "connected")
    // Habits are learned by the hour also of those that speak for themselves.
    return judgement("present", temper === "rhythmic" ? nowMs + HOUR_MS : NEVER, "its agent is connected");
  const active = track.looks.filter((look) => view.canSee(look.agentId));
  const intervalMs = Math.min(...(active.length > 0 ? active : track.looks).map((look) => look.intervalMs), DAY_MS);
  const life = Math.min(nowMs, lastLifeMs(track, own));
  const isFresh = life > 0 && nowMs - life < 1.5 * intervalMs && !track.looks.some((look) => look.misses > 0);
  if (track.lifecycle !== "in-use" && track.lifecycle !== "missing" && !isFresh)
    return judgement("away", NEVER, `it is ${track.lifecycle}, so nobody expects it`);
  if (view.maintenanceUntilMs !== null && !isFresh)
    return judgement("away", view.maintenanceUntilMs + 1, "a maintenance window is open");
  if (
    own?.state === "said-goodbye" &&
    own.goodbyeUntilMs !== null &&
    own.goodbyeUntilMs > nowMs &&
    track.lastSeenMs <= own.heardMs
  )
    return judgement("away", own.goodbyeUntilMs, "its agent said goodbye");
  // What is missing stays so, whoever else stops looking.
  if (track.state !== "missing" && track.looks.every((look) => view.isGone(look.agentId)))
    return judgeAlone(own, track, temper, view);
  return temper === "steady"
    ? judgeSteady(track, active, intervalMs, life, view)
    : judgeRhythmic(track, active, intervalMs, life, view);
};

/** Nobody but its own agent looks at it. */
const judgeAlone = (own: OwnAgent | null, track: Track, temper: Temper, view: View): Judgement => {
  if (own?.state === "unsure") return judgement(track.state, NEVER, "its agent may still come back in time");
  if (own === null || own.state === "gone") return judgement("unobserved", NEVER, "nobody is meant to look at it");
  if (temper === "rhythmic") {
    const days = expectedDays(track.rhythm, temper, own.heardMs, view.nowMs, view.local);
    return days >= view.policy.expectedDaysMissed
      ? judgement("blind", NEVER, "its own agent is silent, and nobody else watches it")
      : judgement("away", view.nowMs + HOUR_MS, "its habit explains it");
  }
  return judgement("blind", NEVER, "its own agent is silent, and nobody else watches it");
};

/** Nothing has spoken against it: present, then late, then blind, by how long nobody could see. */
const judgeUnlooked = (active: readonly Look[], intervalMs: number, life: number, view: View): Judgement => {
  const { nowMs, policy } = view;
  const since = Math.max(life, ...active.map((look) => look.lastMs), view.hearableSinceMs);
  const lateMs = since + 1.5 * intervalMs;
  const blindMs = since + (policy.blindAfterIntervals + 0.5) * intervalMs;
  if (nowMs < lateMs) return judgement("present", lateMs, "it was seen within its interval");
  if (nowMs < blindMs) return judgement("late", blindMs, "the next look is overdue");
  return judgement("blind", NEVER, "nobody who could see is looking");
};

const missesOf = (looks: readonly Look[], life: number): readonly Look[] =>
  looks.filter((look) => look.misses > 0 && (look.missLastMs ?? 0) > life);

/** Whole sweeps, of one observer or several, that must have missed it. */
const MIN_SWEEPS = 2;

/** How sure the misses make us: counted looks, and whether observers agree. */
const judgeSteady = (
  track: Track,
  active: readonly Look[],
  intervalMs: number,
  life: number,
  view: View,
): Judgement => {
  const { nowMs, policy, own } = view;
  if (track.state === "missing" && missesOf(track.looks, life).length > 0)
    return judgement("missing", NEVER, "it has not come back");
  const accusers = missesOf(active, life).filter(
    (look) => nowMs - (look.missLastMs ?? 0) <= (policy.blindAfterIntervals + 0.5) * look.intervalMs,
  );
  if (accusers.length === 0) return judgeUnlooked(active, intervalMs, life, view);
  // A silent agent of its own is a second word, though no proof: silence alone accuses nobody.
  const isSecond = accusers.length > 1 || own?.state === "silent";
  const misses = accusers.reduce((n, look) => n + look.misses, 0);
  const needed = Math.max(2, policy.missesToAccuse - (isSecond ? 1 : 0));
  const flaps = nowMs - track.flapSinceMs < DAY_MS ? track.flaps : 0;
  const factor = patienceFactor[track.criticality] * 2 ** Math.min(flaps, policy.flapDoublings);
  const unproven = track.deviceType === "unknown" ? 1.5 : 1;
  const firstMissMs = Math.min(...accusers.map((look) => look.missFirstMs ?? nowMs));
  const ripeMs = Math.max(
    Math.max(life, view.hearableSinceMs) +
      Math.max(policy.patienceMinMs, policy.patienceIntervals * intervalMs * (isSecond ? 0.6 : 1) * unproven) * factor,
    firstMissMs + policy.missSpanIntervals * intervalMs * (isSecond ? 0.75 : 1) * factor,
  );
  const pending = pendingUntil(track, nowMs);
  if (pending !== null && nowMs >= ripeMs) return judgement("suspect", pending, "a confirming look is under way");
  const asked = track.suspicion?.asked.length ?? 0;
  // A confirming look asks at the old address; only whole sweeps would meet a device that took another one.
  const sweeps = accusers.reduce((n, look) => n + (look.sweepMisses ?? look.misses), 0);
  const isRipe = misses >= needed && sweeps >= MIN_SWEEPS && nowMs >= ripeMs;
  // The last word before an accusation are two fresh looks, not the memory of older ones: a look overlooks somebody now and
  // then, and that must not meet with a reboot. Where nobody answers when asked, a third whole sweep will do.
  const isFresh = (ms: number | null | undefined) => nowMs - (ms ?? 0) <= 1.5 * policy.confirmMs;
  const fresh = accusers.flatMap((look) => [look.missLastMs, look.missBeforeMs]).filter(isFresh).length;
  if (isRipe && (fresh >= 2 || (fresh === 1 && sweeps > MIN_SWEEPS)))
    return judgement("suspect", nowMs, `${misses} looks that could see missed it`, "accuse");
  // The second time when a look could decide: asked sooner, there would be none left to ask then.
  const isDecisive = nowMs >= ripeMs && sweeps >= MIN_SWEEPS;
  const wantsConfirm = pending === null && asked < MAX_ASKS && (asked === 0 || isDecisive);
  const dueMs = nowMs < ripeMs ? ripeMs : (pending ?? nowMs + intervalMs / 2);
  return judgement("suspect", dueMs, `${misses} of ${needed} looks missed it`, wantsConfirm ? "confirm" : null);
};

/** Commands for one suspicion; regular looks decide where nobody answers those. */
const MAX_ASKS = 6;

const pendingUntil = (track: Track, nowMs: number): number | null => {
  const open = track.suspicion?.asked.filter((ask) => ask.untilMs > nowMs) ?? [];
  return open.length === 0 ? null : Math.max(...open.map((ask) => ask.untilMs));
};

const judgeRhythmic = (
  track: Track,
  active: readonly Look[],
  intervalMs: number,
  life: number,
  view: View,
): Judgement => {
  const { nowMs, policy, local } = view;
  if (track.state === "missing" && missesOf(track.looks, life).length > 0)
    return judgement("missing", NEVER, "it has not come back");
  const accusers = missesOf(active, life);
  const awayMs = nowMs - life;
  if (accusers.length === 0) {
    const alone = judgeUnlooked(active, intervalMs, life, view);
    return alone.state === "blind" && active.length > 0 ? { ...alone, dueMs: nowMs + DAY_MS } : alone;
  }
  const isBlind = accusers.every((look) => nowMs - look.lastMs > (policy.blindAfterIntervals + 0.5) * look.intervalMs);
  if (isBlind) return judgement("blind", NEVER, "nobody who could see is looking");
  const days = expectedDays(track.rhythm, "rhythmic", Math.max(life, track.firstSeenMs), nowMs, local);
  // Who often misses days it is expected on gets more of them: a tenth of all until more is known.
  const knownDays = ((life - track.firstSeenMs) / DAY_MS) * 0.7;
  const habit = (track.missed + 1) / (knownDays + 10);
  const allowed = policy.expectedDaysMissed * (1 + 1.3 * Math.min(0.75, habit)) * patienceFactor[track.criticality];
  const misses = accusers.reduce((n, look) => n + look.misses, 0);
  if (days > allowed && awayMs > 1.2 * track.longestAwayMs && misses >= 5) {
    const pending = pendingUntil(track, nowMs);
    if (pending !== null) return judgement("suspect", pending, "a confirming look is under way");
    return (track.suspicion?.asked.length ?? 0) === 0
      ? judgement("suspect", nowMs + policy.confirmMs, `absent on ${days} days on which it is usually there`, "confirm")
      : judgement("suspect", nowMs, `absent on ${days} days on which it is usually there`, "accuse");
  }
  const isExpected = presenceAt(track.rhythm, local.hourOfWeek(nowMs), "rhythmic") >= 0.5;
  return isExpected && days >= 1
    ? judgement("late", nowMs + 4 * HOUR_MS, `absent on ${days} days on which it is usually there`)
    : judgement("away", nowMs + 4 * HOUR_MS, "its habit explains it");
};
