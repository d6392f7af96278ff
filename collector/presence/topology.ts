import type { AssetId } from "../../shared/ids.ts";
import type { SectionItem, SectionName } from "../../shared/protocol/sections.ts";
import type { Track } from "./track.ts";
import type { Work } from "./work.ts";

/**
 * What hangs on what, learned from the devices' own tables: a switch's FDB and LLDP or CDP neighbours, the clients of
 * access points, the guests of hypervisors. A tree: each device has one parent, the next thing on its way to the observer.
 */

type Items<N extends SectionName> = readonly SectionItem<N>[];
type Tables = {
  readonly fdb: Items<"fdb">;
  readonly interfaces: Items<"interfaces">;
  readonly neighbours: Items<"neighbours">;
  readonly wirelessClients: Items<"wirelessClients">;
  readonly accessPoints: Items<"accessPoints">;
};

const wanted = ["fdb", "interfaces", "neighbours", "wirelessClients", "accessPoints"] as const;

/** More addresses than this behind one port: another switch is there, known to us or not. */
const ACCESS_PORT_MACS = 16;

export const learnTopology = async (work: Work, assetId: AssetId): Promise<void> => {
  const device = work.memory.track(assetId);
  if (!device) return;
  const tables: Record<string, unknown[]> = Object.fromEntries(wanted.map((name) => [name, []]));
  for (const stream of await work.tx.streams.ofAsset(assetId)) {
    if (stream.source !== "snmp") continue;
    for (const name of wanted) {
      const items = await work.tx.sections.items(stream.streamNo, name);
      for (const { item } of items?.values() ?? []) tables[name]?.push(item);
    }
  }
  const read = tables as unknown as Tables;
  for (const { child, parentId, port } of attachments(work, device, read)) {
    const track = work.memory.track(child);
    if (!track || (track.parentId === parentId && track.port === port) || child === parentId) continue;
    work.keep({ ...track, parentId, port }, true);
  }
};

type Attachment = { readonly child: AssetId; readonly parentId: AssetId; readonly port: string | null };

const portNames = (tables: Tables): ReadonlyMap<number, string> =>
  new Map(tables.interfaces.flatMap((i) => (i.ifIndex === undefined ? [] : [[i.ifIndex, i.name ?? i.id] as const])));

const attachments = (work: Work, device: Track, tables: Tables): readonly Attachment[] => {
  const { memory } = work;
  const names = portNames(tables);
  const portOf = (row: Items<"fdb">[number]): string | undefined =>
    row.port ?? (row.ifIndex === undefined ? undefined : (names.get(row.ifIndex) ?? String(row.ifIndex)));
  const out: Attachment[] = [];
  const byPort = Map.groupBy(
    tables.fdb.filter((row) => portOf(row) !== undefined && row.status !== "self"),
    (row) => portOf(row)!,
  );
  const neighbourAt = new Map<string, Track>();
  for (const row of tables.neighbours) {
    const track = memory.byMac(device.realm, row.remoteChassisId.toLowerCase());
    const port = row.localIfIndex === undefined ? row.localPort : (names.get(row.localIfIndex) ?? row.localPort);
    if (track && track.assetId !== device.assetId) neighbourAt.set(port, track);
  }
  const uplink = uplinkOf(work, device, byPort);
  for (const [port, rows] of byPort) {
    if (port === uplink) continue;
    const next = neighbourAt.get(port);
    // A switch behind the port has its own table for what is behind it.
    if (next) out.push({ child: next.assetId, parentId: device.assetId, port });
    else if (rows.length <= ACCESS_PORT_MACS)
      for (const row of rows) {
        const track = memory.byMac(device.realm, row.mac);
        if (track && !isCloser(work, track, device)) out.push({ child: track.assetId, parentId: device.assetId, port });
      }
  }
  const upstream = uplink === undefined ? undefined : neighbourAt.get(uplink);
  if (upstream && !isBehind(work, upstream, device))
    out.push({ child: device.assetId, parentId: upstream.assetId, port: null });
  return [...out, ...radioAttachments(work, device, tables)];
};

const isBehind = (work: Work, track: Track, of: Track): boolean => {
  for (let at: Track | undefined = track, depth = 0; at && depth < 16; depth++) {
    if (at.parentId === of.assetId) return true;
    at = at.parentId === null ? undefined : work.memory.track(at.parentId);
  }
  return false;
};

/** It hangs already on something that itself hangs below this device: that one is nearer. */
const isCloser = (work: Work, track: Track, device: Track): boolean => {
  const parent = track.parentId === null ? undefined : work.memory.track(track.parentId);
  return parent !== undefined && parent.assetId !== device.assetId && isBehind(work, parent, device);
};

/** The port towards the observer: where the agent that looks, or a router, has its MAC. */
const uplinkOf = (work: Work, device: Track, byPort: ReadonlyMap<string, Items<"fdb">>): string | undefined => {
  const observers = new Set(
    device.looks.map((look) => work.memory.ofAgent(look.agentId)?.mac).filter((mac) => mac !== undefined),
  );
  let byRouter: string | undefined;
  for (const [port, rows] of byPort)
    for (const row of rows) {
      if (observers.has(row.mac)) return port;
      const kind = work.memory.byMac(device.realm, row.mac)?.deviceType;
      if (kind === "router" || kind === "firewall") byRouter ??= port;
    }
  return byRouter;
};

/** Wireless clients hang on the access point that says so; a controller names the point. */
const radioAttachments = (work: Work, device: Track, tables: Tables): readonly Attachment[] =>
  tables.wirelessClients.flatMap((client) => {
    const track = work.memory.byMac(device.realm, client.mac);
    if (!track) return [];
    const point = tables.accessPoints.find((ap) => ap.id === client.accessPoint || ap.name === client.accessPoint);
    const parent = point?.mac === undefined ? device : (work.memory.byMac(device.realm, point.mac) ?? device);
    return parent.assetId === track.assetId
      ? []
      : [{ child: track.assetId, parentId: parent.assetId, port: client.ssid ?? null }];
  });
