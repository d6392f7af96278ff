import { hashOfItems, itemHash } from "./hash.ts";
import { type SectionName, sections } from "./sections.ts";

export { canonicalJson, compareKeys, hash16, hashOfItems, itemHash, rootHash } from "./hash.ts";

type Item = Readonly<Record<string, unknown>>;

/** Printable ASCII with nothing to escape: nearly all there is, at a fraction of the cost. */
const isPlainPart = (part: unknown): part is string =>
  typeof part === "string" && /^[\x20-\x5b\x5d-\x7b\x7d\x7e]*$/.test(part);

const escapePart = (part: unknown): string => {
  if (part === undefined) return "";
  return isPlainPart(part) ? part : String(part).normalize("NFC").replace(/[\\|]/g, "\\$&");
};

/** The text that names an item within its collection: its key fields joined by "|". A value section has the one key "". */
export const itemKey = (section: SectionName, item: Item): string =>
  sections[section].key.map((field) => escapePart(item[field])).join("|");

/** The items of a section by key; for a value section one item under "". A later item with the same key wins. */
export const toItems = (section: SectionName, content: unknown): Map<string, Item> => {
  if (sections[section].kind === "value") return new Map([["", content as Item]]);
  return new Map((content as readonly Item[]).map((item) => [itemKey(section, item), item]));
};

export const sectionHash = (section: SectionName, content: unknown): string =>
  hashOfItems(new Map([...toItems(section, content)].map(([key, item]) => [key, itemHash(item)])));
