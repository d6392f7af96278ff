/** What remains of observations beyond the horizon: by which keys each asset was seen, and from when to when (`../sqlite/horizon.ts`). */
export const checkpoints = `
CREATE TABLE observation_checkpoints (
  asset_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, vendor TEXT NOT NULL, realm TEXT NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, PRIMARY KEY (asset_id, kind, value, vendor, realm)) WITHOUT ROWID;
`;
