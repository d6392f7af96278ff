import { expectedDays, presenceAt, type Temper } from "./rhythm.ts";
import { judgeSteady } from "./steady.ts";
import { temperOf } from "./temper.ts";
import { type Look, NEVER, type Track } from "./track.ts";
import {
  type Judgement,
  judgement,
  judgeUnlooked,
  lastLifeMs,
  missesOf,
  type OwnAgent,
  patienceFactor,
  pendingUntil,
  type View,
} from "./verdict.ts";

/**
 * The rules of presence (README.md beside this file), as functions of a track, what its observers are able to, and `now`.
 * Nothing here reads, writes or knows an order of arrival.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

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
    track.lastSeenMs <= own.leftByMs
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
  // Who often misses days it is expected on gets more of them: three of twenty until more is known.
  const knownDays = ((life - track.firstSeenMs) / DAY_MS) * 0.7;
  const habit = (track.missed + 1.5) / (knownDays + 10);
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
