import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf, foldUses, holds, parseSubnet, shareCovered } from "../../../collector/places/subnets.ts";
import { addressKey } from "../../../collector/presence/address-key.ts";
import { ipv4FromNumber } from "../../../shared/ip.ts";
import type { Coverage } from "../../../shared/protocol/sweep.ts";

const run = (from: string, to: string, asks = 2, spreadMs = 1_500): Coverage => ({
  from,
  to,
  asks,
  spreadMs,
  methods: ["arp"],
});
const counts = ({ asks }: Coverage) => asks >= 2;

describe("subnets", () => {
  it.each([
    ["10.0.4.7/22", "10.0.4.0/22", 1_022],
    ["192.168.1.0/24", "192.168.1.0/24", 254],
    ["10.0.0.8/31", "10.0.0.8/31", 2],
    ["10.0.0.8/32", "10.0.0.8/32", 1],
    ["0.0.0.0/0", "0.0.0.0/0", 4_294_967_294],
    ["FD00:77::5/64", "fd00:77::/64", 2 ** 64],
  ])("%s is %s", (text, cidr, size) => {
    expect(parseSubnet(text)).toMatchObject({ cidr, size });
  });

  it.each([
    "",
    "10.0.0.0",
    "10.0.0.0/33",
    "fd00::/129",
    "300.0.0.0/8",
    "10.0.0.0/-1",
    "office/24",
    "10.0.0.0/24/24",
    `${"1".repeat(99)}/8`,
  ])("%j is none", (text) => {
    expect(parseSubnet(text)).toBeUndefined();
  });

  it("hold their own addresses and no other's, whatever they are", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.integer({ min: 0, max: 32 }), fc.nat(0xffffffff), (base, length, other) => {
        const subnet = parseSubnet(`${ipv4FromNumber(base)}/${length}`)!;
        const block = 2 ** (32 - length);
        expect(holds(subnet, addressKey(ipv4FromNumber(base)))).toBe(true);
        expect(holds(subnet, addressKey(ipv4FromNumber(other)))).toBe(
          Math.floor(base / block) === Math.floor(other / block),
        );
        expect(addressOf(subnet.firstKey)).toBe(subnet.cidr.split("/")[0]);
      }),
    );
  });

  it.each([
    ["all of it", [run("10.0.0.1", "10.0.0.254")], 1],
    ["more than it", [run("10.0.0.0", "10.0.3.255")], 1],
    ["a half", [run("10.0.0.128", "10.0.0.254")], 127 / 254],
    ["runs that overlap, once", [run("10.0.0.1", "10.0.0.100"), run("10.0.0.51", "10.0.0.127")], 127 / 254],
    ["runs asked too little, not at all", [run("10.0.0.1", "10.0.0.254", 1)], 0],
    ["another network's, not at all", [run("10.0.1.1", "10.0.1.254"), run("fd00::1", "fd00::9")], 0],
    ["what is no range, not at all", [run("10.0.0.9", "10.0.0.1"), run("x", "10.0.0.1")], 0],
  ])("count %s", (_, coverage, share) => {
    expect(shareCovered(parseSubnet("10.0.0.0/24")!, coverage, counts)).toBeCloseTo(share, 9);
  });

  it("fold a device's uses of an address that touch, and keep others apart", () => {
    const use = (address: string, assetId: string, fromMs: number, lastMs: number, ended: boolean) => ({
      address,
      assetId,
      fromMs,
      lastMs,
      ended,
    });
    expect(
      foldUses([
        use("10.0.0.10", "a", 1, 5, true),
        use("10.0.0.9", "b", 6, 9, false),
        use("10.0.0.9", "a", 1, 3, true),
        use("10.0.0.9", "a", 3, 5, true),
        use("10.0.0.9", "b", 2, 7, true),
      ]),
    ).toEqual([use("10.0.0.9", "b", 2, 9, false), use("10.0.0.9", "a", 1, 5, true), use("10.0.0.10", "a", 1, 5, true)]);
  });
});
