import type { Pooled } from "./pool.ts";
import type { ClassScore, Score, Share } from "./score.ts";

/** What a person reads, and the one object that programs read. */

const percent = (share: Share): string =>
  share.value === null
    ? "none"
    : `${share.value.toFixed(3)} (${share.hits}/${share.of}, 95 % ${share.low.toFixed(3)}-${share.high.toFixed(3)})`;
const number = (value: number | null): string => (value === null ? "-" : value.toFixed(2));

const classLines = (name: string, score: ClassScore): readonly string[] => [
  `  ${name.padEnd(10)} precision ${percent(score.precision)}`,
  `  ${"".padEnd(10)} recall    ${percent(score.recall)}`,
  `  ${"".padEnd(10)} time to detect, in intervals: median ${number(score.medianIntervals)}, p95 ${number(score.p95Intervals)}`,
];

const scoreLines = (name: string, score: Score): readonly string[] => [
  `${name}: ${score.tickets} tickets "device missing", ${score.ticketsPerDayPer1000.toFixed(2)} a day per 1,000 devices, ${score.storms} storms, ${score.duplicates} duplicates, ${score.nobody} about nobody`,
  ...classLines("always-on", score.alwaysOn),
  ...classLines("roaming", score.roaming),
];

const titles: Record<string, string> = {
  oneMiss: "one missed sweep",
  threeMisses: "three misses in a row",
  age: "not seen for 24 hours",
  pingWithParents: "ping round, parents drawn by hand",
};

export const reportText = (pooled: Pooled): string =>
  [
    `${pooled.runs} run(s): ${Object.entries(pooled.rates)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ")}`,
    "",
    ...scoreLines("Rollcall", pooled.rollcall),
    `  one incident per root cause ${percent(pooled.rollcall.oneIncidentPerCause)}; ${pooled.rollcall.regrouped} of them took over a ticket that was there before`,
    `  found without a ticket of their own, named in one about several: ${pooled.rollcall.foundAsPart}; tickets of every kind ${pooled.rollcall.allTickets}`,
    ...Object.entries(pooled.naive).flatMap(([name, score]) => ["", ...scoreLines(titles[name] ?? name, score)]),
    "",
    pooled.invalid.length === 0
      ? `Valid: the runs were hard (precision, without those behind a dead switch: one miss ${percent(pooled.hardness["oneMiss"]!)}, three misses ${percent(pooled.hardness["threeMisses"]!)}).`
      : `NOT VALID: ${pooled.invalid.join("; ")}`,
    "",
  ].join("\n");

const share = (value: Share) => value.value;
const classJson = (score: ClassScore) => ({
  precision: share(score.precision),
  recall: share(score.recall),
  medianIntervals: score.medianIntervals,
  p95Intervals: score.p95Intervals,
  precisionOf: [score.precision.hits, score.precision.of, score.precision.low, score.precision.high],
  recallOf: [score.recall.hits, score.recall.of, score.recall.low, score.recall.high],
});
const scoreJson = (score: Score) => ({
  alwaysOn: classJson(score.alwaysOn),
  roaming: classJson(score.roaming),
  precision: share(score.overall.precision),
  recall: share(score.overall.recall),
  tickets: score.tickets,
  ticketsPerDayPer1000: score.ticketsPerDayPer1000,
  storms: score.storms,
  duplicates: score.duplicates,
  nobody: score.nobody,
});

export const reportJson = (pooled: Pooled): Record<string, unknown> => ({
  rollcall: {
    ...scoreJson(pooled.rollcall),
    oneIncidentPerCause: share(pooled.rollcall.oneIncidentPerCause),
    oneIncidentPerCauseOf: [
      pooled.rollcall.oneIncidentPerCause.hits,
      pooled.rollcall.oneIncidentPerCause.of,
      pooled.rollcall.oneIncidentPerCause.low,
      pooled.rollcall.oneIncidentPerCause.high,
    ],
    foundAsPart: pooled.rollcall.foundAsPart,
    regrouped: pooled.rollcall.regrouped,
    allTickets: pooled.rollcall.allTickets,
  },
  ...Object.fromEntries(Object.entries(pooled.naive).map(([name, score]) => [name, scoreJson(score)])),
  hardness: Object.fromEntries(Object.entries(pooled.hardness).map(([name, value]) => [name, share(value)])),
  rates: pooled.rates,
  runs: pooled.runs,
  valid: pooled.invalid.length === 0,
  invalid: pooled.invalid,
});
