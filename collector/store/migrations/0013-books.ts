/** What people wrote of an asset that no probe can see, as JSON; NULL: nothing. */
export const books = `
ALTER TABLE assets ADD COLUMN book TEXT;
`;
