import { z } from "zod";
import { RollcallError } from "../../../shared/errors.ts";
import type { Page } from "../reads.ts";

/**
 * A cursor is the place after the last row of a page: the values it was sorted by, and its id. It stays true while rows are
 * added before or after it. `list` names the list it belongs to (with its order), so that it isn't taken for another's.
 */
export type Place = { readonly list: string; readonly after: readonly (string | number)[] };

const MAX_CURSOR_CHARS = 1_024;
const placeSchema = z.tuple([z.string().max(64), z.array(z.union([z.string().max(512), z.number()])).max(4)]);

export const encodeCursor = ({ list, after }: Place): string =>
  Buffer.from(JSON.stringify([list, after])).toString("base64url");

/** @throws RollcallError `reads.cursor` */
export const decodeCursor = (cursor: string | undefined, list: string, parts: number): Place["after"] | undefined => {
  if (cursor === undefined || cursor === "") return undefined;
  const refuse = (cause?: unknown) =>
    new RollcallError(
      "reads.cursor",
      "the cursor is not one that this list gave out with these filters and this order",
      {
        cause,
      },
    );
  if (cursor.length > MAX_CURSOR_CHARS) throw refuse();
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch (error) {
    throw refuse(error);
  }
  const parsed = placeSchema.safeParse(json);
  if (!parsed.success || parsed.data[0] !== list || parsed.data[1].length !== parts) throw refuse();
  return parsed.data[1];
};

/** Cuts a result that was asked for one row too many, and says where the next page begins. */
export const toPage = <R, T>(
  rows: readonly R[],
  limit: number,
  toItem: (row: R) => T,
  placeOf: (row: R) => Place,
): Page<T> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(toItem);
  return rows.length > limit && last !== undefined ? { items, next: encodeCursor(placeOf(last)) } : { items };
};
