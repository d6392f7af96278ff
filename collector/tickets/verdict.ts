import type { DeskState } from "./connector.ts";

/** What people said of a ticket in the product's own words, by the words that the configuration names; for a state of a desk. */
export const verdictBy = <T>(
  said: readonly T[],
  words: { readonly isFalse: readonly T[]; readonly isPlanned: readonly T[] },
): Pick<DeskState, "verdict"> => {
  if (said.some((one) => words.isFalse.includes(one))) return { verdict: "false" };
  if (said.some((one) => words.isPlanned.includes(one))) return { verdict: "planned" };
  return {};
};
