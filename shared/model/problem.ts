import { z } from "zod";
import { optional } from "../protocol/text.ts";

/** RFC 9457. `code` is stable and dotted ("auth.expired"), `remedy` a sentence that says what to do. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: optional(z.string()),
  remedy: optional(z.string()),
  instance: optional(z.string()),
  /** Where in a query it is wrong: UTF-16 units from 0, and how many. */
  position: optional(z.int()),
  length: optional(z.int()),
  /** For input that does not fit its schema: each fault with its place. */
  errors: optional(z.array(z.object({ path: z.string(), message: z.string() }))),
});
export type Problem = z.infer<typeof problemSchema>;
