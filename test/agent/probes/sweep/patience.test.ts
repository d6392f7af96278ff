import { describe, expect, it } from "vitest";
import { createPatience } from "../../../../agent/probes/sweep/patience.ts";
import type { IpAddress } from "../../../../shared/ip.ts";

const ip = (text: string) => text as IpAddress;
const by24 = (address: string) => address.slice(0, address.lastIndexOf("."));
const learned = (times: readonly (readonly [string, number])[]) => {
  const patience = createPatience(950, by24);
  for (const [address, latencyMs] of times) patience.learn(ip(address), latencyMs);
  return patience;
};
const near = [1, 2, 3, 4, 5].map((n) => [`10.1.0.${n}`, n] as const);

describe("patience", () => {
  it.each([
    ["nothing is known yet", [], "10.1.0.9", 950],
    ["four round trips are too few to tell", near.slice(0, 4), "10.1.0.9", 950],
    ["answers came within milliseconds", near, "10.1.0.9", 250],
    ["answers took a while: six times the slowest", [...near, ["10.1.0.6", 80] as const], "10.1.0.9", 480],
    ["the line is slow: never more than was configured", near.map(([a]) => [a, 400] as const), "10.1.0.9", 950],
    ["near hosts answered first, and another network was not heard of", near, "10.2.0.9", 950],
    ["near hosts answered first, and few of another", [...near, ["10.2.0.1", 400] as const], "10.2.0.9", 950],
  ])("where %s", (_, times, address, expected) => {
    expect(learned(times).ms(ip(address))).toBe(expected);
  });

  it("keeps to a bounded number of networks", () => {
    const patience = createPatience(950, by24);
    for (let n = 0; n < 10_000; n++)
      for (const host of [1, 2, 3, 4, 5]) patience.learn(ip(`10.${n >> 8}.${n & 255}.${host}`), 1);
    expect(patience.ms(ip("10.0.0.1"))).toBe(250);
    expect(patience.ms(ip("10.39.15.1"))).toBe(950);
  });
});
