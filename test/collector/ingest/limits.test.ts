import { describe, expect, it } from "vitest";
import { checkDepth, createBucket } from "../../../collector/ingest/limits.ts";

const nested = (levels: number, inside = "1") => `${'{"a":['.repeat(levels / 2)}${inside}${"]}".repeat(levels / 2)}`;

describe("depth", () => {
  it.each([
    ["at the limit", nested(64), true],
    ["one pair beyond it", nested(66), false],
    ["brackets in a text", JSON.stringify({ a: "[{".repeat(500) }), true],
    ["brackets after an escaped quote", JSON.stringify({ a: `"${"[".repeat(500)}` }), true],
    ["brackets after an escaped backslash", `{"a":"\\\\",${'"b":['.repeat(70)}`, false],
    ["a text that does not end", `"${"[".repeat(500)}`, true],
    ["closing brackets in a text do not count", `[${JSON.stringify("]".repeat(500))},${nested(70)}]`, false],
    ["siblings, not levels", `[${"[],".repeat(5_000)}[]]`, true],
  ])("takes %s: %#", (_, json, isTaken) => {
    const check = () => checkDepth(json, 64);
    if (isTaken) expect(check).not.toThrow();
    else expect(check).toThrow("deeper than 64");
  });
});

describe("rate", () => {
  it("lets a burst pass, then what flows in", () => {
    let now = 0;
    const bucket = createBucket(() => now, 3, 2);
    expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([true, true, true, false]);
    now += 500;
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
    now += 60_000;
    expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([true, true, true, false]);
  });
});
