import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../shared/protocol/hash.ts";

describe("canonical form of flat items", () => {
  it("is what RFC 8785 says, whatever names and values come in which order", () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    );
    const name = fc.oneof(fc.string(), fc.constantFrom("10", "9", "name", "__proto__", "toJSON"));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (entries) => {
        // NFC is our own addition: what is compared here is its own NFC form.
        const item = Object.fromEntries(entries.filter(([n, v]) => /^\p{ASCII}*$/u.test(`${n}${v}`)));
        return canonicalJson(item) === canonicalize(item);
      }),
      { numRuns: 3_000, seed: 8 },
    );
    expect(canonicalJson({ b: 1, 10: 2, 9: 3, a: undefined })).toBe('{"10":2,"9":3,"b":1}');
  });
});
