import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { SweepResult } from "../../agent/probes/sweep/engine.ts";
import { decodeTableStatistics } from "../../agent/probes/sweep/neighbour-table.ts";
import { createLab } from "../support/lab.ts";
import { startDaemon, waitFor, waitForDaemon } from "../support/lab-daemons.ts";
import { createFarm } from "../support/lab-farm.ts";
import { forgetNeighbours, scan, scanCalmly } from "../support/lab-scan.ts";
import { describeWith } from "../support/requires.ts";

const needs = [
  { root: true },
  { program: "ip", package: "iproute2" },
  { program: "nft", package: "nftables" },
  { program: "setpriv", package: "util-linux" },
] as const;

const tableFulls = (): number =>
  decodeTableStatistics(readFileSync("/proc/net/stat/arp_cache", "utf8"))?.tableFulls ?? -1;

describeWith("a /20 on the segment", [...needs, { program: "iperf3" }], () => {
  it("finds 40 of 40 without filling the table or disturbing a TCP stream", async () => {
    const hosts = Array.from({ length: 40 }, (_, i) => ({ name: `w${i}`, address: `10.77.${i % 16}.${i * 6 + 10}` }));
    const lab = await createLab({
      prefix: `rcb${process.pid}`,
      segments: [{ name: "wide", prefixLength: 20, hosts: [{ name: "scanner", address: "10.77.0.2" }, ...hosts] }],
    });
    try {
      lab.spawn("w0", ["iperf3", "-s"]);
      await waitFor(lab, "w0", ["sh", "-c", "ss -ltn | grep -q :5201"]);
      const before = tableFulls();
      const stream = lab.exec("scanner", ["iperf3", "-c", "10.77.0.10", "-b", "20M", "-t", "15", "-J"]);
      const { summary, devices } = await scan(lab, ["10.77.0.0/20", "--methods", "arp"]);
      expect([...devices.keys()].sort()).toEqual(["10.77.0.2", ...hosts.map((h) => h.address)].sort());
      expect(summary).toMatchObject({ verdict: "could-see", reasons: [], covered: 4_053 });
      expect(tableFulls() - before).toBe(0);
      const measured = JSON.parse((await stream).stdout) as {
        readonly end: { readonly sum_sent: { readonly retransmits: number } };
        readonly intervals: readonly { readonly sum: { readonly bits_per_second: number } }[];
      };
      // Of some 25,000 segments; a busy host alone makes a few. A stream that lost its neighbour would stand still.
      expect(measured.end.sum_sent.retransmits).toBeLessThanOrEqual(10);
      expect(Math.min(...measured.intervals.map((i) => i.sum.bits_per_second))).toBeGreaterThan(18e6);
    } finally {
      await lab.stop();
    }
  });
});

describeWith("a routed range", [...needs, { program: "snmpd" }, { program: "fping" }], () => {
  it("finds hosts that answer one method each", async () => {
    const { lab, alive, cidr } = await createFarm(`rcf${process.pid}`, 24, 0.1);
    try {
      const { summary, devices } = await scanCalmly(lab, [cidr], async () => {});
      const method = { "snmp-v2c": "snmp", "snmp-v3": "snmp", tcp: "tcp", icmp: "icmp", udp: "udp" } as const;
      const seen = [...devices.values()].map((d) => [d.address, d.evidence.map((e) => e.method).join()]);
      expect(new Map(seen as [string, string][])).toEqual(new Map([...alive].map(([a, kind]) => [a, method[kind]])));
      expect(summary).toMatchObject({ verdict: "could-see", covered: 256 - alive.size });
    } finally {
      await lab.stop();
    }
  });
});

describeWith("two segments with a router between", [...needs, { program: "fping" }], () => {
  it("are swept in one go, and only the far one is doubted when the router dies", async () => {
    const near = Array.from({ length: 4 }, (_, i) => ({ name: `n${i}`, address: `10.77.0.${i + 10}` }));
    const far = Array.from({ length: 4 }, (_, i) => ({
      name: `f${i}`,
      address: `10.78.0.${i + 10}`,
      gateway: "10.78.0.1",
    }));
    const scanner = { name: "scanner", address: "10.77.0.2", gateway: "10.77.0.1" };
    const lab = await createLab({
      prefix: `rc2${process.pid}`,
      segments: [
        { name: "near", prefixLength: 24, hosts: [scanner, { name: "router", address: "10.77.0.1" }, ...near] },
        { name: "far", prefixLength: 24, hosts: far },
      ],
    });
    try {
      await lab.join("router", "far", "eth1", "10.78.0.1/24");
      const targets = ["10.77.0.0/28", "10.78.0.8/29", "--methods", "arp,icmp,udp"];
      const both = await scanCalmly(lab, targets, () => forgetNeighbours(lab));
      const methods = [...both.devices.values()].map((d) => [
        d.address,
        d.evidence
          .map((e) => e.method)
          .sort()
          .join(" "),
      ]);
      expect(new Map(methods as [string, string][])).toEqual(
        new Map([
          [scanner.address, "local"],
          ...["10.77.0.1", ...near.map((h) => h.address)].map((a) => [a, "arp icmp udp"] as const),
          ...far.map((h) => [h.address, "icmp udp"] as const),
        ]),
      );
      expect(both.summary).toMatchObject({ verdict: "could-see", reasons: [] });
      await lab.setAwake("router", false);
      await forgetNeighbours(lab);
      const half = await scan(lab, targets);
      expect(half.summary).toMatchObject({ verdict: "partly", seen: 5 });
      expect(half.summary.reasons).toEqual(["behind routers: nothing answered, so nothing proves that anything could"]);
    } finally {
      await lab.stop();
    }
  });
});

describeWith(
  "a segment with IPv6 only",
  [...needs, { program: "avahi-daemon" }, { program: "ping", package: "iputils-ping" }],
  () => {
    it("finds made, low-numbered and speaking addresses, and says that others may hide", async () => {
      const mac = (n: number) => `b8:27:eb:00:01:0${n}`;
      const hosts = [
        { name: "made", mac: mac(1), address6: "fd00:77::ba27:ebff:fe00:101" },
        { name: "low", mac: mac(2), address6: "fd00:77::5", kind: "arp-only" as const },
        { name: "low2", mac: mac(3), address6: "fd00:77::aa" },
        {
          name: "speaker",
          mac: mac(4),
          address6: "fd00:77::3e1d:9a0b:77c2:10f4",
          kind: "daemons-only" as const,
          open: ["udp/5353"],
        },
        { name: "echo", mac: mac(5), address6: "fd00:77::9b0c:1d2e:77aa:4401" },
        { name: "hidden", mac: mac(6), address6: "fd00:77::5c31:22aa:1001:9f01", kind: "arp-only" as const },
      ];
      const lab = await createLab({
        prefix: `rc6${process.pid}`,
        ipv6: true,
        segments: [{ name: "six", prefixLength: 24, hosts: [{ name: "scanner", address6: "fd00:77::2" }, ...hosts] }],
      });
      try {
        startDaemon(lab, "speaker", "avahi", { ipv6: true });
        await waitForDaemon(lab, "speaker", "avahi");
        const { summary, devices } = await scan(lab, ["fd00:77::/64"]);
        const found = hosts.filter((h) => h.name !== "hidden").map((h) => h.address6);
        expect([...devices.keys()].sort()).toEqual(["fd00:77::2", ...found].sort());
        expect(devices.get("fd00:77::5")?.mac).toBe(mac(2));
        expect(summary.verdict).toBe("partly");
        expect(summary.reasons.join()).toMatch(/IPv6: addresses .* out of reach/);
      } finally {
        await lab.stop();
      }
    });
  },
);

const sweepOnce = fileURLToPath(new URL("../support/lab-sweep-once.ts", import.meta.url));

describeWith(
  "a host whose neighbour table can't be read",
  [...needs, { program: "ping", package: "iputils-ping" }, { program: "arp", package: "net-tools" }],
  () => {
    const hosts = ["10.77.0.10", "10.77.0.11"].map((address, i) => ({
      name: `w${i}`,
      address,
      mac: `b8:27:eb:00:02:0${i}`,
    }));
    const withLab = async (
      work: (run: (options: object) => Promise<{ result: SweepResult; stdout: string }>) => Promise<void>,
    ) => {
      const lab = await createLab({
        prefix: `rca${process.pid}`,
        segments: [{ name: "a", prefixLength: 24, hosts: [{ name: "scanner", address: "10.77.0.2" }, ...hosts] }],
      });
      try {
        await work(async (options) => {
          const argv = [process.execPath, sweepOnce, "10.77.0.8/29", "arp", JSON.stringify(options)];
          const { stdout, stderr } = await lab.exec("scanner", argv, { user: "nobody", timeoutMs: 90_000 });
          expect(stderr).toBe("");
          return { result: JSON.parse(stdout) as SweepResult, stdout };
        });
      } finally {
        await lab.stop();
      }
    };

    it("is swept by node-arp, which asks once only, and says so", async () => {
      await withLab(async (run) => {
        const { result } = await run({ procArpPath: "/nonexistent/arp" });
        expect(result.summary.notes).toEqual([]);
        const found = [...result.devices].sort((a, b) => (a.address < b.address ? -1 : 1));
        expect(found.map((d) => [d.address, d.mac, d.evidence.map((e) => e.detail)])).toEqual(
          hosts.map((h) => [h.address, h.mac, [{ by: "node-arp" }]]),
        );
        expect(result.sweep.proof.verdict).toBe("partly");
        expect(result.sweep.proof.reasons.join()).toMatch(/were not asked twice/);
      });
    });
  },
);
