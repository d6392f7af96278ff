import { type Book, bookFields, isBookField } from "../../shared/model/book.ts";
import type { AssetRow } from "../store/store.ts";

/**
 * What people wrote of an asset. Nobody observes it, so that what is written is what is locked, and to release a field is to
 * empty it.
 */
const bookOf = (field: (name: keyof Book) => string | undefined): Book =>
  Object.fromEntries(bookFields.map((name) => [name, field(name)] as const).filter(([, value]) => value !== undefined));

/** An asset of which nothing is written has no book. */
export const withBook = ({ book: _, ...row }: AssetRow, book: Book): AssetRow =>
  Object.keys(book).length === 0 ? row : { ...row, book: bookOf((name) => book[name]) };

/** Fields that a person set, those of the book among them. */
export const lockedOf = ({ locked, book = {} }: Pick<AssetRow, "locked" | "book">): string[] =>
  [...locked, ...Object.keys(book)].sort();

/** A field that a person can set, wherever it lies. */
export const editable = (row: AssetRow, field: string): unknown =>
  isBookField(field) ? row.book?.[field] : row[field as keyof AssetRow];

export const withoutFields = (book: Book, fields: readonly string[]): Book =>
  bookOf((name) => (fields.includes(name) ? undefined : book[name]));

/** After an undo: a field goes back to what it was only where it still is what the decision made of it. */
export const restoredBook = (now: Book = {}, before: Book = {}, after: Book = {}): Book =>
  bookOf((name) => (now[name] === after[name] ? before[name] : now[name]));
