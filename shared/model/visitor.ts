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

/** Different visitors a day, by realm and network; in local time of the policy. */
export const visitorDaysSchema = z.object({
  /** The first day that `counts` tell of, and the last: today. Later than was asked for where more is kept than is looked through. */
  from: z.iso.date(),
  through: z.iso.date(),
  items: z.array(
    z.object({
      realm: shortText,
      /** Absent for those of whom no address was told. */
      cidr: optional(shortText),
      /** One for each day. */
      counts: z.array(z.int().min(0)),
    }),
  ),
});
export type VisitorDays = z.infer<typeof visitorDaysSchema>;
