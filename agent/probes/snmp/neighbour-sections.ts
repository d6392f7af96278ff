/** Pure: LLDP and CDP neighbours as one section. */
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import type { DeviceInventory } from "../../snmp/inventory.ts";
import { compact } from "../../snmp/table.ts";
import { createPortFinder } from "./ports.ts";

export const toNeighbours = (device: DeviceInventory): SectionItem<"neighbours">[] => {
  const names = new Map(device.interfaces.map((i) => [i.ifIndex, i.ifName ?? i.ifDescr]));
  const findPort = createPortFinder(device);
  const lldp = device.lldp
    .filter(({ chassisId, portId, sysName }) => chassisId !== "" || portId !== "" || sysName !== undefined)
    .map((n) => {
      const localIfIndex = findPort(n);
      return {
        protocol: "lldp",
        localPort: names.get(localIfIndex ?? -1) ?? n.localPortId ?? String(n.localPort),
        remoteChassisId: n.chassisId,
        remotePortId: n.portId,
        ...compact({
          localIfIndex,
          remoteChassisIdSubtype: n.chassisIdSubtype,
          remotePortIdSubtype: n.portIdSubtype,
          remotePortDescription: n.portDescription,
          remoteSystemName: n.sysName,
          remoteSystemDescription: n.sysDescr,
          remoteAddress: n.managementAddress,
          remoteCapabilities: n.capabilities === undefined ? undefined : [...n.capabilities],
          remotePlatform: n.model,
        }),
      };
    });
  const cdp = device.cdp.map((n) => ({
    protocol: "cdp",
    localPort: names.get(n.localIfIndex) ?? String(n.localIfIndex),
    remoteChassisId: n.deviceId,
    remotePortId: n.devicePort,
    ...compact({
      localIfIndex: n.localIfIndex,
      remoteSystemName: n.sysName ?? n.deviceId,
      remoteSystemDescription: n.version,
      remoteAddress: n.address,
      remoteCapabilities: n.capabilities === undefined ? undefined : [...n.capabilities],
      remotePlatform: n.platform,
    }),
  }));
  // Some agents list a neighbour twice, under two time marks or two management addresses: the last row stands.
  const key = (n: SectionItem<"neighbours">) =>
    JSON.stringify([n.protocol, n.localPort, n.remoteChassisId, n.remotePortId]);
  return [...new Map([...lldp, ...cdp].map((n) => [key(n), n])).values()];
};
