/** What is known of a device while it is being identified: a read-only view on the varbinds read so far. Pure. */
import { decodeBytes, decodeOid, decodeText, indexOf, toColonHex } from "../decode.ts";
import { compareOids, isBelow, type Varbind } from "../reader.ts";
import type { EntityRow } from "./entity.ts";
import { cleanValue } from "./hygiene.ts";

export const systemOids = {
  sysDescr: "1.3.6.1.2.1.1.1.0",
  sysObjectID: "1.3.6.1.2.1.1.2.0",
  sysContact: "1.3.6.1.2.1.1.4.0",
  sysName: "1.3.6.1.2.1.1.5.0",
  sysLocation: "1.3.6.1.2.1.1.6.0",
  sysServices: "1.3.6.1.2.1.1.7.0",
} as const;

export type Row = { readonly oid: string; readonly index: string; readonly text: string };

export type Facts = {
  /** One line, white space folded; "" if there is none. */
  readonly sysDescr: string;
  /** The first of several lines: many put the model there, and the system below it. */
  readonly firstLine: string | undefined;
  readonly sysObjectID: string | undefined;
  readonly sysName: string | undefined;
  /** Text of an instance; undefined if absent, empty, binary or junk ("n/a", "to be filled by O.E.M."). */
  readonly text: (oid: string) => string | undefined;
  /** Like `text`, but six octets that are no text come as a MAC address. */
  readonly address: (oid: string) => string | undefined;
  /** Rows of a walked subtree that hold text, in OID order. */
  readonly rows: (root: string) => readonly Row[];
  /** True if anything below the OID, or the OID itself, was read. */
  readonly has: (root: string) => boolean;
  readonly varbinds: () => readonly Varbind[];
  readonly entities: readonly EntityRow[];
};

/** A sysDescr longer than this is cut: the grammar's patterns need not meet more. */
const MAX_DESCRIPTION = 1024;

export const createFacts = (known: ReadonlyMap<string, Varbind>, entities: readonly EntityRow[] = []): Facts => {
  const raw = (oid: string) => cleanValue(decodeText(known.get(oid)));
  const sorted = [...known.values()].sort((a, b) => compareOids(a.oid, b.oid));
  const lines = (decodeText(known.get(systemOids.sysDescr)) ?? "")
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "");
  return {
    firstLine: lines.length > 1 ? cleanValue(lines[0]) : undefined,
    sysDescr: (decodeText(known.get(systemOids.sysDescr)) ?? "")
      .slice(0, MAX_DESCRIPTION)
      .replace(/\s+/g, " ")
      .replace(/^\s*\\?"(.*?)(\\?")?\s*$/, "$1")
      .trim(),
    sysObjectID: decodeOid(known.get(systemOids.sysObjectID)),
    sysName: raw(systemOids.sysName),
    text: raw,
    address: (oid) => {
      const bytes = decodeBytes(known.get(oid));
      return bytes?.length === 6 ? toColonHex(bytes) : raw(oid);
    },
    rows: (root) =>
      sorted.flatMap((varbind) => {
        if (!isBelow(varbind.oid, root)) return [];
        const text = cleanValue(decodeText(varbind));
        const index = indexOf(varbind.oid, root);
        return text === undefined || index === undefined ? [] : [{ oid: varbind.oid, index: index.join("."), text }];
      }),
    has: (root) => sorted.some((varbind) => varbind.oid === root || isBelow(varbind.oid, root)),
    varbinds: () => sorted,
    entities,
  };
};
