import { RollcallError } from "../../../shared/errors.ts";
import type { Page } from "../reads.ts";
import type { SqlValue } from "./database.ts";

/**
 * Cursors name the last row of a page by what it was sorted by, so that rows added meanwhile neither repeat nor hide
 * others. They are JSON in base64url: opaque to clients, and bounded.
 */
export const encodeCursor = (place: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify(place)).toString("base64url");

/** @throws RollcallError `reads.cursor` */
export const decodeCursor = (cursor: string | undefined, length: number): SqlValue[] | undefined => {
  if (cursor === undefined) return undefined;
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor.slice(0, 2_000), "base64url").toString());
    if (
      Array.isArray(place) &&
      place.length === length &&
      place.every((part) => part === null || typeof part === "string" || typeof part === "number")
    )
      return place as SqlValue[];
  } catch {
    // Falls through: whatever it was, it is none of ours.
  }
  throw new RollcallError("reads.cursor", "the cursor is not one that this collector gave: start from the first page");
};

export const MAX_PAGE = 1_000;
export const pageSize = (limit: number): number => Math.min(MAX_PAGE, Math.max(1, Math.trunc(limit)));

/** @param rows one more than the page holds, where there is a next page. */
export const toPage = <R, T>(
  rows: readonly R[],
  limit: number,
  toItem: (row: R) => T,
  place: (row: R) => readonly (string | number | null)[],
): Page<T> => {
  const page = rows.slice(0, pageSize(limit));
  const last = page.at(-1);
  return {
    items: page.map(toItem),
    ...(rows.length > page.length && last !== undefined ? { next: encodeCursor(place(last)) } : {}),
  };
};

/** Conditions of a WHERE with their parameters, in order. */
export const createFilter = () => {
  const conditions: string[] = [];
  const params: SqlValue[] = [];
  return {
    add: (condition: string, ...values: SqlValue[]) => {
      conditions.push(condition);
      params.push(...values);
    },
    /** An absent list allows everything, an empty one nothing. */
    oneOf: (column: string, values: readonly (string | number)[] | undefined) => {
      if (values === undefined) return;
      conditions.push(values.length === 0 ? "false" : `${column} IN (${values.map(() => "?").join(", ")})`);
      params.push(...values);
    },
    where: () => (conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`),
    params: () => params,
  };
};

/** For LIKE ... ESCAPE '\': the text anywhere. */
export const anywhere = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
