import type { AssetId } from "../../shared/ids.ts";
import { learnPlaces, type PlaceTables } from "../places/learn.ts";
import { type Ports, readPorts } from "../places/ports.ts";
import type { Track } from "./track.ts";
import type { Work } from "./work.ts";

/**
 * What hangs on what, learned from the devices' own tables: a switch's FDB and LLDP or CDP neighbours, the clients of
 * access points, the guests of hypervisors. A tree: each device has one parent, the next thing on its way to the observer.
 */

const wanted = ["fdb", "interfaces", "neighbours", "wirelessClients", "accessPoints", "addresses"] as const;

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
  const read = tables as unknown as PlaceTables;
  await keepPlaces(work, device, read);
  for (const { child, parentId, port } of attachments(work, device, read)) {
    const track = work.memory.track(child);
    if (!track || (track.parentId === parentId && track.port === port) || child === parentId) continue;
    work.keep({ ...track, parentId, port }, true);
  }
};

/** The same tables as places with their history: links, and the port of every MAC. */
const keepPlaces = async (work: Work, { assetId, realm, name }: Track, tables: PlaceTables): Promise<void> => {
  const { macs, subnets, neighbours, portMacs } = learnPlaces(tables);
  const { places } = work.tx;
  await places.putDevice({ ...{ assetId, realm, names: [name], macs, subnets }, atMs: work.nowMs });
  await places.putNeighbours(assetId, neighbours, work.nowMs);
  await places.putMacs(assetId, portMacs, work.nowMs);
};

type Attachment = { readonly child: AssetId; readonly parentId: AssetId; readonly port: string | null };

const attachments = (work: Work, device: Track, tables: PlaceTables): readonly Attachment[] => {
  const { memory } = work;
  const ports = readPorts(tables);
  const byPort = ports.macs;
  const out: Attachment[] = [];
  const neighbourAt = new Map<string, Track>();
  for (const row of ports.neighbours) {
    const track = memory.byMac(device.realm, row.remoteChassisId.toLowerCase());
    if (track && track.assetId !== device.assetId) neighbourAt.set(ports.bundleOf(row.port), track);
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
const uplinkOf = (work: Work, device: Track, byPort: Ports["macs"]): string | undefined => {
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
const radioAttachments = (work: Work, device: Track, tables: PlaceTables): readonly Attachment[] =>
  tables.wirelessClients.flatMap((client) => {
    const track = work.memory.byMac(device.realm, client.mac);
    if (!track) return [];
    const point = tables.accessPoints.find((ap) => ap.id === client.accessPoint || ap.name === client.accessPoint);
    const parent = point?.mac === undefined ? device : (work.memory.byMac(device.realm, point.mac) ?? device);
    return parent.assetId === track.assetId
      ? []
      : [{ child: track.assetId, parentId: parent.assetId, port: client.ssid ?? null }];
  });
