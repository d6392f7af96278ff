import type { Clock } from "../../shared/clock.ts";
import { createSqliteReads } from "./reads/sqlite.ts";
import type { Reads } from "./reads.ts";
import { openDatabase } from "./sqlite/database.ts";

/** The read side over a connection of its own, which can't write; the store has migrated the database before. */
export const openSqliteReads = (
  path: string,
  { clock }: { readonly clock: Clock },
): { readonly reads: Reads; readonly close: () => void } => {
  const db = openDatabase(path, { readOnly: true });
  return { reads: createSqliteReads(db, { clock }), close: db.close };
};
