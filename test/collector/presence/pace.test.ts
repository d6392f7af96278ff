import { beforeEach, describe, expect, it } from "vitest";
import { createLocalTime } from "../../../collector/presence/local-time.ts";
import { applyHit, applyMiss } from "../../../collector/presence/looks.ts";
import { defaultPresencePolicy } from "../../../collector/presence/policy.ts";
import { createTrack, type Track } from "../../../collector/presence/track.ts";
import { hours, minutes, seconds } from "../../../shared/clock.ts";
import { createAgentId, createAssetId } from "../../../shared/ids.ts";
import { createSeededRandom } from "../../../shared/random.ts";

const T = Date.UTC(2026, 2, 4, 10);
const random = createSeededRandom(1);
const agentId = createAgentId(T, random);
const local = createLocalTime("UTC");
const HALF_HOUR = minutes(30);
// What is assumed is what is so: that nothing was learned yet can't be told by the number.
const policy = { ...defaultPresencePolicy, lookIntervalMs: HALF_HOUR };

let track: Track;
const by = (atMs: number, sweptMs: number | null) => ({ agentId, scope: "lan", atMs, sweptMs });
const seen = (atMs: number, sweptMs: number | null) => {
  const proof = { atMs, grade: "key" as const, everywhere: false, address: null, mac: null };
  track = applyHit(track, proof, by(atMs, sweptMs), policy, local);
};
const missed = (atMs: number, sweptMs: number | null) => {
  track = applyMiss(track, by(atMs, sweptMs), policy);
};
const interval = () => track.looks[0]?.intervalMs;

describe("the interval between sweeps", () => {
  beforeEach(() => {
    const what = {
      name: "web-1",
      deviceType: "server",
      criticality: "normal",
      lifecycle: "in-use",
      realm: "hq",
    } as const;
    track = createTrack({ assetId: createAssetId(T, random), ...what }, T);
  });

  it("is the first gap, then follows slowly, and forgives an outage of ours", () => {
    seen(T, T);
    expect(interval()).toBe(HALF_HOUR);
    seen(T + hours(1), T + hours(1));
    expect(interval()).toBe(hours(1));
    seen(T + hours(1) + minutes(50), T + hours(1) + minutes(50));
    expect(interval()).toBe(minutes(58));
    seen(T + hours(12), T + hours(12));
    expect(interval()).toBeCloseTo(minutes(58) * 1.1);
  });

  it("is not shortened by looks that were asked for in between, hit or missed", () => {
    for (let n = 0; n < 12; n++) {
      const atMs = T + n * HALF_HOUR;
      seen(atMs, atMs);
      missed(atMs + minutes(10), null);
      missed(atMs + minutes(12), null);
      seen(atMs + minutes(21), null);
    }
    expect(interval()).toBe(HALF_HOUR);
  });

  it("is not shortened by several methods that saw it in one sweep, nor by its end", () => {
    for (let n = 0; n < 12; n++) {
      const endMs = T + n * HALF_HOUR;
      for (const secondsBefore of [40, 25, 3]) seen(endMs - seconds(secondsBefore), endMs);
    }
    expect(interval()).toBe(HALF_HOUR);
  });
});
