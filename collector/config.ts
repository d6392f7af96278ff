import { z } from "zod";
import { logLevels } from "../shared/json-log.ts";
import { incidentPolicySchema } from "./incidents/policy.ts";
import { presencePolicySchema } from "./presence/policy.ts";
import { deskConfigSchema } from "./tickets/desks.ts";

/** Every option of the collector, with its default, its unit and what more or less of it does. */
const path = z.string().min(1).max(4_096);
const secret = z.string().min(1).max(4_096);

const brokerUrl = z
  .string()
  .max(2_048)
  .refine(
    (text) => URL.canParse(text) && /^mqtts?:$/.test(new URL(text).protocol),
    "must begin with mqtts:// or mqtt://",
  )
  .refine((text) => !URL.canParse(text) || new URL(text).username === "", "must not carry credentials");

export const collectorConfigSchema = z.strictObject({
  dataDirectory: path
    .optional()
    .describe("Folder of the database and of the collector's key. Default: $STATE_DIRECTORY, else ./data."),
  listen: z
    .strictObject({
      host: z
        .string()
        .min(1)
        .max(255)
        .default("127.0.0.1")
        .describe("Address to listen on. Beyond this host, TLS is needed."),
      port: z.int().min(0).max(65_535).default(7_717).describe("Port of console, API and agents. 0: any free one."),
      certFile: path.optional().describe("PEM file with the certificate and its chain."),
      keyFile: path.optional().describe("PEM file with its key."),
      behindProxy: z
        .boolean()
        .default(false)
        .describe("A proxy in front speaks TLS: plain HTTP beyond this host is meant."),
      trustedProxies: z
        .array(z.string().min(1).max(64))
        .max(64)
        .default([])
        .describe("Proxies whose X-Forwarded-* is believed, as addresses or prefixes."),
    })
    .prefault({})
    .describe("Where console, API and agents' WebSockets are."),
  maxConnections: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(20_000)
    .describe("Agents' connections at once; more are told to come back."),
  mqtt: z
    .strictObject({
      url: brokerUrl.describe("The broker, e.g. mqtts://broker.example:8883."),
      version: z.enum(["3.1.1", "5"]).default("5").describe("Version of MQTT."),
      clientId: z.string().min(1).max(64).optional().describe("Default: the collector's id."),
      username: z.string().min(1).max(256).optional().describe("User at the broker."),
      password: secret.optional().describe("Secret: @FILE or env:NAME."),
      caFile: path.optional().describe("PEM file with the only authorities believed for the broker's certificate."),
      certFile: path.optional().describe("PEM file with the collector's certificate, where the broker asks for one."),
      keyFile: path.optional().describe("PEM file with its key."),
    })
    .optional()
    .describe("A broker over which agents speak, besides the WebSocket. Enrolment is never over it."),
  publicUrl: z
    .url()
    .optional()
    .describe("Address of the console as people reach it, for links in tickets. Default: none."),
  consoleDirectory: path
    .optional()
    .describe("Folder of the built console. Default: the one that came with the program."),
  presence: presencePolicySchema.prefault({}).describe("When something counts as gone."),
  incidents: incidentPolicySchema.prefault({}).describe("What becomes a ticket, a notice, or nothing."),
  observationDays: z
    .int()
    .min(7)
    .max(3_650)
    .default(90)
    .describe(
      "Days for which observations are kept one by one. Before: by which keys each asset was seen, and from when to when. More: rules can be tried on more, in a larger database.",
    ),
  historyDays: z
    .int()
    .min(30)
    .max(36_500)
    .default(1_095)
    .describe(
      "Days for which changes are kept, and what an asset was like at a time. What people wrote, incidents and decisions are kept on.",
    ),
  desks: z.array(deskConfigSchema).max(16).default([]).describe("Ticket systems that are told of incidents."),
  log: z
    .strictObject({
      level: z.enum(logLevels).default("info").describe("error, warn, info, debug or silent. JSON lines on stderr."),
    })
    .prefault({})
    .describe("Log."),
});
export type CollectorConfig = z.infer<typeof collectorConfigSchema>;

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host);

/** Rules over several options; their faults are told beside those of the single ones. */
export const crossFaults = ({ listen, mqtt, desks }: CollectorConfig): { path: string; message: string }[] => {
  const faults: { path: string; message: string }[] = [];
  if ((listen.certFile === undefined) !== (listen.keyFile === undefined))
    faults.push({ path: "listen", message: "certFile and keyFile come together" });
  if (!isLoopback(listen.host) && listen.certFile === undefined && !listen.behindProxy)
    faults.push({ path: "listen.host", message: "beyond this host needs certFile and keyFile, or behindProxy: true" });
  if (mqtt !== undefined && (mqtt.certFile === undefined) !== (mqtt.keyFile === undefined))
    faults.push({ path: "mqtt", message: "certFile and keyFile come together" });
  if (mqtt !== undefined && URL.canParse(mqtt.url)) {
    const { protocol, hostname } = new URL(mqtt.url);
    if (protocol === "mqtt:" && !isLoopback(hostname))
      faults.push({ path: "mqtt.url", message: "must begin with mqtts:// beyond this host" });
  }
  for (const [i, { name }] of desks.entries())
    if (desks.findIndex((desk) => desk.name === name) !== i)
      faults.push({ path: `desks[${i}].name`, message: `"${name}" is there twice` });
  return faults;
};
