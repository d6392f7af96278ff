import { z } from "zod";
import { commandSchema, keptBodySchema } from "../../shared/protocol/envelope.ts";
import { methodSchema } from "../../shared/protocol/observation.ts";
import { sectionNameSchema } from "../../shared/protocol/snapshot.ts";
import { agentConfigSchema } from "../config.ts";

/**
 * Heavy rounds run in a child process of one round's life (`rollcall-agent round`, hidden), so that their memory goes back
 * to the host. The job goes in as JSON on standard input, the messages to keep come out as JSON lines.
 */
const optional = z.exactOptional;
const sweepJobSchema = z.object({
  kind: z.literal("sweep"),
  scope: z.string(),
  realm: z.string(),
  targets: z.array(z.string()),
  exclude: z.array(z.string()),
  methods: optional(z.array(methodSchema)),
  packetsPerSecond: optional(z.number()),
  commandId: optional(z.string()),
});

const snmpJobSchema = z.object({
  kind: z.literal("snmp"),
  scope: z.string(),
  realm: z.string(),
  stateDatabase: z.string(),
  targets: z.array(z.string()),
  exclude: z.array(z.string()),
  port: z.int(),
  credentialsFile: z.string(),
  /** What was remembered of the devices; the child writes the next one beside it and says so, the daemon puts it in place. */
  statesFile: z.string(),
  personal: z.array(sectionNameSchema),
  commandId: optional(z.string()),
});

const inventoryJobSchema = z.object({
  kind: z.literal("inventory"),
  realm: z.string(),
  root: z.string(),
  stateDatabase: z.string(),
  personal: z.array(sectionNameSchema),
  smbiosFile: optional(z.string()),
  commandId: optional(z.string()),
});

/** What the collector asked for: the child judges it by the agent's own file before it does anything. */
const commandJobSchema = z.object({
  kind: z.literal("command"),
  command: commandSchema,
  config: agentConfigSchema,
  stateDatabase: z.string(),
});

export const jobSchema = z.discriminatedUnion("kind", [
  inventoryJobSchema,
  sweepJobSchema,
  snmpJobSchema,
  commandJobSchema,
]);
export type Job = z.infer<typeof jobSchema>;

/** What a child says: messages to keep, then how it went. */
export const roundLineSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("keep"), body: keptBodySchema }),
  z.object({ kind: z.literal("note"), text: z.string().max(1_000) }),
  /** What the next round is to remember lies beside this file (`nextStates`). */
  z.object({ kind: z.literal("states"), file: z.string() }),
  z.object({ kind: z.literal("done") }),
]);
export type RoundLine = z.infer<typeof roundLineSchema>;
