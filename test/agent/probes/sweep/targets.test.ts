import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOrder } from "../../../../agent/probes/sweep/order.ts";
import { ipv6FromBigInt, ipv6ToBigInt, isPublic, parseTargets } from "../../../../agent/probes/sweep/targets.ts";
import { isRollcallError } from "../../../../shared/errors.ts";
import { createSeededRandom } from "../../../../shared/random.ts";

const names: Readonly<Record<string, readonly string[]>> = { "printer.example": ["10.0.0.9", "fd00::9"], empty: [] };
const resolve = async (name: string): Promise<readonly string[]> => {
  const found = names[name];
  if (found === undefined) throw new Error("ENOTFOUND");
  return found;
};
const parse = (specs: readonly string[], exclude: readonly string[] = []) => parseTargets(specs, exclude, resolve);
const all = async (specs: readonly string[], exclude: readonly string[] = []) => {
  const targets = await parse(specs, exclude);
  return Array.from({ length: targets.size4 }, (_, i) => targets.at4(i) as string);
};

describe("targets", () => {
  it.each([
    [["10.0.0.4/30"], ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]],
    [["10.0.0.6/30"], ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]],
    [["10.0.0.254-10.0.1.1"], ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"]],
    [["10.0.0.3-5"], ["10.0.0.3", "10.0.0.4", "10.0.0.5"]],
    [["10.0.0.1,10.0.0.1 10.0.0.2"], ["10.0.0.1", "10.0.0.2"]],
    [["printer.example"], ["10.0.0.9"]],
  ])("%j are %j", async (specs, expected) => {
    expect(await all(specs)).toEqual(expected);
  });

  it("leaves exclusions out, and addresses that no host can have", async () => {
    expect(await all(["10.0.0.0/29"], ["10.0.0.2-4", "10.0.0.7"])).toEqual([
      "10.0.0.0",
      "10.0.0.1",
      "10.0.0.5",
      "10.0.0.6",
    ]);
    expect(await all(["223.255.255.254-224.0.0.3"])).toEqual(["223.255.255.254", "223.255.255.255"]);
  });

  it.each([
    ["300.1.1.1", /300\.1\.1\.1: not an address: an IPv4 address has four numbers from 0 to 255/],
    ["10.0.0.0/99", /10\.0\.0\.0\/99: a prefix length goes from 0 to 32/],
    ["fd00::/129", /fd00::\/129: a prefix length goes from 0 to 128/],
    ["10.0.0.9-3", /10\.0\.0\.9-3: the range ends before it begins/],
    ["10.0.0.1-999", /"999" is neither an address nor a number from 0 to 255/],
    ["nowhere.example", /nowhere\.example: the name can't be resolved/],
    ["empty", /empty: this name has no address/],
    ["ga$rbage", /neither an address, a range/],
    ["-rf", /neither an address, a range/],
    ["", /no target is named/],
    ["224.0.0.1", /no address is left to scan/],
  ])("refuses %j in clear words", async (spec, message) => {
    const error = await parse([spec]).catch((e: unknown) => e);
    expect(isRollcallError(error, "usage.target")).toBe(true);
    expect((error as Error).message).toMatch(message);
  });

  it("names every fault at once", async () => {
    const error = await parse(["300.1.1.1", "10.0.0.0/99", "10.0.0.1"]).catch((e: unknown) => e);
    expect((error as Error).message.split("\n")).toHaveLength(2);
  });

  it("knows its addresses by index and back, and nothing else", async () => {
    const targets = await parse(["10.0.0.0/12", "192.168.5.0/24", "10.3.0.0/16"], ["10.1.2.3"]);
    expect(targets.size4).toBe(2 ** 20 + 256 - 1);
    fc.assert(
      fc.property(fc.nat(targets.size4 - 1), (index) => targets.index4(targets.at4(index)) === index),
      { seed: 7 },
    );
    for (const outside of ["10.1.2.3", "9.255.255.255", "10.16.0.0", "192.168.6.0", "fd00::1", "text"])
      expect(targets.index4(outside)).toBe(-1);
    expect(targets.contains("10.15.255.255")).toBe(true);
  });

  it("tells public ranges from private ones", async () => {
    for (const spec of [
      "10.0.0.0/8",
      "172.31.0.1",
      "192.168.0.0/16",
      "100.64.1.1",
      "fd00::/64",
      "127.0.0.1",
      "fe80::/64",
    ])
      expect(isPublic(await parse([spec]))).toBe(false);
    for (const spec of ["8.8.8.8", "172.32.0.0/30", "10.0.0.0-11.0.0.0", "2a00::/64", "::/0"])
      expect(isPublic(await parse([spec]))).toBe(true);
  });

  it("takes prefixes of IPv6, and reads 128 bits as they are", async () => {
    const targets = await parse(["fd00:1::/64", "fd00:2::5"], ["fd00:1::bad"]);
    expect(targets.contains("fd00:1::77")).toBe(true);
    expect(targets.contains("fd00:2::5")).toBe(true);
    expect(targets.contains("fd00:2::6")).toBe(false);
    expect(targets.contains("fd00:1::bad")).toBe(false);
    fc.assert(
      fc.property(fc.bigInt(1n << 96n, (1n << 128n) - 1n), (n) => ipv6ToBigInt(ipv6FromBigInt(n)) === n),
      { seed: 7 },
    );
  });

  it("never throws anything but a told fault, whatever is typed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 60 }), async (text) => {
        const error = await parse([text]).catch((e: unknown) => e);
        return !(error instanceof Error) || isRollcallError(error, "usage.target");
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe("the order of a sweep", () => {
  it.each([1, 2, 3, 254, 256, 1_000, 65_536])("visits each of %i addresses once", (size) => {
    const order = createOrder(size, createSeededRandom(3));
    const seen = new Set(Array.from({ length: size }, (_, i) => order(i)));
    expect(seen.size).toBe(size);
    expect(Math.max(...seen)).toBe(size - 1);
  });

  it("differs from sweep to sweep and hardly goes in steps", () => {
    const one = createOrder(4_096, createSeededRandom(1));
    const two = createOrder(4_096, createSeededRandom(2));
    const positions = Array.from({ length: 4_095 }, (_, i) => i);
    expect(positions.filter((i) => one(i) === two(i)).length).toBeLessThan(40);
    expect(positions.filter((i) => Math.abs(one(i) - one(i + 1)) === 1).length).toBeLessThan(40);
  });
});
