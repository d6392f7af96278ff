import { describe, expect, it } from "vitest";
import { createAskBook } from "../../../../agent/probes/sweep/asks.ts";
import { measureCoverage, toCoverage } from "../../../../agent/probes/sweep/coverage.ts";
import { createDevices } from "../../../../agent/probes/sweep/devices.ts";
import { guessType, type Traits } from "../../../../agent/probes/sweep/guess.ts";
import type { Evidence } from "../../../../agent/probes/sweep/method.ts";
import { judgeSight, type SelfKnowledge } from "../../../../agent/probes/sweep/sight.ts";
import { createTargets } from "../../../../agent/probes/sweep/targets.ts";
import { loadVendors } from "../../../../agent/probes/sweep/vendor.ts";
import { type IpAddress, ipv4ToNumber } from "../../../../shared/ip.ts";
import type { MacAddress } from "../../../../shared/mac.ts";
import { sightingSchema } from "../../../../shared/protocol/observation.ts";
import { coverageSchema, proofOfSightSchema } from "../../../../shared/protocol/sweep.ts";

const healthy: SelfKnowledge = {
  groups: [{ name: "on eth0", asked: 254, answered: 100 }],
  controls: [{ address: "10.0.0.1", role: "gateway", seen: true }],
  ...{ loss: 0, lossHosts: 100, leastAsks: 2, uncovered: 0, latenessMs: 20, tablePressure: 0.3, tableMisses: 0 },
  ...{ lostDevices: [], interrupted: false, sparse6: false, failures: new Map() },
};
const neighbour = (seen: boolean, n: number) => ({ address: `10.0.0.${n}`, role: "neighbour" as const, seen });

describe("proof of sight", () => {
  it.each<[string, Partial<SelfKnowledge>, string, RegExp | undefined]>([
    ["all is well", {}, "could-see", undefined],
    [
      "the gateway is dead, the segment alive",
      { controls: [{ address: "10.0.0.1", role: "gateway", seen: false }] },
      "could-see",
      undefined,
    ],
    [
      "nothing answered",
      { groups: [{ name: "on eth0", asked: 254, answered: 0 }] },
      "blind",
      /on eth0: nothing answered/,
    ],
    [
      "one of two segments is silent",
      { groups: [...healthy.groups, { name: "behind routers", asked: 9, answered: 0 }] },
      "partly",
      /behind routers: nothing/,
    ],
    ["nothing was asked", { groups: [] }, "blind", /no address was asked/],
    ["one in five is lost, asked three times", { loss: 0.19, leastAsks: 3 }, "could-see", undefined],
    [
      "one in five is lost, asked twice",
      { loss: 0.19, leastAsks: 2 },
      "partly",
      /19 % of the asks were lost, by the answers of 100: of living hosts 3\.4 %/,
    ],
    [
      "the one host that answers needed a second ask",
      { loss: 1, lossHosts: 1, leastAsks: 2 },
      "partly",
      /of 1: of living/,
    ],
    [
      "two hosts needed a second ask, and all were asked six times",
      { loss: 1, lossHosts: 2, leastAsks: 6 },
      "could-see",
      undefined,
    ],
    ["nearly all is lost", { loss: 0.9, leastAsks: 6 }, "blind", /90 % of the asks/],
    ["a timer came 20 s late", { latenessMs: 20_000 }, "partly", /late by 20\.0 s/],
    ["addresses were left out", { uncovered: 7 }, "partly", /7 silent addresses were not asked twice/],
    ["the table was full", { uncovered: 7, tableMisses: 40 }, "partly", /neighbour table was full/],
    ["rows were missing, but asked again", { tableMisses: 40 }, "could-see", undefined],
    ["an interface went", { lostDevices: ["eth0"] }, "partly", /eth0 went down/],
    ["it was stopped", { interrupted: true }, "partly", /stopped before its end/],
    [
      "there is no route",
      { failures: new Map([["ENETUNREACH", 3]]) },
      "partly",
      /no route to some of the targets \(ENETUNREACH, 3 times\)/,
    ],
    ["IPv6 was sparse", { sparse6: true }, "partly", /IPv6/],
    [
      "most neighbours of before are silent",
      { controls: [neighbour(false, 1), neighbour(false, 2), neighbour(true, 3)] },
      "partly",
      /2 of 3 neighbours/,
    ],
    [
      "half of the neighbours are silent",
      { controls: [neighbour(false, 1), neighbour(true, 3)] },
      "could-see",
      undefined,
    ],
  ])("when %s", (_, change, verdict, reason) => {
    const proof = judgeSight({ ...healthy, ...change });
    expect(proof.verdict).toBe(verdict);
    if (reason === undefined) expect(proof.reasons).toEqual([]);
    else expect(proof.reasons.join("\n")).toMatch(reason);
    expect(proofOfSightSchema.parse(proof)).toEqual(proof);
  });
});

const first = ipv4ToNumber("10.0.0.0");
const arp = ["arp"] as const;

describe("coverage", () => {
  it("makes runs of what was asked alike; gaps and ends of ranges stay", () => {
    const targets = createTargets([
      { first, last: first + 9 },
      { first: first + 100, last: first + 101 },
    ]);
    const book = createAskBook(targets.size4);
    for (const i of [1, 2, 3, 5, 6, 9, 10, 11]) {
      book.add(i, 100 + i);
      if (i !== 6) book.add(i, 1_200 + i);
    }
    book.add(4, 50);
    book.see(4);
    expect(toCoverage(targets, book, () => arp)).toEqual([
      { from: "10.0.0.1", to: "10.0.0.5", asks: 2, spreadMs: 1_100, methods: ["arp"] },
      { from: "10.0.0.6", to: "10.0.0.6", asks: 1, spreadMs: 0, methods: ["arp"] },
      { from: "10.0.0.9", to: "10.0.0.9", asks: 2, spreadMs: 1_100, methods: ["arp"] },
      { from: "10.0.0.100", to: "10.0.0.101", asks: 2, spreadMs: 1_100, methods: ["arp"] },
    ]);
    expect(measureCoverage(book, (i) => i === 0)).toEqual({ covered: 7, uncovered: 3, leastAsks: 2 });
  });

  it("stays within the protocol's bound and claims nothing more for it", () => {
    const targets = createTargets([{ first, last: first + 19_999 }]);
    const book = createAskBook(targets.size4);
    for (let i = 0; i < 20_000; i++) {
      book.add(i, 0);
      if (i % 2 === 0) book.add(i, 1_500);
    }
    const runs = toCoverage(targets, book, () => arp);
    expect(runs.length).toBeLessThanOrEqual(4_096);
    expect(runs[0]?.asks).toBe(1);
    expect(runs.at(-1)?.to).toBe("10.0.78.31");
    for (const run of runs.slice(0, 50)) expect(coverageSchema.parse(run)).toEqual(run);
  });
});

const evidence = (address: string, change: Partial<Evidence>): Evidence => ({
  address: address as IpAddress,
  method: "arp",
  atMs: 1_000,
  alive: true,
  ...change,
});
const roles = { gateways: new Set<string>(["10.0.0.1"]), selves: new Set<string>() };

describe("devices", () => {
  it("fuses what several methods saw into one line each", () => {
    const devices = createDevices();
    const mac = "b8:27:eb:00:00:01" as MacAddress;
    expect(devices.add(evidence("10.0.0.5", { mac, device: "eth0", latencyMs: 2 }))).toMatchObject({ firstSeen: true });
    expect(devices.add(evidence("10.0.0.5", { method: "icmp", latencyMs: 0.4 }))).toMatchObject({ firstSeen: false });
    devices.add(evidence("10.0.0.5", { method: "tcp", latencyMs: 3, detail: { "tcp/22": "open" } }));
    devices.add(evidence("10.0.0.5", { method: "tcp", latencyMs: 1, detail: { "tcp/80": "refused" } }));
    devices.add(
      evidence("10.0.0.5", {
        method: "rdns",
        alive: false,
        hostnames: ["pi.example"],
        detail: { names: "pi.example" },
      }),
    );
    devices.add(evidence("10.0.0.6", { method: "rdns", alive: false, hostnames: ["gone.example"] }));
    devices.add(evidence("10.0.0.7", { method: "neighbours", alive: false, mac }));
    const [device, ...others] = devices.toDevices(() => "Pi makers", roles);
    expect(others).toEqual([]);
    expect(device).toMatchObject({
      address: "10.0.0.5",
      mac,
      macIsLocal: false,
      vendor: "Pi makers",
      hostnames: ["pi.example"],
      latencyMs: 0.4,
    });
    expect(device?.evidence).toEqual([
      { method: "arp", atMs: 1_000, latencyMs: 2 },
      { method: "icmp", atMs: 1_000, latencyMs: 0.4 },
      { method: "tcp", atMs: 1_000, latencyMs: 1, detail: { "tcp/22": "open", "tcp/80": "refused" } },
      { method: "rdns", atMs: 1_000, detail: { names: "pi.example" } },
    ]);
    const sightings = devices.toSightings("site", 100);
    expect(sightings.map((s) => s.method)).toEqual(["arp", "icmp", "tcp"]);
    expect(sightings[0]?.subject).toEqual({
      ...{ id: `mac:${mac}`, realm: "site" },
      keys: [
        { kind: "mac", value: mac },
        { kind: "fqdn", value: "pi.example" },
        { kind: "ip", value: "10.0.0.5" },
      ],
    });
    for (const sighting of sightings) expect(sightingSchema.parse(sighting)).toEqual(sighting);
  });

  it("says when one MAC answers for many addresses", () => {
    const devices = createDevices();
    const mac = "00:00:5e:00:01:01" as MacAddress;
    for (let i = 1; i <= 5; i++) devices.add(evidence(`10.0.0.${i}`, { mac }));
    expect(devices.toDevices(() => undefined, roles).map((d) => d.sameMac)).toEqual([4, 4, 4, 4, 4]);
  });

  it("tells who took an address in mid-sweep, and nothing that the one before him answered", () => {
    const devices = createDevices();
    const [before, now] = ["00:00:5e:00:00:01" as MacAddress, "00:00:5e:00:00:02" as MacAddress];
    devices.add(evidence("10.0.0.5", { mac: before, latencyMs: 0.1, detail: { first: "yes" } }));
    devices.add(evidence("10.0.0.6", { mac: before }));
    devices.add(evidence("10.0.0.5", { method: "icmp", atMs: 4_000 }));
    devices.add(evidence("10.0.0.5", { method: "neighbours", atMs: 5_000, mac: now }));
    expect(devices.toSightings("site", 100).map((s) => [s.subject.id, s.method, s.observedAtMs, s.latencyMs])).toEqual([
      [`mac:${now}`, "icmp", 4_000, undefined],
      [`mac:${now}`, "neighbours", 5_000, undefined],
      [`mac:${before}`, "arp", 1_000, undefined],
    ]);
    const [device, other] = devices.toDevices(() => undefined, roles);
    expect(device?.evidence.map(({ method }) => method)).toEqual(["icmp", "neighbours"]);
    // Nobody else has the MAC that it had.
    expect(other?.sameMac).toBeUndefined();
    // It is asked anew: what is told then is of who answers then.
    devices.add(evidence("10.0.0.5", { mac: now, atMs: 6_000 }));
    expect(devices.toSightings("site", 100)[0]).toMatchObject({ method: "arp", observedAtMs: 6_000 });
    expect(devices.toSightings("site", 100)[0]).not.toHaveProperty("detail");
  });

  it("bounds what strangers make it keep", () => {
    const devices = createDevices();
    for (let i = 0; i < 500; i++)
      devices.add(evidence("10.0.0.5", { method: "mdns", hostnames: [`name-${i}`], detail: { [`key-${i}`]: "x" } }));
    const [device] = devices.toDevices(() => undefined, roles);
    expect(device?.hostnames.length).toBeLessThanOrEqual(16);
    expect(Object.keys(device?.evidence[0]?.detail ?? {}).length).toBeLessThanOrEqual(32);
  });
});

describe("the guess of a type", () => {
  const nothing: Traits = { vendor: undefined, detail: {}, hostnames: [], isGateway: false, isSelf: false };
  it.each<[Partial<Traits>, string, RegExp | undefined]>([
    [{}, "unknown", undefined],
    [{ isSelf: true }, "computer", /this host/],
    [{ isGateway: true }, "router", /default gateway/],
    [{ detail: { sysDescr: "Cisco NX-OS(tm) n9000" } }, "switch", /sysDescr says "NX-OS"/],
    [{ detail: { sysDescr: "HP LaserJet" }, vendor: "Hewlett Packard" }, "printer", /LaserJet/],
    [{ detail: { services: "_ipp._tcp _http._tcp" } }, "printer", /services/],
    [{ vendor: "Raspberry Pi Foundation" }, "single-board computer", /vendor/],
    [{ detail: { "tcp/3389": "open" } }, "computer", /tcp\/3389 is open/],
    [{ detail: { "tcp/22": "open" } }, "unknown", /tcp\/22 is open/],
    [{ detail: { "tcp/9100": "refused" } }, "unknown", undefined],
  ])("%j", (traits, type, reason) => {
    const guess = guessType({ ...nothing, ...traits });
    expect(guess.type).toBe(type);
    if (reason === undefined) expect(guess.reasons).toEqual([]);
    else expect(guess.reasons.join()).toMatch(reason);
  });
});

describe("vendors", () => {
  it("come from the registry by the longest block, and never for locally administered MACs", async () => {
    const vendorOf = await loadVendors();
    expect(vendorOf("b8:27:eb:12:34:56" as MacAddress)).toMatch(/^Raspberry Pi/);
    expect(vendorOf("02:00:5e:00:00:01" as MacAddress)).toBeUndefined();
    expect(vendorOf("00:00:00:00:00:01" as MacAddress)).toBe("XEROX CORPORATION");
  });
});
