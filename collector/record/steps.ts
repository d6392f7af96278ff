import { canonicalJson, hash16, hashOfItems, itemKey } from "../../shared/protocol/canonical.ts";
import { MAX_ITEMS, type SectionName, sections } from "../../shared/protocol/sections.ts";
import type { SectionStep } from "../../shared/protocol/snapshot.ts";
import type { Item, ItemStep, SectionContent, StoredItem, StoredItems } from "../store/store.ts";
import { NUL_IN_JSON, withoutNulAnywhere } from "./nul.ts";
import { isPlainlyValid } from "./plain-items.ts";

/**
 * A step as it is carried out. "shared" is what preparation makes of a whole large section (`collector/ingest/known-lists.ts`):
 * a list that the collector holds already, and what the section has otherwise. No agent can send one.
 */
export type Step =
  | SectionStep
  | {
      readonly kind: "shared";
      readonly section: SectionName;
      readonly base: string;
      readonly hash: string;
      readonly put: Readonly<Record<string, Item>>;
      readonly drop: readonly string[];
    };

export type StepOutcome =
  /** The whole content is what was put. */
  | { readonly kind: "replaced"; readonly hash: string; readonly items: StoredItems }
  /** `on` with the step carried out. */
  | { readonly kind: "stepped"; readonly hash: string; readonly on: SectionContent; readonly step: ItemStep }
  /** The section already has the content that the step leads to. */
  | { readonly kind: "same" }
  | { readonly kind: "gone" }
  /** The step starts from something else than what is held, or does not lead to the hash that it names. */
  | { readonly kind: "need"; readonly why: "unknown-base" | "hash-mismatch" };

/** What is held of a section; undefined where there is nothing or nobody looks at it any more. */
export type HeldSection = { readonly hash: string; readonly content: SectionContent };

/** The hash is of the item as it was sent, so that later steps fit; what is kept can be shown and searched. */
const toStored = (item: Item): StoredItem => {
  const text = canonicalJson(item);
  return { hash: hash16(text), item: text.includes(NUL_IN_JSON) ? withoutNulAnywhere(item) : item };
};

const storedOf = (items: Readonly<Record<string, Item>>): Map<string, StoredItem> =>
  new Map(Object.entries(items).map(([key, item]) => [key, toStored(item)]));

const hashesOf = (items: StoredItems): Map<string, string> =>
  new Map(Array.from(items, ([key, { hash }]) => [key, hash]));

/**
 * Carries out one step and checks the hash it names. Items that stay keep their stored hash: only what was put is hashed.
 *
 * @param shared the list that a "shared" step begins with.
 */
export const takeStep = (held: HeldSection | undefined, step: Step, shared?: SectionContent): StepOutcome => {
  if (step.kind === "gone") return { kind: "gone" };
  if (held?.hash === step.hash) return { kind: "same" };
  if (step.kind === "full") {
    const items = storedOf(step.items);
    return hashOfItems(hashesOf(items)) === step.hash
      ? { kind: "replaced", hash: step.hash, items }
      : { kind: "need", why: "hash-mismatch" };
  }
  const on = step.kind === "shared" ? shared : held?.hash === step.base ? held.content : undefined;
  if (!on) return { kind: "need", why: "unknown-base" };
  const put = storedOf(step.put);
  const drop = step.drop.filter((key) => !put.has(key));
  return on.hashWith(hashesOf(put), new Set(drop)) === step.hash
    ? { kind: "stepped", hash: step.hash, on, step: { put, drop } }
    : { kind: "need", why: "hash-mismatch" };
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
  const parsed = isPlainlyValid(section, item) ? undefined : sections[section].schema.safeParse(item);
  if (parsed && !parsed.success) {
    const issue = parsed.error.issues[0];
    return `section ${section}, item "${key.slice(0, 80)}": ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is malformed"}`;
  }
  if (sections[section].kind === "value") return key === "" ? undefined : `section ${section} is one value, not items`;
  return itemKey(section, item) === key
    ? undefined
    : `section ${section}: the item under "${key.slice(0, 80)}" has another key`;
};
