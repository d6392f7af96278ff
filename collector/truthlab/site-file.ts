import { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import { parseIp } from "../../shared/ip.ts";
import { parseMac } from "../../shared/mac.ts";
import { deviceTypeSchema } from "../../shared/protocol/device-types.ts";
import { optional } from "../../shared/protocol/text.ts";
import { contradictionsIn } from "./contradictions.ts";
import { STEP_MS } from "./step.ts";

/**
 * A simulated world with its truth: what there is, how it behaves, what happens to it. Times are milliseconds since the
 * run's start. `truthlab --site FILE` reads one as JSON; the generator (`world.ts`) makes them from a seed. Documented in
 * shared/protocol/README.md.
 */
const time = z.number().min(0);
const name = z.string().min(1).max(64);
/** Written as people write them; kept in the one form that is compared. */
const canonical = (parse: (text: string) => string | undefined, what: string) =>
  z
    .string()
    .max(64)
    .refine((text) => parse(text) !== undefined, `is no ${what}`)
    .transform((text): string => parse(text) ?? text);
const macText = canonical(parseMac, "MAC address");
const ipText = canonical(parseIp, "address");
const spanSchema = z.strictObject({ fromMs: time, toMs: time });

/** Devices are named by `id`; a MAC that is absent belongs to a visitor, which has another one each day. */
const deviceSchema = z.strictObject({
  id: name,
  site: name,
  type: deviceTypeSchema,
  mac: optional(macText),
  address: ipText,
  /** The switch or access point that it hangs on; absent for the site's root. */
  parent: optional(name),
  port: optional(z.string().max(32)),
  /** Which aim it is measured by. Visitors are nobody's. */
  class: z.enum(["always-on", "roaming", "visitor"]).default("always-on"),
  /** Absences that are its habit, or a reboot: it is not gone then. Ascending, apart. */
  off: z.array(spanSchema).max(20_000).default([]),
  /** It comes then; before, nobody knows it. */
  sinceMs: optional(time),
  /** Addresses it takes later on. */
  moves: z
    .array(z.strictObject({ atMs: time, address: ipText, site: optional(name) }))
    .max(5_000)
    .default([]),
});
export type SimDevice = z.infer<typeof deviceSchema>;

const agentSchema = z.strictObject({
  id: name,
  site: name,
  /** The device it runs on. */
  host: name,
  /** False: it only speaks for its own host. */
  sweeps: z.boolean().default(true),
});
export type SimAgent = z.infer<typeof agentSchema>;

const eventSchema = z.discriminatedUnion("kind", [
  /** The truth that is to be found: stolen, failed, taken away. Without an end it stays away. */
  z.strictObject({ kind: z.literal("gone"), device: name, fromMs: time, toMs: optional(time) }),
  /** One cause: a switch, an access point, or a site's root (its uplink) is down with all that hangs on it. `cause` names it. */
  z.strictObject({ kind: z.literal("outage"), cause: name, ...spanSchema.shape }),
  /** All of a site is without power. */
  z.strictObject({ kind: z.literal("power-cut"), site: name, ...spanSchema.shape }),
  z.strictObject({
    kind: z.literal("agent-fault"),
    agent: name,
    fault: z.enum(["restart", "hang", "deaf", "deaf-unaware", "partition"]),
    ...spanSchema.shape,
  }),
  /** Two-state loss: this share of packets is lost in the site. */
  z.strictObject({ kind: z.literal("loss"), site: name, loss: z.number().min(0).max(1), ...spanSchema.shape }),
  z.strictObject({ kind: z.literal("clock"), agent: name, errorMs: z.number(), ...spanSchema.shape }),
  z.strictObject({ kind: z.literal("collector-away"), ...spanSchema.shape }),
]);
export type SimEvent = z.infer<typeof eventSchema>;

export const worldSchema = z.strictObject({
  version: z.literal(1),
  /** RFC 3339; the first moment of the run. */
  startAt: z.iso.datetime(),
  durationMs: z
    .number()
    .positive()
    .max(400 * 86_400_000),
  intervalMs: z.number().min(60_000).max(86_400_000).multipleOf(STEP_MS),
  timeZone: z.string().default("UTC"),
  /** Chance that a living device does not answer a whole sweep, beside loss. */
  noise: z.number().min(0).max(1).default(0.003),
  /** Loss outside of bursts. */
  loss: z.number().min(0).max(1).default(0.005),
  sites: z
    .array(
      z.strictObject({
        id: name,
        subnets: z
          .array(z.strictObject({ from: ipText, to: ipText }))
          .min(1)
          .max(256),
      }),
    )
    .min(1)
    .max(1_000),
  devices: z.array(deviceSchema).min(1).max(200_000),
  agents: z.array(agentSchema).min(1).max(10_000),
  events: z.array(eventSchema).max(20_000).default([]),
});
export type World = z.infer<typeof worldSchema>;

const MAX_FAULTS = 5;

const fail = (faults: readonly string[], cause?: unknown): RollcallError => {
  const more = faults.length > MAX_FAULTS ? `; and ${faults.length - MAX_FAULTS} more` : "";
  const text = `the site file does not fit: ${faults.slice(0, MAX_FAULTS).join("; ")}${more}`;
  return new RollcallError("site.malformed", `${text} (its form: shared/protocol/README.md)`, { cause });
};

/** "devices.3 (srv).class": where in the file, with the entry's own name where it has one. */
const placeOf = (json: unknown, path: readonly PropertyKey[]): string => {
  let at: unknown = json;
  const words = path.map((part) => {
    at = typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined;
    const id = typeof at === "object" && at !== null && "id" in at ? at.id : undefined;
    return typeof id === "string" ? `${String(part)} (${id.slice(0, 64)})` : String(part);
  });
  return words.join(".") || "the file";
};

/** @throws RollcallError `site.malformed` with the first faults, their places and what to do. */
export const parseWorld = (text: string): World => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new RollcallError("site.malformed", "the site file is not JSON", { cause });
  }
  const parsed = worldSchema.safeParse(json);
  if (!parsed.success) throw fail(parsed.error.issues.map((issue) => `${placeOf(json, issue.path)}: ${issue.message}`));
  const faults = contradictionsIn(parsed.data);
  if (faults.length > 0) throw fail(faults);
  return parsed.data;
};
