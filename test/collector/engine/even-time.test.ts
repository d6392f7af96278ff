import { describe, expect, it } from "vitest";
import { createEvenTime } from "../../../collector/engine/even-time.ts";

const HOUR_MS = 3_600_000;

describe("wall time that has gone on evenly", () => {
  const start = () => {
    let [wallMs, passedMs] = [1_750_000_000_000, 5_000];
    const isEven = createEvenTime({ now: () => wallMs, monotonic: () => passedMs });
    return (afterMs: number, jumpMs = 0) => {
      passedMs += afterMs;
      wallMs += afterMs + jumpMs;
      return isEven();
    };
  };

  it("is an hour old at the earliest", () => {
    const isEvenIn = start();
    expect([isEvenIn(1_000), isEvenIn(HOUR_MS - 2_000), isEvenIn(1_000)]).toEqual([false, false, true]);
  });

  it.each([
    ["forwards", 365 * 24 * HOUR_MS],
    ["back", -24 * HOUR_MS],
  ])("begins anew with a jump %s", (_, jumpMs) => {
    const isEvenIn = start();
    expect([isEvenIn(HOUR_MS), isEvenIn(1_000, jumpMs), isEvenIn(HOUR_MS - 1_000), isEvenIn(1_000)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it("goes on while NTP brings it nearer step by step", () => {
    const isEvenIn = start();
    expect(isEvenIn(HOUR_MS)).toBe(true);
    for (let n = 0; n < 100; n++) expect(isEvenIn(1_000, 30_000)).toBe(true);
  });
});
