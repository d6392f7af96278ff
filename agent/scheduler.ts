import type { Clock } from "../shared/clock.ts";
import { isRollcallError, RollcallError } from "../shared/errors.ts";
import type { Log } from "../shared/log.ts";
import type { Random } from "../shared/random.ts";

export type Task = {
  readonly name: string;
  readonly intervalMs: number;
  /** Wait before the first run; default: at once. */
  readonly firstMs?: number;
  readonly timeoutMs: number;
  /** Asked before each scheduled run: quiet hours. A run that is not allowed is left out, not put off. */
  readonly allowed?: (nowMs: number) => boolean;
  readonly run: (signal: AbortSignal) => Promise<void>;
};

export type TaskStatus = {
  readonly name: string;
  readonly intervalMs: number;
  readonly running: boolean;
  readonly lastStartedAtMs: number | undefined;
  readonly lastEndedAtMs: number | undefined;
  readonly lastTookMs: number | undefined;
  readonly lastError: string | undefined;
  readonly nextAtMs: number | undefined;
  readonly runs: number;
  readonly failures: number;
};

export type Scheduler = {
  readonly add: (task: Task) => { readonly trigger: () => Promise<void> };
  /** Runs what is due after a suspend once, soon. */
  readonly wake: () => void;
  readonly status: () => readonly TaskStatus[];
  /** Ends what runs and waits for it. */
  readonly stop: () => Promise<void>;
};

/** Runs come this much earlier or later than their interval, so that a thousand hosts do not work in one instant. */
const JITTER = 0.1;

type Entry = {
  readonly task: Task;
  state: TaskStatus;
  current: Promise<void> | undefined;
  cancel: () => void;
};

/** When each round runs: at its interval with jitter, bounded in time, never twice at once. */
export const createScheduler = ({
  clock,
  random,
  log,
}: {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): Scheduler => {
  const entries: Entry[] = [];
  const stopping = new AbortController();

  const runOnce = async (entry: Entry): Promise<void> => {
    const { task } = entry;
    const own = new AbortController();
    const cancelTimeout = clock.after(task.timeoutMs, () =>
      own.abort(
        new RollcallError("round.timed-out", `${task.name} took longer than ${task.timeoutMs} ms`, { remedy: "retry" }),
      ),
    );
    const startedAt = clock.monotonic();
    entry.state = { ...entry.state, running: true, lastStartedAtMs: clock.now(), runs: entry.state.runs + 1 };
    let lastError: string | undefined;
    try {
      await task.run(AbortSignal.any([own.signal, stopping.signal]));
    } catch (error) {
      if (!stopping.signal.aborted) {
        const reason = own.signal.aborted ? own.signal.reason : error;
        // A bug in a round must not stop the others; it is told with its stack.
        lastError = reason instanceof Error ? reason.message : String(reason);
        log.warn("round failed", {
          round: task.name,
          error: isRollcallError(reason) ? reason : (reason as Error).stack,
        });
      }
    } finally {
      cancelTimeout();
      entry.state = {
        ...entry.state,
        ...{
          running: false,
          lastEndedAtMs: clock.now(),
          lastTookMs: Math.round(clock.monotonic() - startedAt),
          lastError,
        },
        failures: entry.state.failures + (lastError === undefined ? 0 : 1),
      };
    }
  };

  const start = (entry: Entry): Promise<void> => {
    entry.current ??= runOnce(entry).finally(() => {
      entry.current = undefined;
    });
    return entry.current;
  };

  const plan = (entry: Entry, waitMs: number) => {
    entry.cancel();
    if (stopping.signal.aborted) return;
    entry.state = { ...entry.state, nextAtMs: clock.now() + waitMs };
    entry.cancel = clock.after(waitMs, () => {
      const { allowed, intervalMs } = entry.task;
      if (allowed?.(clock.now()) ?? true) void start(entry);
      plan(entry, intervalMs * (1 + JITTER * (2 * random.next() - 1)));
    });
  };

  return {
    add: (task) => {
      const state: TaskStatus = {
        ...{ name: task.name, intervalMs: task.intervalMs, running: false, runs: 0, failures: 0 },
        ...{ lastStartedAtMs: undefined, lastEndedAtMs: undefined, lastTookMs: undefined },
        ...{ lastError: undefined, nextAtMs: undefined },
      };
      const entry: Entry = { task, state, current: undefined, cancel: () => {} };
      entries.push(entry);
      plan(entry, task.firstMs ?? 0);
      return { trigger: () => start(entry) };
    },
    wake: () => {
      for (const entry of entries) if ((entry.state.nextAtMs ?? 0) <= clock.now()) plan(entry, random.next() * 2_000);
    },
    status: () => entries.map(({ state }) => state),
    stop: async () => {
      stopping.abort(new RollcallError("round.stopped", "stopped", { remedy: "retry" }));
      for (const entry of entries) entry.cancel();
      await Promise.all(entries.map(({ current }) => current));
    },
  };
};

/** Whether a local time of day lies in "22:00-06:00"; the end is not part of it. */
export const isWithinHours = (hours: string, minuteOfDay: number): boolean => {
  const [from = 0, to = 0] = hours.split("-").map((text) => {
    const [hour = 0, minute = 0] = text.split(":").map(Number);
    return hour * 60 + minute;
  });
  return from <= to ? minuteOfDay >= from && minuteOfDay < to : minuteOfDay >= from || minuteOfDay < to;
};
