import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/**
 * Canonical form and hashes, apart from the sections' schemas: whoever only counts, compares and carries (an agent at rest)
 * need not hold those in memory.
 */

type Item = Readonly<Record<string, unknown>>;

const nfc = (value: unknown): unknown => {
  if (typeof value === "string") return value.normalize("NFC");
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(nfc);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).flatMap(([k, v]) => (v === undefined ? [] : [[k.normalize("NFC"), nfc(v)]])),
    );
  }
  return value;
};

/** RFC 8785 JSON, with bigint as text, NFC text, and undefined fields left out. */
export const canonicalJson = (value: unknown): string => canonicalize(nfc(value)) ?? "null";

/** First 16 bytes of SHA-256, as 32 hex digits: the hash of this protocol. */
export const hash16 = (data: string | Uint8Array): string =>
  createHash("sha256").update(data).digest("hex").slice(0, 32);

export const itemHash = (item: Item): string => hash16(canonicalJson(item));

/** By bytes of their UTF-8 form, which is the order of code points, not of UTF-16 units. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * Hash of a section: SHA-256 over its items' hashes in the order of their keys, each as "key NUL hash LF".
 * Two levels, so that whoever keeps the items' hashes can check a delta without the items' contents.
 */
export const hashOfItems = (hashes: ReadonlyMap<string, string>): string => {
  const hash = createHash("sha256");
  for (const key of [...hashes.keys()].sort(compareKeys)) hash.update(`${key}\0${hashes.get(key)}\n`);
  return hash.digest("hex").slice(0, 32);
};

/** Hash over named hashes: sections of a stream, or streams of an agent. */
export const rootHash = (hashes: ReadonlyMap<string, string>): string => hashOfItems(hashes);

/** A stream is one observer's view of one subject by one source: ("local", "self"), ("snmp", "mac:…"). Its id is "source/subject". */
export const streamId = (source: string, subjectId: string): string => `${source}/${subjectId}`;
