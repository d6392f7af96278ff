import { z } from "zod";
import { epochMs, optional, shortText } from "./text.ts";

/**
 * Keys a subject can be recognised by (design §4), strongest first. Values are canonical: MACs and addresses as in
 * `shared/mac.ts` and `shared/ip.ts`, UUIDs lower case, names lower case without a trailing dot.
 */
export const keyKinds = [
  "agent",
  "hardwareUuid",
  "serial",
  "engineId",
  "chassisMac",
  "mac",
  "lldpChassisId",
  "machineId",
  "fqdn",
  "hostname",
  "ip",
] as const; // biome format: keep as a table
export const keyKindSchema = z.enum(keyKinds);
export type KeyKind = z.infer<typeof keyKindSchema>;

export const subjectKeySchema = z.object({
  kind: keyKindSchema,
  value: shortText.min(1),
  /** For serials, which are unique within a vendor only; lower case. */
  vendor: optional(shortText),
});
export type SubjectKey = z.infer<typeof subjectKeySchema>;

/** What an observation is about. `id` is the observer's own lasting name for it: "self", "mac:…", "ip:…". */
export const subjectSchema = z.object({
  id: shortText.min(1),
  realm: shortText,
  keys: z.array(subjectKeySchema).max(256),
});
export type Subject = z.infer<typeof subjectSchema>;

/** How something was learned. */
export const methods = [
  "local",
  "arp",
  "ndp",
  "icmp",
  "tcp",
  "udp",
  "snmp",
  "mdns",
  "ssdp",
  "netbios",
  "rdns",
  "neighbours",
  "router-arp",
  "fdb",
  "lldp",
  "cdp",
  "dhcp",
  "wireless",
  "session",
] as const; // biome format: keep as a table
export const methodSchema = z.enum(methods);
export type Method = z.infer<typeof methodSchema>;

/**
 * Light proof of life: this subject was there, seen so, at that time. `about` says what a second-hand source saw:
 * a router's ARP row or a switch's FDB row is that device's word, with `via` naming it.
 */
export const sightingSchema = z.object({
  subject: subjectSchema,
  method: methodSchema,
  observedAtMs: epochMs,
  interface: optional(shortText),
  latencyMs: optional(z.number().min(0)),
  via: optional(shortText),
  detail: optional(z.record(shortText, shortText)),
});
export type Sighting = z.infer<typeof sightingSchema>;
