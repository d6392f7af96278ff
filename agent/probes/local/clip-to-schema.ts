import type { z } from "zod";
import { clip } from "./text.ts";

/**
 * Cuts texts and lists that are longer than a section's schema lets through: what a device or a package says of itself
 * is a stranger's, and one long description must not cost the item. What does not fit for other reasons is left as it is,
 * for whoever checks the item before sending.
 */
export const clipToSchema = <T>(schema: z.ZodType, item: T): T => {
  let fitting = item;
  // A list's own length is judged once all that stands in it is right.
  for (let round = 0; round < MAX_DEPTH; round++) {
    const { error } = schema.safeParse(fitting);
    const long = error?.issues.filter(({ code }) => code === "too_big") ?? [];
    if (long.length === 0) return fitting;
    if (fitting === item) fitting = structuredClone(item);
    for (const issue of long) cut(fitting, issue);
  }
  return fitting;
};

/** Lists in lists, and the texts in those. */
const MAX_DEPTH = 4;

/** An object, or a list by its indexes. */
type Holder = Record<PropertyKey, unknown>;

const cut = (item: unknown, { path, ...issue }: z.core.$ZodIssue): void => {
  const field = path.at(-1);
  // Nothing is left of what stood past the end of a list that was cut.
  const holder = path
    .slice(0, -1)
    .reduce<Holder | undefined>((within, part) => within?.[part] as Holder, item as Holder);
  if (issue.code !== "too_big" || field === undefined || holder === undefined) return;
  const value = holder[field];
  if (typeof value === "string") holder[field] = clip(value, Number(issue.maximum));
  else if (Array.isArray(value)) holder[field] = value.slice(0, Number(issue.maximum));
};
