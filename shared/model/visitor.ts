import { z } from "zod";
import { optional, shortText, timestamp } from "../protocol/text.ts";

/** A MAC set by software that one network saw, and nothing that lasts beside it: a phone that takes another MAC every day, say. */
export const visitorSchema = z.object({
  realm: shortText,
  mac: shortText,
  names: z.array(shortText),
  addresses: z.array(shortText),
  firstSeen: timestamp,
  lastSeen: timestamp,
  /** Which visitor this one probably was before: a guess, that joins nothing. */
  guess: optional(
    z.object({
      mac: shortText,
      /** How likely, 0 to 1. */
      score: z.number().min(0).max(1),
      because: z.string(),
    }),
  ),
});
export type VisitorRow = z.infer<typeof visitorSchema>;
