import { describe, expect, it } from "vitest";
import { proofOf } from "../../../collector/presence/evidence.ts";
import { defaultPresencePolicy } from "../../../collector/presence/policy.ts";
import { answeredByMac, refusalOf, runsOf } from "../../../collector/presence/sweeps.ts";

const scopes = [
  { name: "lan", realm: "hq", targets: ["10.0.0.0/24", "10.0.2.10-20", "fd00::/64"] },
  { name: "named", realm: "hq", targets: ["printer.example.org"] },
];
const run = (from: string, to: string, asks = 2, spreadMs = 1_000) => ({
  from,
  to,
  asks,
  spreadMs,
  methods: ["arp" as const],
});
const sweep = (scope: string, realm: string, ...coverage: ReturnType<typeof run>[]) => ({ scope, realm, coverage });

describe("what a sweep may speak of", () => {
  it.each([
    ["inside a prefix", sweep("lan", "hq", run("10.0.0.1", "10.0.0.254"))],
    ["inside a short range", sweep("lan", "hq", run("10.0.2.10", "10.0.2.20"))],
    ["inside IPv6", sweep("lan", "hq", run("fd00::1", "fd00::ffff"))],
    ["a scope given by name", sweep("named", "hq", run("192.0.2.7", "192.0.2.7"))],
  ])("%s is heard", (_what, what) => {
    expect(refusalOf(what, scopes)).toBeUndefined();
  });

  it.each([
    ["the whole world", sweep("lan", "hq", run("0.0.0.0", "255.255.255.255")), /outside scope "lan"/],
    ["one address too many", sweep("lan", "hq", run("10.0.2.10", "10.0.2.21")), /outside/],
    ["a scope it never named", sweep("other", "hq", run("10.0.0.1", "10.0.0.2")), /did not name/],
    ["another realm", sweep("lan", "branch", run("10.0.0.1", "10.0.0.2")), /belongs to "hq"/],
    ["a range that is none", sweep("lan", "hq", run("10.0.0.9", "10.0.0.1")), /no range/],
    ["two families at once", sweep("lan", "hq", run("10.0.0.9", "fd00::1")), /no range/],
  ])("%s is refused", (_what, what, why) => {
    expect(refusalOf(what, scopes)).toMatch(why);
  });

  it("is all that its targets hold together, however they are cut", () => {
    const told = (targets: readonly string[], from: string, to: string) =>
      refusalOf({ scope: "lan", realm: "site", coverage: [{ from, to, asks: 2, spreadMs: 2_000, methods: ["arp"] }] }, [
        { name: "lan", realm: "site", targets: [...targets] },
      ]);
    expect(told(["10.0.1.0/24", "10.0.0.0/24"], "10.0.0.1", "10.0.1.254")).toBeUndefined();
    expect(told(["10.0.0.7", "10.0.0.9", "10.0.0.8"], "10.0.0.7", "10.0.0.9")).toBeUndefined();
    expect(told(["10.0.0.0/24", "10.0.0.10-20", "10.0.1.0"], "10.0.0.0", "10.0.1.0")).toBeUndefined();
    expect(told(["fd00::/127", "fd00::2"], "fd00::", "fd00::2")).toBeUndefined();
    expect(told(["255.255.255.255", "::", "10.0.0.1"], "10.0.0.1", "10.0.0.1")).toBeUndefined();
    expect(told(["10.0.0.0/24", "10.0.2.0/24"], "10.0.0.1", "10.0.2.254")).toMatch(/outside scope/);
    expect(told(["10.0.0.7", "10.0.0.9"], "10.0.0.7", "10.0.0.9")).toMatch(/outside scope/);
  });

  it("counts as silence only what was asked twice over a second", () => {
    const runs = [
      run("10.0.0.1", "10.0.0.9", 1, 5_000),
      run("10.0.0.1", "10.0.0.9", 3, 900),
      run("10.0.0.1", "10.0.0.9"),
    ];
    expect(runsOf({ coverage: runs }, defaultPresencePolicy).filter((run) => run.isCounted)).toHaveLength(1);
  });
});

describe("what a sighting proves", () => {
  const mac = { kind: "mac", value: "00:16:3e:00:00:01" } as const;
  const ip = { kind: "ip", value: "10.0.0.9" } as const;

  it("is the device by its MAC, somebody by its address, and nobody by its name", () => {
    expect(proofOf({ method: "arp", keys: [mac, ip], atMs: 100 })).toMatchObject({
      grade: "key",
      atMs: 100,
      everywhere: false,
    });
    expect(proofOf({ method: "icmp", keys: [ip], atMs: 100 })).toMatchObject({ grade: "address" });
    expect(proofOf({ method: "rdns", keys: [ip], atMs: 100 })).toBeUndefined();
  });

  it("is as old as the table it was read from may be", () => {
    const at = Date.UTC(2026, 2, 2);
    expect(at - (proofOf({ method: "router-arp", keys: [mac, ip], atMs: at })?.atMs ?? 0)).toBe(14_400_000);
    expect(at - (proofOf({ method: "fdb", keys: [mac], atMs: at })?.atMs ?? 0)).toBe(300_000);
  });

  it("reaches everywhere only with a key of the device itself", () => {
    const serial = { kind: "serial", value: "S1", vendor: "dell" } as const;
    expect(proofOf({ method: "snmp", keys: [serial, ip], atMs: 1 })?.everywhere).toBe(true);
    expect(proofOf({ method: "snmp", keys: [ip], atMs: 1 })?.everywhere).toBe(false);
  });
});

describe("answers at an address", () => {
  const seen = (method: "arp" | "udp" | "neighbours" | "router-arp", address: string, mac?: string) => ({
    subject: {
      ...{ id: address, realm: "r" },
      keys: [
        { kind: "ip" as const, value: address },
        ...(mac === undefined ? [] : [{ kind: "mac" as const, value: mac }]),
      ],
    },
    ...{ method, observedAtMs: 0 },
  });

  it("say who has it where the agent heard them itself and knows the MAC, by whatever method", () => {
    const mac = "00:11:22:33:44:55";
    const sightings = [
      ...[seen("arp", "10.0.0.1", mac), seen("udp", "10.0.0.2", mac), seen("neighbours", "10.0.0.3", mac)],
      ...[seen("udp", "10.0.0.4"), seen("router-arp", "10.0.0.5", mac)],
    ];
    expect([...answeredByMac({ sightings })]).toEqual(["40a000001", "40a000002", "40a000003"]);
  });
});
