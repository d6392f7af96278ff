import { z } from "zod";
import { optional } from "../protocol/text.ts";

/** What a person knows of an asset and no probe can see (design §5). All is text that stays text, on one line but for the note. */
const line = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, "one line of printable text");
/** A day without a time: "2027-03-31". */
const day = z.iso.date().regex(/^(19|20|21)/, "a day of the years 1900 to 2199");
/** Amount and currency in one, so that neither is without the other, and exact: "1299.00 EUR". */
const price = z.string().regex(/^\d{1,12}(\.\d{1,3})? [A-Z]{3}$/, "an amount and a currency, such as 1299.00 EUR");

export const bookShape = {
  owner: optional(line.describe("Who answers for it")),
  location: optional(line.describe("Where it stands: building, room, rack, desk")),
  inventoryNumber: optional(line.describe("What is on its label")),
  costCentre: optional(line),
  supplier: optional(line),
  orderNumber: optional(line),
  contract: optional(line.describe("Number of its maintenance contract or lease")),
  purchasedOn: optional(day),
  price: optional(price.describe("Amount and currency: 1299.00 EUR")),
  warrantyUntil: optional(day.describe("Last day of its warranty")),
  note: optional(z.string().trim().min(1).max(2_000)),
} as const; // biome format: keep as a table
export const bookSchema = z.strictObject(bookShape);
export type Book = z.infer<typeof bookSchema>;
export type BookField = keyof Book;

export const bookFields = Object.keys(bookShape) as readonly BookField[];
export const isBookField = (field: string): field is BookField => Object.hasOwn(bookShape, field);
