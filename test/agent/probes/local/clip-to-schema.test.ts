import { describe, expect, it } from "vitest";
import { z } from "zod";
import { clipToSchema } from "../../../../agent/probes/local/clip-to-schema.ts";

const schema = z.object({
  name: z.string().max(4),
  members: z.array(z.string().max(3)).max(2),
  parts: z.array(z.object({ label: z.string().max(2) })).max(1),
});
const fitting = { name: "abcd", members: ["abc"], parts: [{ label: "ab" }] };

describe("clipToSchema", () => {
  it("leaves alone what fits", () => {
    expect(clipToSchema(schema, fitting)).toBe(fitting);
  });

  it("cuts texts and lists wherever they stand, and what they stand in stays as it was", () => {
    const long = {
      name: "abcdef",
      members: ["abcdef", "ab", "abcdefgh"],
      parts: [{ label: "abcd" }, { label: "abcde" }],
    };
    const before = structuredClone(long);
    const cut = clipToSchema(schema, long);
    expect(schema.parse(cut)).toEqual(cut);
    expect(cut.name.length).toBeLessThanOrEqual(4);
    expect(cut.members).toHaveLength(2);
    expect(cut.parts).toHaveLength(1);
    expect(long).toEqual(before);
  });

  it("leaves to who sends it what does not fit for other reasons", () => {
    const wrong = { ...fitting, name: 7 } as unknown as typeof fitting;
    expect(clipToSchema(schema, wrong)).toEqual(wrong);
  });
});
