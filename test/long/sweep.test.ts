import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createOffice, officeHosts, officeNetwork, scannerAddress } from "../support/lab-office.ts";
import { forgetNeighbours, scan } from "../support/lab-scan.ts";
import { describeWith } from "../support/requires.ts";

const needs = [
  { root: true },
  { program: "ip", package: "iproute2" },
  { program: "nft", package: "nftables" },
  { program: "setpriv", package: "util-linux" },
] as const;

const ROUNDS = 20;

describeWith("a lossy office", [...needs, { program: "arp-scan" }], () => {
  it("is found at least as completely as by arp-scan, 20 rounds at 10 % loss", async () => {
    const lab = await createOffice(`rcl${process.pid}`, { bare: true });
    try {
      await lab.setLoss(10);
      const [ours, theirs]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        await forgetNeighbours(lab);
        const { devices } = await scan(lab, [officeNetwork, "--methods", "arp"]);
        expect(
          [...devices.keys()].filter((a) => a !== scannerAddress && !officeHosts.some((h) => h.address === a)),
        ).toEqual([]);
        ours.push(devices.size - 1);
        const { stdout } = await lab.exec("scanner", ["arp-scan", "-q", "-I", "eth0", officeNetwork]);
        theirs.push(new Set(stdout.match(/^10\.77\.0\.\d+(?=\t)/gm)).size);
      }
      const sum = (found: readonly number[]) => found.reduce((a, b) => a + b, 0);
      process.stderr.write(`found by us ${ours.join(" ")}; by arp-scan ${theirs.join(" ")}\n`);
      expect(sum(ours)).toBeGreaterThanOrEqual(sum(theirs));
      expect(sum(ours) / (ROUNDS * officeHosts.length)).toBeGreaterThan(0.99);
    } finally {
      await lab.stop();
    }
  });
});

/** One table for all namespaces of the kernel: whoever runs this alone on a machine disturbs nobody. */
const limitFile = "/proc/sys/net/ipv4/neigh/default/gc_thresh3";

describeWith("a full neighbour table", needs, () => {
  it("makes the sweep say that it saw partly, and invents no misses", async () => {
    const lab = await createOffice(`rct${process.pid}`, { bare: true });
    const before = readFileSync(limitFile, "utf8");
    try {
      await forgetNeighbours(lab);
      // The hosts' own rows of the scanner stay; 60 more have room.
      writeFileSync(limitFile, "60");
      const { summary, devices } = await scan(lab, [officeNetwork, "--methods", "arp"], { timeoutMs: 240_000 });
      expect(summary.verdict).not.toBe("could-see");
      expect(summary.reasons.join()).toMatch(/neighbour table was full/);
      expect(summary.covered + summary.seen).toBeLessThan(254);
      expect(
        [...devices.keys()].filter((a) => a !== scannerAddress && !officeHosts.some((h) => h.address === a)),
      ).toEqual([]);
    } finally {
      writeFileSync(limitFile, before);
      await lab.stop();
    }
  });
});

describeWith("a host that fell asleep", needs, () => {
  it("is not shown, though the kernel still knows it", async () => {
    const lab = await createOffice(`rcz${process.pid}`, { bare: true });
    try {
      await forgetNeighbours(lab);
      await scan(lab, ["10.77.0.40/30", "--methods", "arp"]);
      await lab.setAwake("h41", false);
      // A row stays REACHABLE for up to 45 s, during which the kernel does not ask again.
      await new Promise((resolve) => setTimeout(resolve, 46_000));
      const { summary, devices } = await scan(lab, ["10.77.0.40/30", "--methods", "arp"]);
      await lab.setAwake("h41", true);
      expect([...devices.keys()].sort()).toEqual(["10.77.0.40", "10.77.0.42", "10.77.0.43"]);
      expect(summary).toMatchObject({ verdict: "could-see", covered: 1 });
    } finally {
      await lab.stop();
    }
  });
});
