import type { Clock } from "../../shared/clock.ts";

type Timer = { readonly at: number; readonly order: number; readonly run: () => void };

export type VirtualClock = Clock & {
  /** Moves both clocks forward, running due timers in order and letting promises settle between them. */
  readonly advance: (ms: number) => Promise<void>;
  /** Moves the wall clock alone: a jump, as NTP or a person makes one. */
  readonly jump: (ms: number) => void;
};

export const createVirtualClock = (startMs = Date.UTC(2026, 0, 5, 8)): VirtualClock => {
  let elapsed = 0;
  let wallOffset = startMs;
  let order = 0;
  const timers = new Set<Timer>();

  const after = (ms: number, run: () => void) => {
    const timer = { at: elapsed + Math.max(0, ms), order: order++, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const settle = async () => {
    for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const advance = async (ms: number) => {
    const until = elapsed + ms;
    await settle();
    for (;;) {
      const due = [...timers].filter((t) => t.at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!due) break;
      timers.delete(due);
      elapsed = due.at;
      due.run();
      await settle();
    }
    elapsed = until;
  };

  return {
    now: () => wallOffset + elapsed,
    monotonic: () => elapsed,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const cancel = after(ms, resolve);
        const onAbort = () => {
          cancel();
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
    advance,
    jump: (ms) => {
      wallOffset += ms;
    },
  };
};
