import type { SubjectKey } from "../../shared/protocol/observation.ts";
import type { HeldKey } from "./compare.ts";
import { isSoftMac } from "./keys.ts";

/** A burnt-in MAC that more assets than this have had is a dock's or an adapter's: it travels, and names none of them. */
const CROWD = 8;
const NONE: ReadonlySet<string> = new Set();

const isBurntIn = (key: SubjectKey): boolean => key.kind === "mac" && !isSoftMac(key);

/**
 * Of all that share a key with what is seen, those that share more than MACs that travel; and these MACs. A dock that passes from hand
 * to hand would otherwise make each of its sightings a question about everybody who ever sat there.
 */
export const withoutCrowds = <T extends { readonly matched: readonly HeldKey[] }>(
  found: readonly T[],
): { readonly known: readonly T[]; readonly crowded: ReadonlySet<string> } => {
  if (found.length <= CROWD) return { known: found, crowded: NONE };
  const holders = new Map<string, number>();
  // One asset may hold it in two realms, or by way of another that was joined into it.
  for (const { matched } of found)
    for (const value of new Set(matched.filter(isBurntIn).map((key) => key.value)))
      holders.set(value, (holders.get(value) ?? 0) + 1);
  const crowded = new Set([...holders].filter(([, count]) => count > CROWD).map(([value]) => value));
  if (crowded.size === 0) return { known: found, crowded };
  return { known: found.filter(({ matched }) => !matched.every((key) => isCrowded(key, crowded))), crowded };
};

export const isCrowded = (key: SubjectKey, crowded: ReadonlySet<string> = NONE): boolean =>
  crowded.size > 0 && key.kind === "mac" && crowded.has(key.value);
