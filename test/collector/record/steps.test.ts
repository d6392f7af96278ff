import { describe, expect, it } from "vitest";
import { faultOfStep, takeStep } from "../../../collector/record/steps.ts";
import { contentOf } from "../../../collector/store/sqlite/lists.ts";
import type { Item, StoredItems } from "../../../collector/store/store.ts";
import { hashOfItems, itemHash } from "../../../shared/protocol/hash.ts";

const pkg = (name: string, version = "1"): Item => ({ manager: "dpkg", name, architecture: "all", version });
const key = (name: string) => `dpkg|${name}|all|`;
const itemsOf = (...items: readonly Item[]) =>
  Object.fromEntries(items.map((item) => [key(String(item["name"])), item]));
const stored = (items: Readonly<Record<string, Item>>): StoredItems =>
  new Map(Object.entries(items).map(([k, item]) => [k, { hash: itemHash(item), item }]));
const hashOf = (items: Readonly<Record<string, Item>>) =>
  hashOfItems(new Map(Object.entries(items).map(([k, item]) => [k, itemHash(item)])));
const held = (items: Readonly<Record<string, Item>>) => ({ hash: hashOf(items), content: contentOf(stored(items)) });

const one = itemsOf(pkg("a"), pkg("b"));
const two = itemsOf(pkg("a", "2"), pkg("c"));
const delta = {
  kind: "delta",
  section: "software",
  base: hashOf(one),
  hash: hashOf(two),
  put: itemsOf(pkg("a", "2"), pkg("c")),
  drop: [key("b")],
} as const;

describe("steps", () => {
  it("lead from one content to another, by delta or whole", () => {
    const hash = hashOf(two);
    expect(takeStep(held(one), { ...delta, drop: [...delta.drop] })).toMatchObject({
      kind: "stepped",
      hash,
      step: { put: stored(two), drop: [key("b")] },
    });
    const full = { kind: "full", section: "software", hash, items: two } as const;
    expect(takeStep(undefined, full)).toEqual({ kind: "replaced", hash, items: stored(two) });
  });

  it("begin with a list that is held already, where one is named", () => {
    const step = { ...delta, kind: "shared", drop: [...delta.drop] } as const;
    expect(takeStep(undefined, step, held(one).content)).toMatchObject({ kind: "stepped", hash: hashOf(two) });
    expect(takeStep(held(two), step, held(one).content)).toEqual({ kind: "same" });
    expect(takeStep(held(one), step)).toEqual({ kind: "need", why: "unknown-base" });
    const unlike = held(itemsOf(pkg("z"))).content;
    expect(takeStep(undefined, step, unlike)).toEqual({ kind: "need", why: "hash-mismatch" });
  });

  it("keep NUL out of what is stored, and the hash of what was sent", () => {
    const items = itemsOf({ ...pkg("a"), description: "before\0after", source: "x" });
    const outcome = takeStep(undefined, { kind: "full", section: "software", hash: hashOf(items), items });
    expect(outcome).toMatchObject({ kind: "replaced", hash: hashOf(items) });
    expect(outcome.kind === "replaced" && outcome.items.get(key("a"))).toEqual({
      hash: itemHash(items[key("a")] as Item),
      item: { ...pkg("a"), description: "before\ufffdafter", source: "x" },
    });
  });

  it("do nothing the second time", () => {
    expect(takeStep(held(two), { ...delta, drop: [...delta.drop] })).toEqual({ kind: "same" });
  });

  it("ask for the whole where the base is unknown or the hash is not reached", () => {
    const step = { ...delta, drop: [...delta.drop] };
    expect(takeStep(undefined, step)).toEqual({ kind: "need", why: "unknown-base" });
    expect(takeStep(held(itemsOf(pkg("z"))), step)).toEqual({ kind: "need", why: "unknown-base" });
    expect(takeStep(held(one), { ...step, drop: [] })).toEqual({ kind: "need", why: "hash-mismatch" });
  });

  it.each([
    ["breaks its schema", { [key("a")]: { ...pkg("a"), version: 7 } }, "version"],
    ["lies under another key", { [key("b")]: pkg("a") }, "another key"],
  ])("refuse an item that %s", (_, items, message) => {
    expect(faultOfStep({ kind: "full", section: "software", hash: "0".repeat(32), items })).toContain(message);
  });

  it("take fields of a newer agent as they are", () => {
    const items = itemsOf({ ...pkg("a"), invented: "later" });
    expect(faultOfStep({ kind: "full", section: "software", hash: hashOf(items), items })).toBeUndefined();
  });
});
