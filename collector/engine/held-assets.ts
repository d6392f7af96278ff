import type { AssetId } from "../../shared/ids.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import { createRecent } from "../../shared/recent.ts";
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

/** Assets and keys that are held; beyond, those not used lately go. About 0.5 KB each. */
const HELD_ASSETS = 65_536;
const HELD_KEYS = 131_072;

/**
 * What is held of one asset, in one piece, as it is asked for together. `row`: with times of sight written into it; null: the store has
 * none of that id. `keys`: with those of assets that were joined into it. Absent: not known.
 */
type Held = {
  row: (Omit<AssetRow, "lastSeenAtMs"> & { lastSeenAtMs: number }) | null | undefined;
  keys: readonly AssetKeyRow[] | undefined;
  bindings: readonly BindingDecision[] | undefined;
};

/** Of one value, kinds and vendors whose holders are held: above it, as only who means harm has them, all are forgotten. */
const MAX_OF_VALUE = 8;
const NONE: readonly never[] = [];
/** Who has a key. By its value, as any name made for the purpose is dear to look up; few values are of two kinds of key. */
type Holders = {
  readonly kind: SubjectKey["kind"];
  readonly vendor: string;
  rows: readonly AssetKeyRow[];
  readonly next: Holders | undefined;
  /** How many there are from here on. */
  readonly count: number;
};
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
const isItself = (held: Held | undefined): held is Held => held?.row != null && held.row.mergedInto === undefined;
const isSameRow = (a: KeyId, b: KeyId): boolean =>
  a.assetId === b.assetId &&
  a.realm === b.realm &&
  a.value === b.value &&
  a.kind === b.kind &&
  (a.vendor ?? "") === (b.vendor ?? "");

/** With the row in its place: instead of the same one of before, or beside the others. */
const renewed = (list: readonly AssetKeyRow[], row: AssetKeyRow): readonly AssetKeyRow[] => {
  const at = list.findIndex((one) => isSameRow(one, row));
  if (at >= 0) return list.with(at, row);
  const next = list.findIndex((one) => isBefore(row, one));
  return list.toSpliced(next < 0 ? list.length : next, 0, row);
};
const without = (list: readonly AssetKeyRow[], key: KeyId): readonly AssetKeyRow[] =>
  list.filter((one) => !isSameRow(one, key));

export const createHeldAssets = (): HeldAssets => {
  const assetsHeld = createRecent<AssetId, Held>(HELD_ASSETS);
  const holders = createRecent<string, Holders>(HELD_KEYS);
  let rules: { readonly text: string | undefined } | undefined;
  const wrapped = new WeakMap<Tx, Tx>();
  const clear = () => {
    assetsHeld.clear();
    holders.clear();
    rules = undefined;
  };
  const heldOf = (assetId: AssetId): Held => {
    const known = assetsHeld.get(assetId);
    if (known) return known;
    const held: Held = { row: undefined, keys: undefined, bindings: undefined };
    assetsHeld.set(assetId, held);
    return held;
  };
  const holdersOf = ({ kind, value, vendor = "" }: SubjectKey): Holders | undefined => {
    let one = holders.get(value);
    while (one && (one.kind !== kind || one.vendor !== vendor)) one = one.next;
    return one;
  };
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
  const renewOfAsset = (held: Held | undefined, row: AssetKeyRow) => {
    if (held?.keys) held.keys = renewed(held.keys, row);
  };
  const renewHolders = (row: AssetKeyRow) => {
    const known = holdersOf(row);
    if (known) known.rows = renewed(known.rows, row);
  };

  const watch = (tx: Tx): Tx => {
    const { assets } = tx;
    const get: AssetRepository["get"] = async (assetId) => {
      const held = heldOf(assetId);
      if (held.row === undefined) {
        const row = await assets.get(assetId);
        held.row = row ?? null;
      }
      return held.row ?? undefined;
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
      for (const reader of await readersOf(assetId)) heldOf(reader).keys = undefined;
    };
    const seeKey = async (key: KeyId, atMs: number) => {
      see(holdersOf(key)?.rows, key, atMs);
      for (const reader of await readersOf(key.assetId)) see(assetsHeld.get(reader)?.keys, key, atMs);
    };
    const seeKeys = async (noting: Promise<void> | undefined, keys: readonly KeyId[], atMs: number) => {
      await noting;
      for (const key of keys) await seeKey(key, atMs);
    };
    const renewKeys = async (row: AssetKeyRow) => {
      const held = assetsHeld.get(row.assetId);
      if (isItself(held)) return renewOfAsset(held, row);
      for (const reader of await readersOf(row.assetId)) renewOfAsset(assetsHeld.get(reader), row);
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
          heldOf(row.assetId).bindings = undefined;
          if (row.otherAssetId !== undefined) heldOf(row.otherAssetId).bindings = undefined;
        },
        bindingOf: async (assetId) => {
          const held = heldOf(assetId);
          held.bindings ??= await tx.decisions.bindingOf(assetId);
          return held.bindings;
        },
      },
      assets: {
        ...assets,
        get,
        put: async (row) => {
          const before = await get(row.assetId);
          if (before?.mergedInto !== row.mergedInto) await forgetKeys(row.assetId);
          await assets.put(row);
          const held = heldOf(row.assetId);
          held.row = { ...row };
          // It is new, and is written before its keys and what is decided about it.
          if (!before) Object.assign(held, { keys: NONE, bindings: NONE });
          if (before?.mergedInto !== row.mergedInto) await forgetKeys(row.assetId);
        },
        setPresence: async (assetId, presence, presenceSinceMs) => {
          await assets.setPresence(assetId, presence, presenceSinceMs);
          heldOf(assetId).row = undefined;
        },
        seen: (assetId, atMs, keys = NONE) => {
          const held = assetsHeld.get(assetId);
          const row = held?.row;
          if (row && row.lastSeenAtMs >= atMs && keys.length === 0) return undefined;
          const noting = assets.seen(assetId, atMs, keys);
          if (row && row.lastSeenAtMs < atMs) row.lastSeenAtMs = atMs;
          if (keys.length === 0) return noting;
          const own = isItself(held) ? held.keys : undefined;
          const elsewhere = keys.filter((key) => key.assetId !== assetId || !see(own, key, atMs));
          return noting || elsewhere.length > 0 ? seeKeys(noting, elsewhere, atMs) : undefined;
        },
        candidates: async (keys) => {
          const found: AssetKeyRow[] = [];
          for (const key of keys) {
            let known = holdersOf(key);
            if (!known) {
              const { kind, value, vendor = "" } = key;
              const rows = sharing(await assets.candidates([key]), (row) => assetsHeld.get(row.assetId)?.keys);
              const others = holders.get(value);
              const next = others && others.count < MAX_OF_VALUE ? others : undefined;
              known = { kind, vendor, rows, next, count: (next?.count ?? 0) + 1 };
              holders.set(value, known);
            }
            if (keys.length === 1) return known.rows;
            found.push(...known.rows);
          }
          return found;
        },
        keys: async (assetId) => {
          const held = heldOf(assetId);
          held.keys ??= sharing(await assets.keys(assetId), (row) => holdersOf(row)?.rows);
          return held.keys;
        },
        putKey: async (row) => {
          await assets.putKey(row);
          const held = keyRowOf(row, row);
          renewHolders(held);
          await renewKeys(held);
        },
        keySeen: async (key, atMs) => {
          await assets.keySeen(key, atMs);
          const held = assetsHeld.get(key.assetId);
          if (!see(isItself(held) ? held.keys : undefined, key, atMs)) await seeKey(key, atMs);
        },
        dropKey: async (key) => {
          await assets.dropKey(key);
          const known = holdersOf(key);
          if (known) known.rows = without(known.rows, key);
          for (const reader of await readersOf(key.assetId)) {
            const held = heldOf(reader);
            if (held.keys) held.keys = without(held.keys, key);
          }
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
