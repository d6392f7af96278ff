import { z } from "zod";
import { count, optional, shortText, text, timestamp } from "../protocol/text.ts";

/** Queries over assets. */

/** What a query over assets can ask for. */
export const queryFieldSchema = z.object({
  name: shortText,
  /** Other names for it. */
  aliases: z.array(shortText),
  kind: z.enum([
    "text",
    "choice",
    "number",
    "size",
    "time",
    "until",
    "address",
    "mac",
    "version",
    "yes-no",
    "software",
  ]),
  /** The values that it can have, for "choice". */
  choices: z.array(shortText),
  help: text,
  example: shortText,
});
export type QueryField = z.infer<typeof queryFieldSchema>;

/** A query over assets that somebody keeps. */
export const savedQuerySchema = z.object({
  queryId: shortText,
  name: shortText,
  text,
  owner: shortText,
  /** Everybody sees it; otherwise its owner alone does. */
  shared: z.boolean(),
  /** Whether it is the asker's own. */
  mine: z.boolean(),
  createdAt: timestamp,
  updatedAt: timestamp,
  version: count,
  /** Why it can't be asked any more. */
  fault: optional(text),
});
export type SavedQuery = z.infer<typeof savedQuerySchema>;
