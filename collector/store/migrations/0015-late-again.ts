/** What the log (`0014-late.ts`) tells again of rows that waited before, as numbers (`../sqlite/late-log.ts`). */
export const lateAgain = `
ALTER TABLE late ADD COLUMN again BLOB;
`;
