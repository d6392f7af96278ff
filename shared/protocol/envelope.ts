import { z } from "zod";
import { agentIdSchema, collectorIdSchema } from "../ids.ts";
import { sightingSchema } from "./observation.ts";
import { sectionNameSchema, snapshotSchema, streamIdSchema } from "./snapshot.ts";
import { sweepSchema } from "./sweep.ts";
import { count, epochMs, hashText, optional, shortText, text } from "./text.ts";

/** The sender's clocks at the moment of sending: the collector measures the offset, a new boot id or a jump opens a new segment. */
export const clockReadingSchema = z.object({ wallMs: epochMs, monotonicMs: z.number().min(0), bootId: shortText });
export type ClockReading = z.infer<typeof clockReadingSchema>;

export const goodbyeSchema = z.object({
  reason: z.enum(["shutdown", "reboot", "sleep", "service-stop", "removed"]),
  atMs: epochMs,
  /** How long the sender expects to be away; its patience ends then. */
  expectedMs: optional(z.number().min(0)),
});
export type Goodbye = z.infer<typeof goodbyeSchema>;

/** What the agent's own file forbids, said instead of done. */
export const refusalSchema = z.object({ commandId: shortText, reason: text, atMs: epochMs });

/** What is kept: sequenced, spooled, delivered exactly once in effect. */
export const keptBodySchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("snapshot"), snapshot: snapshotSchema }),
  z.object({ kind: z.literal("sweep"), sweep: sweepSchema }),
  z.object({ kind: z.literal("sightings"), sightings: z.array(sightingSchema).max(10_000) }),
  z.object({ kind: z.literal("goodbye"), goodbye: goodbyeSchema }),
  z.object({ kind: z.literal("refusal"), refusal: refusalSchema }),
]);
export type KeptBody = z.infer<typeof keptBodySchema>;

/** `instance` tells copies of one agent's state apart: 0 until the collector saw two live at once and numbered them. */
const sender = { v: z.int().min(1), agentId: agentIdSchema, instance: count };

/** One kept message with its place in the agent's sequence. */
export const keptSchema = z.object({
  ...sender,
  kind: z.literal("kept"),
  epoch: count,
  sequence: z.int().min(1),
  spooledAtMs: epochMs,
  body: keptBodySchema,
});
export type Kept = z.infer<typeof keptSchema>;

/** First word on a connection; answers the challenge where there is one (WebSocket), else carries a fresh nonce only (MQTT). */
export const helloSchema = z.object({
  ...sender,
  kind: z.literal("hello"),
  epoch: count,
  /** What the next message that is sealed will be numbered: every lower number has been given to one, once and for all. */
  nextSequence: z.int().min(1),
  /** Digest of the last acknowledged kept message of this epoch, null before the first. */
  lastDigest: hashText.nullable(),
  /**
   * Its sequence, 0 before the first. With `have` at the collector: have >= nextSequence means that the agent's state was
   * put back, lastSequence > have that the collector's was; equal with another digest, that the state was copied. Each asks
   * for a new epoch. Everything between is messages on the way.
   */
  lastSequence: optional(count),
  /** The agent's own, answered in `welcome`, so that an old welcome can't be replayed. */
  nonce: shortText,
  clock: clockReadingSchema,
  /**
   * Drawn anew by each process of an agent. One that speaks again after another took its place was never ended: a copy. Over a
   * broker, which lets only one of a name in, nothing else tells two copies apart that have not seen anything different yet.
   */
  run: optional(shortText),
  software: z.object({ version: shortText, platform: shortText }),
  heartbeatMs: z.number().positive(),
  /** Scopes from the agent's own file: what it may look at; evidence about anything else is refused. */
  scopes: z.array(z.object({ name: shortText, realm: shortText, targets: z.array(shortText).max(1_024) })).max(256),
});
export type Hello = z.infer<typeof helloSchema>;

export const heartbeatSchema = z.object({
  ...sender,
  kind: z.literal("heartbeat"),
  session: shortText,
  /** Counts up within the session, so that a replayed one is seen. */
  beat: z.int().min(1),
  clock: clockReadingSchema,
  /** Root over the roots of all streams as of the last kept message that was acknowledged; null while some are unacknowledged. */
  root: hashText.nullable(),
  /** When the last complete local round ended: equal observations need no other word. */
  roundAtMs: optional(epochMs),
  /** How late the agent's own timers were since the last beat, in ms: a late observer is not believed. */
  latenessMs: optional(z.number().min(0)),
  gauges: optional(z.record(shortText, z.number())),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

/** Answer to `need { hashes: true }`: every section's hash, by stream. */
export const hashesSchema = z.object({
  ...sender,
  kind: z.literal("hashes"),
  session: shortText,
  streams: z.record(streamIdSchema, z.partialRecord(sectionNameSchema, hashText)),
});

export const upMessageSchema = z.discriminatedUnion("kind", [keptSchema, helloSchema, heartbeatSchema, hashesSchema]);
export type UpMessage = z.infer<typeof upMessageSchema>;

/** A request of the collector: bounded in time and rate, carried out only inside the agent's own scopes. */
export const commandSchema = z.object({
  commandId: shortText,
  expiresAtMs: epochMs,
  action: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("inventory") }),
    z.object({
      kind: z.literal("look"),
      scope: shortText,
      targets: z.array(shortText).min(1).max(1_024),
      methods: z.array(shortText).max(16),
    }),
    z.object({ kind: z.literal("snmp"), scope: shortText, targets: z.array(shortText).min(1).max(256) }),
  ]),
});
export type Command = z.infer<typeof commandSchema>;

const downBodySchema = z.discriminatedUnion("kind", [
  /** Proves freshness to the agent by its own nonce; names the session that heartbeats must carry. `instance` and `epoch` are to be adopted. */
  z.object({
    kind: z.literal("welcome"),
    nonce: shortText,
    session: shortText,
    instance: count,
    epoch: count,
    /** Last contiguous sequence the collector holds of that epoch, and its digest: an agent settles by it only what it sent itself. */
    have: count,
    haveDigest: optional(hashText),
    wallMs: epochMs,
    pending: z.boolean(),
  }),
  z.object({ kind: z.literal("ack"), epoch: count, sequence: count, digest: hashText }),
  z.object({ kind: z.literal("resend"), epoch: count, from: z.int().min(1) }),
  /** A kept message that can never be accepted, so that the agent drops it and goes on; it is counted and logged on both sides. */
  z.object({ kind: z.literal("refused"), epoch: count, sequence: count, digest: hashText, reason: text }),
  z.object({
    kind: z.literal("need"),
    hashes: optional(z.boolean()),
    sections: optional(z.array(z.object({ stream: streamIdSchema, section: sectionNameSchema })).max(10_000)),
  }),
  z.object({ kind: z.literal("command"), command: commandSchema }),
  z.object({ kind: z.literal("error"), code: shortText, reason: text }),
]);
export type DownBody = z.infer<typeof downBodySchema>;

/** Everything the collector says, signed by its pinned key. `number` rises within a session, so that nothing is replayed. */
export const downMessageSchema = z.object({
  v: z.int().min(1),
  collectorId: collectorIdSchema,
  agentId: agentIdSchema,
  instance: count,
  number: z.int().min(1),
  session: shortText,
  body: downBodySchema,
});
export type DownMessage = z.infer<typeof downMessageSchema>;

/** First frame on a WebSocket, from the collector, unsigned and in plain JSON text. The hello that follows is signed over it. */
export const challengeSchema = z.object({
  v: z.int().min(1),
  kind: z.literal("challenge"),
  collectorId: collectorIdSchema,
  nonce: shortText,
});

/** POST /api/v1/enrol */
export const enrolRequestSchema = z.object({
  token: shortText,
  /** Ed25519, raw 32 bytes, base64url. */
  publicKey: z.string().length(43),
  name: shortText,
});
export const enrolResponseSchema = z.object({
  agentId: agentIdSchema,
  collectorId: collectorIdSchema,
  /** Ed25519, raw 32 bytes, base64url: pinned by the agent. */
  collectorPublicKey: z.string().length(43),
  /** "pending": a person must approve first; the agent may connect and waits. */
  status: z.enum(["approved", "pending"]),
  /** Where to go on: WebSocket path of the collector, or MQTT broker as configured there. */
  websocketPath: shortText,
});
