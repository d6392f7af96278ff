import { describe, expect, it } from "vitest";
import { type DeviceState, isUnchanged, readSigns } from "../../../../agent/probes/snmp/change-check.ts";
import { toFailures } from "../../../../agent/probes/snmp/failures.ts";
import { createPortFinder, findUplinks } from "../../../../agent/probes/snmp/ports.ts";
import { toSections } from "../../../../agent/probes/snmp/sections.ts";
import { subjectOf } from "../../../../agent/probes/snmp/subject.ts";
import { type DeviceInventory, readDevice } from "../../../../agent/snmp/inventory.ts";
import type { LldpNeighbour } from "../../../../agent/snmp/mibs/lldp-mib.ts";
import { sections } from "../../../../shared/protocol/sections.ts";
import { readerOf } from "../../../support/snmp-varbinds.ts";

/**
 * A made-up access switch: bridge port n is ifIndex 100+n, named "Gi0/n". Port 1 leads to a core switch that says so by LLDP,
 * port 2 has a phone with a PC behind it, port 3 an edge device, ports 7 and 8 are bundled as ifIndex 500.
 */
const ports = Array.from({ length: 8 }, (_, i) => i + 1);
const line = (oid: string, tag: string, value: string | number) => `${oid}|${tag}|${value}`;
const hex = (text: string) => Buffer.from(text).toString("hex");
const IF = "1.3.6.1.2.1.2.2.1";
const IFX = "1.3.6.1.2.1.31.1.1.1";
const LLDP = "1.0.8802.1.1.2.1";
const accessSwitch = [
  line("1.3.6.1.2.1.1.1.0", "4", "Example Switch 8, version 4.2.1"),
  line("1.3.6.1.2.1.1.2.0", "6", "1.3.6.1.4.1.99999.1.8"),
  line("1.3.6.1.2.1.1.3.0", "67", 8_640_000),
  line("1.3.6.1.2.1.1.5.0", "4", "Access-7.Example.NET."),
  line("1.3.6.1.2.1.2.1.0", "2", 9),
  line("1.3.6.1.2.1.31.1.5.0", "67", 1_200),
  line("1.3.6.1.6.3.10.2.1.1.0", "4x", "80001f8804abcdef0102"),
  line("1.3.6.1.2.1.17.1.1.0", "4x", "001b21000000"),
  ...[...ports.map((n) => 100 + n), 500].flatMap((i) => [
    line(`${IF}.1.${i}`, "2", i),
    line(`${IF}.2.${i}`, "4", i === 500 ? "Port-channel 1" : `GigabitEthernet0/${i - 100}`),
    line(`${IF}.3.${i}`, "2", i === 500 ? 161 : 6),
    line(`${IF}.5.${i}`, "66", i === 500 ? 2_000_000_000 : 1_000_000_000),
    line(`${IF}.6.${i}`, "4x", `001b210000${(i % 256).toString(16).padStart(2, "0")}`),
    line(`${IF}.7.${i}`, "2", 1),
    line(`${IF}.8.${i}`, "2", i === 103 ? 2 : 1),
    line(`${IFX}.1.${i}`, "4", i === 500 ? "Po1" : `Gi0/${i - 100}`),
  ]),
  ...ports.map((n) => line(`1.3.6.1.2.1.17.1.4.1.2.${n}`, "2", 100 + n)),
  // Q-BRIDGE: VLAN 10 has filtering database 3.
  line("1.3.6.1.2.1.17.7.1.4.2.1.3.0.10", "66", 3),
  line("1.3.6.1.2.1.17.7.1.4.3.1.1.10", "4", "office"),
  line("1.3.6.1.2.1.17.7.1.4.3.1.2.10", "4x", "e0"),
  line("1.3.6.1.2.1.17.7.1.4.3.1.4.10", "4x", "60"),
  line("1.3.6.1.2.1.17.7.1.2.2.1.2.3.0.27.33.16.0.1", "2", 3),
  line("1.3.6.1.2.1.17.7.1.2.2.1.3.3.0.27.33.16.0.1", "2", 3),
  line("1.3.6.1.2.1.17.7.1.2.2.1.2.3.0.27.33.16.0.2", "2", 1),
  line("1.3.6.1.2.1.17.7.1.2.2.1.3.3.0.27.33.16.0.2", "2", 3),
  line("1.3.6.1.2.1.17.7.1.2.2.1.2.3.0.27.33.0.0.0", "2", 0),
  line("1.3.6.1.2.1.17.7.1.2.2.1.3.3.0.27.33.0.0.0", "2", 4),
  line("1.2.840.10006.300.43.1.2.1.1.13.107", "2", 500),
  line("1.2.840.10006.300.43.1.2.1.1.13.108", "2", 500),
  line("1.2.840.10006.300.43.1.2.1.1.13.101", "2", 0),
  // Port 2 feeds a phone of class 2, port 3 looks for somebody to feed, port 4 has a fault.
  ...[
    [2, 3, 3],
    [3, 2, 1],
    [4, 4, 1],
  ].flatMap(([port, status, poeClass]) => [
    line(`1.3.6.1.2.1.105.1.1.1.3.1.${port}`, "2", 1),
    line(`1.3.6.1.2.1.105.1.1.1.6.1.${port}`, "2", status!),
    line(`1.3.6.1.2.1.105.1.1.1.10.1.${port}`, "2", poeClass!),
  ]),
  line("1.3.6.1.2.1.4.24.4.1.5.0.0.0.0.0.0.0.0.0.10.0.0.1", "2", 101),
  line("1.3.6.1.2.1.4.24.4.1.7.0.0.0.0.0.0.0.0.0.10.0.0.1", "2", 3),
  line("1.3.6.1.2.1.4.20.1.2.10.0.0.7", "2", 101),
  line("1.3.6.1.2.1.4.20.1.3.10.0.0.7", "64", "255.255.255.0"),
  line("1.3.6.1.2.1.4.22.1.2.101.10.0.0.1", "4x", "001b21100002"),
  line("1.3.6.1.2.1.4.22.1.4.101.10.0.0.1", "2", 3),
  ...[
    [1, "core-1", "2800", "4x", "001b21ffff01"],
    [2, "phone-2", "2400", "4x", "001b21ffff02"],
    [7, "core-1", "2800", "4x", "001b21ffff01"],
  ].flatMap(([port, name, caps, tag, mac]) => [
    line(`${LLDP}.4.1.1.4.0.${port}.1`, "2", 4),
    line(`${LLDP}.4.1.1.5.0.${port}.1`, String(tag), String(mac)),
    line(`${LLDP}.4.1.1.6.0.${port}.1`, "2", 5),
    line(`${LLDP}.4.1.1.7.0.${port}.1`, "4", `Gi1/0/${port}`),
    line(`${LLDP}.4.1.1.9.0.${port}.1`, "4", String(name)),
    line(`${LLDP}.4.1.1.12.0.${port}.1`, "4x", String(caps)),
    line(`${LLDP}.3.7.1.2.${port}`, "2", 5),
    line(`${LLDP}.3.7.1.3.${port}`, "4x", hex(`Gi0/${port}`)),
  ]),
].join("\n");

const read = (): Promise<DeviceInventory> => readDevice(readerOf(accessSwitch), { profiles: [] });

describe("a device's sections", () => {
  it("fit their schemas and have keys of their own", async () => {
    const contents = toSections(await read());
    expect(Object.keys(contents).sort()).toEqual([
      "addresses",
      "arp",
      "fdb",
      "interfaces",
      "lags",
      "neighbours",
      "os",
      "power",
      "routes",
      "system",
      "vlans",
    ]);
    for (const [name, content] of Object.entries(contents)) {
      const definition = sections[name as keyof typeof sections];
      const items = (Array.isArray(content) ? content : [content]) as Record<string, unknown>[];
      for (const item of items) expect(definition.schema.safeParse(item).error).toBeUndefined();
      if (definition.kind === "collection")
        expect(new Set(items.map((item) => definition.key.map((k) => item[k]).join("|"))).size).toBe(items.length);
    }
  });

  it("tell uplinks, bundles and edge ports apart, so that a MAC lands on its edge port", async () => {
    const contents = toSections(await read());
    const uplinks = contents.interfaces?.filter((i) => i.uplink).map((i) => i.name);
    expect(uplinks).toEqual(["Gi0/1", "Gi0/7", "Gi0/8", "Po1"]);
    expect(contents.interfaces?.find((i) => i.name === "Gi0/7")?.parent).toBe("500");
    expect(contents.lags).toEqual([{ id: "500", name: "Po1", members: ["107", "108"] }]);
    expect(contents.fdb).toEqual([
      { vlan: 10, mac: "00:1b:21:10:00:01", ifIndex: 103, port: "Gi0/3", status: "learned" },
      { vlan: 10, mac: "00:1b:21:10:00:02", ifIndex: 101, port: "Gi0/1", status: "learned" },
    ]);
    expect(contents.vlans).toEqual([{ id: 10, name: "office", taggedPorts: ["101"], untaggedPorts: ["102", "103"] }]);
    expect(contents.neighbours?.[1]).toMatchObject({
      localPort: "Gi0/2",
      localIfIndex: 102,
      remoteSystemName: "phone-2",
      remoteCapabilities: ["bridge", "telephone"],
    });
  });
});

describe("power and routes", () => {
  it("tell the ports that feed something or cannot, and the ways out", async () => {
    const contents = toSections(await read());
    expect(contents.power).toEqual([
      { id: "poe:1.2", kind: "poe-port", state: "deliveringPower", capacityWatts: 7 },
      { id: "poe:1.4", kind: "poe-port", state: "fault" },
    ]);
    expect(contents.routes).toEqual([
      { destination: "0.0.0.0/0", gateway: "10.0.0.1", interface: "101", protocol: "netmgmt" },
    ]);
  });
});

describe("a device's subject", () => {
  it("has its keys strongest first, canonical, and a name that lasts", async () => {
    const subject = subjectOf(await read(), "site", "10.0.0.7");
    expect(subject.id).toBe("mac:00:1b:21:00:00:00");
    expect(subject.keys.slice(0, 2)).toEqual([
      { kind: "engineId", value: "80001f8804abcdef0102" },
      { kind: "chassisMac", value: "00:1b:21:00:00:00" },
    ]);
    expect(subject.keys).toContainEqual({ kind: "fqdn", value: "access-7.example.net" });
    expect(subject.keys.filter(({ kind }) => kind === "ip")).toEqual([{ kind: "ip", value: "10.0.0.7" }]);
  });

  it("falls back to the engine, then to the address", async () => {
    const bare = { ...(await read()), interfaces: [], bridgeAddress: undefined };
    expect(subjectOf(bare, "site", "10.0.0.7").id).toBe("engine:80001f8804abcdef0102");
    expect(subjectOf({ ...bare, system: {} }, "site", "10.0.0.7").id).toBe("ip:10.0.0.7");
  });
});

describe("local ports of neighbours", () => {
  const interfaces = [
    { ifIndex: 1, ifName: "mgmt", mac: "00:1b:21:00:00:01" },
    { ifIndex: 12, ifName: "Gi0/2", ifDescr: "GigabitEthernet0/2", mac: "00:1b:21:00:00:02" },
  ] as unknown as DeviceInventory["interfaces"];
  const find = createPortFinder({ interfaces, basePorts: new Map([[2, 12]]) });
  const neighbour = (n: Partial<LldpNeighbour>): LldpNeighbour => ({
    localPort: 99,
    localIsIfIndex: false,
    chassisId: "c",
    portId: "p",
    ...n,
  });

  it.each<readonly [string, Partial<LldpNeighbour>, number | undefined]>([
    ["the port's id is its name", { localPort: 1, localPortId: "Gi0/2", localPortIdSubtype: "interfaceName" }, 12],
    [
      "the port's id is its MAC",
      { localPort: 1, localPortId: "00:1b:21:00:00:02", localPortIdSubtype: "macAddress" },
      12,
    ],
    ["the port's id is its ifIndex", { localPort: 1, localPortId: "12", localPortIdSubtype: "local" }, 12],
    ["the number is a bridge port", { localPort: 2 }, 12],
    ["the number is an ifIndex", { localPort: 1 }, 1],
    ["nothing fits", { localPort: 77, localPortId: "somewhere" }, undefined],
  ])("are found where %s", (_, given, expected) => {
    expect(find(neighbour(given))).toBe(expected);
  });

  it("lead on where more MACs are learned than one place has", () => {
    const fdb = Array.from({ length: 60 }, (_, i) => ({
      mac: `00:1b:21:01:00:${i.toString(16).padStart(2, "0")}`,
      ifIndex: 12,
      status: "learned",
    }));
    expect([
      ...findUplinks({
        interfaces,
        basePorts: new Map(),
        lldp: [],
        cdp: [],
        lags: [],
        fdb: fdb as unknown as DeviceInventory["fdb"],
      }),
    ]).toEqual([12]);
  });
});

describe("change check", () => {
  const state = async (): Promise<DeviceState> => ({
    credential: "c",
    fullAtMs: 0,
    readAtMs: 0,
    ...(await readSigns(readerOf(accessSwitch))),
  });
  const HOUR = 3_600_000;
  const later = async (change: (text: string) => string) => readSigns(readerOf(change(accessSwitch)));
  const upTime = (ticks: number) => (text: string) => text.replace("|67|8640000", `|67|${ticks}`);

  it("trusts a device that ran on, with the same interfaces and components", async () => {
    expect(isUnchanged(await state(), await later(upTime(8_640_000 + 360_000)), HOUR, 24 * HOUR)).toBe(true);
  });
  it.each<readonly [string, (text: string) => string]>([
    ["restarted", upTime(1_000)],
    ["restarted and ran for less than has passed", upTime(8_640_000 + 100_000)],
    ["has another ifTableLastChange", (t) => upTime(9_000_000)(t).replace("|67|1200", "|67|8800000")],
    ["has another name", (t) => upTime(9_000_000)(t).replace("Access-7", "Access-8")],
    ["runs another version", (t) => upTime(9_000_000)(t).replace("4.2.1", "4.2.2")],
    [
      "can't say when its tables changed",
      (t) => upTime(9_000_000)(t).replace(/^1\.3\.6\.1\.2\.1\.31\.1\.5\.0.*$/m, ""),
    ],
  ])("reads in full a device that %s", async (_, change) => {
    expect(isUnchanged(await state(), await later(change), HOUR, 24 * HOUR)).toBe(false);
  });
  it("reads in full now and then, whatever a device says", async () => {
    expect(isUnchanged(await state(), await later(upTime(8_640_000 + 9_000_000)), 25 * HOUR, 24 * HOUR)).toBe(false);
  });
});

describe("failures", () => {
  it("name the sections that a broken walk leaves without their whole", () => {
    expect(
      toFailures([{ root: "1.3.6.1.2.1.47.1.1.1.1.11", reason: "timeout" }]).map(({ section, kind }) => [
        section,
        kind,
      ]),
    ).toEqual([
      ["modules", "timed-out"],
      ["firmware", "timed-out"],
      ["power", "timed-out"],
    ]);
    expect(toFailures([])).toEqual([]);
  });
});
