import { afterEach, describe, expect, it } from "vitest";
import { minutes } from "../../../shared/clock.ts";
import { sectionHash, toItems } from "../../../shared/protocol/canonical.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import { hostSnapshot, openSegment, type Segment } from "../../support/presence-lab.ts";

let segment: Segment;
afterEach(() => segment.stop());

const whole = {
  memoryModules: [
    { slot: "A1", manufacturer: "Samsung", serialNumber: "RAM1", sizeBytes: 8 },
    { slot: "A2", manufacturer: "Samsung", serialNumber: "RAM2", sizeBytes: 8 },
  ],
  disks: [{ id: "serial:D1", name: "sda", serialNumber: "D1" }],
  graphics: [{ slot: "01:00.0", model: "GT 710" }],
  interfaces: [{ id: "eth1", name: "eth1", kind: "physical", permanentMac: "00:16:3e:00:00:01" }],
} satisfies Partial<Record<SectionName, unknown[]>>;

/** A host whose agent tells of its parts, again and again. */
const host = async () => {
  segment = await openSegment();
  const { lab } = segment;
  const { agent } = await segment.agent("web-1", 20);
  const tell = async (parts: Partial<Record<keyof typeof whole, unknown[]>>) => {
    const said = hostSnapshot("web-1", 20, lab.clock.now());
    if (said.kind !== "snapshot") throw new Error("no snapshot");
    const steps = Object.entries({ ...whole, ...parts }).map(([name, content]) => {
      const section = name as SectionName;
      const items = Object.fromEntries(toItems(section, content)) as Record<string, Record<string, unknown>>;
      return { kind: "full" as const, section, hash: sectionHash(section, content), items };
    });
    await agent.send({ ...said, snapshot: { ...said.snapshot, steps } });
    await segment.pass(minutes(5));
  };
  await tell({});
  return tell;
};

describe("parts of a host", () => {
  it("that are taken out are a case each, with a ticket, and end when the same part is back", async () => {
    const tell = await host();
    await tell({ memoryModules: [whole.memoryModules[0]!], graphics: [], interfaces: [] });
    expect([...(await segment.incidents())].sort()).toEqual([
      "component-removed open: web-1: graphics card GT 710 (01:00.0) is gone",
      "component-removed open: web-1: memory module Samsung RAM2 (A2) is gone",
      "component-removed open: web-1: network card eth1 is gone",
    ]);
    await tell({});
    expect(await segment.incidents()).toEqual([]);
    expect(await segment.tickets()).toHaveLength(3);
  });

  it("that are swapped are another case; what takes the place of a lost one ends the loss by its name", async () => {
    const tell = await host();
    await tell({ disks: [{ id: "serial:D2", name: "sda", serialNumber: "D2" }] });
    expect(await segment.incidents()).toEqual([
      "component-replaced open: web-1: disk D1 (serial:D1) was replaced by D2 (serial:D2)",
    ]);
    await tell({ disks: [{ id: "serial:D2", name: "sda", serialNumber: "D2" }], graphics: [] });
    await tell({
      disks: [{ id: "serial:D2", name: "sda", serialNumber: "D2" }],
      graphics: [{ slot: "01:00.0", model: "RTX 4090" }],
    });
    const resolved = await segment.lab.read(async (tx) => (await tx.tickets.get(2))?.incidentId);
    const incident = await segment.lab.read((tx) => tx.incidents.get(resolved!));
    expect(incident).toMatchObject({ state: "resolved", resolution: "RTX 4090 (01:00.0) is in its place now" });
  });
});
