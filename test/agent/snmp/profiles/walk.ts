/** A small hand-made walk: OIDs ("E." is 1.3.6.1.4.1) and texts, numbers, OIDs ({ oid }) or octets. */

import { toOid } from "../../../../agent/snmp/profiles/profile.ts";
import { compareOids, type DeviceReader, tags, type Varbind } from "../../../../agent/snmp/reader.ts";
import { createRecordReader } from "../../../support/snmp-record-reader.ts";

export type Value = string | number | { readonly oid: string } | Uint8Array;

export const toVarbind = (oid: string, value: Value): Varbind => {
  if (typeof value === "number") return { oid, type: tags.integer, value };
  if (value instanceof Uint8Array) return { oid, type: tags.octetString, value };
  if (typeof value === "string") return { oid, type: tags.octetString, value: Buffer.from(value) };
  return { oid, type: tags.oid, value: toOid(value.oid) };
};

/** The system group and the objects given. */
export const device = (
  system: { readonly sysObjectID?: string; readonly sysDescr?: string; readonly sysName?: string },
  objects: Readonly<Record<string, Value>> = {},
): readonly Varbind[] => {
  const all: Record<string, Value> = { ...objects };
  if (system.sysDescr !== undefined) all["1.3.6.1.2.1.1.1.0"] = system.sysDescr;
  if (system.sysObjectID) all["1.3.6.1.2.1.1.2.0"] = { oid: system.sysObjectID };
  if (system.sysName !== undefined) all["1.3.6.1.2.1.1.5.0"] = system.sysName;
  return Object.entries(all)
    .map(([oid, value]) => toVarbind(toOid(oid), value))
    .sort((a, b) => compareOids(a.oid, b.oid));
};

export const readerOf = (varbinds: readonly Varbind[]): DeviceReader => createRecordReader(varbinds);
