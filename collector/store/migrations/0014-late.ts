/**
 * When things were seen, noted before it is written into their rows (`sqlite/late.ts`): a row for each commit, `body` a JSON list.
 * Empty wherever the collector was stopped in order.
 */
export const late = `
CREATE TABLE late (late_no INTEGER PRIMARY KEY, body TEXT NOT NULL);
`;
