import { z } from "zod";
import { agentIdSchema, assetIdSchema, incidentIdSchema } from "../ids.ts";
import { deviceTypeSchema } from "../protocol/device-types.ts";
import { count, optional, shortText, text, timestamp } from "../protocol/text.ts";
import { agentSchema } from "./agent.ts";
import { presenceStateSchema } from "./asset.ts";
import { incidentKindSchema } from "./incident.ts";

/** How the collector and what it knows are, at a glance, and what is new. */

/** Targets that were met, of the cases whose target is past or was met. */
const punctualitySchema = z.object({ inTime: count, of: count });

/** How quickly what was lost was noticed (last seen to opened), answered (opened to taken) and over (opened to resolved). */
export const measuresSchema = z.object({
  days: count,
  incidents: count,
  mttdMs: z.number().nullable(),
  mttaMs: z.number().nullable(),
  mttrMs: z.number().nullable(),
  answered: punctualitySchema,
  resolved: punctualitySchema,
});
export type Measures = z.infer<typeof measuresSchema>;

export const overviewSchema = z.object({
  /** When the counts were taken. */
  at: timestamp,
  assets: count,
  assetsByPresence: z.partialRecord(presenceStateSchema, count),
  assetsByType: z.partialRecord(deviceTypeSchema, count),
  agents: count,
  agentsByState: z.partialRecord(agentSchema.shape.state, count),
  openIncidents: count,
  openIncidentsByKind: z.partialRecord(incidentKindSchema, count),
  openTickets: count,
  changesLastDay: count,
  measures: measuresSchema,
  firstAssetAt: optional(timestamp),
  /** What is wrong with the collector itself at the moment, a line each. */
  ailments: z.array(text),
});
export type Overview = z.infer<typeof overviewSchema>;

export const healthSchema = z.object({ status: z.enum(["ok", "degraded"]) });

/** What a live event tells: something is new; the reader asks the API for the rest. `event:` on the stream is the kind. */
export const liveEventSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("asset"), assetId: assetIdSchema, what: z.enum(["added", "updated"]) }),
  z.object({ kind: z.literal("changes"), assetId: assetIdSchema, count }),
  z.object({ kind: z.literal("agent"), agentId: agentIdSchema }),
  z.object({ kind: z.literal("sweep"), sweepId: shortText, realm: shortText }),
  z.object({ kind: z.literal("incident"), incidentId: incidentIdSchema }),
  z.object({ kind: z.literal("ticket"), number: z.int() }),
]);
export type LiveEvent = z.infer<typeof liveEventSchema>;
