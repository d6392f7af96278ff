import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPlainlyValid } from "../../../collector/record/plain-items.ts";
import { type SectionName, sectionNames, sections } from "../../../shared/protocol/sections.ts";

describe("plain items", () => {
  it("are those that nearly every package is", () => {
    const item = { manager: "dpkg", name: "a", architecture: "all", version: "1", publisher: "x", purl: "pkg:deb/a@1" };
    expect(isPlainlyValid("software", item)).toBe(true);
    expect(isPlainlyValid("software", { ...item, version: "x".repeat(257) })).toBe(false);
    expect(isPlainlyValid("software", { ...item, version: 1 })).toBe(false);
    expect(isPlainlyValid("software", { ...item, invented: "later" })).toBe(false);
    expect(isPlainlyValid("software", { manager: "dpkg", name: "a" })).toBe(false);
  });

  it("are never what the section's schema refuses", () => {
    const value = fc.oneof(
      fc.string(),
      fc.string({ minLength: 250, maxLength: 5_000 }),
      fc.integer(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.constantFrom(...sectionNames), fc.infiniteStream(value), (name: SectionName, values) => {
        const fields = Object.keys(sections[name].schema.shape);
        const item = Object.fromEntries(fields.map((field) => [field, values.next().value]));
        return !isPlainlyValid(name, item) || sections[name].schema.safeParse(item).success;
      }),
      { numRuns: 2_000, seed: 4 },
    );
  });
});
