import type { AssetId } from "../../shared/ids.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import type { AssetKeyRow, AssetRepository, AssetRow } from "../store/store.ts";

/**
 * Assets and their keys in Maps over the store's: all reads of identity are answered from here. Rows and keys are also
 * written below, for what joins with them there; when something was last seen, and presence, are kept here alone.
 * Over a store without assets only.
 */
export const createQuickAssets = (below: AssetRepository): AssetRepository => {
  const rows = new Map<AssetId, AssetRow>();
  const joinedInto = new Map<AssetId, Set<AssetId>>();
  const keysOf = new Map<AssetId, Map<string, AssetKeyRow>>();
  const holders = new Map<string, Map<string, AssetKeyRow>>();

  const putKey = (row: AssetKeyRow) => {
    mapIn(keysOf, row.assetId).set(keyName(row), row);
    mapIn(holders, valueName(row)).set(holderName(row), row);
  };
  /** The asset and all that were joined into it, directly or by way of others. */
  const withJoined = (assetId: AssetId): ReadonlySet<AssetId> => {
    const out = new Set([assetId]);
    for (const id of out) for (const joined of joinedInto.get(id) ?? []) out.add(joined);
    return out;
  };

  return {
    ...below,
    get: async (assetId) => rows.get(assetId),
    put: async (row) => {
      const before = rows.get(row.assetId)?.mergedInto;
      if (before !== undefined) joinedInto.get(before)?.delete(row.assetId);
      if (row.mergedInto !== undefined) setIn(joinedInto, row.mergedInto).add(row.assetId);
      rows.set(row.assetId, row);
      await below.put(row);
    },
    setPresence: async (assetId, presence, presenceSinceMs) => {
      const row = rows.get(assetId);
      if (!row || (row.presence === presence && row.presenceSinceMs === presenceSinceMs)) return;
      rows.set(assetId, { ...row, presence, presenceSinceMs, version: row.version + 1 });
    },
    seen: (assetId, atMs) => {
      const row = rows.get(assetId);
      if (row && atMs > row.lastSeenAtMs) rows.set(assetId, { ...row, lastSeenAtMs: atMs });
      return undefined;
    },
    candidates: async (keys) =>
      keys.flatMap((key) =>
        [...(holders.get(valueName(key))?.values() ?? [])].sort((a, b) => order(a.assetId, b.assetId)),
      ),
    keys: async (assetId) =>
      [...withJoined(assetId)].flatMap((id) => [...(keysOf.get(id)?.values() ?? [])]).sort(orderOfKeys),
    putKey: async (row) => {
      putKey(row);
      await below.putKey(row);
    },
    keySeen: async (row, atMs) => {
      const known = keysOf.get(row.assetId)?.get(keyName(row));
      if (known && atMs > known.lastSeenAtMs) putKey({ ...known, lastSeenAtMs: atMs });
    },
    dropKey: async (row) => {
      keysOf.get(row.assetId)?.delete(keyName(row));
      holders.get(valueName(row))?.delete(holderName(row));
      await below.dropKey(row);
    },
  };
};

type KeyName = SubjectKey & { readonly realm: string };
const valueName = ({ kind, value, vendor = "" }: SubjectKey): string => `${kind} ${value} ${vendor}`;
const keyName = (key: KeyName): string => `${valueName(key)} ${key.realm}`;
const holderName = ({ assetId, realm }: { readonly assetId: AssetId; readonly realm: string }): string =>
  `${assetId} ${realm}`;

const mapIn = <K, V>(index: Map<K, Map<string, V>>, key: K): Map<string, V> => {
  const known = index.get(key);
  if (known) return known;
  const made = new Map<string, V>();
  index.set(key, made);
  return made;
};
const setIn = <K, V>(index: Map<K, Set<V>>, key: K): Set<V> => {
  const known = index.get(key);
  if (known) return known;
  const made = new Set<V>();
  index.set(key, made);
  return made;
};

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const orderOfKeys = (a: AssetKeyRow, b: AssetKeyRow): number =>
  order(a.kind, b.kind) ||
  order(a.value, b.value) ||
  order(a.vendor ?? "", b.vendor ?? "") ||
  order(a.realm, b.realm) ||
  order(a.assetId, b.assetId);
