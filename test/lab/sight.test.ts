import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLab, type Lab } from "../support/lab.ts";
import { createOffice, officeNetwork } from "../support/lab-office.ts";
import { forgetNeighbours, scan, scanCalmly } from "../support/lab-scan.ts";
import { describeWith } from "../support/requires.ts";

const needs = [
  { root: true },
  { program: "ip", package: "iproute2" },
  { program: "nft", package: "nftables" },
  { program: "setpriv", package: "util-linux" },
] as const;

const arpOnly = [officeNetwork, "--methods", "arp"];

describeWith("what a sweep says of its own sight", needs, () => {
  describe("in an office", () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await createOffice(`rcs${process.pid}`, { bare: true });
    });
    afterAll(async () => {
      await lab?.stop();
    });

    it("trusts a silent gateway's absence while the segment is alive", async () => {
      await lab.exec("scanner", ["ip", "route", "replace", "default", "via", "10.77.0.1"]);
      const { summary } = await scanCalmly(lab, arpOnly, () => forgetNeighbours(lab));
      await lab.exec("scanner", ["ip", "route", "del", "default"]);
      expect(summary).toMatchObject({ verdict: "could-see", seen: 101 });
      expect(summary.controls).toContainEqual({ address: "10.77.0.1", role: "gateway", seen: false });
    });

    it("does not trust itself at a loss of 60 %", async () => {
      await lab.setLoss(60);
      const sweeps: Awaited<ReturnType<typeof scan>>[] = [];
      for (let i = 0; i < 2; i++) {
        await forgetNeighbours(lab);
        sweeps.push(await scan(lab, arpOnly));
      }
      await lab.setLoss(0);
      for (const { summary } of sweeps) {
        expect(summary.verdict).not.toBe("could-see");
        expect(summary.reasons.join()).toMatch(/of the asks were lost/);
      }
      // 0.84 of question and answer together; what one sweep makes of a hundred hosts has a spread of 0.12.
      const [one, other] = sweeps.map(({ summary }) => summary.loss);
      expect((Number(one) + Number(other)) / 2).toBeGreaterThan(0.5);
    });

    it("is blind when its interface is deaf", async () => {
      // Questions too: whoever was asked before asks back some seconds later whether we are still there, and is seen by that.
      await lab.nft("scanner", "table arp deaf { chain i { type filter hook input priority 0; policy drop;\n}\n}\n");
      await forgetNeighbours(lab);
      const { summary, code } = await scan(lab, arpOnly);
      await lab.nft("scanner", "delete table arp deaf");
      expect(summary).toMatchObject({ verdict: "blind", seen: 1 });
      expect(summary.reasons[0]).toMatch(/nothing answered/);
      expect(code).toBe(69);
    });

    it("is partly blind when its interface goes down half-way", async () => {
      await forgetNeighbours(lab);
      const { summary } = await scan(lab, [...arpOnly, "--rate", "300"], {
        onSeenAt: 20,
        onSeen: () => void lab.setAwake("scanner", false),
      });
      await lab.setAwake("scanner", true);
      expect(summary.verdict).not.toBe("could-see");
      expect(summary.reasons.join()).toMatch(/eth0 went down/);
    });

    it("is partly blind when it was stopped for 20 s in between", async () => {
      await forgetNeighbours(lab);
      const { summary } = await scan(lab, arpOnly, {
        onSeenAt: 20,
        onSeen: (child) => {
          child.kill("SIGSTOP");
          setTimeout(() => child.kill("SIGCONT"), 20_000);
        },
      });
      expect(summary.verdict).toBe("partly");
      expect(summary.reasons.join()).toMatch(/the observer itself was late by (19|2\d)\.\d s/);
    });
  });

  it("is blind on a segment where it does not belong", async () => {
    const hosts = Array.from({ length: 5 }, (_, i) => ({ name: `w${i}`, address: `10.77.0.${i + 10}` }));
    const lab = await createLab({
      prefix: `rcw${process.pid}`,
      segments: [{ name: "a", prefixLength: 24, hosts: [{ name: "scanner", address: "10.78.0.2" }, ...hosts] }],
    });
    try {
      const own = await scan(lab, ["10.78.0.0/24", "--methods", "arp"]);
      expect(own.summary).toMatchObject({ verdict: "blind", seen: 1 });
      const other = await scan(lab, ["10.77.0.0/28"]);
      expect(other.summary).toMatchObject({ verdict: "blind", seen: 0 });
      expect(other.summary.reasons.join()).toMatch(/no route to some of the targets \(ENETUNREACH/);
      expect(other.code).toBe(69);
    } finally {
      await lab.stop();
    }
  });

  it("is blind without an interface", async () => {
    const lab = await createLab({
      prefix: `rcn${process.pid}`,
      segments: [{ name: "a", prefixLength: 24, hosts: [{ name: "scanner" }] }],
    });
    try {
      const { summary, stderr } = await scan(lab, ["10.78.0.0/29"]);
      expect(summary).toMatchObject({ verdict: "blind", seen: 0 });
      expect(summary.reasons.join()).toMatch(/no route/);
      expect(stderr).toBe("");
    } finally {
      await lab.stop();
    }
  });
});
