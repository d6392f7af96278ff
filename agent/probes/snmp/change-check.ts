/**
 * Whether a device may have changed since it was read in full: a handful of scalars, one request. RFC 2863's ifTableLastChange
 * and RFC 6933's entLastChangeTime say when interfaces and components last came or went; a smaller sysUpTime says that the
 * device restarted.
 */
import { z } from "zod";
import { count, epochMs, ipText, optional, shortText } from "../../../shared/protocol/text.ts";
import { decodeNumber, decodeText } from "../../snmp/decode.ts";
import { entLastChangeTime } from "../../snmp/mibs/entity-mib.ts";
import { ifTableLastChange } from "../../snmp/mibs/if-mib.ts";
import { sysDescr, sysName, sysObjectID, sysUpTime } from "../../snmp/mibs/snmpv2-mib.ts";
import type { DeviceReader } from "../../snmp/reader.ts";

const ifNumber = "1.3.6.1.2.1.2.1.0";
/** Compared as they are. */
const signs = [sysDescr, sysObjectID, sysName, ifNumber, ifTableLastChange, entLastChangeTime];

/** A device with more (a provider's router) answers from one of the first, or from where it was asked. */
export const MAX_ADDRESSES = 64;

/** What is kept of a device between rounds; small, and serialisable since rounds run in processes of their own. */
export const deviceStateSchema = z.object({
  /** Name of the credential that worked. */
  credential: shortText,
  fullAtMs: epochMs,
  readAtMs: epochMs,
  /** sysUpTime in hundredths of a second at `readAtMs`. */
  upTime: optional(count),
  signs: z.record(shortText, z.string().max(4_096)),
  /** Addresses of its own, from which it may answer as well as from the one that is asked. */
  addresses: optional(z.array(ipText).max(MAX_ADDRESSES)),
});
export type DeviceState = z.infer<typeof deviceStateSchema>;

export type Signs = Pick<DeviceState, "upTime" | "signs">;

export const readSigns = async (reader: DeviceReader): Promise<Signs> => {
  const values = await reader.get([...signs, sysUpTime]);
  const upTime = decodeNumber(values.get(sysUpTime));
  const found = Object.fromEntries(
    signs.flatMap((oid) => {
      const text = decodeText(values.get(oid));
      return text === undefined ? [] : [[oid, text.slice(0, 4_096)] as const];
    }),
  );
  return upTime === undefined || upTime < 0 ? { signs: found } : { upTime, signs: found };
};

/**
 * True where only the tables that live (ARP, FDB, neighbours, supplies) need to be read. Without ifTableLastChange or
 * entLastChangeTime the device cannot say that it stayed as it was, so it is read in full.
 */
export const isUnchanged = (before: DeviceState, now: Signs, nowMs: number, fullEveryMs: number): boolean => {
  if (nowMs - before.fullAtMs >= fullEveryMs) return false;
  if (now.signs[ifTableLastChange] === undefined && now.signs[entLastChangeTime] === undefined) return false;
  if (signs.some((oid) => before.signs[oid] !== now.signs[oid])) return false;
  if (before.upTime === undefined || now.upTime === undefined) return false;
  // Hundredths; a restart in between leaves less than has passed. A tenth is allowed for clocks that differ.
  return now.upTime - before.upTime >= ((nowMs - before.readAtMs) / 10) * 0.9;
};
