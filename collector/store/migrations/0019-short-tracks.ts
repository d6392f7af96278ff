/** Rows of presence no longer tell what is unknown (`../../presence/track-text.ts`): older programs must refuse them. Each is shortened when it is next written. */
export const shortTracks = "-- nothing to do but to count";
