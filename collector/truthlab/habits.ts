import type { DeviceType } from "../../shared/protocol/device-types.ts";
import type { Random } from "../../shared/random.ts";

/** When devices are off by habit, for their sleep, or to start anew. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const between = (random: Random, low: number, high: number): number => low + random.next() * (high - low);
export const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random.next() * items.length)]!;

export type Span = { fromMs: number; toMs: number };

/** Joins what overlaps; ascending. */
export const tidy = (spans: readonly Span[], endMs: number): Span[] => {
  const out: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const fromMs = Math.round(Math.max(0, span.fromMs));
    const toMs = Math.round(Math.min(endMs, span.toMs));
    const last = out.at(-1);
    if (toMs <= fromMs) continue;
    if (last && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else out.push({ fromMs, toMs });
  }
  return out;
};

/** Off at all times but the given ones. */
const invert = (on: readonly Span[], endMs: number): Span[] => {
  const out: Span[] = [];
  let at = 0;
  for (const span of tidy(on, endMs)) {
    if (span.fromMs > at) out.push({ fromMs: at, toMs: span.fromMs });
    at = span.toMs;
  }
  if (at < endMs) out.push({ fromMs: at, toMs: endMs });
  return out;
};

/** The run starts on a Monday at midnight. */
const isWorkday = (day: number): boolean => day % 7 < 5;

const reboots = (random: Random, endMs: number, everyMs: number, low: number, high: number): Span[] => {
  const out: Span[] = [];
  for (let at = random.next() * everyMs; at < endMs; at += between(random, 0.5, 1.5) * everyMs)
    out.push({ fromMs: at, toMs: at + between(random, low, high) });
  return out;
};

/** Working days of a person: arrives, leaves, some days off, now and then a week. */
const officeDays = (random: Random, days: number, offShare: number, holidays: boolean): Span[] => {
  const arrive = between(random, 7.5, 9.5);
  const stay = between(random, 7, 9.5);
  const holidayAt = holidays && random.next() < 0.04 ? Math.floor(random.next() * (days / 7)) : -1;
  const out: Span[] = [];
  for (let day = 0; day < days; day++) {
    const isAway = Math.floor(day / 7) === holidayAt || random.next() < offShare;
    if (!isWorkday(day) || isAway) continue;
    const from = day * DAY + (arrive + between(random, -0.6, 0.6)) * HOUR;
    out.push({ fromMs: from, toMs: from + (stay + between(random, -1, 1)) * HOUR });
  }
  return out;
};

/** Its absences in a run of so many days. */
export const habitOf = (type: DeviceType, random: Random, days: number): Span[] => {
  const end = days * DAY;
  switch (type) {
    case "desktop":
      // A third is never switched off.
      return random.next() < 0.33
        ? tidy(reboots(random, end, 10 * DAY, 2 * MINUTE, 8 * MINUTE), end)
        : invert(officeDays(random, days, 0.08, true), end);
    case "laptop":
      return invert(
        officeDays(random, days, 0.15, true).flatMap((span) =>
          // Lunch and meetings: lid shut for a while.
          random.next() < 0.5
            ? [
                { fromMs: span.fromMs, toMs: span.fromMs + 4 * HOUR },
                { fromMs: span.fromMs + between(random, 4.3, 6) * HOUR, toMs: span.toMs },
              ]
            : [span],
        ),
        end,
      );
    case "printer":
      // Deep sleep that answers nothing, after an hour without a job.
      return random.next() < 0.5
        ? []
        : invert(
            Array.from({ length: days * 4 }, (_, i) => {
              const day = Math.floor(i / 4);
              const from = day * DAY + (8 + (i % 4) * 2.5 + between(random, 0, 1.2)) * HOUR;
              return { fromMs: from, toMs: from + between(random, 1, 2.4) * HOUR };
            }).filter((span) => isWorkday(Math.floor(span.fromMs / DAY))),
            end,
          );
    case "mobile":
      return invert(officeDays(random, days, 0.15, false), end);
    case "server":
    case "virtual-machine":
      return tidy(reboots(random, end, 9 * DAY, 1.5 * MINUTE, 12 * MINUTE), end);
    default:
      return tidy(reboots(random, end, 25 * DAY, MINUTE, 4 * MINUTE), end);
  }
};
