import { expect, it } from "vitest";
import { createLab } from "../support/lab.ts";
import { scanCalmly } from "../support/lab-scan.ts";
import { describeWith } from "../support/requires.ts";

describeWith(
  "a site behind a slow line",
  [
    { root: true },
    { program: "ip", package: "iproute2" },
    { program: "nft", package: "nftables" },
    { program: "setpriv", package: "util-linux" },
    { program: "perl", package: "perl-base" },
  ],
  () => {
    it("is waited for, although the near hosts answer at once", async () => {
      const hostsOf = (name: string, network: string, gateway?: string) =>
        Array.from({ length: 8 }, (_, i) => ({
          ...{ name: `${name}${i}`, address: `${network}.${i + 10}` },
          ...(gateway !== undefined && { gateway }),
        }));
      const far = hostsOf("f", "10.78.0", "10.78.0.1");
      const near = hostsOf("n", "10.77.0");
      const scanner = { name: "scanner", address: "10.77.0.2", gateway: "10.77.0.1" };
      const lab = await createLab({
        prefix: `rcd${process.pid}`,
        segments: [
          { name: "near", prefixLength: 24, hosts: [scanner, { name: "router", address: "10.77.0.1" }, ...near] },
          { name: "far", prefixLength: 24, hosts: far },
        ],
      });
      try {
        await lab.join("router", "far", "eth1", "10.78.0.1/24");
        await lab.setDelay("router", 200, "eth1");
        const targets = ["10.77.0.8/29", "10.77.0.16/31", "10.78.0.8/29", "10.78.0.16/31"];
        const { summary, devices } = await scanCalmly(lab, [...targets, "--methods", "tcp,udp"], async () => {});
        const seen = [...devices.values()].map(({ address, evidence }) => [
          address,
          evidence
            .map(({ method }) => method)
            .sort()
            .join(),
        ]);
        expect(new Map(seen as [string, string][])).toEqual(
          new Map([...near, ...far].map(({ address }) => [address, "tcp,udp"])),
        );
        expect(summary).toMatchObject({ verdict: "could-see", reasons: [], loss: 0 });
        const latency = (address: string) =>
          Math.min(...(devices.get(address)?.evidence ?? []).map(({ latencyMs = 0 }) => latencyMs));
        for (const { address } of far) expect(latency(address)).toBeGreaterThan(390);
      } finally {
        await lab.stop();
      }
    });
  },
);
