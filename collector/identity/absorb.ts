import type { AssetId } from "../../shared/ids.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import { compare, fits, holdsNow, isAddressOnly, isLasting, isShadow, linksTo, type Realm } from "./compare.ts";
import type { Candidate } from "./identify.ts";

/** Candidates that this observation shows to be one with `home`: none that has an agent, or contradicts, or is kept apart. */
export const absorbable = (
  observed: Realm,
  keys: readonly SubjectKey[],
  home: Candidate,
  others: readonly Candidate[],
): AssetId[] => others.filter((other) => other !== home && isOne(observed, keys, home, other)).map((o) => o.assetId);

const isOne = (observed: Realm, keys: readonly SubjectKey[], home: Candidate, other: Candidate): boolean => {
  if (other.agent || home.apart?.includes(other.assetId)) return false;
  if (isAddressOnly(other)) return keys.some(isLasting) && holdsNow(observed, other);
  if (!linksTo(observed, other) || !fits(keys, other.held, false)) return false;
  if (isShadow(other)) return true;
  const { disagree } = compare(home.held, other.held);
  const isWhole = other.held.every(
    ({ kind, value }) => kind !== "mac" || keys.some((key) => key.kind === "mac" && key.value === value),
  );
  return !disagree.has("hardwareUuid") && !disagree.has("serial") && isWhole;
};
