/** What verdicts at desks propose to change, and secrets of desks, sealed with a key that is not in this file. */
export const desks = `
CREATE TABLE proposals (
  proposal_id TEXT PRIMARY KEY, setting TEXT NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL, decided_at INTEGER,
  body TEXT NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX proposals_open ON proposals (setting) WHERE state = 'open';
CREATE INDEX proposals_by_setting ON proposals (setting, created_at);
CREATE TABLE secrets (
  name TEXT PRIMARY KEY, sealed TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX incidents_by_kind ON incidents (kind, opened_at);
`;
