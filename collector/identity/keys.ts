import { isLocallyAdministered, isUsableMac, parseMac } from "../../shared/mac.ts";
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

const isRepeated = (text: string): boolean => /^(.)\1*$/.test(text.replace(/[-:. ]/g, ""));

/** Prefixes of addresses that move between devices by design: VRRP (RFC 5798), HSRP versions 1 and 2. */
const sharedMac = /^(00:00:5e:00:0[12]|00:00:0c:07:ac|00:00:0c:9f:f)/;

/** No key of a well-meaning device has one; SQL's text functions stop at NUL. */
const hasControl = (text: string): boolean => /\p{Cc}/u.test(text);

/** A value that says nothing about which device this is. */
export const isJunk = ({ kind, value }: SubjectKey): boolean => {
  const text = value.trim().toLowerCase();
  if (hasControl(text)) return true;
  switch (kind) {
    case "serial":
      return text.length < 3 || placeholderValues.has(text) || isRepeated(text);
    case "hardwareUuid":
      return isRepeated(text) || placeholderUuids.has(text);
    case "mac":
    case "chassisMac": {
      const mac = parseMac(text);
      return mac === undefined || !isUsableMac(mac) || sharedMac.test(mac);
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
  const mac = kind === "mac" ? parseMac(value) : undefined;
  return mac !== undefined && isLocallyAdministered(mac);
};

/** Keys worth storing, each once. */
export const usefulKeys = (keys: readonly SubjectKey[]): SubjectKey[] => {
  const seen = new Map<string, SubjectKey>();
  for (const key of keys) if (!isJunk(key)) seen.set(`${key.kind}|${key.vendor ?? ""}|${key.value}`, key);
  return [...seen.values()];
};

/** Names an agent's key and, for copies of its state, which of them. */
export const agentKeyOf = (agentId: string, instance: number): SubjectKey => ({
  kind: "agent",
  value: instance === 0 ? agentId : `${agentId}#${instance}`,
});
