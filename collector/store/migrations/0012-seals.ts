/**
 * Values that flap are one change: `since` is the first of those that it stands for. `seal`: what a row was when it was written,
 * as a digest, so that one that was altered by other hands is told (NULL: written before there were seals).
 */
export const seals = `
ALTER TABLE changes ADD COLUMN since INTEGER;
ALTER TABLE changes ADD COLUMN seal TEXT;
ALTER TABLE assets ADD COLUMN seal TEXT;
ALTER TABLE incidents ADD COLUMN seal TEXT;
`;
