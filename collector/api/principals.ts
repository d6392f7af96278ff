import type { Clock } from "../../shared/clock.ts";
import type { Principal, Reads } from "../store/reads.ts";

/** Longer: fewer look-ups. Shorter: what another process revokes (the command line) ends sooner. Our own writes end at once. */
const KEEP_MS = 1_000;
const MAX_KEPT = 2_000;

export type Principals = Pick<Reads, "principalByToken" | "principalBySession">;

type Kept<T> = { readonly atMs: number; readonly version: number; readonly found: Promise<T | undefined> };

/**
 * Who a token or session belongs to, remembered for a moment: a page asks ten things at once, a program hundreds a second,
 * and each would wait twice for the reading thread. What expires ends at its time, and any write about tokens, people or
 * sessions (`version` counts them) makes everything be looked up again.
 */
export const createPrincipals = (reads: Principals, clock: Clock, version: () => number): Principals => {
  const remember = <T extends Principal>(ask: (secretHash: string, nowMs: number) => Promise<T | undefined>) => {
    const kept = new Map<string, Kept<T>>();
    return async (secretHash: string, nowMs: number): Promise<T | undefined> => {
      const known = kept.get(secretHash);
      const atMs = clock.monotonic();
      if (known && known.version === version() && atMs - known.atMs < KEEP_MS) {
        const found = await known.found;
        if (found !== undefined && (found.expiresAtMs ?? Number.POSITIVE_INFINITY) > nowMs) return found;
      }
      if (kept.size >= MAX_KEPT) kept.clear();
      const found = ask(secretHash, nowMs);
      kept.set(secretHash, { atMs, version: version(), found });
      found.catch(() => kept.delete(secretHash));
      return found;
    };
  };
  return {
    principalByToken: remember(reads.principalByToken),
    principalBySession: remember(reads.principalBySession),
  };
};
