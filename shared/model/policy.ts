import { z } from "zod";
import { assetIdSchema } from "../ids.ts";
import { deviceTypeSchema } from "../protocol/device-types.ts";
import { optional, shortText, timestamp } from "../protocol/text.ts";

/** Maintenance windows, and the policy in force. */

const windowBase = {
  name: shortText.min(1),
  match: z.strictObject({
    realms: optional(z.array(shortText.min(1)).min(1).max(64)),
    assetIds: optional(z.array(assetIdSchema).min(1).max(256)),
    deviceTypes: optional(z.array(deviceTypeSchema).min(1)),
  }),
};

/** A time in which devices are not expected; recurring ones count in the policy's time zone. */
export const windowSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("once"), ...windowBase, from: z.iso.datetime(), to: z.iso.datetime() }),
  z.strictObject({
    kind: z.literal("weekly"),
    ...windowBase,
    days: z
      .array(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
      .min(1)
      .max(7),
    at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected HH:MM"),
    durationMs: z
      .int()
      .min(60_000)
      .max(7 * 86_400_000),
  }),
]);
export type Window = z.infer<typeof windowSchema>;

export const occurrenceSchema = z.object({ from: timestamp, to: timestamp });
export type Occurrence = z.infer<typeof occurrenceSchema>;

/** Maintenance windows in force: the configuration's, which are changed there, and those that people set. */
export const maintenanceSchema = z.object({
  timeZone: shortText,
  /** Names the list that people set; a change that names an older one is refused. */
  mark: shortText,
  items: z.array(
    z.object({
      source: z.enum(["configuration", "console"]),
      window: z.unknown(),
      /** The one that is open now, and those to come. */
      next: z.array(occurrenceSchema),
    }),
  ),
});
export type Maintenance = Omit<z.infer<typeof maintenanceSchema>, "items"> & {
  readonly items: readonly {
    readonly source: "configuration" | "console";
    readonly window: Window;
    readonly next: readonly Occurrence[];
  }[];
};

/** The policy in force: as configured, with what was accepted of proposals, each beside the configured value. */
export const policyInForceSchema = z.object({
  presence: z.record(z.string(), z.unknown()),
  incidents: z.record(z.string(), z.unknown()),
  learned: z.array(
    z.object({
      setting: shortText,
      value: z.union([z.number(), shortText]),
      configured: z.union([z.number(), shortText]),
      proposalId: shortText,
    }),
  ),
});
export type PolicyInForce = z.infer<typeof policyInForceSchema>;
