/** The profiles' finer words for what a device is, in the words of the protocol. */

import { lookup } from "../../../shared/lookup.ts";
import type { DeviceType } from "../../../shared/protocol/device-types.ts";
import type { DeviceInventory } from "../../snmp/inventory.ts";

const types: Readonly<Record<string, DeviceType>> = {
  switch: "switch",
  router: "router",
  firewall: "firewall",
  "access-point": "access-point",
  "wireless-controller": "wireless-controller",
  radio: "radio",
  wireless: "radio",
  olt: "olt",
  onu: "modem",
  modem: "modem",
  cmts: "olt",
  "load-balancer": "load-balancer",
  printer: "printer",
  scanner: "printer",
  server: "server",
  workstation: "desktop",
  hypervisor: "hypervisor",
  bmc: "management-controller",
  chassis: "management-controller",
  storage: "storage",
  "tape-library": "storage",
  "fc-switch": "switch",
  ups: "ups",
  pdu: "pdu",
  ats: "pdu",
  cooling: "sensor",
  environment: "sensor",
  sensor: "sensor",
  camera: "camera",
  nvr: "media",
  video: "media",
  encoder: "media",
  broadcast: "media",
  audio: "media",
  phone: "phone",
  iot: "iot",
};

/** "network" says no more than that it carries packets: a bridge with ports is a switch, one that forwards IP a router. */
export const toDeviceType = (
  type: string | undefined,
  device: Pick<DeviceInventory, "basePorts" | "system">,
): DeviceType | undefined => {
  if (type === undefined) return undefined;
  if (type === "network") {
    if (device.basePorts.size > 0) return "switch";
    return ((device.system.sysServices ?? 0) & 4) !== 0 ? "router" : "appliance";
  }
  return lookup(types, type) ?? "appliance";
};
