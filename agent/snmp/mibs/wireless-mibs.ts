/**
 * Access points and clients as wireless controllers list them: AIRESPACE-WIRELESS-MIB (Cisco AireOS and 9800),
 * WLSX-WLAN-MIB and AI-AP-MIB (Aruba), RUCKUS-ZD-WLAN-MIB and RUCKUS-SZ-WLAN-MIB, FORTINET-FORTIGATE-MIB.
 * There is no standard table in use, so each vendor's is mapped to one shape.
 */
import type { IpAddress } from "../../../shared/ip.ts";
import { type MacAddress, macFromBytes } from "../../../shared/mac.ts";
import { decodeIp, decodeMac, decodeNumber, decodeText } from "../decode.ts";
import type { Varbind } from "../reader.ts";
import { compact, defineTable, type Row, type TableDefinition, type Tables } from "../table.ts";

export type AccessPoint = {
  readonly id: string;
  readonly name?: string;
  readonly mac?: MacAddress;
  readonly model?: string;
  readonly serialNumber?: string;
  readonly version?: string;
  readonly address?: IpAddress;
  readonly location?: string;
  readonly state?: string;
};
export type WirelessClient = {
  readonly mac: MacAddress;
  readonly address?: IpAddress;
  readonly ssid?: string;
  readonly accessPoint?: string;
};

type ApColumn = "name" | "mac" | "model" | "serialNumber" | "version" | "address" | "location" | "state";
type ApTable = { readonly table: TableDefinition<ApColumn>; readonly states: Readonly<Record<number, string>> };

/** Columns that a vendor has no object for point at 0, which no table has. */
const apTable = (
  name: string,
  entry: string,
  columns: Partial<Record<ApColumn, number>>,
  states: Readonly<Record<number, string>>,
): ApTable => ({
  table: defineTable(name, entry, columns as Record<ApColumn, number>),
  states,
});

const apTables: readonly ApTable[] = [
  apTable(
    "bsnAPTable",
    "1.3.6.1.4.1.14179.2.2.1.1",
    { mac: 1, name: 3, location: 4, state: 6, version: 8, model: 16, serialNumber: 17, address: 19 },
    { 1: "associated", 2: "disassociating", 3: "downloading" },
  ),
  apTable(
    "wlsxWlanAPTable",
    "1.3.6.1.4.1.14823.2.2.1.5.2.1.4.1",
    { address: 2, name: 3, serialNumber: 6, model: 13, location: 14, state: 19, version: 34 },
    { 1: "up", 2: "down" },
  ),
  apTable(
    "aiAccessPointTable",
    "1.3.6.1.4.1.14823.2.3.3.1.2.1.1",
    { mac: 1, name: 2, address: 3, serialNumber: 4, model: 6, state: 11 },
    { 1: "up", 2: "down" },
  ),
  apTable(
    "ruckusZDWLANAPTable",
    "1.3.6.1.4.1.25053.1.2.2.1.1.2.1.1",
    { mac: 1, name: 2, state: 3, model: 4, serialNumber: 5, version: 7, address: 10 },
    { 0: "disconnected", 1: "connected", 2: "approvalPending", 3: "upgradingFirmware", 4: "provisioning" },
  ),
  apTable(
    "ruckusSZAPTable",
    "1.3.6.1.4.1.25053.1.4.2.1.1.2.2.1",
    { mac: 1, name: 5, version: 7, model: 8, serialNumber: 9, address: 10, location: 12 },
    {},
  ),
  apTable("fgWcWtpConfigTable", "1.3.6.1.4.1.12356.101.14.4.3.1", { name: 3, location: 4 }, {}),
];

const bsnMobileStationTable = defineTable("bsnMobileStationTable", "1.3.6.1.4.1.14179.2.1.4.1", {
  bsnMobileStationMacAddress: 1,
  bsnMobileStationIpAddress: 2,
  bsnMobileStationAPMacAddr: 4,
  bsnMobileStationSsid: 7,
});
const nUserTable = defineTable("nUserTable", "1.3.6.1.4.1.14823.2.2.1.4.1.2.1", { nUserApLocation: 10 });
const ruckusZDWLANStaTable = defineTable("ruckusZDWLANStaTable", "1.3.6.1.4.1.25053.1.2.2.1.1.3.1.1", {
  ruckusZDWLANStaMacAddr: 1,
  ruckusZDWLANStaAPMacAddr: 2,
  ruckusZDWLANStaSSID: 4,
  ruckusZDWLANStaIPAddr: 10,
});

export const accessPointTables: readonly TableDefinition[] = apTables.map(({ table }) => table);
export const wirelessClientTables: readonly TableDefinition[] = [
  bsnMobileStationTable,
  nUserTable,
  ruckusZDWLANStaTable,
];

export const decodeAccessPoints = (tables: Tables): readonly AccessPoint[] =>
  apTables.flatMap(({ table, states }) => tables.rows(table).flatMap((row) => toAccessPoint(row, states) ?? []));

const toAccessPoint = (
  { index, parts, cells }: Row<ApColumn>,
  states: Readonly<Record<number, string>>,
): AccessPoint | undefined => {
  const mac =
    decodeMac(cells.mac) ??
    (parts.length === 6 || parts.length === 7 ? macFromBytes(Uint8Array.from(parts.slice(-6))) : undefined);
  const state = decodeNumber(cells.state);
  const ap = compact({
    name: decodeText(cells.name),
    mac,
    model: decodeText(cells.model),
    serialNumber: decodeText(cells.serialNumber),
    version: decodeText(cells.version),
    address: decodeIp(cells.address),
    location: decodeText(cells.location),
    state: state === undefined ? undefined : (states[state] ?? String(state)),
  });
  return Object.keys(ap).length === 0 ? undefined : { id: mac ?? index, ...ap };
};

export const decodeWirelessClients = (tables: Tables): readonly WirelessClient[] => {
  const out = new Map<MacAddress, WirelessClient>();
  const add = (
    mac: MacAddress | undefined,
    facts: { address?: Varbind | undefined; ssid?: Varbind | undefined; ap?: Varbind | undefined },
  ): void => {
    if (mac !== undefined)
      out.set(mac, {
        mac,
        ...compact({
          address: decodeIp(facts.address),
          ssid: decodeText(facts.ssid),
          accessPoint: decodeMac(facts.ap) ?? decodeText(facts.ap),
        }),
      });
  };
  for (const { parts, cells } of tables.rows(bsnMobileStationTable))
    add(decodeMac(cells.bsnMobileStationMacAddress) ?? macFromBytes(Uint8Array.from(parts)), {
      address: cells.bsnMobileStationIpAddress,
      ssid: cells.bsnMobileStationSsid,
      ap: cells.bsnMobileStationAPMacAddr,
    });
  for (const { parts, cells } of tables.rows(nUserTable))
    add(macFromBytes(Uint8Array.from(parts.slice(0, 6))), { ap: cells.nUserApLocation });
  for (const { parts, cells } of tables.rows(ruckusZDWLANStaTable))
    add(decodeMac(cells.ruckusZDWLANStaMacAddr) ?? macFromBytes(Uint8Array.from(parts.slice(-6))), {
      address: cells.ruckusZDWLANStaIPAddr,
      ssid: cells.ruckusZDWLANStaSSID,
      ap: cells.ruckusZDWLANStaAPMacAddr,
    });
  return [...out.values()];
};
