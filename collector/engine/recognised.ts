import type { AssetId } from "../../shared/ids.ts";
import type { Subject, SubjectKey } from "../../shared/protocol/observation.ts";
import { isBurntIn } from "../identity/crowds.ts";
import { strengthOf } from "../identity/keys.ts";
import type { AssetKeyRow, AssetRow, Tx } from "../store/store.ts";

/**
 * What identity said of subjects that are seen again and again, sweep after sweep, with the same keys: kept until one of those
 * keys or what it says of the asset is written anew. It only spares the question; the answer is the one that would be given again.
 */
export type Recognised = {
  readonly find: (subject: Subject) => Known | undefined;
  /** `keys`: what identity made of the subject's. `beside`: other assets of which it rests on what they are. */
  readonly remember: (
    subject: Subject,
    keys: readonly SubjectKey[],
    what: Omit<Known, "told" | "isByAddress"> & Partial<Pick<Known, "isByAddress">>,
    beside?: readonly AssetId[],
  ) => Known;
  /** The transaction, told on: what it writes about keys, assets and decisions ends what is known of them. */
  readonly watching: (tx: Tx) => Tx;
  /** After a transaction that was not kept. */
  readonly clear: () => void;
};

export type Known = {
  readonly assetId: AssetId;
  /** As the subject was told first: to whom they are handed on, equal ones are the same. */
  readonly told: readonly SubjectKey[];
  /** The asset's rows of these keys, as they were last read or written. */
  readonly rows: readonly (Omit<AssetKeyRow, "lastSeenAtMs"> & { lastSeenAtMs: number })[];
  /** How long an address was kept by the rules of then. */
  readonly leaseMs: number;
  /** It is known by its address, which is the asset's for as long as that. */
  readonly isByAddress: boolean;
};

/** There are a hundred thousand of them, which lie all over the memory: of each as few pieces as can be, and none larger than it must. */
type Entry = Known & {
  readonly realm: string;
  readonly id: string;
  /** How many keys and assets it rests on. */
  readonly references: number;
  isStale: boolean;
};

/** References from keys and assets to what rests on them; beyond, all begins anew. About 0.2 KB each, and a dozen for a device. */
const MAX_REFERENCES = 600_000;
/** From so many on, those of a key or an asset that are over are looked for, whenever there are twice as many. */
const MANY = 16;
/** So many are written as a new list each time. */
const FEW = 4;
/**
 * Of one subject: it is told by several sets of keys, each by its own method: with and without its address, its name. Eight of a MAC
 * and an address, two of all that an agent knows of its host.
 */
const MAX_OF_SUBJECT = 24;

const NONE: readonly Entry[] = [];
const isEqual = (a: SubjectKey, b: SubjectKey | undefined): boolean =>
  b !== undefined && a.value === b.value && a.kind === b.kind && a.vendor === b.vendor;

/** From the last key on: ways in which one subject is told mostly begin alike, and end with their address. */
const isOf = (keys: readonly SubjectKey[], { told, isStale }: Entry): boolean => {
  if (isStale || told.length !== keys.length) return false;
  for (let i = told.length - 1; i >= 0; i--) if (!isEqual(told[i] as SubjectKey, keys[i])) return false;
  return true;
};

/** Names and addresses of an asset decide about nobody that is known by other keys of it. */
const isTelling = (row: SubjectKey): boolean => strengthOf(row) !== "address" && strengthOf(row) !== "name";

const isOther = (a: AssetRow | undefined, b: AssetRow): boolean =>
  a === undefined ||
  a.agentId !== b.agentId ||
  a.instance !== b.instance ||
  a.mergedInto !== b.mergedInto ||
  a.provisional !== b.provisional;

export const createRecognised = (): Recognised => {
  /** By realm and the observer's name for the subject: one for each set of keys that is told of it. */
  const entries = new Map<string, Map<string, readonly Entry[]>>();
  /** What rests on a key, by its value alone, or on an asset: names made for the purpose are dear to look up. */
  const resting = new Map<string, Entry[]>();
  const wrapped = new WeakMap<Tx, Tx>();
  let references = 0;
  const clear = () => {
    entries.clear();
    resting.clear();
    references = 0;
  };
  const forget = (entry: Entry) => {
    entry.isStale = true;
    references -= entry.references;
    const { realm, id } = entry;
    const inRealm = entries.get(realm);
    const left = inRealm?.get(id)?.filter((other) => !other.isStale) ?? [];
    if (left.length > 0) inRealm?.set(id, left.slice());
    else inRealm?.delete(id);
  };
  const end = (name: string) => {
    const ended = resting.get(name);
    if (!ended) return;
    resting.delete(name);
    for (const entry of ended) if (!entry.isStale) forget(entry);
  };
  const restOn = (name: string, entry: Entry) => {
    const others = resting.get(name);
    // A list that is pushed to has room for sixteen more, and most stay at one or two.
    if (!others || others.length < FEW) return void resting.set(name, others ? others.concat(entry) : [entry]);
    others.push(entry);
    const isMany = others.length >= MANY && (others.length & (others.length - 1)) === 0;
    if (isMany) resting.set(name, others.filter((other) => !other.isStale).slice());
  };

  const watch = (tx: Tx): Tx => ({
    ...tx,
    assets: {
      ...tx.assets,
      put: async (row) => {
        if (resting.has(row.assetId) && isOther(await tx.assets.get(row.assetId), row)) end(row.assetId);
        return tx.assets.put(row);
      },
      putKey: (row) => {
        // Of who has all keys of an entry already it says nothing else, whatever more it is known by from now on.
        end(row.value);
        return tx.assets.putKey(row);
      },
      dropKey: (row) => {
        end(row.value);
        if (isTelling(row)) end(row.assetId);
        return tx.assets.dropKey(row);
      },
    },
    decisions: {
      ...tx.decisions,
      add: (row) => {
        end(row.assetId);
        if (row.otherAssetId !== undefined) end(row.otherAssetId);
        return tx.decisions.add(row);
      },
    },
  });

  return {
    find: ({ realm, id, keys }) => {
      for (const entry of entries.get(realm)?.get(id) ?? NONE) if (isOf(keys, entry)) return entry;
      return undefined;
    },
    remember: (subject, keys, what, beside = []) => {
      if (references >= MAX_REFERENCES) clear();
      const { assetId, rows, leaseMs, isByAddress = false } = what;
      const { realm, id, keys: told } = subject;
      // Who else is called so says nothing, unless it is the name that tells who has a MAC that travels.
      const isTraveller = isByAddress && keys.some(isBurntIn);
      const telling = isTraveller ? keys : keys.filter((key) => strengthOf(key) !== "name");
      const on = new Set<string>([
        ...telling.map(({ value }) => value),
        ...rows.map((row) => row.assetId),
        assetId,
        ...beside,
      ]);
      const entry = { assetId, told, rows, leaseMs, isByAddress, realm, id, references: on.size, isStale: false };
      references += entry.references;
      for (const name of on) restOn(name, entry);
      const inRealm = entries.get(realm) ?? new Map<string, readonly Entry[]>();
      const kept: Entry[] = [entry];
      let sum = entry.references;
      for (const other of inRealm.get(id) ?? NONE) {
        sum += other.references;
        if (sum <= MAX_OF_SUBJECT) kept.push(other);
        else forget(other);
      }
      entries.set(realm, inRealm.set(id, kept.slice()));
      return entry;
    },
    watching: (tx) => {
      const seen = wrapped.get(tx) ?? watch(tx);
      wrapped.set(tx, seen);
      return seen;
    },
    clear,
  };
};
