import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createLab } from "../support/lab.ts";
import { scan } from "../support/lab-scan.ts";
import { describeWith } from "../support/requires.ts";

const liar = fileURLToPath(new URL("../support/lab-liar.ts", import.meta.url));

describeWith(
  "a host that answers with lies",
  [
    { root: true },
    { program: "ip", package: "iproute2" },
    { program: "nft", package: "nftables" },
    { program: "setpriv", package: "util-linux" },
  ],
  () => {
    it("is believed nothing but that it is there: no service, no name, nobody who is not", async () => {
      const lab = await createLab({
        prefix: `rcl${process.pid}`,
        segments: [
          {
            name: "a",
            prefixLength: 24,
            hosts: [
              { name: "scanner", address: "10.77.0.2" },
              { name: "liar", address: "10.77.0.66" },
            ],
          },
        ],
      });
      try {
        await lab.exec("liar", ["ip", "addr", "add", "10.77.0.67/24", "dev", "eth0"]);
        const lying = lab.spawn("liar", [process.execPath, liar, "10.77.0.66", "10.77.0.67"]);
        await once(lying.stdout!, "data");
        const methods = ["--methods", "arp,snmp,netbios,mdns"];
        const { code, stderr, devices, summary } = await scan(lab, ["10.77.0.64/28", ...methods]);
        expect([code, stderr]).toEqual([0, ""]);
        const told = [...devices.values()].map(({ address, hostnames, type, evidence }) => [
          ...[address, type, hostnames.join()],
          evidence.map(({ method }) => method).filter((method) => method !== "mdns"),
        ]);
        expect(told.sort()).toEqual([
          ["10.77.0.66", "unknown", "", ["arp"]],
          ["10.77.0.67", "unknown", "", ["arp"]],
        ]);
        expect(summary).toMatchObject({ seen: 2, covered: 14 });
      } finally {
        await lab.stop();
      }
    });
  },
);
