/** Local calendar arithmetic of one time zone, as data: rhythm, maintenance windows and business hours count in it. */

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export type LocalTime = {
  /** Monday 00:00 is hour 0, Sunday 23:00 hour 167. */
  readonly hourOfWeek: (atMs: number) => number;
  /** Days since 1970-01-01 in local time. */
  readonly dayNumber: (atMs: number) => number;
  /** Minutes since local midnight. */
  readonly minuteOfDay: (atMs: number) => number;
  /** Epoch ms of a local wall time; of one that daylight saving skips, the moment it was skipped to. */
  readonly atLocal: (dayNumber: number, minute: number) => number;
};

export const createLocalTime = (timeZone: string): LocalTime => {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  // Offsets change on quarter hours at the finest, and we ask about a few months: the cache stays small and is dropped when not.
  const offsets = new Map<number, number>();
  const offsetAt = (atMs: number): number => {
    const slot = Math.floor(atMs / 900_000);
    const known = offsets.get(slot);
    if (known !== undefined) return known;
    if (offsets.size > 20_000) offsets.clear();
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(slot * 900_000)) parts[type] = Number(value);
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - slot * 900_000;
    offsets.set(slot, offset);
    return offset;
  };
  const local = timeZone === "UTC" ? (atMs: number) => atMs : (atMs: number) => atMs + offsetAt(atMs);
  return {
    // 1970-01-01 was a Thursday: three days after Monday.
    hourOfWeek: (atMs) => Math.floor((local(atMs) + 3 * DAY_MS) / HOUR_MS) % 168,
    dayNumber: (atMs) => Math.floor(local(atMs) / DAY_MS),
    minuteOfDay: (atMs) => Math.floor((local(atMs) % DAY_MS) / 60_000),
    atLocal: (dayNumber, minute) => {
      const wall = dayNumber * DAY_MS + minute * 60_000;
      if (timeZone === "UTC") return wall;
      const guess = wall - offsetAt(wall);
      return wall - offsetAt(guess);
    },
  };
};
