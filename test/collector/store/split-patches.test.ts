import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentOf, joinPatches, NO_PATCH, type Patch, patched } from "../../../collector/store/sqlite/lists.ts";
import { createPatchCodec, type LyingPatch } from "../../../collector/store/sqlite/split-patches.ts";
import type { StoredItem, StoredItems } from "../../../collector/store/store.ts";
import { itemHash } from "../../../shared/protocol/hash.ts";

const stored = (p: number, version: number): StoredItem => {
  const item = { name: `package-${p}`, version: String(version), description: "a line of usual length ".repeat(4) };
  return { hash: itemHash(item), item };
};
const base: StoredItems = new Map(Array.from({ length: 20 }, (_, p) => [`k${p}`, stored(p, 0)]));
const steps = fc.array(
  fc.array(fc.record({ p: fc.nat(24), version: fc.option(fc.nat(3)) }), { minLength: 1, maxLength: 6 }),
  { maxLength: 30 },
);

describe("patches that are packed now and then", () => {
  it("come to the same as the steps carried out one after the other, whatever is held of them", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 4 }), (all, forgetEvery) => {
        const content = contentOf(base);
        let codec = createPatchCodec();
        let lying: LyingPatch = { patch: NO_PATCH, since: NO_PATCH };
        const expected = new Map(base);
        let value: string | Uint8Array | null = null;
        for (const [n, step] of all.entries()) {
          const put = new Map<string, StoredItem>();
          const drop = new Set<string>();
          for (const { p, version } of step)
            if (version === null) drop.add(`k${p}`);
            else put.set(`k${p}`, stored(p, version));
          for (const key of put.keys()) drop.delete(key);
          const moved: Patch = { put, drop };
          for (const key of drop) expected.delete(key);
          for (const [key, one] of put) expected.set(key, one);
          value = codec.encode(lying, moved, joinPatches(content, lying.patch, moved));
          if (n % forgetEvery === 0) codec = createPatchCodec();
          lying = codec.decode("one", value);
          const after = patched(content, lying.patch);
          expect(after.size).toBe(expected.size);
          expect(new Map([...after.all()].sort())).toEqual(new Map([...expected].sort()));
        }
      }),
    );
  });

  it("pack again only when what came since has grown", () => {
    const codec = createPatchCodec();
    const content = contentOf(base);
    const many: Patch = {
      put: new Map(Array.from({ length: 15 }, (_, p) => [`k${p}`, stored(p, 9)])),
      drop: new Set(),
    };
    let value = codec.encode(undefined, many, many);
    let packed = codec.decode("one", value).packed;
    let timesPacked = 0;
    for (let n = 0; n < 60; n++) {
      const lying = codec.decode("one", value);
      const moved: Patch = { put: new Map([[`k${n % 20}`, stored(n % 20, n)]]), drop: new Set() };
      value = codec.encode(lying, moved, joinPatches(content, lying.patch, moved));
      const now = codec.decode("one", value).packed ?? new Uint8Array();
      if (Buffer.compare(now, packed ?? new Uint8Array()) !== 0) timesPacked++;
      packed = now;
      expect(value?.length).toBeLessThan(16_384);
    }
    expect(timesPacked).toBeGreaterThan(1);
    expect(timesPacked).toBeLessThan(20);
  });
});
