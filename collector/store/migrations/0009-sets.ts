/** Queries over assets that people keep, and the source package that a package was built from. */
export const sets = `
CREATE TABLE saved_queries (
  query_id TEXT PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL, owner TEXT NOT NULL, shared INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX saved_queries_by_name ON saved_queries (owner, name COLLATE NOCASE);
ALTER TABLE software ADD COLUMN source TEXT;
CREATE INDEX software_by_source ON software (source, manager, version_key) WHERE source IS NOT NULL;
`;
