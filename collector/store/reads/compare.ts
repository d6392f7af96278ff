import { toTimestamp } from "../../../shared/clock.ts";
import { bookFields } from "../../../shared/model/book.ts";
import type { Comparison, ComparisonRow } from "../../../shared/model/then.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import { editable } from "../../record/book.ts";
import { diff } from "../../record/diff.ts";
import type { CompareQuery } from "../reads.ts";
import type { Database } from "../sqlite/database.ts";
import type { AssetRow } from "../store.ts";
import { decodeCursor, encodeCursor } from "./page.ts";
import { readThen, type Then } from "./then.ts";

/** Fields of the asset's own that are compared: those that no section holds. As in changes, they are of the notes. */
const ownFields = ["name", "type", "lifecycle", "criticality", "site", "realm", ...bookFields] as const;

const compareOwn = (left: AssetRow, right: AssetRow): ComparisonRow[] =>
  ownFields
    .map((field) => ({ field, was: editable(left, field), is: editable(right, field) }))
    .filter(({ was, is }) => was !== is)
    .map(({ field, was, is }) => ({
      ...{ kind: "changed", section: "notes", itemKey: "asset", field },
      ...(was !== undefined && { left: was }),
      ...(is !== undefined && { right: is }),
      weight: field === "lifecycle" ? "high" : "normal",
    }));

const compareSection = (section: SectionName, left: Then, right: Then): ComparisonRow[] => {
  const [before, after] = [left, right].map((side) => side.sections.find((one) => one.section === section));
  if (before?.hash === after?.hash) return [];
  return diff(section, before?.items() ?? new Map(), after?.items() ?? new Map()).map(
    ({ before: was, after: is, ...difference }) => ({
      ...difference,
      ...(was !== undefined && { left: was }),
      ...(is !== undefined && { right: is }),
    }),
  );
};

const toSide = ({ row, atMs, knownFromMs }: Then): Comparison["left"] => ({
  assetId: row.assetId,
  name: row.name,
  at: toTimestamp(atMs),
  knownFrom: toTimestamp(knownFromMs),
});

/**
 * What differs from the left side to the right one, by section, item and field. A side without a time is taken as of the first
 * page's: the cursor holds both times, so that all pages are of one comparison.
 *
 * @throws RollcallError `reads.then`, `reads.cursor`
 */
export const readComparison = (
  db: Database,
  { left, right, section, limit, cursor }: CompareQuery,
  nowMs: number,
): Comparison | undefined => {
  const list = "compare";
  const [leftAt = left.atMs ?? nowMs, rightAt = right.atMs ?? nowMs, from = 0] = decodeCursor(cursor, list, 3) ?? [];
  const before = readThen(db, left.assetId, Number(leftAt));
  const after = readThen(db, right.assetId, Number(rightAt));
  if (!before || !after) return undefined;
  const both = [...before.sections, ...after.sections].map((one) => one.section);
  const names = [...new Set<SectionName>(both)]
    .sort()
    .filter((name) => section === undefined || section.includes(name));
  const own = section === undefined || section.includes("notes") ? compareOwn(before.row, after.row) : [];
  const all = [...own, ...names.flatMap((name) => compareSection(name, before, after))];
  const until = Number(from) + limit;
  return {
    left: toSide(before),
    right: toSide(after),
    total: all.length,
    items: all.slice(Number(from), until),
    ...(until < all.length && { next: encodeCursor({ list, after: [leftAt, rightAt, until] }) }),
  };
};
