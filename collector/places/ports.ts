import type { SectionItem, SectionName } from "../../shared/protocol/sections.ts";

/** What a device's own tables say of its ports. Pure; presence and places both read them through here. */

type Items<N extends SectionName> = readonly SectionItem<N>[];
export type PortTables = {
  readonly fdb: Items<"fdb">;
  readonly interfaces: Items<"interfaces">;
  readonly neighbours: Items<"neighbours">;
};

export type Neighbour = SectionItem<"neighbours"> & {
  /** The port as its device names it. */
  readonly port: string;
};

export type Ports = {
  /** Learned MACs by port; ports of a bundle (LAG) are that bundle. */
  readonly macs: ReadonlyMap<string, Items<"fdb">>;
  readonly neighbours: readonly Neighbour[];
  /** The bundle that a port belongs to, else the port itself. */
  readonly bundleOf: (port: string) => string;
  /** Ports behind which the network goes on, so that a MAC there lives elsewhere: by the agent's word, bundles as a whole. */
  readonly uplinks: ReadonlySet<string>;
  /** Every name by which the other end may know a port: name, description, alias, MAC and number. */
  readonly aliasesOf: (port: string) => readonly string[];
};

/** Interfaces on top of others have a parent, too; only a port that is a thing is a member of a bundle. */
const layered = new Set(["vlan", "tunnel"]);

export const readPorts = ({ fdb, interfaces, neighbours }: PortTables): Ports => {
  const byId = new Map(interfaces.map((i) => [i.id, i]));
  const byName = new Map(interfaces.map((i) => [i.name ?? i.id, i]));
  const nameOf = (ifIndex: number): string =>
    byId.get(String(ifIndex))?.name ?? byNumber.get(ifIndex) ?? String(ifIndex);
  const byNumber = new Map(interfaces.flatMap((i) => (i.ifIndex === undefined ? [] : [[i.ifIndex, i.name ?? i.id]])));
  const bundleOf = (port: string): string => {
    const { parent, kind } = byName.get(port) ?? {};
    const bundle = parent === undefined || layered.has(kind ?? "") ? undefined : byId.get(parent);
    return bundle === undefined ? port : (bundle.name ?? bundle.id);
  };
  const macs = new Map<string, SectionItem<"fdb">[]>();
  for (const row of fdb) {
    if (row.status === "self" || row.status === "mgmt") continue;
    const own = row.port ?? (row.ifIndex === undefined ? undefined : nameOf(row.ifIndex));
    if (own === undefined) continue;
    const port = bundleOf(own);
    const rows = macs.get(port);
    if (rows) rows.push(row);
    else macs.set(port, [row]);
  }
  const uplinks = new Set(
    interfaces.filter(({ uplink }) => uplink === true).map(({ name, id }) => bundleOf(name ?? id)),
  );
  return {
    ...{ macs, bundleOf, uplinks },
    neighbours: neighbours.map((row) => ({
      ...row,
      port: row.localIfIndex === undefined ? row.localPort : (byNumber.get(row.localIfIndex) ?? row.localPort),
    })),
    aliasesOf: (port) => {
      const { id, name, ifDescr, ifAlias, mac, permanentMac } = byName.get(port) ?? {};
      return [...new Set([port, name, ifDescr, ifAlias, mac, permanentMac, id].filter((text) => text !== undefined))];
    },
  };
};
