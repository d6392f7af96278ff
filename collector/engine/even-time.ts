import type { Clock } from "../../shared/clock.ts";

/** Smaller steps are NTP's, ms. */
const JUMP_MS = 60_000;
const SETTLED_AFTER_MS = 3_600_000;

/**
 * Asked with every tick: has wall time gone on evenly for an hour? A clock that was just set, or that nobody has set yet after a
 * start, must not tell what is old.
 */
export const createEvenTime = ({ now, monotonic }: Pick<Clock, "now" | "monotonic">): (() => boolean) => {
  let sinceMs = monotonic();
  let offsetMs = now() - sinceMs;
  return () => {
    const [wallMs, passedMs] = [now(), monotonic()];
    if (Math.abs(wallMs - passedMs - offsetMs) > JUMP_MS) sinceMs = passedMs;
    offsetMs = wallMs - passedMs;
    return passedMs - sinceMs >= SETTLED_AFTER_MS;
  };
};
