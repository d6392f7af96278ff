import { lowerAscii } from "../../query/fold.ts";
import type { SqlValue } from "../sqlite/database.ts";

/** Conditions with their parameters, in order: every value of a request travels as a parameter, never as SQL. */
export type Filter = {
  readonly and: (sql: string, ...params: SqlValue[]) => void;
  /** `column IN (...)`; nothing for an absent list, no row at all for an empty one. */
  readonly oneOf: (column: string, values: readonly SqlValue[] | undefined) => void;
  /** "WHERE …", or nothing. */
  readonly where: () => string;
  readonly params: () => SqlValue[];
};

export const createFilter = (): Filter => {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  const and: Filter["and"] = (sql, ...params) => {
    conditions.push(sql);
    values.push(...params);
  };
  return {
    and,
    oneOf: (column, list) => {
      if (list === undefined) return;
      if (list.length === 0) return and("0");
      and(`${column} IN (${list.map(() => "?").join(", ")})`, ...list);
    },
    where: () => (conditions.length === 0 ? "" : `WHERE ${conditions.map((c) => `(${c})`).join(" AND ")}`),
    params: () => values,
  };
};

/** What a person typed, as words; all must be found. Bounded: more words than that are a paste, not a search. */
export const searchWords = (text: string | undefined): readonly string[] =>
  (text ?? "")
    .split(/\s+/)
    .filter((word) => word !== "")
    .slice(0, 8);

/**
 * A GLOB that finds the word anywhere, taken literally. GLOB and not LIKE, since LIKE's ESCAPE keeps SQLite from using the
 * index of trigrams.
 */
export const globOf = (word: string): string => `*${lowerAscii(word).replace(/[*?[]/g, "[$&]")}*`;
