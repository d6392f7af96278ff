/**
 * Large sections are kept once by their hash, however many hosts have them; a host's section names its list and, in
 * `patch`, what it has otherwise. `sections.list_no` NULL: the content lies in `items`, as before.
 */
export const sharedLists = `
CREATE TABLE lists (
  list_no INTEGER PRIMARY KEY, section TEXT NOT NULL, hash TEXT NOT NULL, item_count INTEGER NOT NULL, uses INTEGER NOT NULL,
  items BLOB NOT NULL);
CREATE UNIQUE INDEX lists_by_hash ON lists (hash, section);
CREATE INDEX lists_unused ON lists (list_no) WHERE uses = 0;
ALTER TABLE sections ADD COLUMN list_no INTEGER;
`;
