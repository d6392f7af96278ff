import { describe, expect, it } from "vitest";
import { faultOfStep, takeStep } from "../../../collector/record/steps.ts";
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
const held = (items: Readonly<Record<string, Item>>) => ({ hash: hashOf(items), items: () => stored(items) });

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
    const expected = { kind: "applied", items: stored(two) };
    expect(takeStep(held(one), { ...delta, drop: [...delta.drop] })).toEqual(expected);
    expect(takeStep(undefined, { kind: "full", section: "software", hash: hashOf(two), items: two })).toEqual(expected);
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
