/** VLANs: Q-BRIDGE-MIB's static and current tables, and CISCO-VTP-MIB. */
import { decodeBits, decodeNumber, decodeText } from "../decode.ts";
import type { Varbind } from "../reader.ts";
import { compact, defineTable, type Tables } from "../table.ts";

/** Index: VLAN. */
export const dot1qVlanStaticTable = defineTable("dot1qVlanStaticTable", "1.3.6.1.2.1.17.7.1.4.3.1", {
  dot1qVlanStaticName: 1,
  dot1qVlanStaticEgressPorts: 2,
  dot1qVlanStaticUntaggedPorts: 4,
  dot1qVlanStaticRowStatus: 5,
});
/** Index: time mark, VLAN. */
export const dot1qVlanCurrentTable = defineTable("dot1qVlanCurrentTable", "1.3.6.1.2.1.17.7.1.4.2.1", {
  dot1qVlanFdbId: 3,
  dot1qVlanCurrentEgressPorts: 4,
  dot1qVlanCurrentUntaggedPorts: 5,
  dot1qVlanStatus: 6,
});
/** Index: management domain, VLAN. */
export const vtpVlanTable = defineTable("vtpVlanTable", "1.3.6.1.4.1.9.9.46.1.3.1.1", {
  vtpVlanState: 2,
  vtpVlanType: 3,
  vtpVlanName: 4,
});

export type Vlan = {
  readonly id: number;
  readonly name?: string;
  readonly status?: string;
  /** Bridge port numbers. */
  readonly taggedPorts?: readonly number[];
  readonly untaggedPorts?: readonly number[];
};

const vtpStates = ["", "operational", "suspended", "mtuTooBigForDevice", "mtuTooBigForTrunk"];
const currentStatuses = ["", "other", "permanent", "dynamicGvrp"];

export const decodeVlans = (tables: Tables): readonly Vlan[] => {
  const found = new Map<number, Vlan>();
  const add = (id: number | undefined, facts: Partial<Vlan>): void => {
    if (id !== undefined && id > 0) found.set(id, { ...facts, ...found.get(id), id });
  };
  for (const { parts, cells } of tables.rows(dot1qVlanStaticTable))
    add(
      parts.length === 1 ? parts[0] : undefined,
      compact({
        name: decodeText(cells.dot1qVlanStaticName),
        ...portsOf(cells.dot1qVlanStaticEgressPorts, cells.dot1qVlanStaticUntaggedPorts),
      }),
    );
  for (const { parts, cells } of tables.rows(vtpVlanTable))
    add(
      parts[1],
      compact({
        name: decodeText(cells.vtpVlanName),
        status: vtpStates[decodeNumber(cells.vtpVlanState) ?? 0] || undefined,
      }),
    );
  for (const { parts, cells } of tables.rows(dot1qVlanCurrentTable))
    add(
      parts.at(-1),
      compact({
        status: currentStatuses[decodeNumber(cells.dot1qVlanStatus) ?? 0] || undefined,
        ...portsOf(cells.dot1qVlanCurrentEgressPorts, cells.dot1qVlanCurrentUntaggedPorts),
      }),
    );
  return [...found.values()].sort((a, b) => a.id - b.id);
};

/** PortList bit 0 is bridge port 1 (RFC 4363). */
const portsOf = (
  egress: Varbind | undefined,
  untagged: Varbind | undefined,
): { readonly taggedPorts?: readonly number[]; readonly untaggedPorts?: readonly number[] } => {
  if (egress === undefined) return {};
  const bare = new Set(decodeBits(untagged).map((bit) => bit + 1));
  const all = decodeBits(egress).map((bit) => bit + 1);
  return { taggedPorts: all.filter((port) => !bare.has(port)), untaggedPorts: all.filter((port) => bare.has(port)) };
};

/** Filtering database id to VLAN, where each VLAN has its own. Shared databases (several VLANs) map to none. */
export const decodeFdbIds = (tables: Tables): ReadonlyMap<number, number> => {
  const out = new Map<number, number>();
  const shared = new Set<number>();
  for (const { parts, cells } of tables.rows(dot1qVlanCurrentTable)) {
    const fdbId = decodeNumber(cells.dot1qVlanFdbId);
    const vlan = parts.at(-1);
    if (fdbId === undefined || vlan === undefined) continue;
    if (out.has(fdbId) && out.get(fdbId) !== vlan) shared.add(fdbId);
    out.set(fdbId, vlan);
  }
  for (const fdbId of shared) out.delete(fdbId);
  return out;
};

/** VLANs of a Catalyst that have a bridge of their own behind `community@VLAN`: operational Ethernet, not the reserved ones. */
export const decodeVtpBridges = (tables: Tables): readonly number[] =>
  tables.rows(vtpVlanTable).flatMap(({ parts: [, vlan], cells }) => {
    const usable = (decodeNumber(cells.vtpVlanState) ?? 1) === 1 && (decodeNumber(cells.vtpVlanType) ?? 1) === 1;
    return vlan !== undefined && usable && (vlan < 1002 || vlan > 1005) ? [vlan] : [];
  });
