/** Which standard tables and scalars are read of every device. A new MIB file adds its lines here and its decoder to inventory.ts. */
import { dot1dBaseBridgeAddress, dot1dBasePortTable, dot1dTpFdbTable, dot1qTpFdbTable } from "./mibs/bridge-mib.ts";
import { cdpCacheTable } from "./mibs/cdp-mib.ts";
import { entAliasMappingTable, entPhysicalTable } from "./mibs/entity-mib.ts";
import {
  hrDeviceTable,
  hrDiskStorageTable,
  hrFSTable,
  hrMemorySize,
  hrStorageTable,
  hrSWInstalledTable,
} from "./mibs/host-resources-mib.ts";
import { ifStackTable, ifTable, ifXTable } from "./mibs/if-mib.ts";
import {
  atTable,
  ipAddressTable,
  ipAddrTable,
  ipNetToMediaTable,
  ipNetToPhysicalTable,
  ipv6AddrTable,
  ipv6NetToMediaTable,
} from "./mibs/ip-mib.ts";
import { dot3adAggPortTable } from "./mibs/lag-mib.ts";
import {
  lldpLocChassisId,
  lldpLocChassisIdSubtype,
  lldpLocPortTable,
  lldpRemManAddrTable,
  lldpRemTable,
  lldpV2LocPortTable,
  lldpV2RemTable,
  lldpXMedRemInventoryTable,
} from "./mibs/lldp-mib.ts";
import { pethMainPseTable, pethPsePortTable, upsScalars } from "./mibs/power-mib.ts";
import {
  prtConsoleDisplayBufferTable,
  prtGeneralTable,
  prtInputTable,
  prtMarkerColorantTable,
  prtMarkerSuppliesTable,
  prtMarkerTable,
} from "./mibs/printer-mib.ts";
import { systemScalars } from "./mibs/snmpv2-mib.ts";
import { dot1qVlanCurrentTable, dot1qVlanStaticTable, vtpVlanTable } from "./mibs/vlan-mib.ts";

export const scalars: readonly string[] = [
  ...systemScalars,
  dot1dBaseBridgeAddress,
  lldpLocChassisIdSubtype,
  lldpLocChassisId,
  hrMemorySize,
  ...Object.values(upsScalars),
];

export const interfaceTables = [
  ifTable,
  ifXTable,
  ifStackTable,
  ipAddrTable,
  ipAddressTable,
  ipv6AddrTable,
  ipNetToMediaTable,
  ipNetToPhysicalTable,
  ipv6NetToMediaTable,
  atTable,
  dot3adAggPortTable,
] as const;
export const neighbourTables = [
  lldpRemTable,
  lldpRemManAddrTable,
  lldpLocPortTable,
  lldpXMedRemInventoryTable,
  lldpV2RemTable,
  lldpV2LocPortTable,
  cdpCacheTable,
] as const;
export const bridgeTables = [
  dot1dBasePortTable,
  dot1dTpFdbTable,
  dot1qTpFdbTable,
  dot1qVlanStaticTable,
  dot1qVlanCurrentTable,
  vtpVlanTable,
] as const;
export const hostTables = [hrStorageTable, hrDeviceTable, hrDiskStorageTable, hrFSTable, hrSWInstalledTable] as const;
export const supplyTables = [
  prtMarkerTable,
  prtMarkerSuppliesTable,
  prtMarkerColorantTable,
  prtConsoleDisplayBufferTable,
] as const;
export const otherTables = [
  ...supplyTables,
  entPhysicalTable,
  entAliasMappingTable,
  prtGeneralTable,
  prtInputTable,
  pethMainPseTable,
  pethPsePortTable,
] as const;
