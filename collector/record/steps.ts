import { hashOfItems, itemHash, itemKey } from "../../shared/protocol/canonical.ts";
import { MAX_ITEMS, type SectionName, sections } from "../../shared/protocol/sections.ts";
import type { SectionStep } from "../../shared/protocol/snapshot.ts";
import type { Item, StoredItem, StoredItems } from "../store/store.ts";

export type StepOutcome =
  | { readonly kind: "applied"; readonly items: StoredItems }
  /** The section already has the content that the step leads to. */
  | { readonly kind: "same" }
  | { readonly kind: "gone" }
  /** The step starts from something else than what is held, or does not lead to the hash that it names. */
  | { readonly kind: "need"; readonly why: "unknown-base" | "hash-mismatch" };

/** What is held of a section; undefined where there is nothing or nobody looks at it any more. */
export type HeldSection = { readonly hash: string; readonly items: () => StoredItems };

/**
 * Carries out one step and checks the hash it names. Items that stay keep their stored hash: only what was put is hashed.
 */
export const takeStep = (held: HeldSection | undefined, step: SectionStep): StepOutcome => {
  if (step.kind === "gone") return { kind: "gone" };
  if (held?.hash === step.hash) return { kind: "same" };
  if (step.kind === "delta" && held?.hash !== step.base) return { kind: "need", why: "unknown-base" };
  const items = new Map<string, StoredItem>(step.kind === "delta" && held ? held.items() : []);
  if (step.kind === "delta") for (const key of step.drop) items.delete(key);
  for (const [key, item] of Object.entries(step.kind === "full" ? step.items : step.put))
    items.set(key, { hash: itemHash(item), item });
  const hash = hashOfItems(new Map(Array.from(items, ([key, stored]) => [key, stored.hash])));
  return hash === step.hash ? { kind: "applied", items } : { kind: "need", why: "hash-mismatch" };
};

/** Why a step can never be accepted: an item that breaks its section's schema or lies under another key than its own. */
export const faultOfStep = (step: SectionStep): string | undefined => {
  if (step.kind === "gone") return undefined;
  const entries = Object.entries(step.kind === "full" ? step.items : step.put);
  if (entries.length > MAX_ITEMS)
    return `section ${step.section} has ${entries.length} items, the limit is ${MAX_ITEMS}`;
  for (const [key, item] of entries) {
    const fault = faultOfItem(step.section, key, item);
    if (fault !== undefined) return fault;
  }
  return undefined;
};

const faultOfItem = (section: SectionName, key: string, item: Item): string | undefined => {
  const parsed = sections[section].schema.safeParse(item);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `section ${section}, item "${key.slice(0, 80)}": ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is malformed"}`;
  }
  if (sections[section].kind === "value") return key === "" ? undefined : `section ${section} is one value, not items`;
  return itemKey(section, item) === key
    ? undefined
    : `section ${section}: the item under "${key.slice(0, 80)}" has another key`;
};
