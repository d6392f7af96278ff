import { z } from "zod";
import type { Item } from "../../shared/protocol/items.ts";
import { type SectionName, sections } from "../../shared/protocol/sections.ts";

/** Items of any section, made from its schema: the same fields, with a first or a second value in each. */

const MAC = /^(mac|permanentMac|chassisMac)$/;
const ADDRESS = "address";

const inner = (schema: unknown): unknown => (schema instanceof z.ZodExactOptional ? schema.unwrap() : schema);

const sampleOf = (section: SectionName, field: string, schema: unknown, n: number): unknown => {
  const type = inner(schema);
  if (MAC.test(field)) return `00:1b:21:0e:00:0${n}`;
  if (field === ADDRESS && ["addresses", "listening", "arp"].includes(section)) return `10.9.0.${n + 1}`;
  if (type instanceof z.ZodEnum) return type.options[n];
  if (type instanceof z.ZodString) return `${field}-${n}`;
  if (type instanceof z.ZodNumber) return n + 1;
  if (type instanceof z.ZodBoolean) return n === 0;
  if (type instanceof z.ZodArray) return [`${field}-${n}`];
  if (field === "provenance") return { name: { method: `m${n}`, confidence: 1 } };
  throw new Error(`no sample for ${section}.${field}`);
};

/** Every field that the section's schema has. */
export const fieldsOfSection = (section: SectionName): string[] => Object.keys(sections[section].schema.shape);

export const sampleItem = (section: SectionName, n: number): Item =>
  Object.fromEntries(
    Object.entries(sections[section].schema.shape).map(([field, schema]) => [
      field,
      sampleOf(section, field, schema, n),
    ]),
  );
