import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, compareKeys, hashOfItems } from "../../shared/protocol/hash.ts";

const sha = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);

describe("canonical form", () => {
  it("is RFC 8785's for flat and nested values alike", () => {
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: "grapheme" }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.integer()),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), value), (item) => {
        const nfc = JSON.parse(JSON.stringify(item), (_, v) => (typeof v === "string" ? v.normalize("NFC") : v));
        const named = Object.fromEntries(Object.entries(nfc).map(([k, v]) => [k.normalize("NFC"), v]));
        expect(canonicalJson(item)).toBe(canonicalize(named));
      }),
      { numRuns: 200 },
    );
  });

  it("leaves absent fields out, and writes numbers as ECMAScript does", () => {
    expect(canonicalJson({ b: undefined, a: 1e21, c: -0, d: 0.1 })).toBe('{"a":1e+21,"c":0,"d":0.1}');
  });

  it("hashes items in the order of their keys' octets", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.string()), (hashes) => {
        const map = new Map(Object.entries(hashes));
        const text = [...map.keys()]
          .sort(compareKeys)
          .map((key) => `${key}\0${map.get(key)}\n`)
          .join("");
        expect(hashOfItems(map)).toBe(sha(text));
      }),
      { numRuns: 50 },
    );
  });
});
