import type { Occurrence } from "../../../shared/model/policy.ts";

/** A time of both ends in one zone: "Sat 28 Mar 2026, 22:00 to 00:00". The day of the end only where it is another. */
export const formatOccurrence = ({ from, to }: Occurrence, timeZone: string): string => {
  const day = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
  });
  const time = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
  const [start, end] = [new Date(from), new Date(to)];
  const sameDay = day.format(start) === day.format(end);
  return `${day.format(start)}, ${time.format(start)} to ${sameDay ? "" : `${day.format(end)}, `}${time.format(end)}`;
};
