import { hash as hashOnce } from "node:crypto";
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

/** Text that is its own NFC form, and whose UTF-16 order is that of its code points. */
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** Printable ASCII without what JSON escapes. */
const isPlainJson = (json: string): boolean => /^[\x20-\x5b\x5d-\x7e]*$/.test(json);

const isFlat = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "boolean" || value === undefined || Number.isFinite(value);

/**
 * The same for what nearly every item is, a flat object of plain text, numbers and switches, at a fraction of the cost;
 * undefined for everything else. ECMAScript writes such values as RFC 8785 wants them.
 */
const flatJson = (item: object): string | undefined => {
  const names = Object.keys(item);
  let isSorted = true;
  for (let i = 0; i < names.length; i++) {
    if (!isFlat((item as Item)[names[i] as string])) return undefined;
    // An object keeps names that are whole numbers in an order of its own.
    if (/^[0-9]/.test(names[i] as string)) return undefined;
    if (i > 0 && (names[i - 1] as string) > (names[i] as string)) isSorted = false;
  }
  const json = JSON.stringify(
    isSorted ? item : Object.fromEntries(names.sort().map((name) => [name, (item as Item)[name]])),
  );
  return isPlainJson(json) ? json : undefined;
};

/** RFC 8785 JSON, with bigint as text, NFC text, and undefined fields left out. */
export const canonicalJson = (value: unknown): string => {
  const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
  return (isObject ? flatJson(value) : undefined) ?? canonicalize(nfc(value)) ?? "null";
};

/** First 16 bytes of SHA-256, as 32 hex digits: the hash of this protocol. */
export const hash16 = (data: string | Uint8Array): string => hashOnce("sha256", data, "hex").slice(0, 32);

export const itemHash = (item: Item): string => hash16(canonicalJson(item));

/** By bytes of their UTF-8 form, which is the order of code points, not of UTF-16 units. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * Hash of a section: SHA-256 over its items' hashes in the order of their keys, each as "key NUL hash LF".
 * Two levels, so that whoever keeps the items' hashes can check a delta without the items' contents.
 */
export const hashOfItems = (hashes: ReadonlyMap<string, string>): string => {
  const keys = [...hashes.keys()];
  const sorted = keys.every(isAscii) ? keys.sort() : keys.sort(compareKeys);
  return hash16(sorted.map((key) => `${key}\0${hashes.get(key)}\n`).join(""));
};

/** Hash over named hashes: sections of a stream, or streams of an agent. */
export const rootHash = (hashes: ReadonlyMap<string, string>): string => hashOfItems(hashes);

/** A stream is one observer's view of one subject by one source: ("local", "self"), ("snmp", "mac:…"). Its id is "source/subject". */
export const streamId = (source: string, subjectId: string): string => `${source}/${subjectId}`;
