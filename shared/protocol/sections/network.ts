import { z } from "zod";
import { count, ipText, macText, optional, shortText, sizeBytes, text } from "../text.ts";

/** How a device is connected, and whom it sees. */

/** `id` is the interface name on a host, the ifIndex as text over SNMP. */
export const interfaces = z.object({
  id: shortText,
  name: optional(shortText),
  ifIndex: optional(count),
  ifDescr: optional(shortText),
  ifAlias: optional(shortText),
  /** IANAifType name ("ethernetCsmacd"), or its number as text. */
  ifType: optional(shortText),
  mac: optional(macText),
  permanentMac: optional(macText),
  mtu: optional(count),
  speedBps: optional(sizeBytes),
  duplex: optional(z.enum(["full", "half", "unknown"])),
  adminStatus: optional(shortText),
  operStatus: optional(shortText),
  /** "physical", "bridge", "bond", "vlan", "tunnel", "loopback", "virtual", "wireless" ... */
  kind: optional(shortText),
  driver: optional(shortText),
  parent: optional(shortText),
  vlan: optional(count),
  /** Leads to another switch or router (LLDP, CDP, many MACs), so that no MAC lives here. */
  uplink: optional(z.boolean()),
});

export const addresses = z.object({
  interface: shortText,
  address: ipText,
  prefixLength: optional(z.int().min(0).max(128)),
  scope: optional(shortText),
  origin: optional(shortText),
});

export const routes = z.object({
  destination: shortText,
  gateway: shortText,
  interface: shortText,
  metric: optional(count),
  protocol: optional(shortText),
});

export const dns = z.object({
  servers: optional(z.array(shortText).max(32)),
  search: optional(z.array(shortText).max(32)),
});

export const listening = z.object({
  protocol: z.enum(["tcp", "udp"]),
  address: ipText,
  port: z.int().min(0).max(65_535),
  process: optional(shortText),
  service: optional(shortText),
});

/** LLDP, CDP and kin: who stands at the other end of `localPort`. */
export const neighbours = z.object({
  protocol: shortText,
  localPort: shortText,
  remoteChassisId: shortText,
  remotePortId: shortText,
  localIfIndex: optional(count),
  remoteChassisIdSubtype: optional(shortText),
  remotePortIdSubtype: optional(shortText),
  remotePortDescription: optional(shortText),
  remoteSystemName: optional(shortText),
  remoteSystemDescription: optional(text),
  remoteAddress: optional(shortText),
  remoteCapabilities: optional(z.array(shortText).max(32)),
  remotePlatform: optional(shortText),
});

export const fdb = z.object({
  vlan: count,
  mac: macText,
  ifIndex: optional(count),
  port: optional(shortText),
  status: optional(shortText),
});

export const arp = z.object({ interface: shortText, address: ipText, mac: macText, type: optional(shortText) });

export const vlans = z.object({
  id: count,
  name: optional(shortText),
  status: optional(shortText),
  taggedPorts: optional(z.array(shortText).max(4_096)),
  untaggedPorts: optional(z.array(shortText).max(4_096)),
});

export const accessPoints = z.object({
  id: shortText,
  name: optional(shortText),
  mac: optional(macText),
  model: optional(shortText),
  serialNumber: optional(shortText),
  version: optional(shortText),
  address: optional(shortText),
  location: optional(shortText),
  state: optional(shortText),
});

export const wirelessClients = z.object({
  mac: macText,
  accessPoint: optional(shortText),
  ssid: optional(shortText),
  address: optional(shortText),
  vlan: optional(count),
});

export const lags = z.object({ id: shortText, name: optional(shortText), members: z.array(shortText).max(256) });
