import type { Clock } from "../../../shared/clock.ts";

/**
 * Keeps the kernel's neighbour table from running full: it overflows silently, and then the host's own traffic suffers.
 * A row that is asked for can't be collected for 3 s, so that in any 3.1 s only so many new ones may be opened.
 */
export type TableWindow = {
  /** Waits until one more row may be opened. */
  readonly enter: () => Promise<void>;
  /** A row was answered: it stays longer than its question. */
  readonly answered: () => void;
  /** Rows did not appear: somebody else needs the table, too. Halves what we take, down to a sixteenth. */
  readonly pressed: () => void;
  readonly limit: () => number;
};

const HOLD_MS = 3_100;
/** Left for the host's own neighbours and for other namespaces, which share the table. */
const RESERVE = 256;
/** Answered rows beyond this are collected by the kernel when it needs room (gc_thresh2 is half of the table). */
const DEFAULT_LIMIT = 1_024;

/** @param tableLimit gc_thresh3, or undefined where it can't be read. @param entries rows that are there already. */
export const createTableWindow = (
  tableLimit: number | undefined,
  entries: number,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): TableWindow => {
  const opened: number[] = [];
  let head = 0;
  let answeredRows = 0;
  let share = 1;
  const limit = (): number => {
    const free =
      (tableLimit ?? DEFAULT_LIMIT) - RESERVE - Math.min(entries, (tableLimit ?? DEFAULT_LIMIT) / 4) - answeredRows;
    return Math.max(16, Math.floor(Math.max(free, (tableLimit ?? DEFAULT_LIMIT) / 8) * share));
  };
  const open = (): number => {
    const since = clock.monotonic() - HOLD_MS;
    while (head < opened.length && (opened[head] as number) < since) head++;
    if (head > 4_096) {
      opened.splice(0, head);
      head = 0;
    }
    return opened.length - head;
  };
  return {
    limit,
    enter: async () => {
      while (open() >= limit()) await clock.sleep(10, signal);
      opened.push(clock.monotonic());
    },
    answered: () => {
      answeredRows++;
    },
    pressed: () => {
      share = Math.max(1 / 16, share / 2);
    },
  };
};
