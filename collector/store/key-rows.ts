import { type KeyKind, keyKinds, type SubjectKey } from "../../shared/protocol/observation.ts";
import type { AssetKeyRow } from "./store.ts";

/**
 * The row of a key, spelt in one way for all of them. Hundreds of thousands are held and compared: objects that were put together
 * otherwise lie in two pieces each, and are looked at by slower ways.
 */
export const keyRowOf = (
  { kind, value, vendor }: SubjectKey,
  { assetId, realm, firstSeenAtMs, lastSeenAtMs }: Omit<AssetKeyRow, keyof SubjectKey>,
): AssetKeyRow =>
  vendor === undefined
    ? { kind, value, assetId, realm, firstSeenAtMs, lastSeenAtMs }
    : { kind, value, vendor, assetId, realm, firstSeenAtMs, lastSeenAtMs };

const kinds: ReadonlyMap<string, KeyKind> = new Map(keyKinds.map((kind) => [kind, kind]));

/** A kind as it was read, as the one text of it that all share: texts that are the same are compared without being read. */
export const kindOf = (text: string): KeyKind => kinds.get(text) ?? (text as KeyKind);
