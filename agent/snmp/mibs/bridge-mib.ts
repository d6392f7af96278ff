/** BRIDGE-MIB (RFC 4188) and Q-BRIDGE-MIB (RFC 4363): which MAC was seen on which port, and which port is which interface. */
import { type MacAddress, macFromBytes } from "../../../shared/mac.ts";
import { decodeMac, decodeNumber } from "../decode.ts";
import { compact, defineTable, type Tables } from "../table.ts";

export const dot1dBaseBridgeAddress = "1.3.6.1.2.1.17.1.1.0";
export const dot1dBasePortTable = defineTable("dot1dBasePortTable", "1.3.6.1.2.1.17.1.4.1", {
  dot1dBasePortIfIndex: 2,
});
/** Index: six octets. */
export const dot1dTpFdbTable = defineTable("dot1dTpFdbTable", "1.3.6.1.2.1.17.4.3.1", {
  dot1dTpFdbAddress: 1,
  dot1dTpFdbPort: 2,
  dot1dTpFdbStatus: 3,
});
/** Index: filtering database id, six octets. */
export const dot1qTpFdbTable = defineTable("dot1qTpFdbTable", "1.3.6.1.2.1.17.7.1.2.2.1", {
  dot1qTpFdbPort: 2,
  dot1qTpFdbStatus: 3,
});

export type FdbEntry = {
  readonly mac: MacAddress;
  /** Bridge port, 0 where the device does not know it. */
  readonly port?: number;
  readonly ifIndex?: number;
  /** VLAN where the device tells it; with one database a VLAN, the id of the database is the VLAN. */
  readonly vlan?: number;
  readonly status?: string;
};

const statuses = ["", "other", "invalid", "learned", "self", "mgmt"];

/** Bridge port to ifIndex. */
export const decodeBasePorts = (tables: Tables): ReadonlyMap<number, number> =>
  new Map(
    tables.rows(dot1dBasePortTable).flatMap(({ parts: [port], cells }) => {
      const ifIndex = decodeNumber(cells.dot1dBasePortIfIndex);
      return port !== undefined && ifIndex !== undefined && ifIndex >= 0 ? [[port, ifIndex] as const] : [];
    }),
  );

/**
 * Forwarding entries of one context. `vlanOf` maps a filtering database id to its VLAN (dot1qVlanCurrentTable); `vlan` is
 * the context's own VLAN where a vendor keeps one bridge a VLAN.
 */
export const decodeFdb = (
  tables: Tables,
  {
    ports,
    vlanOf,
    vlan,
  }: {
    readonly ports: ReadonlyMap<number, number>;
    readonly vlanOf: ReadonlyMap<number, number>;
    readonly vlan?: number;
  },
): readonly FdbEntry[] => {
  const out: FdbEntry[] = [];
  const known = new Set<MacAddress>();
  for (const { parts, cells } of tables.rows(dot1qTpFdbTable)) {
    const mac = macFromBytes(Uint8Array.from(parts.slice(-6)));
    const fdbId = parts[0];
    const port = decodeNumber(cells.dot1qTpFdbPort);
    if (mac === undefined || fdbId === undefined || parts.length < 7) continue;
    known.add(mac);
    out.push({
      mac,
      ...compact({
        port,
        ifIndex: ports.get(port ?? -1),
        vlan: vlanOf.get(fdbId) ?? fdbId,
        status: statusOf(cells.dot1qTpFdbStatus),
      }),
    });
  }
  for (const { parts, cells } of tables.rows(dot1dTpFdbTable)) {
    const mac = macFromBytes(Uint8Array.from(parts)) ?? decodeMac(cells.dot1dTpFdbAddress);
    if (mac === undefined || (vlan === undefined && known.has(mac))) continue;
    const port = decodeNumber(cells.dot1dTpFdbPort);
    out.push({
      mac,
      ...compact({ port, ifIndex: ports.get(port ?? -1), vlan, status: statusOf(cells.dot1dTpFdbStatus) }),
    });
  }
  return out.filter((entry) => entry.status !== "invalid");
};

const statusOf = (status: Parameters<typeof decodeNumber>[0]): string | undefined =>
  statuses[decodeNumber(status) ?? 0] || undefined;
