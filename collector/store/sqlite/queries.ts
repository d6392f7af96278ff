import type { SavedQueryRepository, SavedQueryRow } from "../store.ts";
import type { Database } from "./database.ts";
import { defineTable, flag, plain } from "./table.ts";

export const savedQueryTable = defineTable<SavedQueryRow>(
  "saved_queries",
  {
    queryId: plain("query_id"),
    name: plain("name"),
    text: plain("text"),
    owner: plain("owner"),
    shared: flag("shared"),
    createdAtMs: plain("created_at"),
    updatedAtMs: plain("updated_at"),
    version: plain("version"),
  },
  ["queryId"],
);

export const createSavedQueryRepository = (db: Database): SavedQueryRepository => ({
  get: async (queryId) => savedQueryTable.get(db, "query_id = ?", queryId),
  put: async (row) => savedQueryTable.put(db, row),
  remove: async (queryId) => void db.run("DELETE FROM saved_queries WHERE query_id = ?", queryId),
  ofOwner: async (owner) => savedQueryTable.all(db, "WHERE owner = ? ORDER BY name COLLATE NOCASE", owner),
  sharedCount: async () => Number(db.get("SELECT count(*) AS n FROM saved_queries WHERE shared = 1")?.["n"]),
});
