import type { SubjectKey } from "../../shared/protocol/observation.ts";
import type { HeldKey } from "./compare.ts";
import { isSoftMac, strengthOf } from "./keys.ts";

/** A burnt-in MAC that more assets than this have had is a dock's or an adapter's: it travels, and names none of them. */
export const CROWD = 8;
const NONE: ReadonlySet<string> = new Set();

export const isBurntIn = (key: SubjectKey): boolean => key.kind === "mac" && !isSoftMac(key);

/** Whether who holds this key may be what is seen in the realm. Whatever else both have only adds to what speaks for it. */
export const mayLink = (key: HeldKey, realm: string): boolean => {
  const strength = strengthOf(key);
  if (strength === "agent" || strength === "hardware" || isBurntIn(key)) return true;
  return key.realm === realm && (key.kind === "mac" || key.kind === "lldpChassisId" || key.kind === "ip");
};

/** Says, beside a MAC that travels, who has it now. */
export const isNameIn = (key: HeldKey, realm: string): boolean => strengthOf(key) === "name" && key.realm === realm;

/** Values that more assets have than make a crowd. */
const crowdsAmong = (found: readonly Pick<Holder, "matched">[], isMeant: (key: HeldKey) => boolean): Set<string> => {
  const holders = new Map<string, number>();
  // One asset may hold it in two realms, or by way of another that was joined into it.
  for (const { matched } of found)
    for (const value of new Set(matched.filter(isMeant).map((key) => key.value)))
      holders.set(value, (holders.get(value) ?? 0) + 1);
  return new Set([...holders].filter(([, count]) => count > CROWD).map(([value]) => value));
};

type Holder = { readonly matched: readonly HeldKey[] };

/**
 * Of all that share a key with what is seen in the realm, those to ask about, and the MACs that travel. A dock that passes from
 * hand to hand would otherwise make each of its sightings a question about everybody who ever sat there, and "iphone" one about
 * every telephone: of the holders of such a MAC only those count that something else links, or a name that few have.
 */
export const withoutCrowds = <T extends Holder>(
  found: readonly T[],
  realm: string,
): { readonly known: readonly T[]; readonly crowded: ReadonlySet<string> } => {
  const crowded = found.length > CROWD ? crowdsAmong(found, isBurntIn) : NONE;
  const common = crowded.size > 0 ? crowdsAmong(found, (key) => isNameIn(key, realm)) : NONE;
  const isTold = ({ matched }: T) =>
    matched.some((key) => mayLink(key, realm) && !isCrowded(key, crowded)) ||
    (matched.some((key) => isCrowded(key, crowded)) &&
      matched.some((key) => isNameIn(key, realm) && !common.has(key.value)));
  return { known: found.filter(isTold), crowded };
};

export const isCrowded = (key: SubjectKey, crowded: ReadonlySet<string> = NONE): boolean =>
  crowded.size > 0 && key.kind === "mac" && crowded.has(key.value);
