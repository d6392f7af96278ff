import { keyRowOf } from "../key-rows.ts";
import type { AssetKeyRow, AssetRepository } from "../store.ts";
import type { Late } from "./late.ts";

/** The repository of assets, told on: when they and their keys were seen, and their texts, are noted first; what waits is in all that is read. */
export const withLate = (assets: Omit<AssetRepository, "seen" | "keySeen">, late: Late): AssetRepository => {
  const withTime = (row: AssetKeyRow): AssetKeyRow => {
    const lastSeenAtMs = late.key(row) ?? 0;
    return lastSeenAtMs > row.lastSeenAtMs ? keyRowOf(row, { ...row, lastSeenAtMs }) : row;
  };
  return {
    ...assets,
    get: async (assetId) => {
      const row = await assets.get(assetId);
      const lastSeenAtMs = late.asset(assetId) ?? 0;
      return row && lastSeenAtMs > row.lastSeenAtMs ? { ...row, lastSeenAtMs } : row;
    },
    put: async (row) => {
      late.overruleAsset(row.assetId);
      await assets.put(row);
      late.textMoved(row.assetId);
    },
    seen: (assetId, atMs, keys = []) => {
      late.seen(assetId, atMs);
      for (const key of keys) late.keySeen(key, atMs);
      return undefined;
    },
    candidates: async (keys) => (await assets.candidates(keys)).map(withTime),
    keys: async (assetId) => (await assets.keys(assetId)).map(withTime),
    keySeen: async (key, atMs) => late.keySeen(key, atMs),
    putKey: async (row) => {
      late.overruleKey(row);
      await assets.putKey(row);
      late.textMoved(row.assetId);
    },
    dropKey: async (row) => {
      // When it was seen last goes into the history of its address.
      late.settleKey(row);
      late.overruleKey(row);
      await assets.dropKey(row);
      late.textMoved(row.assetId);
    },
  };
};
