import type { Random } from "./random.ts";

export type BackoffOptions = { readonly minMs: number; readonly maxMs: number; readonly factor?: number };

/**
 * The wait before attempt `attempt` (0 for the first retry): exponential with full jitter between half and the whole,
 * so that a thousand agents that lost one collector do not come back in one instant.
 */
export const backoffMs = (attempt: number, { minMs, maxMs, factor = 2 }: BackoffOptions, random: Random): number => {
  const ceiling = Math.min(maxMs, minMs * factor ** Math.min(attempt, 40));
  return Math.round(ceiling * (0.5 + random.next() / 2));
};
