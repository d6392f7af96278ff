/**
 * Decisions found from either side, and those that still bind two assets by themselves. Observations are lengthened far more often
 * than begun, so that no index holds the time of the last one: of one subject there are few intervals to choose from.
 */
export const identityIndexes = `
CREATE INDEX decisions_by_other ON decisions (other_asset_id, at) WHERE other_asset_id IS NOT NULL;
CREATE INDEX decisions_binding ON decisions (asset_id) WHERE undone_at IS NULL AND (kind = 'contested' OR (kind = 'separated' AND by_hand = 1));
CREATE INDEX decisions_binding_other ON decisions (other_asset_id)
  WHERE undone_at IS NULL AND (kind = 'contested' OR (kind = 'separated' AND by_hand = 1));
DROP INDEX observations_by_subject;
DROP INDEX observations_by_asset;
CREATE INDEX observations_by_subject ON observations (subject_id, agent_id, instance, method, realm);
CREATE INDEX observations_by_asset ON observations (asset_id);
`;
