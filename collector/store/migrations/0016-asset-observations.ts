/**
 * By asset and subject, in the place of two indexes of SQLite's that had to be written with each row: this one follows in good time,
 * many rows at once (`../sqlite/observation-index.ts`). Rows up to `indexed` are in it. '': visitors, and what no rule could place.
 */
export const assetObservations = `
DROP INDEX observations_by_subject;
DROP INDEX observations_by_asset;
CREATE TABLE asset_observations (
  asset_id TEXT NOT NULL, subject_id TEXT NOT NULL, observation_no INTEGER NOT NULL,
  PRIMARY KEY (asset_id, subject_id, observation_no)) WITHOUT ROWID;
INSERT INTO asset_observations SELECT coalesce(asset_id, ''), subject_id, observation_no FROM observations ORDER BY 1, 2, 3;
CREATE TABLE observations_indexed (upto INTEGER NOT NULL);
INSERT INTO observations_indexed SELECT coalesce(max(observation_no), 0) FROM observations;
CREATE INDEX observations_of_visitors ON observations (observation_no) WHERE asset_id IS NULL;
`;
