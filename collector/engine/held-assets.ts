import type { AssetId } from "../../shared/ids.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import { createRecent, type Recent } from "../../shared/recent.ts";
import { RULES_META } from "../identity/rules.ts";
import { keyRowOf } from "../store/key-rows.ts";
import type { AssetKeyRow, AssetRepository, AssetRow, BindingDecision, KeyId, Tx } from "../store/store.ts";

/**
 * Assets and their keys that were read or written lately, held in memory as the store has them: identity asks for the same ones
 * with every observation. What a transaction writes goes through here; after one that was not kept all of it is forgotten.
 */
export type HeldAssets = {
  /** The transaction, told on: reads are answered from memory where they can be. */
  readonly watching: (tx: Tx) => Tx;
  readonly clear: () => void;
};

/** Assets and keys of each kind that are held; beyond, those not used lately go. About 0.3 KB each. */
const HELD_ASSETS = 65_536;
const HELD_KEYS = 131_072;

/** undefined: the store has none of that id. Times of sight are written into the row. */
type Held = { readonly row: (Omit<AssetRow, "lastSeenAtMs"> & { lastSeenAtMs: number }) | undefined };

const nameOf = ({ kind, value, vendor }: SubjectKey): string => `${kind}\0${vendor ?? ""}\0${value}`;
/** As the store lists an asset's keys. */
const isBefore = (a: AssetKeyRow, b: AssetKeyRow): boolean => {
  const [one, two] = [sortOf(a), sortOf(b)];
  const at = one.findIndex((text, i) => text !== two[i]);
  return at >= 0 && (one[at] as string) < (two[at] as string);
};
const sortOf = ({ kind, value, vendor, realm, assetId }: AssetKeyRow): string[] => [
  ...[kind, value, vendor ?? "", realm, assetId],
];
/** Not a part of another asset, as far as is known. */
const isItself = (row: AssetRow | undefined): boolean => row !== undefined && row.mergedInto === undefined;
const isSameRow = (a: KeyId, b: KeyId): boolean =>
  a.assetId === b.assetId &&
  a.realm === b.realm &&
  a.value === b.value &&
  a.kind === b.kind &&
  (a.vendor ?? "") === (b.vendor ?? "");

export const createHeldAssets = (): HeldAssets => {
  const rows = createRecent<AssetId, Held>(HELD_ASSETS);
  /** With those of assets that were joined into it. */
  const keysOf = createRecent<AssetId, readonly AssetKeyRow[]>(HELD_ASSETS);
  const holders = createRecent<string, readonly AssetKeyRow[]>(HELD_KEYS);
  const bindings = createRecent<AssetId, readonly BindingDecision[]>(HELD_ASSETS);
  let rules: { readonly text: string | undefined } | undefined;
  const wrapped = new WeakMap<Tx, Tx>();
  const clear = () => {
    rows.clear();
    keysOf.clear();
    holders.clear();
    bindings.clear();
    rules = undefined;
  };
  const hold = (assetId: AssetId, row: AssetRow | undefined) => rows.set(assetId, { row });
  /** In a list that is held, in its place: who holds on to that list, or to what was made of it, sees the new time. */
  const see = (list: readonly AssetKeyRow[] | undefined, key: KeyId, lastSeenAtMs: number): AssetKeyRow | undefined => {
    const row: { -readonly [P in keyof AssetKeyRow]: AssetKeyRow[P] } | undefined =
      list?.find((one) => one === key) ?? list?.find((one) => isSameRow(one, key));
    if (row && row.lastSeenAtMs < lastSeenAtMs) row.lastSeenAtMs = lastSeenAtMs;
    return row;
  };
  /** The same row is one object in both lists that have it, so that its time is written once. */
  const sharing = (list: readonly AssetKeyRow[], otherOf: (row: AssetKeyRow) => readonly AssetKeyRow[] | undefined) =>
    list.map((row) => otherOf(row)?.find((one) => isSameRow(one, row)) ?? row);
  /** In its place in a list that is held: instead of the same row of before, or beside the others. */
  const renew = <K>(lists: Recent<K, readonly AssetKeyRow[]>, name: K, row: AssetKeyRow) => {
    const list = lists.get(name);
    if (!list) return;
    const at = list.findIndex((one) => isSameRow(one, row));
    if (at >= 0) return lists.set(name, list.with(at, row));
    const next = list.findIndex((one) => isBefore(row, one));
    lists.set(name, list.toSpliced(next < 0 ? list.length : next, 0, row));
  };
  const drop = <K>(lists: Recent<K, readonly AssetKeyRow[]>, name: K, key: KeyId) => {
    const list = lists.get(name);
    if (list)
      lists.set(
        name,
        list.filter((one) => !isSameRow(one, key)),
      );
  };

  const watch = (tx: Tx): Tx => {
    const { assets } = tx;
    const get: AssetRepository["get"] = async (assetId) => {
      const held = rows.get(assetId);
      if (held !== undefined) return held.row;
      const row = await assets.get(assetId);
      hold(assetId, row);
      return row;
    };
    /** The asset and all that it was joined into: whose lists of keys have its rows. */
    const readersOf = async (assetId: AssetId): Promise<readonly AssetId[]> => {
      const readers = [assetId];
      for (let id = (await get(assetId))?.mergedInto; id !== undefined && readers.length < 32; ) {
        readers.push(id);
        id = (await get(id))?.mergedInto;
      }
      return readers;
    };
    const forgetKeys = async (assetId: AssetId) => {
      for (const reader of await readersOf(assetId)) keysOf.delete(reader);
    };
    const seeKey = async (key: KeyId, atMs: number) => {
      see(holders.get(nameOf(key)), key, atMs);
      for (const reader of await readersOf(key.assetId)) see(keysOf.get(reader), key, atMs);
    };
    const renewKeys = async (row: AssetKeyRow) => {
      if (isItself(rows.get(row.assetId)?.row)) return renew(keysOf, row.assetId, row);
      for (const reader of await readersOf(row.assetId)) renew(keysOf, reader, row);
    };

    return {
      ...tx,
      meta: {
        get: async (name) => {
          if (name !== RULES_META) return tx.meta.get(name);
          rules ??= { text: await tx.meta.get(name) };
          return rules.text;
        },
        put: async (name, value) => {
          await tx.meta.put(name, value);
          if (name === RULES_META) rules = undefined;
        },
      },
      decisions: {
        ...tx.decisions,
        add: async (row) => {
          await tx.decisions.add(row);
          bindings.delete(row.assetId);
          if (row.otherAssetId !== undefined) bindings.delete(row.otherAssetId);
        },
        bindingOf: async (assetId) => {
          const known = bindings.get(assetId);
          if (known) return known;
          const held = await tx.decisions.bindingOf(assetId);
          bindings.set(assetId, held);
          return held;
        },
      },
      assets: {
        ...assets,
        get,
        put: async (row) => {
          const before = await get(row.assetId);
          if (before?.mergedInto !== row.mergedInto) await forgetKeys(row.assetId);
          await assets.put(row);
          hold(row.assetId, { ...row });
          if (before?.mergedInto !== row.mergedInto) await forgetKeys(row.assetId);
        },
        setPresence: async (assetId, presence, presenceSinceMs) => {
          await assets.setPresence(assetId, presence, presenceSinceMs);
          rows.delete(assetId);
        },
        seen: async (assetId, atMs, keys = []) => {
          const row = rows.get(assetId)?.row;
          if (row && row.lastSeenAtMs >= atMs && keys.length === 0) return;
          await assets.seen(assetId, atMs, keys);
          if (row && row.lastSeenAtMs < atMs) row.lastSeenAtMs = atMs;
          if (keys.length === 0) return;
          const own = isItself(row) ? keysOf.get(assetId) : undefined;
          for (const key of keys) if (key.assetId !== assetId || !see(own, key, atMs)) await seeKey(key, atMs);
        },
        candidates: async (keys) => {
          const found: AssetKeyRow[] = [];
          for (const key of keys) {
            const name = nameOf(key);
            const known = holders.get(name);
            const held = known ?? sharing(await assets.candidates([key]), (row) => keysOf.get(row.assetId));
            if (!known) holders.set(name, held);
            if (keys.length === 1) return held;
            found.push(...held);
          }
          return found;
        },
        keys: async (assetId) => {
          const known = keysOf.get(assetId);
          if (known) return known;
          const held = sharing(await assets.keys(assetId), (row) => holders.get(nameOf(row)));
          keysOf.set(assetId, held);
          return held;
        },
        putKey: async (row) => {
          await assets.putKey(row);
          const held = keyRowOf(row, row);
          renew(holders, nameOf(row), held);
          await renewKeys(held);
        },
        keySeen: async (key, atMs) => {
          await assets.keySeen(key, atMs);
          const own = isItself(rows.get(key.assetId)?.row) ? keysOf.get(key.assetId) : undefined;
          if (!see(own, key, atMs)) await seeKey(key, atMs);
        },
        dropKey: async (key) => {
          await assets.dropKey(key);
          drop(holders, nameOf(key), key);
          for (const reader of await readersOf(key.assetId)) drop(keysOf, reader, key);
        },
      },
    };
  };

  return {
    watching: (tx) => {
      const seen = wrapped.get(tx) ?? watch(tx);
      wrapped.set(tx, seen);
      return seen;
    },
    clear,
  };
};
