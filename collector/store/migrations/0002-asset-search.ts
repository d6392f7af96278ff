/**
 * Search over assets by any part of a word: an index of trigrams over what people know a device by. `text` is written by
 * the assets repository; rows of version 1 are filled in here.
 */
export const assetSearch = `
CREATE VIRTUAL TABLE asset_text USING fts5 (asset_id UNINDEXED, text, tokenize = 'trigram', detail = 'none');
CREATE TABLE asset_text_rows (asset_id TEXT PRIMARY KEY, row_no INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO asset_text (asset_id, text)
  SELECT asset_id, lower(concat_ws(char(10), name, manufacturer, model, serial_number, os_name, site, primary_address, primary_mac,
    (SELECT group_concat(value, char(10)) FROM asset_keys k WHERE k.asset_id = assets.asset_id)))
  FROM assets;
INSERT INTO asset_text_rows SELECT asset_id, rowid FROM asset_text;
`;
