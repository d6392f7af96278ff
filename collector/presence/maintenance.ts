import type { LocalTime } from "./local-time.ts";
import type { MaintenanceWindow, Match, Weekday } from "./policy.ts";
import type { Track } from "./track.ts";

const weekdays: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const matches = (match: Match, track: Pick<Track, "realm" | "assetId" | "deviceType">): boolean =>
  (match.realms === undefined || match.realms.includes(track.realm)) &&
  (match.assetIds === undefined || match.assetIds.includes(track.assetId)) &&
  (match.deviceTypes === undefined || match.deviceTypes.includes(track.deviceType));

/** When the window that is open at `nowMs` ends, or null if it is shut. A weekly one may reach into the next day. */
export const openUntil = (window: MaintenanceWindow, nowMs: number, local: LocalTime): number | null => {
  if (window.kind === "once") {
    const [from, to] = [Date.parse(window.from), Date.parse(window.to)];
    return nowMs >= from && nowMs < to ? to : null;
  }
  const today = local.dayNumber(nowMs);
  const minute = Number(window.at.slice(0, 2)) * 60 + Number(window.at.slice(3));
  for (let back = 0; back <= Math.ceil(window.durationMs / 86_400_000); back++) {
    const day = today - back;
    // Day 0 was a Thursday.
    if (!window.days.includes(weekdays[(((day + 3) % 7) + 7) % 7]!)) continue;
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
