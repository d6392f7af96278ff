import type { LocalTime } from "./local-time.ts";

/**
 * When a device is usually there: for each hour of the week how often somebody who could see looked, and how often the
 * device was seen. Two counters of four bits an hour, never a log of a person's day. At fifteen both are halved, so that
 * old habits fade. Text form: 336 hex digits, empty before the first hour.
 */
export type Rhythm = string;

const HOURS = 168;
const EMPTY = "00".repeat(HOURS);

const digit = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  return code >= 97 ? code - 87 : code >= 48 ? code - 48 : 0;
};

/** One hour's outcome: called at most once per device and hour; the seen one wins (`correctHour`). */
export const learnHour = (rhythm: Rhythm, hourOfWeek: number, seen: boolean): Rhythm => {
  const text = rhythm === "" ? EMPTY : rhythm;
  const at = hourOfWeek * 2;
  let looks = digit(text, at) + 1;
  let hits = digit(text, at + 1) + (seen ? 1 : 0);
  if (looks > 15) {
    looks = 8;
    hits = Math.round(hits / 2);
  }
  return text.slice(0, at) + looks.toString(16) + hits.toString(16) + text.slice(at + 2);
};

/** An hour that was learned as unseen turns out to have been a seen one. */
export const correctHour = (rhythm: Rhythm, hourOfWeek: number): Rhythm => {
  const at = hourOfWeek * 2;
  const hits = Math.min(digit(rhythm, at), digit(rhythm, at + 1) + 1);
  return rhythm === "" ? rhythm : rhythm.slice(0, at + 1) + hits.toString(16) + rhythm.slice(at + 2);
};

/** How a device behaves: always there, there by the week's habit, or coming and going. */
export type Temper = "steady" | "rhythmic";

/** Before anything was learned: working hours of an office, by the kind of device. */
const prior = (temper: Temper, hourOfWeek: number): number => {
  if (temper === "steady") return 0.99;
  const day = Math.floor(hourOfWeek / 24);
  const hour = hourOfWeek % 24;
  return day < 5 && hour >= 9 && hour < 17 ? 0.6 : 0.1;
};

const PRIOR_WEIGHT = 1;

/** Probability of being seen in this hour of the week, smoothed by the same hour of like days and by the kind of device. */
export const presenceAt = (rhythm: Rhythm, hourOfWeek: number, temper: Temper): number => {
  const before = prior(temper, hourOfWeek);
  if (rhythm === "") return before;
  const isWeekend = hourOfWeek >= 120;
  let poolLooks = 0;
  let poolHits = 0;
  for (let day = isWeekend ? 5 : 0; day < (isWeekend ? 7 : 5); day++) {
    const at = (day * 24 + (hourOfWeek % 24)) * 2;
    poolLooks += digit(rhythm, at);
    poolHits += digit(rhythm, at + 1);
  }
  const pooled = (poolHits + before * PRIOR_WEIGHT) / (poolLooks + PRIOR_WEIGHT);
  const at = hourOfWeek * 2;
  return (digit(rhythm, at + 1) + 2 * pooled) / (digit(rhythm, at) + 2);
};

/** Hours of looks that this rhythm rests on. */
export const weightOf = (rhythm: Rhythm): { readonly looks: number; readonly hits: number } => {
  let looks = 0;
  let hits = 0;
  for (let at = 0; at < rhythm.length; at += 2) {
    looks += digit(rhythm, at);
    hits += digit(rhythm, at + 1);
  }
  return { looks, hits };
};

/** From this probability on a device is expected in an hour. */
const EXPECTED = 0.5;
const HOUR_MS = 3_600_000;
const MAX_HOURS = 60 * 24;

/** Local days on which the device was expected for at least two hours between the two times, both open. */
export const expectedDays = (
  rhythm: Rhythm,
  temper: Temper,
  fromMs: number,
  toMs: number,
  local: LocalTime,
): number => {
  let days = 0;
  let day = Number.NaN;
  let hoursOfDay = 0;
  const first = Math.max(Math.ceil(fromMs / HOUR_MS) * HOUR_MS, toMs - MAX_HOURS * HOUR_MS);
  for (let at = first; at + HOUR_MS <= toMs; at += HOUR_MS) {
    const today = local.dayNumber(at);
    if (today !== day) {
      day = today;
      hoursOfDay = 0;
    }
    if (presenceAt(rhythm, local.hourOfWeek(at), temper) >= EXPECTED && ++hoursOfDay === 2) days++;
  }
  return days;
};
