import { type ClassScore, type Score, type Share, shareOf } from "./score.ts";
import type { Trial } from "./trial.ts";

/** Several runs as one: cases are added up, never the shares of runs averaged. */
export type Pooled = {
  readonly runs: number;
  readonly rollcall: Trial["rollcall"];
  readonly naive: Readonly<Record<string, Score>>;
  readonly hardness: Trial["hardness"];
  readonly rates: Readonly<Record<string, number>>;
  readonly invalid: readonly string[];
};

/** Of each run, and not added up. */
const sameInEach: ReadonlySet<string> = new Set(["sites", "devices", "days", "intervalMinutes"]);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const poolShare = (shares: readonly Share[]): Share =>
  shareOf(sum(shares.map((s) => s.hits)), sum(shares.map((s) => s.of)));

const quantile = (sorted: readonly number[], q: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;

const poolClass = (scores: readonly ClassScore[]): ClassScore => {
  const delays = scores.flatMap((score) => score.delays).sort((a, b) => a - b);
  return {
    precision: poolShare(scores.map((score) => score.precision)),
    recall: poolShare(scores.map((score) => score.recall)),
    medianIntervals: quantile(delays, 0.5),
    p95Intervals: quantile(delays, 0.95),
    delays,
  };
};

const poolScore = (scores: readonly Score[]): Score => ({
  alwaysOn: poolClass(scores.map((score) => score.alwaysOn)),
  roaming: poolClass(scores.map((score) => score.roaming)),
  overall: poolClass(scores.map((score) => score.overall)),
  nobody: sum(scores.map((score) => score.nobody)),
  tickets: sum(scores.map((score) => score.tickets)),
  ticketsPerDayPer1000: sum(scores.map((score) => score.ticketsPerDayPer1000)) / scores.length,
  storms: sum(scores.map((score) => score.storms)),
  duplicates: sum(scores.map((score) => score.duplicates)),
});

export const poolTrials = (trials: readonly Trial[]): Pooled => {
  const [first] = trials;
  if (!first) throw new Error("nothing to pool");
  const mine = trials.map((trial) => trial.rollcall);
  return {
    runs: trials.length,
    rollcall: {
      ...poolScore(mine),
      oneIncidentPerCause: poolShare(mine.map((score) => score.oneIncidentPerCause)),
      foundAsPart: sum(mine.map((score) => score.foundAsPart)),
      regrouped: sum(mine.map((score) => score.regrouped)),
      allTickets: sum(mine.map((score) => score.allTickets)),
    },
    naive: Object.fromEntries(
      Object.keys(first.naive).map((name) => [name, poolScore(trials.map((trial) => trial.naive[name]!))]),
    ),
    hardness: Object.fromEntries(
      Object.keys(first.hardness).map((name) => [name, poolShare(trials.map((trial) => trial.hardness[name]!))]),
    ),
    rates: Object.fromEntries(
      Object.keys(first.rates).map((name) => {
        const total = sum(trials.map((trial) => trial.rates[name] ?? 0));
        return [name, sameInEach.has(name) ? total / trials.length : total];
      }),
    ),
    invalid: trials.flatMap((trial) => trial.invalid.map((why) => `seed ${trial.seed}: ${why}`)),
  };
};
