import { z } from "zod";
import type { LocalTime } from "./local-time.ts";
import { type MaintenanceWindow, type Match, maintenanceWindowSchema, type Weekday } from "./policy.ts";
import type { Track } from "./track.ts";

/** Under which name the store keeps the windows that people set; JSON. */
export const MAINTENANCE_META = "maintenance.windows";
/** As many as people may set; the configuration may hold more. */
export const MAX_WINDOWS = 200;

/** The windows as they were stored: they are checked when they are set. */
export const parseMaintenance = (text: string | undefined): readonly MaintenanceWindow[] =>
  text === undefined ? [] : z.array(maintenanceWindowSchema).parse(JSON.parse(text));

const weekdays: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const matches = (match: Match, track: Pick<Track, "realm" | "assetId" | "deviceType">): boolean =>
  (match.realms === undefined || match.realms.includes(track.realm)) &&
  (match.assetIds === undefined || match.assetIds.includes(track.assetId)) &&
  (match.deviceTypes === undefined || match.deviceTypes.includes(track.deviceType));

export type Occurrence = { readonly fromMs: number; readonly toMs: number };

const startOf = (at: string): number => Number(at.slice(0, 2)) * 60 + Number(at.slice(3));
/** Day 0 was a Thursday. */
const weekdayOf = (dayNumber: number): Weekday => weekdays[(((dayNumber + 3) % 7) + 7) % 7] ?? "mon";

/** The occurrence that is open at `nowMs`, and those to come, at most `limit` of them. */
export const nextOccurrences = (
  window: MaintenanceWindow,
  nowMs: number,
  local: LocalTime,
  limit: number,
): readonly Occurrence[] => {
  if (window.kind === "once") {
    const [fromMs, toMs] = [Date.parse(window.from), Date.parse(window.to)];
    return toMs > nowMs ? [{ fromMs, toMs }] : [];
  }
  const found: Occurrence[] = [];
  const today = local.dayNumber(nowMs);
  for (
    let day = today - Math.ceil(window.durationMs / 86_400_000);
    found.length < limit && day < today + 7 * (limit + 1);
    day++
  ) {
    const fromMs = local.atLocal(day, startOf(window.at));
    const toMs = fromMs + window.durationMs;
    if (toMs > nowMs && window.days.includes(weekdayOf(day))) found.push({ fromMs, toMs });
  }
  return found;
};

/** When the window that is open at `nowMs` ends, or null if it is shut. A weekly one may reach into the next day. */
export const openUntil = (window: MaintenanceWindow, nowMs: number, local: LocalTime): number | null => {
  if (window.kind === "once") {
    const [from, to] = [Date.parse(window.from), Date.parse(window.to)];
    return nowMs >= from && nowMs < to ? to : null;
  }
  const today = local.dayNumber(nowMs);
  const minute = startOf(window.at);
  for (let back = 0; back <= Math.ceil(window.durationMs / 86_400_000); back++) {
    const day = today - back;
    if (!window.days.includes(weekdayOf(day))) continue;
    const from = local.atLocal(day, minute);
    if (nowMs >= from && nowMs < from + window.durationMs) return from + window.durationMs;
  }
  return null;
};

/** The latest end among the windows that are open for this device. */
export const maintenanceUntil = (
  windows: readonly MaintenanceWindow[],
  track: Pick<Track, "realm" | "assetId" | "deviceType">,
  nowMs: number,
  local: LocalTime,
): number | null => {
  let until: number | null = null;
  for (const window of windows) {
    if (!matches(window.match, track)) continue;
    const end = openUntil(window, nowMs, local);
    if (end !== null && (until === null || end > until)) until = end;
  }
  return until;
};
