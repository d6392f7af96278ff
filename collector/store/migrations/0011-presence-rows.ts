/**
 * Rows of presence are written by asset and read once, at start: nobody searches them, so that six indexes were kept up for
 * nothing. With a row number, a body of more than a quarter page lies in its leaf and not in pages beside it.
 */
export const presenceRows = `
CREATE TABLE presence_new (asset_id TEXT PRIMARY KEY, due_ms INTEGER, body TEXT NOT NULL);
INSERT INTO presence_new (asset_id, due_ms, body) SELECT asset_id, due_ms, body FROM presence;
DROP TABLE presence;
ALTER TABLE presence_new RENAME TO presence;
`;
