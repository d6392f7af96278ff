import { z } from "zod";
import { type SectionName, sections } from "../../shared/protocol/sections.ts";
import type { Item } from "../store/store.ts";

/** Fields of a section's schema that are text of bounded length and nothing else, and whether they must be there. */
type PlainFields = { readonly maxLength: ReadonlyMap<string, number>; readonly required: readonly string[] };

const plainFieldsOf = (schema: z.ZodObject): PlainFields => {
  const maxLength = new Map<string, number>();
  const required: string[] = [];
  for (const [name, field] of Object.entries(schema.shape)) {
    const isOptional = field instanceof z.ZodExactOptional;
    const inner: unknown = isOptional ? field.unwrap() : field;
    if (!isOptional) required.push(name);
    if (!(inner instanceof z.ZodString)) continue;
    const [only, ...others] = inner.def.checks ?? [];
    if (others.length === 0 && only?._zod.def.check === "max_length" && inner.maxLength !== null)
      maxLength.set(name, inner.maxLength);
  }
  return { maxLength, required };
};

const known = new Map<SectionName, PlainFields>();
const fieldsOf = (section: SectionName): PlainFields => {
  const fields = known.get(section) ?? plainFieldsOf(sections[section].schema);
  known.set(section, fields);
  return fields;
};

/**
 * Whether an item is surely what its section's schema asks for, found out at a tenth of the schema's cost: every field of
 * it is a known text within its bound, and none is missing. Whatever else it is, the schema itself must say.
 */
export const isPlainlyValid = (section: SectionName, item: Item): boolean => {
  const { maxLength, required } = fieldsOf(section);
  for (const name in item) {
    const value = item[name];
    if (typeof value !== "string" || value.length > (maxLength.get(name) ?? -1)) return false;
  }
  for (const name of required) if (item[name] === undefined) return false;
  return true;
};
