/** What verdicts at desks propose to change; secrets of desks, sealed with a key that is not in this file; search by two letters; counts. */
export const desks = `
CREATE TABLE proposals (
  proposal_id TEXT PRIMARY KEY, setting TEXT NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL, decided_at INTEGER,
  body TEXT NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX proposals_open ON proposals (setting) WHERE state = 'open';
CREATE INDEX proposals_by_setting ON proposals (setting, created_at);
CREATE TABLE secrets (
  name TEXT PRIMARY KEY, sealed TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX incidents_by_kind ON incidents (kind, opened_at);
CREATE INDEX ticket_links_by_key ON ticket_links (key);

-- What the overview counts, and when the first asset was seen, without reading the assets themselves.
CREATE INDEX assets_counted ON assets (presence, type, merged_into);
CREATE INDEX assets_by_first_seen ON assets (first_seen_at, asset_id);

-- The trigrams themselves, for words that are shorter than one; texts end in two line ends, so that each of their letters
-- begins a trigram.
CREATE VIRTUAL TABLE asset_terms USING fts5vocab ('asset_text', 'row');
UPDATE asset_text SET text = text || char(10) || char(10);
`;
