import { describe, expect, it } from "vitest";
import { freshnessOf, GOOD_FOR_MS } from "../../../collector/record/freshness.ts";
import { toTimestamp } from "../../../shared/clock.ts";

const LOOKED = Date.UTC(2026, 0, 5, 8);
const HOUR = 3_600_000;

describe("how long a fact is good", () => {
  it.each([
    ["a week after a look that another followed not", {}, HOUR, LOOKED + GOOD_FOR_MS, undefined],
    ["not beyond that", {}, GOOD_FOR_MS + 1, LOOKED + GOOD_FOR_MS, /nobody has looked since/],
    ["until its probe was switched off", { goneAtMs: LOOKED + HOUR }, 2 * HOUR, LOOKED + HOUR, /switched off/],
    ["as if nothing were, before it is", { goneAtMs: LOOKED + HOUR }, HOUR - 1, LOOKED + GOOD_FOR_MS, undefined],
    ["until its agent was revoked", { revokedAtMs: LOOKED + HOUR }, 2 * HOUR, LOOKED + HOUR, /agent was revoked/],
    [
      "until the last look that could read it",
      { failure: "timed-out: 5 s" },
      HOUR,
      LOOKED,
      /could not read it: timed-out: 5 s/,
    ],
  ] as const)("%s", (_, look, laterMs, until, reason) => {
    const { goodUntil, expired } = freshnessOf({ observedAtMs: LOOKED, ...look }, LOOKED + laterMs);
    expect(goodUntil).toBe(toTimestamp(until));
    if (reason === undefined) expect(expired).toBeUndefined();
    else expect(expired).toMatch(reason);
  });
});
