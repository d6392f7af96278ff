/** LLDP-MIB (IEEE 802.1AB-2005) and LLDP-V2-MIB (2009), with LLDP-MED's inventory (ANSI/TIA-1057): who is at the other end. */
import type { IpAddress } from "../../../shared/ip.ts";
import {
  decodeBits,
  decodeBytes,
  decodeNumber,
  decodeText,
  decodeTextBytes,
  ipFromBytes,
  toColonHex,
} from "../decode.ts";
import type { Varbind } from "../reader.ts";
import { compact, defineTable, type Tables } from "../table.ts";

export const lldpLocChassisIdSubtype = "1.0.8802.1.1.2.1.3.1.0";
export const lldpLocChassisId = "1.0.8802.1.1.2.1.3.2.0";

/** Index: time mark, local port number, remote index. */
export const lldpRemTable = defineTable("lldpRemTable", "1.0.8802.1.1.2.1.4.1.1", {
  lldpRemChassisIdSubtype: 4,
  lldpRemChassisId: 5,
  lldpRemPortIdSubtype: 6,
  lldpRemPortId: 7,
  lldpRemPortDesc: 8,
  lldpRemSysName: 9,
  lldpRemSysDesc: 10,
  lldpRemSysCapEnabled: 12,
});
/** Index: time mark, local port number, remote index, address subtype, length, octets. */
export const lldpRemManAddrTable = defineTable("lldpRemManAddrTable", "1.0.8802.1.1.2.1.4.2.1", {
  lldpRemManAddrIfSubtype: 3,
  lldpRemManAddrIfId: 4,
});
/** Index: local port number. */
export const lldpLocPortTable = defineTable("lldpLocPortTable", "1.0.8802.1.1.2.1.3.7.1", {
  lldpLocPortIdSubtype: 2,
  lldpLocPortId: 3,
  lldpLocPortDesc: 4,
});
/** Index as in lldpRemTable. */
export const lldpXMedRemInventoryTable = defineTable("lldpXMedRemInventoryTable", "1.0.8802.1.1.2.1.5.4795.1.3.3.1", {
  lldpXMedRemSoftwareRev: 3,
  lldpXMedRemSerialNum: 4,
  lldpXMedRemMfgName: 5,
  lldpXMedRemModelName: 6,
});
/** Index: time mark, local ifIndex, local destination MAC index, remote index. */
export const lldpV2RemTable = defineTable("lldpV2RemTable", "1.3.111.2.802.1.1.13.1.4.1.1", {
  lldpV2RemChassisIdSubtype: 5,
  lldpV2RemChassisId: 6,
  lldpV2RemPortIdSubtype: 7,
  lldpV2RemPortId: 8,
  lldpV2RemPortDesc: 9,
  lldpV2RemSysName: 10,
  lldpV2RemSysDesc: 11,
  lldpV2RemSysCapEnabled: 13,
});
/** Index: ifIndex. */
export const lldpV2LocPortTable = defineTable("lldpV2LocPortTable", "1.3.111.2.802.1.1.13.1.3.7.1", {
  lldpV2LocPortIdSubtype: 2,
  lldpV2LocPortId: 3,
});

export type LldpNeighbour = {
  /** lldpLocPortNum, or the ifIndex in V2. Not an ifIndex in general: see `localPortId`. */
  readonly localPort: number;
  readonly localIsIfIndex: boolean;
  readonly localPortId?: string;
  readonly localPortIdSubtype?: string;
  readonly localPortDescription?: string;
  readonly chassisId: string;
  readonly chassisIdSubtype?: string;
  readonly portId: string;
  readonly portIdSubtype?: string;
  readonly portDescription?: string;
  readonly sysName?: string;
  readonly sysDescr?: string;
  readonly capabilities?: readonly string[];
  readonly managementAddress?: IpAddress;
  readonly serialNumber?: string;
  readonly model?: string;
  readonly manufacturer?: string;
  readonly softwareRevision?: string;
};

const chassisSubtypes = [
  "",
  "chassisComponent",
  "interfaceAlias",
  "portComponent",
  "macAddress",
  "networkAddress",
  "interfaceName",
  "local",
];
const portSubtypes = [
  "",
  "interfaceAlias",
  "portComponent",
  "macAddress",
  "networkAddress",
  "interfaceName",
  "agentCircuitId",
  "local",
];
const capabilities = [
  "other",
  "repeater",
  "bridge",
  "wlanAccessPoint",
  "router",
  "telephone",
  "docsisCableDevice",
  "stationOnly",
  "cVlan",
  "sVlan",
  "twoPortMacRelay",
];

/** An id in the spelling that people know it by: MAC, address or text; hex with colons for octets that are none of these. */
const idText = (id: Varbind | undefined, subtype: string | undefined): string | undefined => {
  const bytes = decodeBytes(id);
  if (bytes === undefined || bytes.length === 0) return decodeText(id);
  if (subtype === "macAddress" && bytes.length === 6) return toColonHex(bytes);
  // IANA address family, then the address (802.1AB, 9.5.2.3).
  if (
    subtype === "networkAddress" &&
    ((bytes[0] === 1 && bytes.length === 5) || (bytes[0] === 2 && bytes.length === 17))
  )
    return ipFromBytes(bytes.subarray(1));
  return decodeTextBytes(bytes) ?? toColonHex(bytes);
};

export const decodeLldp = (tables: Tables): readonly LldpNeighbour[] => [...decodeV1(tables), ...decodeV2(tables)];

const decodeV1 = (tables: Tables): readonly LldpNeighbour[] => {
  const ports = new Map(tables.rows(lldpLocPortTable).map((row) => [row.parts[0], row.cells]));
  const inventory = new Map(tables.rows(lldpXMedRemInventoryTable).map((row) => [row.index, row.cells]));
  const addresses = decodeManagementAddresses(tables);
  return tables.rows(lldpRemTable).flatMap(({ index, parts, cells }) => {
    // Some agents leave the time mark out.
    const localPort = parts.length === 2 ? parts[0] : parts[1];
    const local = ports.get(localPort);
    const med = inventory.get(index);
    const localPortIdSubtype = portSubtypes[decodeNumber(local?.lldpLocPortIdSubtype) ?? 0] || undefined;
    return localPort === undefined
      ? []
      : withIds({
          localPort,
          localIsIfIndex: false,
          localPortIdSubtype,
          localPortId: idText(local?.lldpLocPortId, localPortIdSubtype),
          localPortDescription: decodeText(local?.lldpLocPortDesc),
          chassisIdSubtype: chassisSubtypes[decodeNumber(cells.lldpRemChassisIdSubtype) ?? 0] || undefined,
          chassis: cells.lldpRemChassisId,
          portIdSubtype: portSubtypes[decodeNumber(cells.lldpRemPortIdSubtype) ?? 0] || undefined,
          port: cells.lldpRemPortId,
          portDescription: decodeText(cells.lldpRemPortDesc),
          sysName: decodeText(cells.lldpRemSysName),
          sysDescr: decodeText(cells.lldpRemSysDesc),
          capabilities: capabilityNames(cells.lldpRemSysCapEnabled),
          managementAddress: addresses.get(index),
          serialNumber: decodeText(med?.lldpXMedRemSerialNum),
          model: decodeText(med?.lldpXMedRemModelName),
          manufacturer: decodeText(med?.lldpXMedRemMfgName),
          softwareRevision: decodeText(med?.lldpXMedRemSoftwareRev),
        });
  });
};

const decodeV2 = (tables: Tables): readonly LldpNeighbour[] => {
  const ports = new Map(tables.rows(lldpV2LocPortTable).map((row) => [row.parts[0], row.cells]));
  return tables.rows(lldpV2RemTable).flatMap(({ parts, cells }) => {
    const localPort = parts[1];
    const local = ports.get(localPort);
    const localPortIdSubtype = portSubtypes[decodeNumber(local?.lldpV2LocPortIdSubtype) ?? 0] || undefined;
    return localPort === undefined
      ? []
      : withIds({
          localPort,
          localIsIfIndex: true,
          localPortIdSubtype,
          localPortId: idText(local?.lldpV2LocPortId, localPortIdSubtype),
          chassisIdSubtype: chassisSubtypes[decodeNumber(cells.lldpV2RemChassisIdSubtype) ?? 0] || undefined,
          chassis: cells.lldpV2RemChassisId,
          portIdSubtype: portSubtypes[decodeNumber(cells.lldpV2RemPortIdSubtype) ?? 0] || undefined,
          port: cells.lldpV2RemPortId,
          portDescription: decodeText(cells.lldpV2RemPortDesc),
          sysName: decodeText(cells.lldpV2RemSysName),
          sysDescr: decodeText(cells.lldpV2RemSysDesc),
          capabilities: capabilityNames(cells.lldpV2RemSysCapEnabled),
        });
  });
};

type RawNeighbour = {
  readonly localPort: number;
  readonly localIsIfIndex: boolean;
  readonly chassisIdSubtype: string | undefined;
  readonly chassis: Varbind | undefined;
  readonly portIdSubtype: string | undefined;
  readonly port: Varbind | undefined;
  readonly [key: string]: unknown;
};

/** Rows without ids stay: a fragment of a neighbour is still somebody at that port. */
const withIds = ({ localPort, localIsIfIndex, chassis, port, ...rest }: RawNeighbour): readonly LldpNeighbour[] => {
  const chassisId = idText(chassis, rest.chassisIdSubtype);
  const portId = idText(port, rest.portIdSubtype);
  return [{ localPort, localIsIfIndex, ...compact(rest), chassisId: chassisId ?? "", portId: portId ?? "" }];
};

const capabilityNames = (bits: Varbind | undefined): readonly string[] | undefined => {
  const names = decodeBits(bits).flatMap((bit) => capabilities[bit] ?? []);
  return names.length > 0 ? names : undefined;
};

/** The first management address of each neighbour, IPv4 before others. */
const decodeManagementAddresses = (tables: Tables): ReadonlyMap<string, IpAddress> => {
  const out = new Map<string, IpAddress>();
  for (const { parts } of tables.rows(lldpRemManAddrTable)) {
    const [mark, port, index, subtype, ...rest] = parts;
    const octets = rest[0] === rest.length - 1 ? rest.slice(1) : rest;
    const address = subtype === 1 || subtype === 2 ? ipFromBytes(octets) : undefined;
    const key = `${mark}.${port}.${index}`;
    if (address !== undefined && (subtype === 1 || !out.has(key))) out.set(key, address);
  }
  return out;
};
