import { z } from "zod";
import { optional } from "../protocol/text.ts";

/** One page of a list: `next` is the cursor of the following page, absent on the last. */
export const pageOf = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item), next: optional(z.string()) });
