import type { Clock } from "../shared/clock.ts";

export type ClockWatch = {
  /** How late our own timers were at worst since the last call, in ms; then it begins anew. */
  readonly takeLateness: () => number;
  readonly jumps: () => number;
  readonly stop: () => void;
};

const TICK_MS = 5_000;
/** Wall and monotonic clock apart by more than this since the last tick: the host slept, or its time was set. */
const JUMP_MS = 2_000;

/**
 * The agent doubts itself: it measures how late its timers come, and notices when the host was suspended (the wall clock
 * went on and the monotonic one did not) or when somebody set the time.
 */
export const startClockWatch = (clock: Clock, onJump: (byMs: number) => void): ClockWatch => {
  let worst = 0;
  let jumps = 0;
  let cancel = (): void => {};
  const tick = () => {
    const wall = clock.now();
    const due = clock.monotonic() + TICK_MS;
    cancel = clock.after(
      TICK_MS,
      () => {
        const late = clock.monotonic() - due;
        worst = Math.max(worst, late);
        const apart = clock.now() - wall - (TICK_MS + late);
        tick();
        if (Math.abs(apart) < JUMP_MS) return;
        jumps++;
        onJump(apart);
      },
      { unref: true },
    );
  };
  tick();
  return {
    takeLateness: () => {
      const taken = Math.round(worst);
      worst = 0;
      return taken;
    },
    jumps: () => jumps,
    stop: () => cancel(),
  };
};
