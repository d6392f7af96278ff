import type { Tx } from "../../collector/store/store.ts";
import type { AssetId } from "../../shared/ids.ts";

/** A seeded asset, as far as its place goes. */
export type Placed = { readonly assetId: AssetId; readonly name: string; readonly mac: string };

const DAY = 86_400_000;
/** In the table of the first edge switch, and no asset's: burnt in, set by software, and VRRP's. */
export const nobodysMacs = ["00:25:90:0d:0e:0f", "5a:11:22:33:44:55", "00:00:5e:00:01:0a"] as const;
/** Of each edge switch; 24 is its uplink. */
const PORTS = 20;

const isSwitch = ({ name }: Placed): boolean => name.startsWith("sw-");

const lldp = (port: string, far: Pick<Placed, "name" | "mac">, portId: string, protocol = "lldp") => ({
  ...{ port, aliases: [port], protocol, chassisId: far.mac, portId, systemName: far.name },
});

/**
 * Cables of the site: the first switch is the core, every other hangs on it by its port 24, all else in turn on their edge
 * ports. The first edge was on another port of the core until a day ago, and the core's last neighbour is no asset.
 */
export const putPlaces = async (
  { places }: Tx,
  made: readonly Placed[],
  realm: string,
  nowMs: number,
): Promise<void> => {
  const [core, ...edges] = made.filter(isSwitch);
  if (core === undefined) return;
  for (const { assetId, name, mac } of [core, ...edges]) {
    const subnets = ["10.20.0.0/22", ...(assetId === core.assetId ? ["10.30.0.0/24", "fd00:20::/64"] : [])];
    await places.putDevice({ assetId, realm, names: [name], macs: [mac], subnets, atMs: nowMs });
  }
  const portOf = (edge: number): string => `Te1/0/${edge + 1}`;
  const stranger = lldp("Te1/0/48", { name: "isp-cpe-4471", mac: "00:25:90:aa:bb:cc" }, "ge-0/0/0");
  const down = edges.map((edge, i) => lldp(portOf(i), edge, "Gi1/0/24"));
  const before = edges.slice(0, 1).map((edge) => lldp("Te1/0/40", edge, "Gi1/0/24"));
  await places.putNeighbours(core.assetId, [stranger, ...before, ...down.slice(1)], nowMs - 30 * DAY);
  await places.putNeighbours(core.assetId, [stranger, ...down], nowMs - DAY);
  const others = made.filter((one) => !isSwitch(one));
  for (const [i, { assetId }] of edges.entries()) {
    const was = lldp("Gi1/0/24", core, i === 0 ? "Te1/0/40" : portOf(i));
    await places.putNeighbours(assetId, [was], nowMs - 30 * DAY);
    const cdp = i === 1 ? [lldp("Gi1/0/24", core, portOf(i), "cdp")] : [];
    await places.putNeighbours(assetId, [lldp("Gi1/0/24", core, portOf(i)), ...cdp], nowMs - DAY);
    const here = others.filter((_, n) => n % edges.length === i);
    const at = (shift: number) =>
      here.map(({ mac }, n) => ({
        ...{ kind: "port" as const, port: `Gi1/0/${((n + shift) % PORTS) + 1}`, vlan: 10 + (n % 3) * 10, mac },
      }));
    await places.putMacs(assetId, at(1).slice(0, 5), nowMs - 20 * DAY);
    const nobodys = i === 0 ? nobodysMacs : [];
    const strangers = nobodys.map((mac) => ({ kind: "port" as const, port: "Gi1/0/23", vlan: 10, mac }));
    await places.putMacs(assetId, [...at(0), ...strangers], nowMs - DAY);
  }
};
