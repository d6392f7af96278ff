import type { Database } from "../sqlite/database.ts";
import { savedQueryTable } from "../sqlite/queries.ts";
import type { SavedQueryRow } from "../store.ts";

/** Those that everybody sees, and this owner's own, by name. */
export const readSavedQueries = (db: Database, owner: string): readonly SavedQueryRow[] =>
  savedQueryTable.all(db, "WHERE shared = 1 OR owner = ? ORDER BY name COLLATE NOCASE, query_id", owner);
