import { z } from "zod";
import { methodSchema, sightingSchema } from "./observation.ts";
import { count, epochMs, ipText, optional, shortText } from "./text.ts";

/** Could the observer see at all? Only "could-see" makes its misses count; "partly" and "blind" accuse nobody. */
export const sightVerdictSchema = z.enum(["could-see", "partly", "blind"]);
export type SightVerdict = z.infer<typeof sightVerdictSchema>;

/** A contiguous run of addresses, both ends included, and how often each was asked. */
export const coverageSchema = z.object({
  from: ipText,
  to: ipText,
  /** Asks that verifiably left for every address of the run; the least of them. */
  asks: count,
  /** Time between the first and the last ask of an address, the least over the run. */
  spreadMs: z.number().min(0),
  methods: z.array(methodSchema).max(32),
});
export type Coverage = z.infer<typeof coverageSchema>;

/** An address that had answered lately, or must be there (gateway, self): whether it was seen in this sweep. */
export const controlSchema = z.object({
  address: ipText,
  role: z.enum(["self", "gateway", "neighbour"]),
  seen: z.boolean(),
});

/** Why we may believe a sweep's silence: how healthy the observer was while it looked. */
export const proofOfSightSchema = z.object({
  verdict: sightVerdictSchema,
  /** One line a person can read for each thing that lowers the verdict; empty for "could-see". */
  reasons: z.array(shortText).max(32),
  controls: z.array(controlSchema).max(64),
  /** Share of asks to answering hosts that went unanswered, 0 to 1. */
  loss: z.number().min(0).max(1),
  /** Longest time by which a timer of ours came late. */
  latenessMs: z.number().min(0),
  /** Share of the kernel's neighbour table in use at the peak, 0 to 1; absent where it can't be read. */
  tablePressure: optional(z.number().min(0)),
});
export type ProofOfSight = z.infer<typeof proofOfSightSchema>;

/** One pass over a range. A miss is an address covered at least twice over a second or more, by a sweep that could see. */
export const sweepSchema = z.object({
  sweepId: shortText,
  scope: shortText,
  realm: shortText,
  startedAtMs: epochMs,
  endedAtMs: epochMs,
  coverage: z.array(coverageSchema).max(4_096),
  proof: proofOfSightSchema,
  sightings: z.array(sightingSchema).max(70_000),
  packets: optional(z.record(shortText, count)),
  commandId: optional(shortText),
});
export type Sweep = z.infer<typeof sweepSchema>;
