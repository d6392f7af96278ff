/**
 * Everything that is read of one device: the standard MIBs in a few walks, then who it is (`profiles/`). Gives plain rows
 * under MIB names; `agent/probes/snmp/` makes snapshot sections of them.
 */

import type { MacAddress } from "../../shared/mac.ts";
import { createCachingReader } from "./cache.ts";
import { decodeMac } from "./decode.ts";
import {
  bridgeTables,
  hostTables,
  interfaceTables,
  neighbourTables,
  otherTables,
  scalars,
  supplyTables,
} from "./mib-registry.ts";
import * as bridge from "./mibs/bridge-mib.ts";
import { type CdpNeighbour, decodeCdp } from "./mibs/cdp-mib.ts";
import { decodeEntities, entPhysicalTable, type PhysicalEntity } from "./mibs/entity-mib.ts";
import * as host from "./mibs/host-resources-mib.ts";
import { decodeInterfaces, decodeStack, type Interface } from "./mibs/if-mib.ts";
import { type Route, readRoutes } from "./mibs/ip-forward-mib.ts";
import { type ArpEntry, type DeviceAddress, decodeAddresses, decodeArp } from "./mibs/ip-mib.ts";
import { decodeLags, type Lag } from "./mibs/lag-mib.ts";
import { decodeLldp, type LldpNeighbour } from "./mibs/lldp-mib.ts";
import { decodePoeGroups, decodePoePorts, decodeUps, type PoeGroup, type PoePort, type Ups } from "./mibs/power-mib.ts";
import { decodePrinter, decodeSupplies, type Printer, type PrinterSupply } from "./mibs/printer-mib.ts";
import { decodeSystem, type SystemGroup } from "./mibs/snmpv2-mib.ts";
import { decodeFdbIds, decodeVlans, decodeVtpBridges, type Vlan } from "./mibs/vlan-mib.ts";
import {
  type AccessPoint,
  accessPointTables,
  decodeAccessPoints,
  decodeWirelessClients,
  type WirelessClient,
  wirelessClientTables,
} from "./mibs/wireless-mibs.ts";
import { toEntityRows } from "./profiles/entity.ts";
import { type IdentifyOptions, type Identity, identify } from "./profiles/identify.ts";
import type { Profile } from "./profiles/profile.ts";
import { type DeviceReader, isBelow, type Truncation } from "./reader.ts";
import { readTables, type Tables } from "./table.ts";

export type DeviceInventory = {
  readonly identity: Identity;
  readonly system: SystemGroup;
  readonly bridgeAddress: MacAddress | undefined;
  readonly interfaces: readonly Interface[];
  readonly stack: readonly (readonly [higher: number, lower: number])[];
  readonly addresses: readonly DeviceAddress[];
  readonly arp: readonly ArpEntry[];
  /** Undefined where they were not read, or are more than are read. */
  readonly routes: readonly Route[] | undefined;
  readonly fdb: readonly bridge.FdbEntry[];
  /** Bridge port to ifIndex. */
  readonly basePorts: ReadonlyMap<number, number>;
  readonly vlans: readonly Vlan[];
  readonly lags: readonly Lag[];
  readonly lldp: readonly LldpNeighbour[];
  readonly cdp: readonly CdpNeighbour[];
  readonly entities: readonly PhysicalEntity[];
  readonly memoryBytes: number | undefined;
  readonly storage: readonly host.HostStorage[];
  readonly devices: readonly host.HostDevice[];
  readonly fileSystems: readonly host.HostFileSystem[];
  readonly software: readonly host.InstalledSoftware[];
  readonly printer: Printer | undefined;
  readonly supplies: readonly PrinterSupply[];
  readonly ups: Ups | undefined;
  readonly poeGroups: readonly PoeGroup[];
  readonly poePorts: readonly PoePort[];
  readonly accessPoints: readonly AccessPoint[];
  readonly wirelessClients: readonly WirelessClient[];
  /** What could not be read to its end. Absence proves nothing below these roots. */
  readonly truncated: readonly Truncation[];
  /** Faults met while looking for who the device is: a field of `identity` may be missing for them. */
  readonly identityFaults: readonly Truncation[];
};

/** "full": everything. "live": only what changes while the device stays what it is; the rest is then empty, not absent. */
export type Depth = "full" | "live";

export type InventoryOptions = {
  readonly depth?: Depth;
  readonly profiles: readonly Profile[];
  /** Clients of a wireless controller tell of people; off until switched on (design §1.7). */
  readonly wirelessClients?: boolean;
  /** Rows per column. */
  readonly maxRows?: number;
  /** Maker by MAC address, for devices that say nothing else of theirs. */
  readonly vendorOfMac?: IdentifyOptions["vendorOfMac"];
  /** VLANs whose own bridge is read on devices that keep one a VLAN. */
  readonly maxVlanContexts?: number;
};

export const readDevice = async (device: DeviceReader, options: InventoryOptions): Promise<DeviceInventory> => {
  const reader = createCachingReader(device);
  const full = options.depth !== "live";
  const tables = await readTables(reader, {
    scalars,
    tables: [
      ...interfaceTables,
      ...neighbourTables,
      ...bridgeTables,
      ...(full ? hostTables : []),
      ...(full ? otherTables : supplyTables),
      ...accessPointTables,
      ...(options.wirelessClients ? wirelessClientTables : []),
    ],
    ...(options.maxRows === undefined ? {} : { maxRows: options.maxRows }),
  });
  const before = reader.troubles().length;
  const identity = full ? await identify(reader, identifyOptions(tables, options)) : {};
  const identityFaults = reader.troubles().slice(before);
  const vlanBridges = await readVlanBridges(reader, tables, options.maxVlanContexts ?? 64);
  const { routes, truncated } = full ? await readRoutes(reader) : { routes: undefined, truncated: [] };
  const decoded = decodeAll(tables);
  return {
    ...{ identity, identityFaults, ...decoded, routes },
    fdb: [...decodeOwnFdb(tables), ...vlanBridges],
    truncated: [...decoded.truncated, ...truncated],
  };
};

/** The components are known already, unless their table broke off. */
const identifyOptions = (tables: Tables, { profiles, vendorOfMac }: InventoryOptions): IdentifyOptions => {
  const whole = !tables.truncated.some(({ root }) => isBelow(root, entPhysicalTable.entry));
  const entities = toEntityRows(tables.rows(entPhysicalTable).flatMap(({ cells }) => Object.values(cells)));
  return { profiles, ...(whole && { entities }), ...(vendorOfMac && { vendorOfMac }) };
};

const decodeAll = (tables: Tables): Omit<DeviceInventory, "identity" | "identityFaults" | "fdb" | "routes"> => ({
  system: decodeSystem(tables),
  bridgeAddress: decodeMac(tables.scalar(bridge.dot1dBaseBridgeAddress)),
  interfaces: decodeInterfaces(tables),
  stack: decodeStack(tables),
  addresses: decodeAddresses(tables),
  arp: decodeArp(tables),
  basePorts: bridge.decodeBasePorts(tables),
  vlans: decodeVlans(tables),
  lags: decodeLags(tables),
  lldp: decodeLldp(tables),
  cdp: decodeCdp(tables),
  entities: decodeEntities(tables),
  memoryBytes: host.decodeMemoryBytes(tables),
  storage: host.decodeHostStorage(tables),
  devices: host.decodeHostDevices(tables),
  fileSystems: host.decodeHostFileSystems(tables),
  software: host.decodeInstalledSoftware(tables),
  printer: decodePrinter(tables),
  supplies: decodeSupplies(tables),
  ups: decodeUps(tables),
  poeGroups: decodePoeGroups(tables),
  poePorts: decodePoePorts(tables),
  accessPoints: decodeAccessPoints(tables),
  wirelessClients: decodeWirelessClients(tables),
  truncated: tables.truncated,
});

const decodeOwnFdb = (tables: Tables): readonly bridge.FdbEntry[] =>
  bridge.decodeFdb(tables, { ports: bridge.decodeBasePorts(tables), vlanOf: decodeFdbIds(tables) });

/**
 * Catalysts keep one bridge a VLAN behind a context of its own and show that of VLAN 1 without one (Cisco, "SNMP community
 * string indexing"). Asked only where the VTP table says which VLANs there are, and given up after two silent contexts.
 */
const readVlanBridges = async (
  reader: DeviceReader,
  tables: Tables,
  limit: number,
): Promise<readonly bridge.FdbEntry[]> => {
  if (tables.has(bridge.dot1qTpFdbTable) || !tables.has(bridge.dot1dBasePortTable)) return [];
  const out: bridge.FdbEntry[] = [];
  let silent = 0;
  for (const vlan of decodeVtpBridges(tables).slice(0, limit)) {
    const context = await readTables(reader.inContext(String(vlan)), {
      scalars: [],
      tables: [bridge.dot1dBasePortTable, bridge.dot1dTpFdbTable],
    });
    const entries = bridge.decodeFdb(context, { ports: bridge.decodeBasePorts(context), vlanOf: new Map(), vlan });
    silent = entries.length === 0 && !context.has(bridge.dot1dBasePortTable) ? silent + 1 : 0;
    if (silent >= 2) break;
    out.push(...entries);
  }
  return out;
};
