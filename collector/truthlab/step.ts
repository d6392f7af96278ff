/** How far a simulated world moves at a time; whatever happens regularly in it does so at multiples of this. */
export const STEP_MS = 30_000;
