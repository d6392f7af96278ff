import { z } from "zod";
import { methodSchema, subjectSchema } from "./observation.ts";
import { sectionNames } from "./sections.ts";

export { streamId } from "./hash.ts";

import { count, epochMs, hashText, optional, shortText, text } from "./text.ts";

export const sectionNameSchema = z.enum(sectionNames);

export const sectionFailureSchema = z.object({
  section: sectionNameSchema,
  kind: z.enum(["failed", "needs-privilege", "timed-out", "cut"]),
  reason: text,
});

/** Items of a collection by their key (`itemKey`); a value section has one item under "". Checked against the section's own schema on arrival. */
const itemsSchema = z.record(z.string().max(8_192), z.record(shortText, z.unknown()));

/**
 * One section's step from `base` to `hash`. `full`: the whole content, whatever was there before. `delta`: against `base`,
 * the hash the section had after the envelope before; a receiver that holds another one ignores the step and asks for the
 * whole. `gone`: the section is no longer observed (a probe switched off); this removes no facts, it ends their freshness.
 */
export const sectionStepSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("full"), section: sectionNameSchema, hash: hashText, items: itemsSchema }),
  z.object({
    kind: z.literal("delta"),
    section: sectionNameSchema,
    base: hashText,
    hash: hashText,
    put: itemsSchema,
    drop: z.array(z.string().max(8_192)).max(100_000),
    /** Above the spool's soft limit several deltas may be folded into one: how many, and between which times. */
    folded: optional(z.object({ count, fromMs: epochMs, toMs: epochMs })),
  }),
  z.object({ kind: z.literal("gone"), section: sectionNameSchema }),
]);
export type SectionStep = z.infer<typeof sectionStepSchema>;

/** A stream is one observer's view of one subject by one source: ("local", "self"), ("snmp", "mac:…"). Its id is "source/subject". */
export const streamIdSchema = z.string().min(3).max(300);

/** What one round of a probe changed in its stream. Kept by the spool until acknowledged. */
export const snapshotSchema = z.object({
  source: methodSchema,
  subject: subjectSchema,
  observedAtMs: epochMs,
  steps: z.array(sectionStepSchema).max(128),
  failures: z.array(sectionFailureSchema).max(128),
  gauges: optional(z.record(shortText, z.number())),
  commandId: optional(shortText),
});
export type Snapshot = z.infer<typeof snapshotSchema>;
