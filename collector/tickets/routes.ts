import { z } from "zod";
import { type Asset, criticalitySchema } from "../../shared/model/asset.ts";
import { type Incident, incidentKindSchema, prioritySchema } from "../../shared/model/incident.ts";
import { deviceTypeSchema } from "../../shared/protocol/device-types.ts";

const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "expected HH:MM");

/** Which incidents a desk is told of. What is left out does not restrict; all that is given must hold. */
export const routeSchema = z
  .strictObject({
    kinds: z.array(incidentKindSchema).min(1).optional(),
    types: z.array(deviceTypeSchema).min(1).optional(),
    realms: z.array(z.string()).min(1).optional(),
    sites: z.array(z.string()).min(1).optional(),
    criticalities: z.array(criticalitySchema).min(1).optional(),
    /** The least urgent priority that still goes there; 1 is the highest. */
    upToPriority: prioritySchema.optional(),
    /** Only incidents that open within these hours. */
    hours: z
      .strictObject({ days: z.array(z.enum(days)).min(1), from: clockTime, to: clockTime, timeZone: z.string() })
      .refine(({ from, to }) => from < to, { error: "ends before it begins; split what spans midnight into two desks" })
      .optional(),
  })
  .default({});
export type Route = z.infer<typeof routeSchema>;

/** A desk of the configuration, as far as deciding goes. */
export type RoutedDesk = { readonly name: string; readonly route: Route };

type Subject = Pick<Asset, "type" | "realm" | "site" | "criticality">;

const localTime = (epochMs: number, timeZone: string): { day: (typeof days)[number]; time: string } => {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = Object.fromEntries(format.formatToParts(epochMs).map(({ type, value }) => [type, value]));
  return {
    day: (parts["weekday"] ?? "sun").toLowerCase() as (typeof days)[number],
    time: `${parts["hour"]}:${parts["minute"]}`,
  };
};

/** Why this incident does not go this way; undefined if it does. A condition on the device fails where no device is known. */
export const whyNot = (
  route: Route,
  incident: Pick<Incident, "kind" | "priority">,
  asset: Subject | undefined,
  openedAtMs: number,
): string | undefined => {
  const outside = <T>(allowed: readonly T[] | undefined, value: T | undefined): boolean =>
    allowed !== undefined && (value === undefined || !allowed.includes(value));
  if (outside(route.kinds, incident.kind)) return `kind is ${incident.kind}`;
  if (outside(route.types, asset?.type)) return `type is ${asset?.type ?? "not known"}`;
  if (outside(route.realms, asset?.realm)) return `realm is ${asset?.realm ?? "not known"}`;
  if (outside(route.sites, asset?.site)) return `site is ${asset?.site ?? "not known"}`;
  if (outside(route.criticalities, asset?.criticality)) return `criticality is ${asset?.criticality ?? "not known"}`;
  if (route.upToPriority !== undefined && incident.priority > route.upToPriority)
    return `priority is ${incident.priority}`;
  if (route.hours) {
    const { day, time } = localTime(openedAtMs, route.hours.timeZone);
    if (!route.hours.days.includes(day) || time < route.hours.from || time >= route.hours.to)
      return `it opened on ${day} at ${time}`;
  }
  return undefined;
};
