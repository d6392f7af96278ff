/** What a join or split of assets changed, kept with its decision, and assets by what they were joined into. */
export const undoing = `
ALTER TABLE decisions ADD COLUMN before TEXT;
CREATE INDEX assets_by_merge ON assets (merged_into) WHERE merged_into IS NOT NULL;
`;
