import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { type SectionName, sections } from "./sections.ts";

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

const escapePart = (part: unknown): string =>
  part === undefined ? "" : String(part).normalize("NFC").replace(/[\\|]/g, "\\$&");

/** The text that names an item within its collection: its key fields joined by "|". A value section has the one key "". */
export const itemKey = (section: SectionName, item: Item): string =>
  sections[section].key.map((field) => escapePart(item[field])).join("|");

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

/** The items of a section by key; for a value section one item under "". A later item with the same key wins. */
export const toItems = (section: SectionName, content: unknown): Map<string, Item> => {
  if (sections[section].kind === "value") return new Map([["", content as Item]]);
  return new Map((content as readonly Item[]).map((item) => [itemKey(section, item), item]));
};

export const sectionHash = (section: SectionName, content: unknown): string =>
  hashOfItems(new Map([...toItems(section, content)].map(([key, item]) => [key, itemHash(item)])));

/** Hash over named hashes: sections of a stream, or streams of an agent. */
export const rootHash = (hashes: ReadonlyMap<string, string>): string => hashOfItems(hashes);
