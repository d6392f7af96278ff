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

-- The dictionary: each version of each package once. version_key compares as the versions do (record/versions.ts).
CREATE TABLE software (
  software_no INTEGER PRIMARY KEY, name TEXT NOT NULL, manager TEXT NOT NULL, version_key BLOB NOT NULL, version TEXT NOT NULL,
  architecture TEXT NOT NULL, instance TEXT NOT NULL, title TEXT NOT NULL, publisher TEXT, purl TEXT);
CREATE UNIQUE INDEX software_by_name ON software (name, manager, version_key, version, architecture, instance, title);

-- Who has what: a set of packages that hosts share (numbers: uint32, ascending), and what each host has otherwise
-- (drift: int32, negative where it lacks one; NULL where nothing). Set 0 is empty.
CREATE TABLE software_sets (set_no INTEGER PRIMARY KEY, numbers BLOB NOT NULL);
CREATE TABLE software_set_marks (mark INTEGER NOT NULL, set_no INTEGER NOT NULL, PRIMARY KEY (mark, set_no)) WITHOUT ROWID;
CREATE TABLE software_in_sets (
  software_no INTEGER NOT NULL, set_no INTEGER NOT NULL, PRIMARY KEY (software_no, set_no)) WITHOUT ROWID;
CREATE TABLE installed (
  stream_no INTEGER PRIMARY KEY, set_no INTEGER NOT NULL, accepted INTEGER NOT NULL, drift BLOB);
CREATE INDEX installed_by_set ON installed (set_no, accepted, stream_no);
CREATE TABLE software_drift (
  software_no INTEGER NOT NULL, stream_no INTEGER NOT NULL, has INTEGER NOT NULL, PRIMARY KEY (software_no, stream_no))
  WITHOUT ROWID;
INSERT INTO software_sets (set_no, numbers) VALUES (0, x'');
`;
