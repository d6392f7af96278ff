/** A `DeviceReader` over a recorded walk (snmprec text: `OID|TAG|VALUE` lines), in memory and without a network. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  compareOids,
  type DeviceReader,
  isBelow,
  tags,
  type Varbind,
  type VarbindValue,
} from "../../agent/snmp/reader.ts";

const toValue = (type: number, hex: boolean, text: string): VarbindValue => {
  switch (type) {
    case tags.octetString:
    case tags.opaque:
      return Buffer.from(text, hex ? "hex" : "latin1");
    case tags.null:
      return null;
    case tags.oid:
      return text.replace(/^\./, "");
    case tags.ipAddress:
      return hex ? [...Buffer.from(text, "hex")].join(".") : text;
    case tags.counter64:
      return BigInt(text);
    default:
      return Number(text);
  }
};

/** Varbinds of snmprec text, sorted, the first of equal OIDs. */
export const parseRecord = (text: string): readonly Varbind[] => {
  const out: Varbind[] = [];
  for (const line of text.split("\n")) {
    const match = /^(\d[\d.]*)\|(\d+)(x?)\|([^\r]*)\r?$/.exec(line);
    if (!match) continue;
    const [, oid, tag, hex, value] = match as unknown as [string, string, string, string, string];
    out.push({ oid, type: Number(tag), value: toValue(Number(tag), hex === "x", value) });
  }
  if (out.some((v, i) => i > 0 && compareOids(out[i - 1]!.oid, v.oid) > 0))
    out.sort((a, b) => compareOids(a.oid, b.oid));
  return out.filter((v, i) => i === 0 || out[i - 1]?.oid !== v.oid);
};

/** First index whose OID comes after `oid`. */
const after = (record: readonly Varbind[], oid: string): number => {
  let low = 0;
  let high = record.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareOids(record[middle]!.oid, oid) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const createRecordReader = (record: readonly Varbind[]): DeviceReader => {
  const byOid = new Map(record.map((v) => [v.oid, v]));
  const pick = (oids: readonly string[], find: (oid: string) => Varbind | undefined) => {
    const found = new Map<string, Varbind>();
    for (const oid of oids) {
      const varbind = find(oid);
      if (varbind) found.set(oid, varbind);
    }
    return Promise.resolve(found);
  };
  const reader: DeviceReader = {
    get: (oids) => pick(oids, (oid) => byOid.get(oid)),
    next: (oids) => pick(oids, (oid) => record[after(record, oid)]),
    walk: async (roots, { maxRows = 20_000 } = {}) => {
      const varbinds: Varbind[] = [];
      const truncated: { root: string; reason: "rows" }[] = [];
      for (const root of typeof roots === "string" ? [roots] : roots) {
        let taken = 0;
        for (let i = after(record, root); i < record.length && isBelow(record[i]!.oid, root); i++) {
          if (taken++ >= maxRows) {
            truncated.push({ root, reason: "rows" });
            break;
          }
          varbinds.push(record[i]!);
        }
      }
      return { varbinds, truncated };
    },
    inContext: () => createRecordReader([]),
  };
  return reader;
};

/** From a `.snmprec` or `.snmprec.gz` file. */
export const readRecordFile = (path: string): DeviceReader => {
  const data = readFileSync(path);
  return createRecordReader(parseRecord((path.endsWith(".gz") ? gunzipSync(data) : data).toString("latin1")));
};
