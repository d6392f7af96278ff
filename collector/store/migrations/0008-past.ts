/**
 * What assets and sections were before they were written: undone from the present backwards, they give the state of any day
 * since. 'past.since': nothing of before that is kept, where the data is older than this step. `began_at`: when a section was
 * observed first; `known_from`: before that its contents were dropped.
 */
export const past = `
ALTER TABLE sections ADD COLUMN began_at INTEGER;
ALTER TABLE sections ADD COLUMN known_from INTEGER;
CREATE TABLE section_past (
  stream_no INTEGER NOT NULL, section TEXT NOT NULL, step_no INTEGER NOT NULL, at INTEGER NOT NULL, hash TEXT NOT NULL,
  observed_at INTEGER NOT NULL, gone_at INTEGER, patch TEXT, PRIMARY KEY (stream_no, section, step_no)) WITHOUT ROWID;
CREATE TABLE asset_past (
  asset_id TEXT NOT NULL, step_no INTEGER NOT NULL, at INTEGER NOT NULL, before TEXT NOT NULL,
  PRIMARY KEY (asset_id, step_no)) WITHOUT ROWID;
INSERT INTO meta (name, value) SELECT 'past.since', CAST(at AS TEXT) FROM (
  SELECT max(at) AS at FROM (SELECT max(last_seen_at) AS at FROM assets UNION ALL SELECT max(recorded_at) FROM streams)) WHERE at IS NOT NULL;
`;
