/** Pure: which interface a neighbour or a MAC stands behind, and which interfaces lead to other switches and routers. */
import type { DeviceInventory } from "../../snmp/inventory.ts";
import type { LldpNeighbour } from "../../snmp/mibs/lldp-mib.ts";

/**
 * MACs behind one port beyond which it is taken for an uplink although no neighbour announced itself there. Lower: ports with
 * an unmanaged switch or a busy hypervisor count as uplinks, and what is behind them is placed nowhere. Higher: an unannounced
 * uplink passes for an edge port, and what is far away is placed on it.
 */
const MANY_MACS = 40;

type Ports = Pick<DeviceInventory, "interfaces" | "lldp" | "cdp" | "fdb" | "lags" | "basePorts">;

/**
 * ifIndex of the local port of an LLDP neighbour. lldpRemLocalPortNum need not be an ifIndex (LLDP-MIB, LldpPortNumber): the
 * port's own id is matched with ifName, ifDescr, ifAlias and MAC first, then the number with the bridge's ports, with ifIndex last.
 */
export const createPortFinder = ({ interfaces, basePorts }: Pick<Ports, "interfaces" | "basePorts">) => {
  const byText = new Map<string, number>();
  const byMac = new Map<string, number[]>();
  const known = new Set(interfaces.map((i) => i.ifIndex));
  for (const field of ["ifName", "ifDescr", "ifAlias"] as const)
    for (const i of interfaces) {
      const text = i[field];
      if (text !== undefined && !byText.has(text)) byText.set(text, i.ifIndex);
    }
  for (const { mac, ifIndex } of interfaces)
    if (mac !== undefined) byMac.set(mac, [...(byMac.get(mac) ?? []), ifIndex]);

  return (neighbour: LldpNeighbour): number | undefined => {
    const { localPort, localPortId, localPortIdSubtype, localPortDescription } = neighbour;
    if (neighbour.localIsIfIndex) return localPort;
    const named = byText.get(localPortId ?? "") ?? byText.get(localPortDescription ?? "");
    if (named !== undefined) return named;
    const sameMac = localPortIdSubtype === "macAddress" ? byMac.get(localPortId ?? "") : undefined;
    if (sameMac?.length === 1) return sameMac[0];
    const number = /^\d{1,10}$/.test(localPortId ?? "") ? Number(localPortId) : undefined;
    if (number !== undefined && known.has(number)) return number;
    return basePorts.get(localPort) ?? (known.has(localPort) ? localPort : undefined);
  };
};

const leadsOn = (capabilities: readonly string[] | undefined): boolean => {
  const has = (name: string) => capabilities?.includes(name) ?? false;
  // A phone bridges its own PC port; an access point's clients have no other port than its.
  if (has("telephone") || has("phone") || has("stationOnly") || has("host") || has("wlanAccessPoint")) return false;
  return has("bridge") || has("router") || has("switch") || has("transparentBridge") || has("cVlan") || has("sVlan");
};

/** ifIndexes of interfaces behind which the network goes on, so that MACs learned there live elsewhere. */
export const findUplinks = (device: Ports): ReadonlySet<number> => {
  const find = createPortFinder(device);
  const uplinks = new Set<number>();
  for (const neighbour of device.lldp) {
    const ifIndex = leadsOn(neighbour.capabilities) ? find(neighbour) : undefined;
    if (ifIndex !== undefined) uplinks.add(ifIndex);
  }
  for (const neighbour of device.cdp) if (leadsOn(neighbour.capabilities)) uplinks.add(neighbour.localIfIndex);
  const counts = new Map<number, Set<string>>();
  for (const { ifIndex, mac, status } of device.fdb)
    if (ifIndex !== undefined && ifIndex > 0 && (status === undefined || status === "learned"))
      counts.set(ifIndex, (counts.get(ifIndex) ?? new Set()).add(mac));
  for (const [ifIndex, macs] of counts) if (macs.size > MANY_MACS) uplinks.add(ifIndex);
  for (const { ifIndex, members } of device.lags)
    if (members.some((member) => uplinks.has(member)) || uplinks.has(ifIndex))
      for (const port of [ifIndex, ...members]) uplinks.add(port);
  return uplinks;
};
