/**
 * What is due next, as a binary heap with one live entry per key: setting a key again leaves the old entry behind, which
 * is skipped when it comes up. A tick costs what is due, whatever the number of keys.
 */
export type DueQueue<K> = {
  readonly set: (key: K, dueMs: number) => void;
  readonly remove: (key: K) => void;
  /** Takes out what is due at or before `nowMs`, earliest first. */
  readonly take: (nowMs: number, limit: number) => K[];
  readonly nextMs: () => number | undefined;
  readonly clear: () => void;
};

export const createDueQueue = <K>(): DueQueue<K> => {
  let heap: { readonly dueMs: number; readonly key: K }[] = [];
  const current = new Map<K, number>();

  const swap = (a: number, b: number) => {
    [heap[a], heap[b]] = [heap[b]!, heap[a]!];
  };
  const up = (start: number) => {
    for (let i = start; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.dueMs <= heap[i]!.dueMs) return;
      swap(i, parent);
      i = parent;
    }
  };
  const down = () => {
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      if (left >= heap.length) return;
      const least = left + 1 < heap.length && heap[left + 1]!.dueMs < heap[left]!.dueMs ? left + 1 : left;
      if (heap[i]!.dueMs <= heap[least]!.dueMs) return;
      swap(i, least);
      i = least;
    }
  };
  const pop = () => {
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      down();
    }
    return top;
  };
  const isStale = (entry: { dueMs: number; key: K }) => current.get(entry.key) !== entry.dueMs;
  const push = (key: K, dueMs: number) => {
    heap.push({ dueMs, key });
    up(heap.length - 1);
  };
  // Left-behind entries are dropped in one go when they outnumber the live ones.
  const compact = () => {
    if (heap.length < 1_024 || heap.length < 4 * current.size) return;
    heap = [];
    for (const [key, dueMs] of current) push(key, dueMs);
  };

  return {
    set: (key, dueMs) => {
      if (current.get(key) === dueMs) return;
      current.set(key, dueMs);
      push(key, dueMs);
      compact();
    },
    remove: (key) => void current.delete(key),
    take: (nowMs, limit) => {
      const out: K[] = [];
      while (heap.length > 0 && heap[0]!.dueMs <= nowMs && out.length < limit) {
        const entry = pop();
        if (isStale(entry)) continue;
        current.delete(entry.key);
        out.push(entry.key);
      }
      return out;
    },
    nextMs: () => {
      while (heap.length > 0 && isStale(heap[0]!)) pop();
      return heap[0]?.dueMs;
    },
    clear: () => {
      heap = [];
      current.clear();
    },
  };
};
