import { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import { deviceTypeSchema } from "../../shared/protocol/sections.ts";
import { ipText, macText, optional } from "../../shared/protocol/text.ts";

/**
 * A simulated world with its truth: what there is, how it behaves, what happens to it. Times are milliseconds since the
 * run's start. `truthlab --site FILE` reads one as JSON; the generator (`world.ts`) makes them from a seed.
 */
const time = z.number().min(0);
const name = z.string().min(1).max(64);
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
  class: z.enum(["always-on", "roaming", "visitor"]),
  /** Absences that are its habit, or a reboot: it is not gone then. Ascending, apart. */
  off: z.array(spanSchema).max(20_000),
  /** It comes then; before, nobody knows it. */
  sinceMs: optional(time),
  /** Addresses it takes later on. */
  moves: z.array(z.strictObject({ atMs: time, address: ipText, site: optional(name) })).max(5_000),
});
export type SimDevice = z.infer<typeof deviceSchema>;

const agentSchema = z.strictObject({
  id: name,
  site: name,
  /** The device it runs on. */
  host: name,
  /** False: it only speaks for its own host. */
  sweeps: z.boolean(),
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
  durationMs: z.number().positive(),
  intervalMs: z.number().min(60_000),
  timeZone: z.string().default("UTC"),
  /** Chance that a living device does not answer a whole sweep, beside loss. */
  noise: z.number().min(0).max(1).default(0.003),
  /** Loss outside of bursts. */
  loss: z.number().min(0).max(1).default(0.005),
  sites: z
    .array(z.strictObject({ id: name, subnets: z.array(z.strictObject({ from: ipText, to: ipText })).min(1) }))
    .min(1),
  devices: z.array(deviceSchema).min(1).max(200_000),
  agents: z.array(agentSchema).min(1).max(10_000),
  events: z.array(eventSchema).max(100_000),
});
export type World = z.infer<typeof worldSchema>;

/** @throws RollcallError `site.malformed` with the first faults and their places. */
export const parseWorld = (text: string): World => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new RollcallError("site.malformed", "the site file is not JSON", { cause });
  }
  const parsed = worldSchema.safeParse(json);
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new RollcallError("site.malformed", `the site file does not fit: ${faults.join("; ")}`);
  }
  const world = parsed.data;
  const devices = new Set(world.devices.map((device) => device.id));
  const agents = new Set(world.agents.map((agent) => agent.id));
  const sites = new Set(world.sites.map((site) => site.id));
  const unknown = [
    ...world.devices.flatMap((d) => [
      ...(d.parent !== undefined && !devices.has(d.parent) ? [`parent ${d.parent}`] : []),
      ...(sites.has(d.site) ? [] : [`site ${d.site}`]),
    ]),
    ...world.agents.flatMap((a) => (devices.has(a.host) ? [] : [`host ${a.host}`])),
    ...world.events.flatMap((e) =>
      ("device" in e && !devices.has(e.device) ? [`device ${e.device}`] : []).concat(
        "agent" in e && !agents.has(e.agent) ? [`agent ${e.agent}`] : [],
        "cause" in e && !devices.has(e.cause) ? [`cause ${e.cause}`] : [],
        "site" in e && !sites.has(e.site) ? [`site ${e.site}`] : [],
      ),
    ),
  ];
  if (unknown.length > 0)
    throw new RollcallError(
      "site.malformed",
      `the site file names what it does not define: ${unknown.slice(0, 5).join(", ")}`,
    );
  return world;
};
