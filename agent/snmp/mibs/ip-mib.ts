/** IP-MIB, old and new (RFC 4293, RFC 1213, RFC 2465): addresses of the device, and its ARP and neighbour tables. */
import type { IpAddress } from "../../../shared/ip.ts";
import type { MacAddress } from "../../../shared/mac.ts";
import { decodeIp, decodeMac, decodeNumber, decodeOid, ipFromBytes } from "../decode.ts";
import type { Varbind } from "../reader.ts";
import { compact, defineTable, type Tables } from "../table.ts";

export const ipAddrTable = defineTable("ipAddrTable", "1.3.6.1.2.1.4.20.1", {
  ipAdEntAddr: 1,
  ipAdEntIfIndex: 2,
  ipAdEntNetMask: 3,
});
/** Index: address type, length, octets. */
export const ipAddressTable = defineTable("ipAddressTable", "1.3.6.1.2.1.4.34.1", {
  ipAddressIfIndex: 3,
  ipAddressType: 4,
  ipAddressPrefix: 5,
  ipAddressOrigin: 6,
});
/** Index: ifIndex, 16 octets. */
export const ipv6AddrTable = defineTable("ipv6AddrTable", "1.3.6.1.2.1.55.1.8.1", {
  ipv6AddrPfxLength: 2,
  ipv6AddrType: 3,
});
export const ipNetToMediaTable = defineTable("ipNetToMediaTable", "1.3.6.1.2.1.4.22.1", {
  ipNetToMediaIfIndex: 1,
  ipNetToMediaPhysAddress: 2,
  ipNetToMediaNetAddress: 3,
  ipNetToMediaType: 4,
});
/** Index: ifIndex, address type, length, octets. */
export const ipNetToPhysicalTable = defineTable("ipNetToPhysicalTable", "1.3.6.1.2.1.4.35.1", {
  ipNetToPhysicalPhysAddress: 4,
  ipNetToPhysicalType: 6,
  ipNetToPhysicalState: 7,
});
/** RFC 1213's own, deprecated and still the only one of some agents. Index: ifIndex, 1, four octets. */
export const atTable = defineTable("atTable", "1.3.6.1.2.1.3.1.1", { atIfIndex: 1, atPhysAddress: 2, atNetAddress: 3 });
/** Index: ifIndex, 16 octets. */
export const ipv6NetToMediaTable = defineTable("ipv6NetToMediaTable", "1.3.6.1.2.1.55.1.12.1", {
  ipv6NetToMediaPhysAddress: 2,
  ipv6NetToMediaType: 3,
});

export type DeviceAddress = {
  readonly address: IpAddress;
  readonly prefixLength?: number;
  readonly ifIndex?: number;
  readonly origin?: string;
  /** "broadcast" rows are the device's word on its segment, not an address of its own. */
  readonly kind?: string;
};
export type ArpEntry = {
  readonly address: IpAddress;
  readonly mac: MacAddress;
  readonly ifIndex?: number;
  readonly type?: string;
};

const kinds = ["", "unicast", "anycast", "broadcast"];
const origins = ["", "other", "manual", "", "dhcp", "linklayer", "random"];

/** Every address once; what the newer table says of it fills what the older leaves out. */
export const decodeAddresses = (tables: Tables): readonly DeviceAddress[] => {
  const found = new Map<IpAddress, DeviceAddress>();
  const add = (address: IpAddress | undefined, facts: Partial<DeviceAddress>): void => {
    if (address !== undefined) found.set(address, { ...facts, ...found.get(address), address });
  };
  for (const { parts, cells } of tables.rows(ipAddrTable))
    add(
      (parts.length === 4 ? ipFromBytes(parts) : undefined) ?? decodeIp(cells.ipAdEntAddr),
      compact({
        ifIndex: nonNegative(decodeNumber(cells.ipAdEntIfIndex)),
        prefixLength: prefixOfMask(cells.ipAdEntNetMask),
      }),
    );
  for (const { parts, cells } of tables.rows(ipAddressTable)) {
    add(
      inetAddressAt(parts, 0),
      compact({
        ifIndex: nonNegative(decodeNumber(cells.ipAddressIfIndex)),
        prefixLength: prefixOfPointer(decodeOid(cells.ipAddressPrefix)),
        kind: kinds[decodeNumber(cells.ipAddressType) ?? 0] || undefined,
        origin: origins[decodeNumber(cells.ipAddressOrigin) ?? 0] || undefined,
      }),
    );
  }
  for (const { parts, cells } of tables.rows(ipv6AddrTable))
    add(
      bytesFrom(parts, 1),
      compact({ ifIndex: nonNegative(parts[0]), prefixLength: decodeNumber(cells.ipv6AddrPfxLength) }),
    );
  return [...found.values()];
};

/** "2.16.<16 octets>" or without the length, as some agents write it. */
const inetAddressAt = (parts: readonly number[], at: number): IpAddress | undefined => {
  const type = parts[at];
  if (type === undefined || type < 1 || type > 4) return undefined;
  const length = type === 1 ? 4 : type === 2 ? 16 : type === 3 ? 8 : 20;
  if (parts[at + 1] === length && parts.length >= at + 2 + length)
    return ipFromBytes(parts.slice(at + 2, at + 2 + length));
  return parts.length === at + 1 + length ? ipFromBytes(parts.slice(at + 1)) : undefined;
};

/** 16 octets, or their number and the octets. */
const bytesFrom = (parts: readonly number[], at: number): IpAddress | undefined => {
  const rest = parts.slice(at);
  return ipFromBytes(rest.length === 17 && rest[0] === 16 ? rest.slice(1) : rest);
};

/** ipAddressPrefix points to a row of ipAddressPrefixTable, whose last index part is the length; 0.0 says unknown. */
const prefixOfPointer = (pointer: string | undefined): number | undefined => {
  if (pointer === undefined || !pointer.startsWith("1.3.6.1.2.1.4.32.1.")) return undefined;
  const length = Number(pointer.slice(pointer.lastIndexOf(".") + 1));
  return length >= 0 && length <= 128 ? length : undefined;
};

const prefixOfMask = (mask: Varbind | undefined): number | undefined => {
  const text = decodeIp(mask);
  if (text === undefined) return undefined;
  const bits = text
    .split(".")
    .map((octet) => Number(octet).toString(2).padStart(8, "0"))
    .join("");
  return /^1*0*$/.test(bits) ? bits.replace(/0+$/, "").length : undefined;
};

const types = ["", "other", "invalid", "dynamic", "static", "local"];

/** Live rows with a MAC, one for each interface and address; invalid and incomplete ones are no neighbours. */
export const decodeArp = (tables: Tables): readonly ArpEntry[] => {
  const found = new Map<string, ArpEntry>();
  const add = (
    address: IpAddress | undefined,
    phys: Varbind | undefined,
    ifIndex: number | undefined,
    type: number | undefined,
  ): void => {
    const mac = decodeMac(phys);
    const key = `${ifIndex} ${address}`;
    if (address === undefined || mac === undefined || type === 2 || found.has(key)) return;
    found.set(key, { address, mac, ...compact({ ifIndex, type: types[type ?? 0] || undefined }) });
  };
  for (const { parts, cells } of tables.rows(ipNetToPhysicalTable))
    add(
      inetAddressAt(parts, 1),
      cells.ipNetToPhysicalPhysAddress,
      nonNegative(parts[0]),
      decodeNumber(cells.ipNetToPhysicalType),
    );
  for (const { parts, cells } of tables.rows(ipNetToMediaTable))
    add(
      (parts.length === 5 ? ipFromBytes(parts.slice(1)) : undefined) ?? decodeIp(cells.ipNetToMediaNetAddress),
      cells.ipNetToMediaPhysAddress,
      nonNegative(parts[0]),
      decodeNumber(cells.ipNetToMediaType),
    );
  for (const { parts, cells } of tables.rows(ipv6NetToMediaTable))
    add(bytesFrom(parts, 1), cells.ipv6NetToMediaPhysAddress, nonNegative(parts[0]), undefined);
  for (const { parts, cells } of tables.rows(atTable))
    add(
      decodeIp(cells.atNetAddress) ?? ipFromBytes(parts.slice(-4)),
      cells.atPhysAddress,
      nonNegative(parts[0]),
      undefined,
    );
  return [...found.values()];
};

/** Some agents have an interface 0, and some write 0 for none; whoever needs an interface looks it up. */
const nonNegative = (n: number | undefined): number | undefined => (n !== undefined && n >= 0 ? n : undefined);
