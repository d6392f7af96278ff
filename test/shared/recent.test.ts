import { describe, expect, it } from "vitest";
import { createRecent } from "../../shared/recent.ts";

describe("entries used lately", () => {
  it("stay while they are used, and no more than twice the count is held", () => {
    const recent = createRecent<number, string>(10);
    for (let i = 0; i < 100; i++) {
      recent.set(i, `n${i}`);
      expect(recent.get(0)).toBe("n0");
    }
    const held = Array.from({ length: 100 }, (_, i) => i).filter((i) => recent.has(i));
    expect(held.length).toBeLessThanOrEqual(20);
    expect(held.slice(-9)).toEqual([91, 92, 93, 94, 95, 96, 97, 98, 99]);
  });

  it("holds an undefined value as one that is known", () => {
    const recent = createRecent<string, string | undefined>(1);
    recent.set("a", undefined);
    expect(recent.has("a")).toBe(true);
    recent.set("b", "b");
    expect(recent.get("a")).toBe(undefined);
    expect(recent.has("a")).toBe(true);
  });

  it("forgets what was deleted, whichever map it was in", () => {
    const recent = createRecent<string, number>(1);
    recent.set("a", 1);
    recent.set("b", 2);
    recent.set("a", 3);
    recent.delete("a");
    expect(recent.get("a")).toBe(undefined);
    recent.clear();
    expect(recent.has("b")).toBe(false);
  });
});
