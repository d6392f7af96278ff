/**
 * Time as a dependency. Everything that waits or reads the time takes a `Clock`; tests hand in a virtual one
 * (`test/support/virtual-clock.ts`). This file, `random.ts` and the two `main.ts` are the only ones that touch the real thing.
 */
export type Clock = {
  /** Wall time, epoch milliseconds. May jump. */
  readonly now: () => number;
  /** Milliseconds that only go forward, from an arbitrary start. Does not count time suspended on every platform. */
  readonly monotonic: () => number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Calls `run` once after `ms`; the result cancels it. Never keeps the process alive by itself when `unref` is set. */
  readonly after: (ms: number, run: () => void, options?: { readonly unref?: boolean }) => () => void;
};

const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
  after: (ms, run, { unref = false } = {}) => {
    const timer = setTimeout(run, ms);
    if (unref) timer.unref();
    return () => clearTimeout(timer);
  },
};

/**
 * Runs `work` with a signal that aborts after `ms` or with `parent`. Nothing is left behind when it ends: signals made by
 * `AbortSignal.timeout` and `.any` would stay, with all they hold, until their time is over.
 */
export const withDeadline = async <T>(
  clock: Clock,
  ms: number,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const controller = new AbortController();
  const onAbort = () => controller.abort(parent.reason);
  if (parent.aborted) onAbort();
  parent.addEventListener("abort", onAbort, { once: true });
  const cancel = clock.after(ms, () => controller.abort(new Error(`no end after ${ms} ms`)));
  try {
    return await work(controller.signal);
  } finally {
    cancel();
    parent.removeEventListener("abort", onAbort);
  }
};

/** RFC 3339 UTC with milliseconds, from epoch milliseconds. */
export const toTimestamp = (epochMs: number): string => new Date(epochMs).toISOString();

/** Epoch milliseconds of an RFC 3339 text, or undefined if it is none. */
export const parseTimestamp = (text: string): number | undefined => {
  const ms = Date.parse(text);
  return Number.isFinite(ms) && /^\d{4}-\d\d-\d\d[Tt ]/.test(text) ? ms : undefined;
};

export const seconds = (n: number): number => n * 1_000;
export const minutes = (n: number): number => n * 60_000;
export const hours = (n: number): number => n * 3_600_000;
export const days = (n: number): number => n * 86_400_000;
