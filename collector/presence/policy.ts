import { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import { deviceTypeSchema } from "../../shared/protocol/device-types.ts";

const ms = z.number().positive();
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected HH:MM");
const weekday = z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
export type Weekday = z.infer<typeof weekday>;

/** What a window or rule is about; several fields narrow it, none means everything. */
const matchSchema = z.strictObject({
  realms: z.exactOptional(z.array(z.string()).min(1)),
  assetIds: z.exactOptional(z.array(z.string()).min(1)),
  deviceTypes: z.exactOptional(z.array(deviceTypeSchema).min(1)),
});
export type Match = z.infer<typeof matchSchema>;

/** While one is open its devices are not expected: they go "away", and nothing is raised about them. */
export const maintenanceWindowSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("once"),
    name: z.string().min(1),
    match: matchSchema,
    from: z.iso.datetime(),
    to: z.iso.datetime(),
  }),
  z.strictObject({
    kind: z.literal("weekly"),
    name: z.string().min(1),
    match: matchSchema,
    days: z.array(weekday).min(1),
    /** Local time of the policy's time zone. */
    at: clockTime,
    durationMs: ms.max(7 * 86_400_000),
  }),
]);
/** @returns what is wrong with the window beyond its form, in words; undefined if nothing is */
export const faultOfWindow = (window: z.infer<typeof maintenanceWindowSchema>): string | undefined =>
  window.kind === "once" && Date.parse(window.from) >= Date.parse(window.to)
    ? `window "${window.name}" ends before it begins`
    : undefined;
export type MaintenanceWindow = z.infer<typeof maintenanceWindowSchema>;

/** Every number that decides when something is said to be gone. Shorter: sooner, and wrong more often. */
export const presencePolicySchema = z
  .strictObject({
    /** IANA name; weeks, days and business hours are counted in it, daylight saving included. */
    timeZone: z.string().default("UTC"),
    /** Heartbeats that may be lost before a steady host's agent counts as silent. */
    silentAfterBeats: z.number().min(1.5).default(3),
    /** The least such time. */
    silentMinMs: ms.default(15_000),
    /** After a close by a living host: how long a restart of the agent may take. */
    closedPatienceMs: ms.default(30_000),
    /** Patience after a goodbye, by its reason; what the agent itself expects wins if longer. */
    goodbyeMs: z
      .strictObject({
        reboot: ms.default(900_000),
        "service-stop": ms.default(3_600_000),
        sleep: ms.default(57_600_000),
        shutdown: ms.default(86_400_000),
      })
      .prefault({}),
    /** How long after its agent's goodbye a host that goes to sleep, shuts down or reboots may still be seen: updates take a while. */
    leavingMs: ms.default(900_000),
    /** Assumed time between looks until it was learned. */
    lookIntervalMs: ms.default(900_000),
    /** In looking intervals: after this long without a look that could see, the device is blind. */
    blindAfterIntervals: z.number().min(1).default(3),
    /** A miss needs this many asks, spread over this long. */
    minAsks: z.int().min(2).default(2),
    minSpreadMs: z.number().min(1_000).default(1_000),
    /**
     * Misses of a steady device by looks that could see and are so far apart that no restart explains two of them (goodbyeMs.reboot,
     * or 0.45 looking intervals if that is less), with one observer; a second one that misses too makes it one fewer.
     */
    missesToAccuse: z.int().min(2).default(3),
    /** In looking intervals since it was last seen; halved by a second observer, never below one look. */
    patienceIntervals: z.number().min(1).default(1.4),
    /** In looking intervals: the least time between the first miss and an accusation, so that a reboot passes. */
    missSpanIntervals: z.number().min(0).default(0.7),
    /** No accusation sooner than this after a device was last seen, however often it is looked at. */
    patienceMinMs: ms.default(90_000),
    /** How long a confirming look may take. */
    confirmMs: ms.default(90_000),
    /** Days of expected presence that a device with a rhythm may miss in a row. */
    expectedDaysMissed: z.number().min(1).default(7),
    /** More than this share of a look's steady devices missed at once makes us doubt the look. */
    doubtShare: z.number().gt(0).max(1).default(0.2),
    /** A case that was resolved less than this ago is opened again instead of a new one. */
    reopenWithinMs: ms.default(14_400_000),
    /** Each return within a day doubles the patience, at most this often. */
    flapDoublings: z.int().min(0).max(6).default(3),
    /** A tick that comes later than this was no tick: we slept, hung or were suspended, and all clocks restart. */
    ownLatenessMs: ms.default(30_000),
    /** An agent whose clock is off by more gets a case of its own. */
    clockWrongMs: ms.default(300_000),
    maintenance: z.array(maintenanceWindowSchema).max(1_000).default([]),
  })
  .superRefine((policy, context) => {
    const refuse = (path: PropertyKey[], message: string) => context.addIssue({ code: "custom", path, message });
    if (policy.blindAfterIntervals < policy.patienceIntervals)
      refuse(
        ["blindAfterIntervals"],
        `is less than patienceIntervals (${policy.patienceIntervals}): devices would be blind before they can be missing`,
      );
    if (policy.confirmMs > policy.lookIntervalMs)
      refuse(
        ["confirmMs"],
        `is longer than lookIntervalMs (${policy.lookIntervalMs}): no look could be confirmed in time`,
      );
    if (policy.minSpreadMs >= policy.confirmMs)
      refuse(
        ["minSpreadMs"],
        `is no shorter than confirmMs (${policy.confirmMs}): no confirming look could ask often enough in time`,
      );
    if (policy.ownLatenessMs < LEAST_LATENESS_MS)
      refuse(
        ["ownLatenessMs"],
        `is less than ${LEAST_LATENESS_MS}: ticks come every second, and an ordinary one would start all clocks again`,
      );
    if (!isTimeZone(policy.timeZone)) refuse(["timeZone"], `"${policy.timeZone}" is no IANA time zone`);
    for (const [i, window] of policy.maintenance.entries())
      if (window.kind === "once" && Date.parse(window.to) <= Date.parse(window.from))
        refuse(["maintenance", i, "to"], `window "${window.name}" ends before it begins`);
      else if (window.kind === "weekly" && isAlwaysOpen(window))
        refuse(
          ["maintenance", i, "durationMs"],
          `window "${window.name}" opens again before it closes, so that its devices are never expected: set their lifecycle instead`,
        );
  });
export type PresencePolicy = z.infer<typeof presencePolicySchema>;

const LEAST_LATENESS_MS = 2_000;

const DAY_MS = 86_400_000;

/** Every opening lasts until the next one. */
const isAlwaysOpen = ({ days, durationMs }: Extract<MaintenanceWindow, { kind: "weekly" }>): boolean => {
  const open = [...new Set(days)].map((day) => weekday.options.indexOf(day)).sort((a, b) => a - b);
  return open.every((day, i) => ((open[i + 1] ?? open[0]! + 7) - day) * DAY_MS <= durationMs);
};

const isTimeZone = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
};

/** @throws RollcallError `policy.invalid` with every fault in one line each. */
export const parsePresencePolicy = (input: unknown): PresencePolicy => {
  const parsed = presencePolicySchema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".") || "policy"}: ${issue.message}`);
  throw new RollcallError("policy.invalid", `presence policy refused: ${faults.join("; ")}`);
};

export const defaultPresencePolicy: PresencePolicy = presencePolicySchema.parse({});
