import { toTimestamp } from "../../../shared/clock.ts";

/** A point in time that a person chooses: shown in their own time zone, kept as RFC 3339 UTC. */

const pad = (n: number, width = 2): string => String(n).padStart(width, "0");

/** What an input of date and time shows for a timestamp; "" for none. */
export const toLocalText = (timestamp: string | undefined): string => {
  const date = new Date(timestamp ?? "");
  if (Number.isNaN(date.getTime())) return "";
  const day = `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
};

/** The timestamp that an input's text stands for; undefined for none. */
export const fromLocalText = (text: string): string | undefined => {
  const ms = new Date(text).getTime();
  return text === "" || Number.isNaN(ms) ? undefined : toTimestamp(ms);
};
