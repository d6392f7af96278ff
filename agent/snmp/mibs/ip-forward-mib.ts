/** IP-FORWARD-MIB (RFC 4292, and RFC 2096 before it): where the device sends what. */
import type { IpAddress } from "../../../shared/ip.ts";
import { decodeNumber, ipFromBytes } from "../decode.ts";
import type { DeviceReader, Truncation } from "../reader.ts";
import { compact, defineTable, readTables, type Tables } from "../table.ts";

/** Index: destination type, length, octets; prefix length; policy; next hop type, length, octets. */
export const inetCidrRouteTable = defineTable("inetCidrRouteTable", "1.3.6.1.2.1.4.24.7.1", {
  inetCidrRouteIfIndex: 7,
  inetCidrRouteProto: 9,
  inetCidrRouteMetric1: 12,
});
/** Index: destination, mask, type of service, next hop, four octets each but the third. */
export const ipCidrRouteTable = defineTable("ipCidrRouteTable", "1.3.6.1.2.1.4.24.4.1", {
  ipCidrRouteIfIndex: 5,
  ipCidrRouteProto: 7,
  ipCidrRouteMetric1: 11,
});
const inetCidrRouteNumber = "1.3.6.1.2.1.4.24.6.0";
const ipCidrRouteNumber = "1.3.6.1.2.1.4.24.3.0";

export type Route = {
  /** With prefix length, "10.1.0.0/16". */
  readonly destination: string;
  /** "0.0.0.0" or "::" where the destination is on the interface itself. */
  readonly gateway: IpAddress;
  readonly ifIndex: number;
  readonly protocol?: string;
  readonly metric?: number;
};

/**
 * Routes of one device. More: a router that carries the Internet's table or a campus' answers thousands of rows, which come
 * and go all day and are no part of what it is. Less: the static routes of a large site are not seen.
 */
export const MAX_ROUTES = 500;

/** IANAipRouteProtocol. */
const protocols = [
  ...["", "other", "local", "netmgmt", "icmp", "egp", "ggp", "hello", "rip", "isIs", "esIs", "ciscoIgrp", "bbnSpfIgp"],
  ...["ospf", "bgp", "idpr", "ciscoEigrp", "dvmrp", "rpl", "dhcp"],
];

/** `routes` is undefined where the device has more than are read, or (told in `truncated`) did not let us read to the end. */
export type RoutesRead = { readonly routes: readonly Route[] | undefined; readonly truncated: readonly Truncation[] };

export const readRoutes = async (reader: DeviceReader): Promise<RoutesRead> => {
  const counts = await reader.get([inetCidrRouteNumber, ipCidrRouteNumber]);
  const tooMany = [...counts.values()].some((value) => (decodeNumber(value) ?? 0) > MAX_ROUTES);
  if (tooMany) return { routes: undefined, truncated: [] };
  const read = (table: typeof inetCidrRouteTable | typeof ipCidrRouteTable) =>
    readTables(reader, { scalars: [], tables: [table], maxRows: MAX_ROUTES });
  const newer = await read(inetCidrRouteTable);
  const tables = newer.has(inetCidrRouteTable) ? newer : await read(ipCidrRouteTable);
  const truncated = [...new Set([...newer.truncated, ...tables.truncated])];
  return {
    routes: truncated.length > 0 ? undefined : decodeRoutes(tables),
    truncated: truncated.filter(({ reason }) => reason !== "rows"),
  };
};

export const decodeRoutes = (tables: Tables): readonly Route[] => [
  ...tables.rows(inetCidrRouteTable).flatMap(({ parts, cells }) => {
    const length = parts[1] ?? 0;
    const after = 2 + length;
    const policy = parts[after + 1] ?? 0;
    const hop = after + 2 + policy;
    const destination = ipFromBytes(parts.slice(2, after));
    const prefix = parts[after];
    const gateway = ipFromBytes(parts.slice(hop + 2, hop + 2 + (parts[hop + 1] ?? 0)));
    const ifIndex = decodeNumber(cells.inetCidrRouteIfIndex);
    if (destination === undefined || prefix === undefined || prefix > 8 * length || ifIndex === undefined) return [];
    // A next hop of no address (type unknown, length 0) is the interface.
    const onLink = destination.includes(":") ? "::" : "0.0.0.0";
    return [
      {
        destination: `${destination}/${prefix}`,
        gateway: gateway ?? (onLink as IpAddress),
        ifIndex,
        ...details(cells.inetCidrRouteProto, cells.inetCidrRouteMetric1),
      },
    ];
  }),
  ...tables.rows(ipCidrRouteTable).flatMap(({ parts, cells }) => {
    const destination = ipFromBytes(parts.slice(0, 4));
    const prefix = maskLength(parts.slice(4, 8));
    const gateway = ipFromBytes(parts.slice(9, 13));
    const ifIndex = decodeNumber(cells.ipCidrRouteIfIndex);
    if (parts.length !== 13 || !destination || prefix === undefined || !gateway || ifIndex === undefined) return [];
    return [
      {
        destination: `${destination}/${prefix}`,
        gateway,
        ifIndex,
        ...details(cells.ipCidrRouteProto, cells.ipCidrRouteMetric1),
      },
    ];
  }),
];

const details = (proto: Parameters<typeof decodeNumber>[0], metric: Parameters<typeof decodeNumber>[0]) => {
  const cost = decodeNumber(metric);
  return compact({
    protocol: protocols[decodeNumber(proto) ?? 0] || undefined,
    // -1: the protocol has none.
    metric: cost !== undefined && cost >= 0 ? cost : undefined,
  });
};

/** Bits of a contiguous mask. */
const maskLength = (octets: readonly number[]): number | undefined => {
  const bits = octets.map((octet) => octet.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(bits) && bits.length === 32 ? bits.replace(/0+$/, "").length : undefined;
};
