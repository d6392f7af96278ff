import type { AssetId } from "../../shared/ids.ts";
import type { Subject, SubjectKey } from "../../shared/protocol/observation.ts";
import type { AssetKeyRow, Tx } from "../store/store.ts";

/**
 * What identity said of subjects that are seen again and again, sweep after sweep, with the same keys: kept until one of those
 * keys or the asset itself is written anew. It only spares the question; the answer is the one that would be given again.
 */
export type Recognised = {
  readonly find: (subject: Subject) => Known | undefined;
  /** `keys`: what identity made of the subject's. */
  readonly remember: (subject: Subject, keys: readonly SubjectKey[], known: Known) => void;
  /** The transaction, told on: what it writes about keys, assets and decisions ends what is known of them. */
  readonly watching: (tx: Tx) => Tx;
  /** After a transaction that was not kept. */
  readonly clear: () => void;
};

export type Known = {
  /** Absent: a visitor. */
  readonly assetId?: AssetId;
  /** The asset's rows of these keys, as they were last read or written. */
  readonly rows: AssetKeyRow[];
  /** How long an address was kept by the rules of then. */
  readonly leaseMs: number;
};

type Entry = {
  readonly keys: readonly SubjectKey[];
  readonly names: readonly string[];
  readonly at: number;
  readonly known: Known;
};

/** Subjects and written names kept; beyond, all begins anew. About 0.5 KB each. */
const MAX_KNOWN = 200_000;

const nameOf = ({ kind, value }: Pick<SubjectKey, "kind" | "value">): string => `${kind} ${value}`;
const isEqual = (a: SubjectKey, b: SubjectKey): boolean =>
  a.value === b.value && a.kind === b.kind && a.vendor === b.vendor;
const idOf = ({ realm, id }: Subject): string => `${realm} ${id}`;

export const createRecognised = (): Recognised => {
  const entries = new Map<string, Entry>();
  /** When (counted in writes) a key or an asset was last written. */
  const written = new Map<string, number>();
  const wrapped = new WeakMap<Tx, Tx>();
  let writes = 0;
  const clear = () => {
    entries.clear();
    written.clear();
  };
  const note = (name: string) => void written.set(name, ++writes);
  const isCurrent = (name: string, at: number) => (written.get(name) ?? 0) <= at;

  const watch = (tx: Tx): Tx => ({
    ...tx,
    assets: {
      ...tx.assets,
      put: (row) => {
        note(row.assetId);
        return tx.assets.put(row);
      },
      putKey: (row) => {
        note(nameOf(row));
        note(row.assetId);
        return tx.assets.putKey(row);
      },
      dropKey: (row) => {
        note(nameOf(row));
        note(row.assetId);
        return tx.assets.dropKey(row);
      },
    },
    decisions: {
      ...tx.decisions,
      add: (row) => {
        note(row.assetId);
        if (row.otherAssetId !== undefined) note(row.otherAssetId);
        return tx.decisions.add(row);
      },
    },
  });

  return {
    find: (subject) => {
      const entry = entries.get(idOf(subject));
      if (entry === undefined || entry.keys.length !== subject.keys.length) return undefined;
      if (!entry.keys.every((key, i) => isEqual(key, subject.keys[i] as SubjectKey))) return undefined;
      return entry.names.every((name) => isCurrent(name, entry.at)) ? entry.known : undefined;
    },
    remember: (subject, keys, known) => {
      if (entries.size >= MAX_KNOWN || written.size >= MAX_KNOWN) clear();
      const names = keys.map(nameOf);
      if (known.assetId !== undefined) names.push(known.assetId);
      for (const row of known.rows) if (row.assetId !== known.assetId) names.push(row.assetId);
      entries.set(idOf(subject), { keys: subject.keys, names, at: writes, known });
    },
    watching: (tx) => {
      const seen = wrapped.get(tx) ?? watch(tx);
      wrapped.set(tx, seen);
      return seen;
    },
    clear,
  };
};
