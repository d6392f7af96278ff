import { describe, expect, it } from "vitest";
import {
  decodeBasePorts,
  decodeFdb,
  dot1dBasePortTable,
  dot1dTpFdbTable,
  dot1qTpFdbTable,
} from "../../../../agent/snmp/mibs/bridge-mib.ts";
import { cdpCacheTable, decodeCdp } from "../../../../agent/snmp/mibs/cdp-mib.ts";
import {
  decodeEntities,
  entAliasMappingTable,
  entPhysicalTable,
  findChassis,
  findStackMembers,
} from "../../../../agent/snmp/mibs/entity-mib.ts";
import {
  decodeHostStorage,
  decodeInstalledSoftware,
  hrStorageTable,
  hrSWInstalledTable,
} from "../../../../agent/snmp/mibs/host-resources-mib.ts";
import { decodeInterfaces, ifTable, ifXTable } from "../../../../agent/snmp/mibs/if-mib.ts";
import { readRoutes } from "../../../../agent/snmp/mibs/ip-forward-mib.ts";
import {
  atTable,
  decodeAddresses,
  decodeArp,
  ipAddressTable,
  ipAddrTable,
  ipNetToMediaTable,
  ipNetToPhysicalTable,
  ipv6AddrTable,
} from "../../../../agent/snmp/mibs/ip-mib.ts";
import {
  decodeLldp,
  lldpLocPortTable,
  lldpRemManAddrTable,
  lldpRemTable,
  lldpV2RemTable,
} from "../../../../agent/snmp/mibs/lldp-mib.ts";
import { decodeUps, upsScalars } from "../../../../agent/snmp/mibs/power-mib.ts";
import {
  decodeSupplies,
  prtMarkerColorantTable,
  prtMarkerSuppliesTable,
  supplyPercent,
} from "../../../../agent/snmp/mibs/printer-mib.ts";
import {
  decodeFdbIds,
  decodeVlans,
  decodeVtpBridges,
  dot1qVlanCurrentTable,
  dot1qVlanStaticTable,
  vtpVlanTable,
} from "../../../../agent/snmp/mibs/vlan-mib.ts";
import { accessPointTables, decodeAccessPoints } from "../../../../agent/snmp/mibs/wireless-mibs.ts";
import { readerOf, tablesOf } from "../../../support/snmp-varbinds.ts";

const hex = (text: string) => Buffer.from(text, "latin1").toString("hex");

describe("IF-MIB", () => {
  const speed = async (ifSpeed: string, ifHighSpeed: string) =>
    decodeInterfaces(
      await tablesOf(
        `1.3.6.1.2.1.2.2.1.5.7|66|${ifSpeed}
         1.3.6.1.2.1.31.1.1.1.15.7|66|${ifHighSpeed}`,
        [ifTable, ifXTable],
      ),
    )[0]?.speedBps;

  it.each([
    ["1000000000", "1000", 1e9],
    ["4294967295", "10000", 1e10],
    // 10 Gbit/s modulo 2^32, as agents write that do not know where to stop.
    ["1410065408", "10000", 1e10],
    ["64000", "0", 64_000],
    ["39963000", "39", 39_963_000],
    ["0", "100", 1e8],
  ])("takes ifSpeed %s with ifHighSpeed %s for %d bit/s", async (ifSpeed, ifHighSpeed, expected) => {
    expect(await speed(ifSpeed, ifHighSpeed)).toBe(expected);
  });

  it("gives an interface that only ifXTable has, and none that has no number", async () => {
    const tables = await tablesOf(
      `1.3.6.1.2.1.2.2.1.2.1|4|eth0
       1.3.6.1.2.1.2.2.1.8.1|2|0
       1.3.6.1.2.1.31.1.1.1.1.1|4|eth0
       1.3.6.1.2.1.31.1.1.1.1.9|4|wlan0
       1.3.6.1.2.1.31.1.1.1.1.9.1|4|odd`,
      [ifTable, ifXTable],
    );
    expect(decodeInterfaces(tables)).toEqual([
      { ifIndex: 1, ifDescr: "eth0", ifName: "eth0", operStatus: "0" },
      { ifIndex: 9, ifName: "wlan0" },
    ]);
  });
});

describe("IP-MIB", () => {
  it("merges what old and new tables say of one address", async () => {
    const tables = await tablesOf(
      `1.3.6.1.2.1.4.20.1.2.10.0.0.1|2|3
       1.3.6.1.2.1.4.20.1.3.10.0.0.1|64|255.255.252.0
       1.3.6.1.2.1.4.34.1.3.1.4.10.0.0.1|2|3
       1.3.6.1.2.1.4.34.1.6.1.4.10.0.0.1|2|4
       1.3.6.1.2.1.4.34.1.3.1.4.10.0.3.255|2|3
       1.3.6.1.2.1.4.34.1.4.1.4.10.0.3.255|2|3
       1.3.6.1.2.1.4.34.1.3.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1|2|5
       1.3.6.1.2.1.4.34.1.5.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1|6|1.3.6.1.2.1.4.32.1.5.5.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0.64
       1.3.6.1.2.1.55.1.8.1.2.5.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.9|2|64`,
      [ipAddrTable, ipAddressTable, ipv6AddrTable],
    );
    expect(decodeAddresses(tables)).toEqual([
      { address: "10.0.0.1", ifIndex: 3, prefixLength: 22, origin: "dhcp" },
      { address: "10.0.3.255", ifIndex: 3, kind: "broadcast" },
      { address: "2001:db8::1", ifIndex: 5, prefixLength: 64 },
      { address: "fe80::9", ifIndex: 5, prefixLength: 64 },
    ]);
  });

  it("gives living neighbours of every table once", async () => {
    const tables = await tablesOf(
      `1.3.6.1.2.1.3.1.1.2.1.1.10.0.0.2|4x|001b21000002
       1.3.6.1.2.1.4.22.1.2.1.10.0.0.2|4x|001b21000002
       1.3.6.1.2.1.4.22.1.4.1.10.0.0.2|2|3
       1.3.6.1.2.1.4.22.1.2.1.10.0.0.3|4x|001b21000003
       1.3.6.1.2.1.4.22.1.4.1.10.0.0.3|2|2
       1.3.6.1.2.1.4.22.1.2.1.10.0.0.4|4x|000000000000
       1.3.6.1.2.1.4.35.1.4.1.2.16.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.5|4x|001b21000005`,
      [atTable, ipNetToMediaTable, ipNetToPhysicalTable],
    );
    expect(decodeArp(tables)).toEqual([
      { address: "fe80::5", mac: "00:1b:21:00:00:05", ifIndex: 1 },
      { address: "10.0.0.2", mac: "00:1b:21:00:00:02", ifIndex: 1, type: "dynamic" },
    ]);
  });
});

describe("ENTITY-MIB", () => {
  const row = (index: number, cls: number, inside: number, position: number, serial: string) =>
    [
      `1.3.6.1.2.1.47.1.1.1.1.4.${index}|2|${inside}`,
      `1.3.6.1.2.1.47.1.1.1.1.5.${index}|2|${cls}`,
      `1.3.6.1.2.1.47.1.1.1.1.6.${index}|2|${position}`,
      `1.3.6.1.2.1.47.1.1.1.1.11.${index}|4|${serial}`,
    ].join("\n");

  it("finds the first member of a stack as the chassis, and all members", async () => {
    const tables = await tablesOf(
      [
        row(1, 11, 0, -1, ""),
        row(1001, 3, 1, 1, "SN-B"),
        row(2001, 3, 1, 0, "SN-A"),
        row(1002, 9, 1001, 0, "MOD"),
      ].join("\n"),
      [entPhysicalTable],
    );
    const entities = decodeEntities(tables);
    expect(findChassis(entities)?.entPhysicalSerialNum).toBe("SN-A");
    expect(findStackMembers(entities).map((e) => e.entPhysicalSerialNum)).toEqual(["SN-A", "SN-B"]);
  });
  it("takes nothing for the chassis where nothing is one, and survives parts that contain each other", async () => {
    const tables = await tablesOf([row(1, 9, 2, 0, "X"), row(2, 9, 1, 0, "Y")].join("\n"), [entPhysicalTable]);
    expect(findChassis(decodeEntities(tables))).toBeUndefined();
  });
  it("knows the interface on a port", async () => {
    const tables = await tablesOf(`${row(5, 10, 1, 1, "")}\n1.3.6.1.2.1.47.1.3.2.1.2.5.0|6|1.3.6.1.2.1.2.2.1.1.10105`, [
      entPhysicalTable,
      entAliasMappingTable,
    ]);
    expect(decodeEntities(tables)[0]).toMatchObject({ entPhysicalIndex: 5, entPhysicalClass: "port", ifIndex: 10_105 });
  });
});

describe("HOST-RESOURCES-MIB", () => {
  it("reads volumes beyond what Integer32 holds", async () => {
    const tables = await tablesOf(
      `1.3.6.1.2.1.25.2.3.1.2.1|6|1.3.6.1.2.1.25.2.1.4
       1.3.6.1.2.1.25.2.3.1.3.1|4|/data
       1.3.6.1.2.1.25.2.3.1.4.1|2|4096
       1.3.6.1.2.1.25.2.3.1.5.1|2|-294967296`,
      [hrStorageTable],
    );
    expect(decodeHostStorage(tables)).toEqual([
      { hrStorageIndex: 1, descr: "/data", type: "fixedDisk", sizeBytes: 4_000_000_000 * 4096 },
    ]);
  });
  it("reads installed software with its date", async () => {
    const tables = await tablesOf(
      `1.3.6.1.2.1.25.6.3.1.2.1|4|openssl-3.0.13
       1.3.6.1.2.1.25.6.3.1.4.1|2|4
       1.3.6.1.2.1.25.6.3.1.5.1|4x|07e8020c0a0b0c00`,
      [hrSWInstalledTable],
    );
    expect(decodeInstalledSoftware(tables)).toEqual([
      { name: "openssl-3.0.13", type: "application", installedAt: "2024-02-12T10:11:12Z" },
    ]);
  });
});

describe("LLDP", () => {
  it("spells ids as people know them, with the management address and the local port", async () => {
    const tables = await tablesOf(
      `1.0.8802.1.1.2.1.3.7.1.2.4|2|5
       1.0.8802.1.1.2.1.3.7.1.3.4|4|Gi0/4
       1.0.8802.1.1.2.1.4.1.1.4.9.4.1|2|5
       1.0.8802.1.1.2.1.4.1.1.5.9.4.1|4x|010a000009
       1.0.8802.1.1.2.1.4.1.1.6.9.4.1|2|3
       1.0.8802.1.1.2.1.4.1.1.7.9.4.1|4x|001b21000009
       1.0.8802.1.1.2.1.4.1.1.12.9.4.1|4x|1000
       1.0.8802.1.1.2.1.4.2.1.3.9.4.1.1.4.10.0.0.9|2|2`,
      [lldpRemTable, lldpLocPortTable, lldpRemManAddrTable],
    );
    expect(decodeLldp(tables)).toEqual([
      {
        localPort: 4,
        localIsIfIndex: false,
        localPortId: "Gi0/4",
        localPortIdSubtype: "interfaceName",
        chassisId: "10.0.0.9",
        chassisIdSubtype: "networkAddress",
        portId: "00:1b:21:00:00:09",
        portIdSubtype: "macAddress",
        capabilities: ["wlanAccessPoint"],
        managementAddress: "10.0.0.9",
      },
    ]);
  });
  it("reads the second version's table, whose ports are ifIndexes", async () => {
    const tables = await tablesOf(
      `1.3.111.2.802.1.1.13.1.4.1.1.5.0.17.1.3|2|4
       1.3.111.2.802.1.1.13.1.4.1.1.6.0.17.1.3|4x|001b21000007
       1.3.111.2.802.1.1.13.1.4.1.1.8.0.17.1.3|4|xe-0/0/1`,
      [lldpV2RemTable],
    );
    expect(decodeLldp(tables)).toMatchObject([
      { localPort: 17, localIsIfIndex: true, chassisId: "00:1b:21:00:00:07", portId: "xe-0/0/1" },
    ]);
  });
});

describe("CISCO-CDP-MIB", () => {
  it("reads address and capabilities", async () => {
    const tables = await tablesOf(
      `1.3.6.1.4.1.9.9.23.1.2.1.1.4.7.1|4x|0a000002
       1.3.6.1.4.1.9.9.23.1.2.1.1.6.7.1|4|core.example
       1.3.6.1.4.1.9.9.23.1.2.1.1.7.7.1|4|Gi1/0/3
       1.3.6.1.4.1.9.9.23.1.2.1.1.9.7.1|4x|00000029`,
      [cdpCacheTable],
    );
    expect(decodeCdp(tables)).toEqual([
      {
        localIfIndex: 7,
        deviceIndex: 1,
        deviceId: "core.example",
        devicePort: "Gi1/0/3",
        address: "10.0.0.2",
        capabilities: ["router", "switch", "igmp"],
      },
    ]);
  });
  it("reads devices and ports that name themselves by a MAC, also where a charset has letters for its octets", async () => {
    const tables = await tablesOf(
      `1.3.6.1.4.1.9.9.23.1.2.1.1.6.7.1|4x|020a351a0299
       1.3.6.1.4.1.9.9.23.1.2.1.1.6.8.1|4x|e4baa4e68da2
       1.3.6.1.4.1.9.9.23.1.2.1.1.7.7.1|4x|d8394541ca65
       1.3.6.1.4.1.9.9.23.1.2.1.1.7.8.1|4|Port-1`,
      [cdpCacheTable],
    );
    expect(decodeCdp(tables)).toEqual([
      {
        localIfIndex: 7,
        deviceIndex: 1,
        deviceId: "02:0a:35:1a:02:99",
        devicePort: "d8:39:45:41:ca:65",
        portIsOctets: true,
      },
      { localIfIndex: 8, deviceIndex: 1, deviceId: "交换", devicePort: "Port-1" },
    ]);
  });
});

describe("bridges and VLANs", () => {
  it("maps bridge ports to interfaces and filtering databases to VLANs, unless several share one", async () => {
    const tables = await tablesOf(
      `1.3.6.1.2.1.17.1.4.1.2.5|2|10105
       1.3.6.1.2.1.17.4.3.1.2.0.27.33.0.0.1|2|5
       1.3.6.1.2.1.17.4.3.1.2.0.27.33.0.0.2|2|5
       1.3.6.1.2.1.17.7.1.2.2.1.2.2.0.27.33.0.0.1|2|5
       1.3.6.1.2.1.17.7.1.4.2.1.3.0.20|66|2
       1.3.6.1.2.1.17.7.1.4.2.1.3.0.30|66|3
       1.3.6.1.2.1.17.7.1.4.2.1.3.0.31|66|3`,
      [dot1dBasePortTable, dot1dTpFdbTable, dot1qTpFdbTable, dot1qVlanCurrentTable],
    );
    expect([...decodeFdbIds(tables)]).toEqual([[2, 20]]);
    expect(decodeFdb(tables, { ports: decodeBasePorts(tables), vlanOf: decodeFdbIds(tables) })).toEqual([
      { mac: "00:1b:21:00:00:01", port: 5, ifIndex: 10_105, vlan: 20 },
      { mac: "00:1b:21:00:00:02", port: 5, ifIndex: 10_105 },
    ]);
  });
  it("names VLANs by Q-BRIDGE and by VTP, and knows which have a bridge of their own", async () => {
    const tables = await tablesOf(
      `1.3.6.1.2.1.17.7.1.4.3.1.1.10|4|office
       1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.10|2|1
       1.3.6.1.4.1.9.9.46.1.3.1.1.4.1.10|4|OFFICE
       1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.1002|2|1
       1.3.6.1.4.1.9.9.46.1.3.1.1.4.1.1002|4|fddi-default`,
      [dot1qVlanStaticTable, vtpVlanTable],
    );
    expect(decodeVlans(tables)).toEqual([
      { id: 10, name: "office", status: "operational" },
      { id: 1002, name: "fddi-default", status: "operational" },
    ]);
    expect(decodeVtpBridges(tables)).toEqual([10]);
  });
});

describe("Printer-MIB, UPS-MIB, wireless controllers", () => {
  it("reads supplies, and percent only where the printer knows", async () => {
    const tables = await tablesOf(
      `1.3.6.1.2.1.43.11.1.1.3.1.1|2|1
       1.3.6.1.2.1.43.11.1.1.5.1.1|2|21
       1.3.6.1.2.1.43.11.1.1.6.1.1|4|Black Cartridge
       1.3.6.1.2.1.43.11.1.1.8.1.1|2|10000
       1.3.6.1.2.1.43.11.1.1.9.1.1|2|3333
       1.3.6.1.2.1.43.11.1.1.8.1.2|2|-2
       1.3.6.1.2.1.43.11.1.1.9.1.2|2|-3
       1.3.6.1.2.1.43.12.1.1.4.1.1|4|black`,
      [prtMarkerSuppliesTable, prtMarkerColorantTable],
    );
    const supplies = decodeSupplies(tables);
    expect(supplies[0]).toMatchObject({
      index: "1.1",
      type: "tonerCartridge",
      color: "black",
      max: 10_000,
      level: 3_333,
    });
    expect(supplies.map(supplyPercent)).toEqual([35, undefined]);
  });
  it("reads a UPS, and none where there is none", async () => {
    expect(
      decodeUps(
        await tablesOf(
          `1.3.6.1.2.1.33.1.1.2.0|4|Smart 3000\n1.3.6.1.2.1.33.1.4.1.0|2|3`,
          [],
          Object.values(upsScalars),
        ),
      ),
    ).toEqual({ model: "Smart 3000", outputSource: "normal" });
    expect(decodeUps(await tablesOf("1.3.6.1.2.1.1.1.0|4|x", [], Object.values(upsScalars)))).toBeUndefined();
  });
  it("reads access points by the MAC in their index", async () => {
    const at = "0.27.33.0.0.1";
    const tables = await tablesOf(
      `1.3.6.1.4.1.14179.2.2.1.1.3.${at}|4x|${hex("ap-hall")}
       1.3.6.1.4.1.14179.2.2.1.1.6.${at}|2|1
       1.3.6.1.4.1.14179.2.2.1.1.17.${at}|4|FGL0000X000`,
      accessPointTables,
    );
    expect(decodeAccessPoints(tables)).toEqual([
      {
        id: "00:1b:21:00:00:01",
        name: "ap-hall",
        mac: "00:1b:21:00:00:01",
        serialNumber: "FGL0000X000",
        state: "associated",
      },
    ]);
  });
});

describe("IP-FORWARD-MIB", () => {
  it("reads routes of the newer table, a next hop of no address as the interface itself", async () => {
    const entry = "1.3.6.1.2.1.4.24.7.1";
    const routes = [
      "1.4.0.0.0.0.0.2.0.0.1.4.10.0.0.1",
      "1.4.10.0.0.0.24.2.0.0.0.0",
      "2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0.32.1.7.2.16.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1",
    ];
    const reader = readerOf(
      [
        `1.3.6.1.2.1.4.24.6.0|66|3`,
        ...routes.flatMap((index, i) => [
          `${entry}.7.${index}|2|${i + 1}`,
          `${entry}.9.${index}|2|${[3, 2, 13][i]}`,
          `${entry}.12.${index}|2|${[10, -1, 20][i]}`,
        ]),
      ].join("\n"),
    );
    expect((await readRoutes(reader)).routes).toEqual([
      { destination: "0.0.0.0/0", gateway: "10.0.0.1", ifIndex: 1, protocol: "netmgmt", metric: 10 },
      { destination: "10.0.0.0/24", gateway: "0.0.0.0", ifIndex: 2, protocol: "local" },
      { destination: "2001:db8::/32", gateway: "fe80::1", ifIndex: 3, protocol: "ospf", metric: 20 },
    ]);
  });
  it("reads those of the older table, and none where there are too many to be part of what the device is", async () => {
    const row = "10.1.0.0.255.255.0.0.0.10.0.0.2";
    const lines = [
      `1.3.6.1.2.1.4.24.4.1.5.${row}|2|7`,
      `1.3.6.1.2.1.4.24.4.1.7.${row}|2|3`,
      `1.3.6.1.2.1.4.24.4.1.11.${row}|2|1`,
    ];
    expect((await readRoutes(readerOf(lines.join("\n")))).routes).toEqual([
      { destination: "10.1.0.0/16", gateway: "10.0.0.2", ifIndex: 7, protocol: "netmgmt", metric: 1 },
    ]);
    expect(await readRoutes(readerOf(["1.3.6.1.2.1.4.24.3.0|66|812345", ...lines].join("\n")))).toEqual({
      routes: undefined,
      truncated: [],
    });
  });
});
