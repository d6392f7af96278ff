import { spacingMs } from "./looks.ts";
import { type Look, NEVER, type Track } from "./track.ts";
import {
  type Judgement,
  judgement,
  judgeUnlooked,
  missesOf,
  patienceFactor,
  pendingUntil,
  type View,
} from "./verdict.ts";

/** Devices that are always there: how many looks, of what kind and how far apart, make one missing. Pure. */

const DAY_MS = 86_400_000;

/** Whole sweeps, of one observer or several, that must have missed it. */
const MIN_SWEEPS = 2;

/** How sure the misses make us: counted looks, and whether observers agree. */
export const judgeSteady = (
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
  const apart = track.apart?.misses ?? 0;
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
  const isRipe = apart >= needed && sweeps >= MIN_SWEEPS && nowMs >= ripeMs;
  // The last word before an accusation are two fresh looks, not the memory of older ones: a look overlooks somebody now and
  // then, and that must not meet with a reboot. Where nobody answers when asked, a third whole sweep will do.
  const isFresh = (ms: number | null | undefined) => nowMs - (ms ?? 0) <= 1.5 * policy.confirmMs;
  const fresh = accusers.flatMap((look) => [look.missLastMs, look.missBeforeMs]).filter(isFresh).length;
  if (isRipe && (fresh >= 2 || (fresh === 1 && sweeps > MIN_SWEEPS)))
    return judgement("suspect", nowMs, `${misses} looks that could see missed it`, "accuse");
  // Then when its answer tells more than the one before, and when it could decide; with a pause after one that told nothing.
  const isDecisive = apart >= needed && sweeps >= MIN_SWEEPS;
  const tellingMs = apart < needed ? (track.apart?.lastMs ?? 0) + spacingMs(intervalMs, policy) : ripeMs;
  const askMs = Math.max(tellingMs, lastAskMs(track) + ASK_PAUSE * intervalMs);
  const isTelling = nowMs >= askMs && (isDecisive || (apart < needed && asked < MAX_ASKS));
  const wantsConfirm = pending === null && (asked === 0 || isTelling);
  const nextMs = [askMs, ripeMs].filter((ms) => ms > nowMs);
  const dueMs = pending ?? (nextMs.length > 0 ? Math.min(...nextMs) : nowMs + intervalMs / 2);
  return judgement("suspect", dueMs, `${apart} of ${needed} misses far enough apart`, wantsConfirm ? "confirm" : null);
};

/** Commands for one suspicion; regular looks decide where nobody answers those. */
const MAX_ASKS = 6;
/** In looking intervals. */
const ASK_PAUSE = 0.15;

/** When the last command was answered, or given up. */
const lastAskMs = ({ suspicion }: Track): number => Math.max(0, ...(suspicion?.asked ?? []).map((ask) => ask.untilMs));
