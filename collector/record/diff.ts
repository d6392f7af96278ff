import type { ChangeWeight } from "../../shared/model/asset.ts";
import { canonicalJson } from "../../shared/protocol/canonical.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { Item, StoredItems } from "../store/store.ts";
import { followers, isVolatile, weigh } from "./weights.ts";

/** One difference between two contents of a section. `field` is absent when the whole item came or went. */
export type Difference = {
  readonly kind: "added" | "removed" | "changed";
  readonly section: SectionName;
  readonly itemKey: string;
  readonly field?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly weight: ChangeWeight;
};

/**
 * What differs from `before` to `after`, in the order of the item keys and, within an item, of the field names.
 * `diff(section, a, a)` is empty. Equal items are told by their hashes and never looked into.
 */
export const diff = (section: SectionName, before: StoredItems, after: StoredItems): Difference[] => {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].sort().flatMap((itemKey): Difference[] => {
    const old = before.get(itemKey);
    const now = after.get(itemKey);
    if (old?.hash === now?.hash) return [];
    if (old && now) return diffItem(section, itemKey, old.item, now.item);
    const kind = now ? "added" : "removed";
    const whole = now ? { after: now.item } : { before: old?.item };
    return [{ kind, section, itemKey, ...whole, weight: weigh(section, kind) }];
  });
};

const diffItem = (section: SectionName, itemKey: string, before: Item, after: Item): Difference[] => {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .filter((field) => !isVolatile(field) && canonicalJson(before[field]) !== canonicalJson(after[field]));
  const rule = followers[section];
  const led = rule !== undefined && fields.includes(rule.leader);
  return fields
    .filter((field) => !(led && rule.fields.has(field)))
    .map((field) => ({
      kind: "changed",
      section,
      itemKey,
      field,
      ...(before[field] === undefined ? {} : { before: before[field] }),
      ...(after[field] === undefined ? {} : { after: after[field] }),
      weight: weigh(section, "changed", field),
    }));
};
