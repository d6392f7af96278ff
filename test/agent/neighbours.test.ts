import { describe, expect, it } from "vitest";
import { createNeighbourWatch } from "../../agent/neighbours.ts";
import type { NeighbourRow } from "../../agent/probes/sweep/neighbour-table.ts";
import { minutes } from "../../shared/clock.ts";
import { parseIp } from "../../shared/ip.ts";
import { parseMac } from "../../shared/mac.ts";
import { sightingSchema } from "../../shared/protocol/observation.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";

const row = (address: string, mac: string | undefined, confirmedS: number | undefined): NeighbourRow => ({
  ...{ address: parseIp(address)!, device: "eth0" },
  ...(mac !== undefined && { mac: parseMac(mac)! }),
  ...(confirmedS !== undefined && { confirmedS }),
});

const setUp = (rows: NeighbourRow[]) => {
  const clock = createVirtualClock();
  const watch = createNeighbourWatch({ clock, realm: "lab", repeatMs: minutes(30), readRows: async () => rows });
  return { clock, watch, rows };
};

describe("the kernel's neighbours", () => {
  it("are told at the time of their confirmation, under their MAC", async () => {
    const { clock, watch } = setUp([row("10.0.0.1", "00:11:22:33:44:55", 12)]);
    const [seen] = await watch.look();
    expect(sightingSchema.parse(seen)).toEqual({
      subject: {
        ...{ id: "mac:00:11:22:33:44:55", realm: "lab" },
        keys: [
          { kind: "mac", value: "00:11:22:33:44:55" },
          { kind: "ip", value: "10.0.0.1" },
        ],
      },
      ...{ method: "neighbours", observedAtMs: clock.now() - 12_000, interface: "eth0" },
    });
  });

  it("are no life without a MAC, without an age, or when the age is more than a minute", async () => {
    const { watch } = setUp([
      row("10.0.0.1", undefined, 1),
      row("10.0.0.2", "00:11:22:33:44:55", undefined),
      row("10.0.0.3", "00:11:22:33:44:56", 61),
    ]);
    expect(await watch.look()).toEqual([]);
  });

  it("are told again only after a while, or under another address", async () => {
    const { clock, watch, rows } = setUp([row("10.0.0.1", "00:11:22:33:44:55", 1)]);
    expect(await watch.look()).toHaveLength(1);
    await clock.advance(minutes(5));
    expect(await watch.look()).toHaveLength(0);
    rows.push(row("10.0.0.9", "00:11:22:33:44:55", 1));
    expect(await watch.look()).toHaveLength(1);
    await clock.advance(minutes(26));
    expect((await watch.look()).map(({ subject }) => subject.keys[1]?.value)).toEqual(["10.0.0.1"]);
  });
});
