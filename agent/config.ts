import { z } from "zod";
import { logLevels } from "../shared/json-log.ts";
import { methods } from "../shared/protocol/observation.ts";
import { sectionNames, sections } from "../shared/protocol/sections.ts";

/**
 * Every option of the agent, with its default, its unit and what more or less of it does. The commented example file and
 * the table in the README are made from here (`config-text.ts`).
 */
const personalSections = sectionNames.filter((name) => sections[name].personal);
const path = z.string().min(1).max(4_096);
const secret = z.string().min(1).max(4_096);
const network = z.string().min(1).max(256);
const clockTime = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;

const isLoopbackHost = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host);

/** A URL without credentials, encrypted unless it stays on this host. */
const url = (plain: string, secure: string) =>
  z
    .string()
    .max(2_048)
    .superRefine((text, context) => {
      const parsed = URL.canParse(text) ? new URL(text) : undefined;
      const fault =
        parsed === undefined
          ? `not a URL (expected ${secure}//HOST)`
          : parsed.username !== "" || parsed.password !== ""
            ? "must not carry credentials"
            : ![plain, secure].includes(parsed.protocol)
              ? `must begin with ${secure}//`
              : parsed.protocol === plain && !isLoopbackHost(parsed.hostname)
                ? `must begin with ${secure}// beyond this host`
                : undefined;
      if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
    });

const snmpSchema = z.strictObject({
  intervalMinutes: z
    .number()
    .min(1)
    .default(60)
    .describe("Minutes between rounds. Less: changes on devices show sooner, devices work more."),
  port: z.int().min(1).max(65_535).default(161).describe("UDP port that the devices listen on."),
  credentialsFile: path.describe(
    "File with the scope's SNMP credentials, readable by the agent only. Format: see the README of agent/.",
  ),
});

const scopeSchema = z.strictObject({
  name: z.string().min(1).max(64).describe("Name of the scope, unique within this file."),
  realm: z.string().min(1).max(128).optional().describe("Routing domain of its addresses. Default: the agent's realm."),
  targets: z
    .array(network)
    .min(1)
    .max(1_024)
    .describe("What may be looked at: 10.0.0.0/24, 10.0.0.1-50, fd00::/64. Nothing else is ever asked."),
  exclude: z.array(network).max(1_024).default([]).describe("Left out of the targets."),
  methods: z
    .array(z.enum(methods))
    .max(32)
    .optional()
    .describe("Ways of looking that are allowed. Default: all that need no privilege the agent lacks."),
  intervalMinutes: z
    .number()
    .min(0.05)
    .default(15)
    .describe("Minutes between sweeps. Less: absence shows sooner, more packets."),
  packetsPerSecond: z
    .number()
    .min(1)
    .max(100_000)
    .optional()
    .describe("Ceiling over all methods. Default: 250 on a segment of ours, 1000 routed."),
  quietHours: z
    .string()
    .regex(clockTime, "expected HH:MM-HH:MM")
    .optional()
    .describe('No scheduled sweeps in this local time, e.g. "22:00-06:00".'),
  snmp: snmpSchema.optional().describe("Reads devices of the scope by SNMP."),
});
export type ScopeConfig = z.infer<typeof scopeSchema>;

export const agentConfigSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe("Name that the collector shows for this agent. Default: the host name."),
  stateDirectory: path
    .optional()
    .describe(
      "Folder of keys and spool, for the agent's user only. Default: $STATE_DIRECTORY, else ~/.local/state/rollcall-agent.",
    ),
  runtimeDirectory: path
    .optional()
    .describe(
      "Folder of the status socket. Default: $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/rollcall-agent, else the state folder.",
    ),
  realm: z
    .string()
    .min(1)
    .max(128)
    .default("default")
    .describe("Routing domain that this host is in; keys like addresses are compared within one realm only."),
  collector: z
    .strictObject({
      url: url("http:", "https:")
        .optional()
        .describe("Address of the collector. Default: where the agent was enrolled."),
      caFile: path
        .optional()
        .describe(
          "PEM file with the only authorities believed for the collector's certificate. Default: the system's.",
        ),
      connectTimeoutSeconds: z
        .number()
        .min(1)
        .max(300)
        .default(15)
        .describe("Seconds until an attempt to connect is given up."),
    })
    .prefault({})
    .describe("The collector."),
  uplink: z
    .enum(["websocket", "mqtt"])
    .default("websocket")
    .describe("How messages travel: straight to the collector, or over a broker."),
  mqtt: z
    .strictObject({
      url: url("mqtt:", "mqtts:").describe("The broker, e.g. mqtts://broker.example:8883."),
      version: z
        .enum(["3.1.1", "5"])
        .default("5")
        .describe("Version of MQTT. 5 adds session expiry, receive maximum and clear refusals."),
      username: z.string().min(1).max(256).optional().describe("User at the broker. Default: the agent's id."),
      password: secret.optional().describe("Secret: @FILE or env:NAME."),
      caFile: path.optional().describe("PEM file with the only authorities believed for the broker's certificate."),
      certFile: path.optional().describe("PEM file with this agent's certificate, where the broker asks for one."),
      keyFile: path.optional().describe("PEM file with its key."),
      keepAliveSeconds: z
        .int()
        .min(5)
        .max(3_600)
        .default(60)
        .describe("Seconds without traffic after which broker and agent ask whether the other lives."),
      sessionExpirySeconds: z
        .int()
        .min(0)
        .max(4_294_967_295)
        .default(86_400)
        .describe("How long the broker keeps what is addressed to an absent agent (MQTT 5)."),
      receiveMaximum: z
        .int()
        .min(1)
        .max(65_535)
        .default(32)
        .describe("Unacknowledged messages the broker may send at once (MQTT 5)."),
    })
    .optional()
    .describe("The broker, for uplink: mqtt."),
  heartbeatSeconds: z
    .number()
    .min(1)
    .max(3_600)
    .default(30)
    .describe("Seconds between heartbeats. Less: silence shows sooner. More: fewer octets."),
  reconnect: z
    .strictObject({
      minSeconds: z
        .number()
        .min(0.1)
        .max(3_600)
        .default(1)
        .describe("First wait after a lost connection; doubles, with jitter."),
      maxSeconds: z.number().min(0.1).max(86_400).default(60).describe("Longest wait."),
      refusedSeconds: z
        .number()
        .min(1)
        .max(86_400)
        .default(300)
        .describe("Wait after the collector refused this agent."),
    })
    .prefault({})
    .describe("Coming back after the connection was lost."),
  goodbyeSeconds: z
    .number()
    .min(0)
    .max(60)
    .default(5)
    .describe("How long a stopping agent tries to hand over its goodbye."),
  inventory: z
    .strictObject({
      enabled: z.boolean().default(true).describe("Reads this host's inventory."),
      intervalMinutes: z
        .number()
        .min(0.05)
        .max(10_080)
        .default(15)
        .describe("Minutes between inventories. Less: changes show sooner, more CPU."),
      timeoutSeconds: z
        .number()
        .min(5)
        .max(3_600)
        .default(300)
        .describe("After this the inventory's process is ended and the round counts as failed."),
      personal: z
        .array(z.enum(personalSections as [string, ...string[]]))
        .default([])
        .describe(`Sections that tell of people, off until named: ${personalSections.join(", ")}.`),
      smbiosFile: path
        .optional()
        .describe("Copy of the SMBIOS tables for an agent without root. Default: where the systemd unit leaves it."),
      root: path.default("/").describe("Where the file system to read begins. Anything but / is for tests."),
    })
    .prefault({})
    .describe("This host."),
  neighbours: z
    .strictObject({
      enabled: z.boolean().default(true).describe("Reads the kernel's own table of neighbours. Sends nothing."),
      intervalMinutes: z.number().min(0.05).max(1_440).default(5).describe("Minutes between readings."),
      repeatMinutes: z
        .number()
        .min(0.05)
        .max(10_080)
        .default(30)
        .describe("A neighbour that is still there is told again after this long."),
    })
    .prefault({})
    .describe("Who this host's kernel has talked to on its segments."),
  scopes: z
    .array(scopeSchema)
    .max(64)
    .default([])
    .describe("Networks that this agent may look at. None: it sends no packet but to its collector."),
  commands: z
    .strictObject({
      inventory: z.boolean().default(true).describe("The collector may ask for an inventory now."),
      look: z
        .boolean()
        .default(true)
        .describe("The collector may ask to look at addresses, within the scopes and their methods only."),
      snmp: z
        .boolean()
        .default(true)
        .describe("The collector may ask to read devices by SNMP, within the scopes that have it only."),
      perHour: z.int().min(0).max(10_000).default(120).describe("Commands an hour; more are refused."),
      timeoutSeconds: z.number().min(1).max(3_600).default(300).describe("After this the command's process is ended."),
    })
    .prefault({})
    .describe("Ceiling of what a collector may ask. What goes beyond is refused, and the collector is told."),
  spool: z
    .strictObject({
      softLimitMiB: z
        .number()
        .min(1)
        .max(65_536)
        .default(32)
        .describe("While the collector is away: above this the oldest deltas of the noisiest section are folded."),
      hardLimitMiB: z
        .number()
        .min(1)
        .max(65_536)
        .default(128)
        .describe(
          "Above this nothing more is kept until the collector is back; what is found then is told as one change.",
        ),
    })
    .prefault({})
    .describe("What waits on disk for the collector."),
  log: z
    .strictObject({
      level: z
        .enum(logLevels)
        .default("info")
        .describe("error, warn, info, debug or silent. One JSON object a line on stderr."),
    })
    .prefault({})
    .describe("Log."),
});
export type AgentConfig = z.infer<typeof agentConfigSchema>;

/** Rules over several options; their faults are told beside those of the single ones. */
export const crossFaults = (config: AgentConfig): { readonly path: string; readonly message: string }[] => {
  const faults: { path: string; message: string }[] = [];
  if (config.uplink === "mqtt" && config.mqtt === undefined)
    faults.push({ path: "mqtt", message: "is needed for uplink: mqtt" });
  if (config.mqtt !== undefined && (config.mqtt.certFile === undefined) !== (config.mqtt.keyFile === undefined))
    faults.push({ path: "mqtt", message: "certFile and keyFile come together" });
  if (config.spool.hardLimitMiB < config.spool.softLimitMiB)
    faults.push({ path: "spool.hardLimitMiB", message: "must not be below spool.softLimitMiB" });
  if (config.reconnect.maxSeconds < config.reconnect.minSeconds)
    faults.push({ path: "reconnect.maxSeconds", message: "must not be below reconnect.minSeconds" });
  const names = config.scopes.map(({ name }) => name);
  for (const [i, name] of names.entries())
    if (names.indexOf(name) !== i) faults.push({ path: `scopes[${i}].name`, message: `"${name}" is there twice` });
  return faults;
};
