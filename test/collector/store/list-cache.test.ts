import { describe, expect, it } from "vitest";
import { createListCache } from "../../../collector/store/sqlite/list-cache.ts";
import { decodeList, encodeList } from "../../../collector/store/sqlite/lists.ts";
import type { StoredItems } from "../../../collector/store/store.ts";
import { itemHash } from "../../../shared/protocol/hash.ts";

const contents = (versions: readonly number[]): StoredItems =>
  new Map(
    versions.map((version, i) => {
      const item = { name: `package-${i}`, version: String(version), text: "a line of usual length, and no more" };
      return [`k${i}`, { hash: itemHash(item), item }];
    }),
  );
const same = Array.from({ length: 200 }, () => 1);

describe("the cache of lists", () => {
  it("holds once what lists have in common", () => {
    const cache = createListCache(1 << 20);
    cache.get("a", (intern) => decodeList(encodeList(contents(same)), intern));
    const one = cache.bytes();
    const changed = contents(same.with(7, 2));
    const list = cache.get("b", (intern) => decodeList(encodeList(changed), intern));
    expect(cache.bytes() - one).toBeLessThan(one / 2);
    expect(list.all()).toEqual(changed);
    expect(list.get("k7")).toEqual(changed.get("k7"));
  });

  it("gives back all that it counted when the last list that has an item goes", () => {
    const cache = createListCache(1);
    const load = (n: number) =>
      cache.get(`list ${n}`, (intern) => decodeList(encodeList(contents(same.with(n, n + 2))), intern));
    load(0);
    const one = cache.bytes();
    for (let n = 1; n < 50; n++) load(n);
    // Versions of two digits are a few octets longer.
    expect(Math.abs(cache.bytes() - one)).toBeLessThan(8);
  });

  it("tells apart what has one hash and is written otherwise", () => {
    const cache = createListCache(1 << 20);
    const [hash, first, second] = ["0".repeat(32), { name: "a\u030a" }, { name: "\u00e5" }];
    cache.get("a", (intern) => decodeList(encodeList(new Map([["k", { hash, item: first }]])), intern));
    const list = cache.get("b", (intern) => decodeList(encodeList(new Map([["k", { hash, item: second }]])), intern));
    expect(list.get("k")?.item).toEqual(second);
  });
});
