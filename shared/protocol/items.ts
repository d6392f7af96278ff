import { hashOfItems, itemHash } from "./hash.ts";
import type { SectionStep } from "./snapshot.ts";

/** One item of a section as it travels: the fields of its schema. */
export type Item = Readonly<Record<string, unknown>>;

/** Content of a section after a step, by item key; undefined when nobody looks at it any more. */
export const applyStep = (items: ReadonlyMap<string, Item>, step: SectionStep): Map<string, Item> | undefined => {
  switch (step.kind) {
    case "gone":
      return undefined;
    case "full":
      return new Map(Object.entries(step.items));
    case "delta": {
      const next = new Map(items);
      for (const key of step.drop) next.delete(key);
      for (const [key, item] of Object.entries(step.put)) next.set(key, item);
      return next;
    }
    default:
      return step satisfies never;
  }
};

export const hashesOf = (items: ReadonlyMap<string, Item>): Map<string, string> =>
  new Map([...items].map(([key, item]) => [key, itemHash(item)]));

export const hashOf = (items: ReadonlyMap<string, Item>): string => hashOfItems(hashesOf(items));
