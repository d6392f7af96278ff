import { describe, expect, it } from "vitest";
import { learnPlaces } from "../../../collector/places/learn.ts";
import { choosePlace, type Sight } from "../../../collector/places/place.ts";
import { readPorts } from "../../../collector/places/ports.ts";

const mac = (n: number) => `00:11:22:33:44:${n.toString(16).padStart(2, "0")}`;

/** A switch: Gi1 and Gi2 are edges, Gi23 and Gi24 are Po1, which leads to the core; Vl10 lies on Gi2. */
const tables = {
  interfaces: [
    { id: "1", ifIndex: 1, name: "Gi1", ifAlias: "desk 4", mac: mac(101), kind: "physical" },
    { id: "2", ifIndex: 2, name: "Gi2", kind: "physical" },
    { id: "23", ifIndex: 23, name: "Gi23", kind: "physical", parent: "50", uplink: true },
    { id: "24", ifIndex: 24, name: "Gi24", kind: "physical", parent: "50" },
    { id: "50", ifIndex: 50, name: "Po1", kind: "bond" },
    { id: "60", ifIndex: 60, name: "Vl10", kind: "vlan", parent: "2", mac: mac(160) },
  ],
  fdb: [
    { vlan: 10, mac: mac(1), ifIndex: 1 },
    { vlan: 10, mac: mac(2), port: "Gi2" },
    { vlan: 10, mac: mac(3), ifIndex: 50 },
    { vlan: 10, mac: mac(4), ifIndex: 24 },
    { vlan: 1, mac: mac(9), ifIndex: 60, status: "self" },
    { vlan: 1, mac: mac(8) },
  ],
  neighbours: [
    {
      ...{ protocol: "lldp", localPort: "23", localIfIndex: 23, remoteChassisId: "00-AA-BB-CC-DD-EE" },
      ...{ remotePortId: "Te1/1/1", remoteSystemName: "core" },
    },
  ],
};
const more = {
  wirelessClients: [{ mac: mac(5), accessPoint: "ap1", ssid: "office", vlan: 20 }],
  accessPoints: [{ id: "ap1", name: "AP-Lobby", mac: mac(200) }],
  addresses: [
    { interface: "60", address: "10.0.10.1", prefixLength: 24 },
    { interface: "1", address: "127.0.0.1", prefixLength: 8 },
    { interface: "2", address: "10.9.9.9", prefixLength: 32 },
  ],
};

describe("ports", () => {
  it("are bundles where they are bundled; what a VLAN lies on is no bundle", () => {
    const { macs, bundleOf, uplinks, aliasesOf } = readPorts(tables);
    expect([...macs].map(([port, rows]) => [port, rows.map((row) => row.mac)])).toEqual([
      ["Gi1", [mac(1)]],
      ["Gi2", [mac(2)]],
      ["Po1", [mac(3), mac(4)]],
    ]);
    expect(["Gi23", "Gi24", "Po1", "Vl10", "nowhere"].map(bundleOf)).toEqual(["Po1", "Po1", "Po1", "Vl10", "nowhere"]);
    expect([...uplinks]).toEqual(["Po1"]);
    expect(aliasesOf("Gi1")).toEqual(["Gi1", "desk 4", mac(101), "1"]);
  });

  it("give the places of MACs without uplinks, the neighbours on their own ports, and the networks", () => {
    expect(learnPlaces({ ...tables, ...more })).toEqual({
      macs: [mac(101), mac(160)],
      subnets: ["10.0.10.0/24"],
      neighbours: [
        {
          ...{ port: "Gi23", aliases: ["Gi23", "23"], protocol: "lldp", chassisId: "00:aa:bb:cc:dd:ee" },
          ...{ portId: "Te1/1/1", systemName: "core" },
        },
      ],
      portMacs: [
        { kind: "radio", vlan: 20, mac: mac(5), ssid: "office", port: "AP-Lobby", accessPoint: mac(200) },
        { kind: "port", port: "Gi1", vlan: 10, mac: mac(1) },
        { kind: "port", port: "Gi2", vlan: 10, mac: mac(2) },
      ],
    });
  });
});

const sight = (deviceId: string, change: Partial<Sight> = {}): Sight => ({
  ...{ deviceId, kind: "port", port: "p", vlan: 0, mac: mac(1), crowd: 1, fromMs: 1_000 },
  ...change,
});

describe("the place of a MAC", () => {
  it.each([
    ["where it is now, not where it was", [sight("was", { untilMs: 9_000 }), sight("is", { crowd: 30 })], "is"],
    ["the port with the fewest MACs", [sight("core", { crowd: 12 }), sight("edge", { crowd: 2 })], "edge"],
    ["a radio before the port of its access point", [sight("switch"), sight("ap", { kind: "radio", crowd: 9 })], "ap"],
    ["the latest, of equals", [sight("old"), sight("new", { fromMs: 2_000 })], "new"],
    ["where it was last, when it is nowhere", [sight("a", { untilMs: 5 }), sight("b", { untilMs: 6 })], "b"],
  ])("is %s", (_, sights, expected) => {
    expect(choosePlace(sights)?.deviceId).toBe(expected);
    expect(choosePlace(sights.toReversed())?.deviceId).toBe(expected);
  });
});
