import type { Incident } from "../../shared/model/incident.ts";
import type { LocalTime } from "../presence/local-time.ts";
import type { IncidentPolicy } from "./policy.ts";

/** MTTD lastSeenAt -> openedAt, MTTA openedAt -> acknowledgedAt, MTTR openedAt -> resolvedAt; means over those that have both ends. */
export type Measures = {
  readonly mttdMs: number | null;
  readonly mttaMs: number | null;
  readonly mttrMs: number | null;
};

type Timed = Pick<Incident, "lastSeenAt" | "openedAt" | "acknowledgedAt" | "resolvedAt">;
type Due = Timed & Pick<Incident, "respondBy" | "resolveBy">;

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;

export const measure = (incidents: readonly Timed[]): Measures => {
  const spans = (from: keyof Timed, to: keyof Timed) =>
    incidents.flatMap((incident) => {
      const [a, b] = [incident[from], incident[to]];
      return a === undefined || b === undefined ? [] : [Math.max(0, Date.parse(b) - Date.parse(a))];
    });
  return {
    mttdMs: mean(spans("lastSeenAt", "openedAt")),
    mttaMs: mean(spans("openedAt", "acknowledgedAt")),
    mttrMs: mean(spans("openedAt", "resolvedAt")),
  };
};

export type Punctuality = { readonly inTime: number; readonly of: number };

/** Of the cases that had a target and are past it, or have met it: how many were met. What is still within its time counts as neither. */
export const punctuality = (
  incidents: readonly Due[],
  [target, done]: readonly ["respondBy", "acknowledgedAt"] | readonly ["resolveBy", "resolvedAt"],
  nowMs: number,
): Punctuality => {
  let [inTime, of] = [0, 0];
  for (const incident of incidents) {
    const due = incident[target];
    // Nobody had to answer what was over before its time to be answered was.
    const at = incident[done] ?? incident.resolvedAt;
    if (due === undefined || (at === undefined && Date.parse(due) > nowMs)) continue;
    of++;
    if (at !== undefined && Date.parse(at) <= Date.parse(due)) inTime++;
  }
  return { inTime, of };
};

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** When a span of business minutes that begins at `fromMs` is used up, in local time with its daylight saving. */
export const businessDeadline = (
  fromMs: number,
  minutes: number,
  hours: IncidentPolicy["businessHours"],
  local: LocalTime,
): number => {
  const open = minuteOf(hours.from);
  const close = minuteOf(hours.to);
  let left = minutes * 60_000;
  // A year of closed days would be a policy without days, which is refused.
  for (let day = local.dayNumber(fromMs), i = 0; i < 3_660; day++, i++) {
    if (!hours.days.includes(weekdays[(((day + 3) % 7) + 7) % 7]!)) continue;
    const begin = Math.max(fromMs, local.atLocal(day, open));
    const end = local.atLocal(day, close);
    if (begin >= end) continue;
    if (left <= end - begin) return begin + left;
    left -= end - begin;
  }
  return fromMs + minutes * 60_000;
};

export const targetsOf = (
  incident: Pick<Incident, "openedAt" | "priority">,
  policy: IncidentPolicy,
  local: LocalTime,
): { readonly respondByMs: number; readonly resolveByMs: number } => {
  const at = (minutes: readonly number[]) =>
    businessDeadline(Date.parse(incident.openedAt), minutes[incident.priority - 1] ?? 960, policy.businessHours, local);
  return { respondByMs: at(policy.responseMinutes), resolveByMs: at(policy.resolutionMinutes) };
};
