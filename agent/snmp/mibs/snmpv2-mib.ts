/** SNMPv2-MIB (RFC 3418) system group and SNMP-FRAMEWORK-MIB (RFC 3411) engine. */
import { decodeBytes, decodeNumber, decodeOid, decodeText, toHex } from "../decode.ts";
import { compact, type Tables } from "../table.ts";

export const sysDescr = "1.3.6.1.2.1.1.1.0";
export const sysObjectID = "1.3.6.1.2.1.1.2.0";
export const sysUpTime = "1.3.6.1.2.1.1.3.0";
export const sysContact = "1.3.6.1.2.1.1.4.0";
export const sysName = "1.3.6.1.2.1.1.5.0";
export const sysLocation = "1.3.6.1.2.1.1.6.0";
export const sysServices = "1.3.6.1.2.1.1.7.0";
export const snmpEngineID = "1.3.6.1.6.3.10.2.1.1.0";
export const snmpEngineBoots = "1.3.6.1.6.3.10.2.1.2.0";

export const systemScalars = [
  sysDescr,
  sysObjectID,
  sysUpTime,
  sysContact,
  sysName,
  sysLocation,
  sysServices,
  snmpEngineID,
  snmpEngineBoots,
];

export type SystemGroup = {
  readonly sysDescr?: string;
  readonly sysObjectID?: string;
  /** Hundredths of a second; wraps after 497 days. */
  readonly sysUpTime?: number;
  readonly sysContact?: string;
  readonly sysName?: string;
  readonly sysLocation?: string;
  readonly sysServices?: number;
  readonly snmpEngineID?: string;
};

export const decodeSystem = (tables: Tables): SystemGroup =>
  compact({
    sysDescr: decodeText(tables.scalar(sysDescr)),
    sysObjectID: decodeOid(tables.scalar(sysObjectID)),
    sysUpTime: decodeNumber(tables.scalar(sysUpTime)),
    sysContact: decodeText(tables.scalar(sysContact)),
    sysName: decodeText(tables.scalar(sysName)),
    sysLocation: decodeText(tables.scalar(sysLocation)),
    sysServices: decodeNumber(tables.scalar(sysServices)),
    snmpEngineID: engineText(decodeBytes(tables.scalar(snmpEngineID))),
  });

/** RFC 3411: 5 to 32 octets, not all zero or all ones. */
const engineText = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && bytes.length >= 5 && bytes.length <= 32 && !bytes.every((b) => b === 0) && !bytes.every((b) => b === 255)
    ? toHex(bytes)
    : undefined;
