/**
 * When rows that wait are written. Few of them go with whatever transaction comes, so that nothing is late at a collector that is
 * not busy. More wait until the first of them has waited long enough; then all that wait take turns as they lie in their tables,
 * neighbours together, a slice with each transaction.
 */
export type Turns = {
  /** At the end of a transaction. */
  readonly take: (nowMs: number) => void;
  /** After a transaction that was not kept. */
  readonly forget: () => void;
};

/** So many rows are written at once, with whatever transaction. */
const LITTLE = 512;
/** For so long, ms. More: fewer writes of rows that are seen often, and a longer log, which is gone through after a kill. */
const WAIT_MS = 60_000;
/** Rows that wait in memory; beyond, their turn comes sooner. About 0.3 KB each. */
const MAX_WAITING = 262_144;
/** So many with a transaction, or a part of all whose turn it is. */
const SLICE = 2_048;
const SLICES = 64;

export const createTurns = <R>({
  count,
  sinceMs,
  asTheyLie,
  write,
}: {
  readonly count: () => number;
  /** Since when the first of them has waited. */
  readonly sinceMs: () => number | undefined;
  readonly asTheyLie: () => readonly R[];
  /** Writes it, unless that was done meanwhile. */
  readonly write: (row: R) => void;
}): Turns => {
  /** Those whose turn it is; the first of them are written already. */
  let turn: readonly R[] = [];
  let written = 0;
  const isDue = (nowMs: number): boolean => {
    const since = sinceMs();
    return since !== undefined && (since <= nowMs - WAIT_MS || count() > MAX_WAITING);
  };
  const forget = () => {
    turn = [];
    written = 0;
  };
  return {
    take: (nowMs) => {
      const isLittle = count() <= LITTLE;
      if (isLittle || (written >= turn.length && isDue(nowMs))) {
        turn = asTheyLie();
        written = 0;
      }
      const until = isLittle ? turn.length : written + Math.max(SLICE, Math.ceil(turn.length / SLICES));
      for (const row of turn.slice(written, until)) write(row);
      written = until;
      if (written >= turn.length) forget();
    },
    forget,
  };
};
