import type { z } from "zod";
import { clip } from "./text.ts";

/**
 * Cuts texts and lists that are longer than a section's schema lets through: what a device or a package says of itself
 * is a stranger's, and one long description must not cost the item. What does not fit for other reasons is left as it is,
 * for whoever checks the item before sending.
 */
export const clipToSchema = <T>(schema: z.ZodType, item: T): T => {
  const parsed = schema.safeParse(item);
  if (parsed.success) return item;
  const copy = structuredClone(item) as Record<string, unknown>;
  for (const issue of parsed.error.issues) {
    const [field] = issue.path;
    if (issue.code !== "too_big" || typeof field !== "string" || issue.path.length !== 1) continue;
    const value = copy[field];
    if (typeof value === "string") copy[field] = clip(value, Number(issue.maximum));
    else if (Array.isArray(value)) copy[field] = value.slice(0, Number(issue.maximum));
  }
  return copy as T;
};
