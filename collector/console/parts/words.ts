import type { Agent } from "../../../shared/model/agent.ts";
import type { Actor, ChangeWeight, PresenceState } from "../../../shared/model/asset.ts";
import type { IncidentKind, IncidentState, Ticket } from "../../../shared/model/incident.ts";
import type { DeviceType } from "../../../shared/protocol/device-types.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";

/** The words a person reads for the words the records use. */

/** Colours of the dots, by meaning: see console.css for both schemes. */
export type Tone = "good" | "watch" | "bad" | "info" | "quiet";
type Word = { readonly label: string; readonly tone: Tone; readonly hint?: string };

export const presenceWords: Readonly<Record<PresenceState, Word>> = {
  present: { label: "Present", tone: "good", hint: "Seen within its usual time" },
  late: { label: "Late", tone: "watch", hint: "Not heard of for longer than usual, not yet doubted" },
  suspect: { label: "Suspect", tone: "watch", hint: "Looked for and not seen; being confirmed" },
  missing: { label: "Missing", tone: "bad", hint: "Observers that could see looked and did not see it" },
  blind: { label: "Blind", tone: "info", hint: "Nobody who could see it is looking" },
  away: { label: "Away", tone: "quiet", hint: "Explained: it said goodbye, sleeps or is in maintenance" },
  unobserved: { label: "Unobserved", tone: "quiet", hint: "Nobody is meant to look any more" },
  retired: { label: "Retired", tone: "quiet", hint: "Retired by a person" },
};

export const agentWords: Readonly<Record<Agent["state"], Word>> = {
  connected: { label: "Connected", tone: "good" },
  closed: { label: "Closed", tone: "bad", hint: "The host ended the connection: it lives, its agent does not" },
  silent: { label: "Silent", tone: "bad", hint: "Nothing heard and no close seen" },
  "said-goodbye": { label: "Said goodbye", tone: "quiet" },
  pending: { label: "Waits for approval", tone: "watch" },
  revoked: { label: "Revoked", tone: "quiet" },
  never: { label: "Never connected", tone: "quiet" },
};

export const incidentStateWords: Readonly<Record<IncidentState, Word>> = {
  open: { label: "Open", tone: "bad", hint: "Nobody has taken it" },
  acknowledged: { label: "Acknowledged", tone: "watch" },
  resolved: { label: "Resolved", tone: "good" },
  "part-of": { label: "Part of another", tone: "quiet", hint: "Folded into the incident that is its cause" },
};

export const ticketStateWords: Readonly<Record<Ticket["state"], Word>> = {
  open: { label: "Open", tone: "bad" },
  "in-progress": { label: "In progress", tone: "watch" },
  resolved: { label: "Resolved", tone: "good" },
  closed: { label: "Closed", tone: "quiet" },
};

export const weightWords: Readonly<Record<ChangeWeight, Word>> = {
  noise: { label: "Noise", tone: "quiet" },
  low: { label: "Low", tone: "quiet" },
  normal: { label: "Normal", tone: "info" },
  high: { label: "High", tone: "watch" },
  critical: { label: "Critical", tone: "bad" },
};

/** "device-missing" as "Device missing". */
export const toSentence = (slug: string): string => {
  const spaced = slug.replaceAll("-", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};

const fieldOrder = [
  "name",
  "version",
  "manufacturer",
  "model",
  "serialNumber",
  "address",
  "mountPoint",
  "check",
  "state",
  "port",
  "slot",
  "description",
  "subject",
  "type",
  "sizeBytes",
  "totalBytes",
  "kernel",
  "hostname",
  "fqdn",
  "uuid",
  "publisher",
];
const lastFields = ["architecture", "manager", "source", "id", "provenance"];

/** Sorts fields: what tells a thing apart first, what only tells where it was read last. */
export const compareFields = (a: string, b: string): number => fieldRank(a) - fieldRank(b);
const fieldRank = (field: string): number => {
  const rank = fieldOrder.indexOf(field);
  if (rank >= 0) return rank;
  return fieldOrder.length + 1 + lastFields.indexOf(field);
};

const acronyms: Readonly<Record<string, string>> = {
  ups: "UPS",
  pdu: "PDU",
  olt: "OLT",
  iot: "IoT",
  "virtual-machine": "Virtual machine",
};
export const typeLabel = (type: DeviceType): string => acronyms[type] ?? toSentence(type);
export const incidentKindLabel = (kind: IncidentKind): string => toSentence(kind);

const sectionLabels: Partial<Record<SectionName, string>> = {
  os: "Operating system",
  cpu: "Processors",
  memoryModules: "Memory modules",
  pci: "PCI devices",
  usb: "USB devices",
  dns: "DNS",
  listening: "Listening sockets",
  scheduledTasks: "Scheduled tasks",
  browserExtensions: "Browser extensions",
  virtualMachines: "Virtual machines",
  fdb: "Forwarding table",
  arp: "ARP table",
  vlans: "VLANs",
  lags: "Link aggregates",
  accessPoints: "Access points",
  wirelessClients: "Wireless clients",
};
export const sectionLabel = (section: SectionName): string => sectionLabels[section] ?? toWords(section);

const shortWords: Readonly<Record<string, string>> = {
  id: "ID",
  ids: "IDs",
  mac: "MAC",
  os: "OS",
  uuid: "UUID",
  ip: "IP",
  cpu: "CPU",
  fqdn: "FQDN",
  mtu: "MTU",
  sku: "SKU",
  dns: "DNS",
  vlan: "VLAN",
  wwn: "WWN",
  uid: "UID",
  gid: "GID",
  purl: "purl",
  ssid: "SSID",
  smart: "SMART",
};

/** "serialNumber" as "Serial number"; names of MIB objects (`sysObjectID`, `entPhysicalName`) stay as they are. */
export const toWords = (field: string): string => {
  if (/^(sys|if|ent|lldp|dot1d)[A-Z]/.test(field)) return field;
  const words = field
    .replace(/(Bytes|Bps|Mhz|Mtps|Mwh|Percent)$/, "")
    .split(/(?=[A-Z])|[-_ ]/)
    .map((word) => shortWords[word.toLowerCase()] ?? word.toLowerCase());
  const [first = "", ...rest] = words;
  return [first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(" ");
};

const spelled: Readonly<Record<string, string>> = {
  mdns: "mDNS",
  rdns: "reverse DNS",
  "router-arp": "router's ARP",
  netbios: "NetBIOS",
};
const initials = new Set(["arp", "ndp", "icmp", "tcp", "udp", "snmp", "ssdp", "fdb", "lldp", "cdp", "dhcp"]);

/** How something was learned: "arp" as "ARP", "connection" as it is. */
export const methodLabel = (method: string): string =>
  spelled[method] ?? (initials.has(method) ? method.toUpperCase() : method.replaceAll("-", " "));

export const actorLabel = (actor: Actor): string => {
  switch (actor.kind) {
    case "agent":
      return actor.method === "local" ? "its own agent" : `an agent, by ${methodLabel(actor.method)}`;
    case "person":
      return actor.name;
    case "rule":
      return `rule ${actor.name}`;
    default:
      return actor satisfies never;
  }
};
