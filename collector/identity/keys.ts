import { lookup } from "../../shared/lookup.ts";
import { isLocallyAdministered, isUsableMac, type MacAddress, parseMac } from "../../shared/mac.ts";
import type { KeyKind, SubjectKey } from "../../shared/protocol/observation.ts";

/** How far a key alone may carry: strong keys name a device everywhere, weak ones something within their realm. */
export type Strength = "agent" | "hardware" | "network" | "name" | "address";

const strengths: Readonly<Record<KeyKind, Strength>> = {
  agent: "agent",
  hardwareUuid: "hardware",
  serial: "hardware",
  engineId: "hardware",
  chassisMac: "hardware",
  mac: "network",
  lldpChassisId: "network",
  machineId: "network",
  fqdn: "name",
  hostname: "name",
  ip: "address",
};

export const strengthOf = (key: SubjectKey): Strength => strengths[key.kind];

/** What makers leave in when they forget to fill in: such a value names thousands of devices. Compared in lower case. */
const placeholderValues: ReadonlySet<string> = new Set([
  "0",
  "none",
  "n/a",
  "na",
  "null",
  "unknown",
  "default string",
  "default",
  "not specified",
  "not available",
  "not applicable",
  "system serial number",
  "serial number",
  "to be filled by o.e.m.",
  "to be filled by oem",
  "o.e.m.",
  "oem",
  "chassis serial number",
  "base board serial number",
  "empty",
  "invalid",
  "xxxxxxxx",
  "123456789",
  "1234567890",
  "0123456789",
]);

/** UUIDs seen on whole product lines, besides those of one repeated digit. */
const placeholderUuids: ReadonlySet<string> = new Set([
  "03000200-0400-0500-0006-000700080009",
  "00020003-0004-0005-0006-000700080009",
  "12345678-1234-5678-90ab-cddeefaabbcc",
]);

/** "0123456789", "12345678", "ABCDEFGH": what is typed to fill a field. */
const isCounting = (text: string): boolean =>
  text.length > 3 &&
  ["01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "9876543210"].some((row) => row.includes(text));

const isRepeated = (text: string): boolean => /^(.)\1*$/.test(text.replace(/[-:. ]/g, ""));

/**
 * Prefixes of addresses that move between devices by design: VRRP and CARP (RFC 5798), HSRP versions 1, 2 and for IPv6, GLBP,
 * Windows NLB (02:bf, and 02:01 to 02:20 for its hosts), FortiGate and Palo Alto clusters.
 */
const sharedMac =
  /^(00:00:5e:00:0[12]|00:00:0c:07:ac|00:00:0c:9f:f|00:05:73:a0:0|00:07:b4:00|02:bf:|00:09:0f:09:|00:1b:17:00:01:)/;

/**
 * Addresses that software gives to every host alike: Docker's bridge (made of the container's IPv4 address), the host side of
 * VMware's and VirtualBox's networks, VPN clients (Cisco, Juniper), Npcap's loopback, PPP.
 */
const everywhereMac =
  /^(02:42:|00:50:56:c0:00:0[0-9a-f]|0a:00:27:00:00:|00:05:9a:3c:7[a-f]:00|02:05:85:7f:eb:80|02:00:4c:4f:4f:50|00:53:45:00:00:00)/;

export const isSharedMac = ({ kind, value }: SubjectKey): boolean =>
  (kind === "mac" || kind === "chassisMac") && sharedMac.test(value);

/** No key of a well-meaning device has one; SQL's text functions stop at NUL. */
const hasControl = (text: string): boolean => /\p{Cc}/u.test(text);

/** Nearly all there are, and each is asked about many times. */
const canonicalMac = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

/** A value that says nothing about which device this is. */
export const isJunk = ({ kind, value }: SubjectKey): boolean => {
  const text = value.trim().toLowerCase();
  if (hasControl(text)) return true;
  switch (kind) {
    case "serial":
      return text.length < 3 || placeholderValues.has(text) || isRepeated(text) || isCounting(text);
    case "hardwareUuid":
      return isRepeated(text) || placeholderUuids.has(text);
    case "mac":
    case "chassisMac": {
      const mac = canonicalMac.test(text) ? (text as MacAddress) : parseMac(text);
      return mac === undefined || !isUsableMac(mac) || sharedMac.test(mac) || everywhereMac.test(mac);
    }
    case "machineId":
      return text.length < 8 || isRepeated(text);
    case "hostname":
    case "fqdn":
      return text === "" || text === "localhost" || text.startsWith("localhost.");
    case "ip":
      return /^(127\.|::1$|0\.0\.0\.0$|::$|169\.254\.|fe80:)/.test(text);
    default:
      return text === "";
  }
};

/** Set by software: names an interface for a time, and no device by itself. */
export const isSoftMac = ({ kind, value }: SubjectKey): boolean => {
  if (kind !== "mac") return false;
  // Canonical values are nearly all there are, and this is asked of each of them many times.
  if (value.length === 17 && value[2] === ":") return "2367abefABEF".includes(value[1] as string);
  const mac = parseMac(value);
  return mac !== undefined && isLocallyAdministered(mac);
};

/** Spellings of one maker in firmware, SNMP and operating systems. */
const makers: Readonly<Record<string, string>> = {
  "hewlett-packard": "hp",
  "hewlett packard": "hp",
  "hewlett packard enterprise": "hpe",
  asustek: "asus",
  "asustek computer": "asus",
};

/** A maker's name without its legal form: "Dell Inc." and "dell" give serials of one range. */
export const vendorKey = (vendor: string): string => {
  const bare = vendor
    .trim()
    .toLowerCase()
    .replace(/[\s,.]+/g, " ")
    .replace(/( (inc|corp|corporation|co|ltd|limited|gmbh|ag|llc|systems|technologies|technology|computer))+ *$/, "")
    .trim();
  return lookup(makers, bare) ?? bare;
};

const isIgnored = (one: SubjectKey, key: SubjectKey): boolean =>
  one.kind === key.kind &&
  one.value.toLowerCase() === key.value.toLowerCase() &&
  (one.vendor === undefined || vendorKey(one.vendor) === key.vendor);

const isSame = (a: SubjectKey, b: SubjectKey): boolean =>
  a.value === b.value && a.kind === b.kind && (a.vendor ?? "") === (b.vendor ?? "");

/** Keys worth storing, each once, vendors in one spelling. `ignore`: what says nothing at this site, whoever's serial it is. */
export const usefulKeys = (keys: readonly SubjectKey[], ignore: readonly SubjectKey[] = []): SubjectKey[] => {
  const useful: SubjectKey[] = [];
  // There are few in an observation (16 of what others see, 256 of an agent's own): looking through them costs less than naming each.
  const add = (key: SubjectKey) => {
    if (!useful.some((known) => isSame(known, key))) useful.push(key);
  };
  for (const raw of keys) {
    if (isJunk(raw)) continue;
    const vendor = raw.vendor === undefined ? undefined : vendorKey(raw.vendor);
    const key = vendor === raw.vendor ? raw : { ...raw, vendor: vendor as string };
    if (ignore.length > 0 && ignore.some((one) => isIgnored(one, key))) continue;
    add(key);
    // A bridge's address is heard on the wire like any other: others know it as a MAC.
    if (key.kind === "chassisMac") add({ kind: "mac", value: key.value });
  }
  return useful;
};

export const describeKey = ({ kind, value }: SubjectKey): string => `${kind} ${value}`;

/** Names an agent's key and, for copies of its state, which of them. */
export const agentKeyOf = (agentId: string, instance: number): SubjectKey => ({
  kind: "agent",
  value: instance === 0 ? agentId : `${agentId}#${instance}`,
});

/** The realm with which a key is stored: those weaker than hardware mean something there only. */
export const scopeOf = (key: SubjectKey, realm: string): string =>
  strengthOf(key) === "address" || strengthOf(key) === "name" || key.kind === "mac" ? realm : "";
