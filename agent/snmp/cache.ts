/**
 * A reader that asks a device nothing twice within one round. It remembers varbinds and, as important, stretches of the
 * device's view that are known in full: GETNEXT from `a` giving `b` says that nothing is between them, a complete walk that
 * all of a subtree is known. So what was looked at by one part of the probe costs the next nothing, absent objects above all.
 */
import { compareOids, type DeviceReader, isBelow, type Truncation, type Varbind } from "./reader.ts";

/** Sorts after every OID that can occur. */
const END = "9";

/** Everything in [from, to) is known. */
type Stretch = { readonly from: string; readonly to: string };

export type CachingReader = DeviceReader & {
  /** Walks that ended early though nobody bounded them, and GETNEXTs that went backwards: what was concluded from them may lack something. */
  readonly troubles: () => readonly Truncation[];
};

export const createCachingReader = (device: DeviceReader): CachingReader => {
  const known = new Map<string, Varbind>();
  const absent = new Set<string>();
  const stretches = createStretches();
  const troubles: Truncation[] = [];
  /** OIDs in order, as far as they were needed in order; what was learned since waits in `unsorted`. */
  let order: string[] = [];
  let unsorted: string[] = [];
  const learn = (varbind: Varbind): void => {
    if (known.has(varbind.oid)) return;
    known.set(varbind.oid, varbind);
    unsorted.push(varbind.oid);
  };
  const sorted = (): readonly string[] => {
    if (unsorted.length > 0) {
      order = mergeSorted(order, unsorted.sort(compareOids));
      unsorted = [];
    }
    return order;
  };

  const get: DeviceReader["get"] = async (oids) => {
    const missing = oids.filter((oid) => !known.has(oid) && !absent.has(oid) && !stretches.covers(oid, after(oid)));
    if (missing.length > 0) {
      const answer = await device.get(missing);
      for (const oid of missing) {
        const varbind = answer.get(oid);
        if (varbind) learn(varbind);
        else absent.add(oid);
      }
    }
    return pick(oids, (oid) => known.get(oid));
  };

  /** The known successor, or undefined where it is not known. */
  const successor = (oid: string): { readonly varbind: Varbind | undefined } | undefined => {
    const end = stretches.endFrom(after(oid));
    if (end === undefined) return undefined;
    const list = sorted();
    const varbind = known.get(list[firstAfter(list, oid)] ?? "");
    if (varbind !== undefined && compareOids(varbind.oid, end) <= 0) return { varbind };
    return end === END ? { varbind: undefined } : undefined;
  };

  const next: DeviceReader["next"] = async (oids) => {
    const missing = oids.filter((oid) => successor(oid) === undefined);
    const answer = missing.length > 0 ? await device.next(missing) : new Map<string, Varbind>();
    for (const [oid, varbind] of answer) {
      // An agent that goes backwards teaches nothing.
      if (compareOids(varbind.oid, oid) <= 0) {
        troubles.push({ root: oid, reason: "loop" });
        continue;
      }
      learn(varbind);
      stretches.add({ from: after(oid), to: after(varbind.oid) });
    }
    return pick(oids, (oid) => successor(oid)?.varbind ?? answer.get(oid));
  };

  const walk: DeviceReader["walk"] = async (roots, options = {}) => {
    const list = typeof roots === "string" ? [roots] : roots;
    const isUnknown = (root: string) => !stretches.covers(after(root), endOf(root));
    const fresh = new Map<string, { varbinds: Varbind[]; truncated: Truncation[] }>();
    // A walk's answer is dealt out to its roots, so that none may be within another: such ones come after.
    for (
      let left = list.filter(isUnknown);
      left.length > 0;
      left = left.filter((root) => !fresh.has(root) && isUnknown(root))
    ) {
      const batch = [...new Set(left)].filter((root) => !left.some((other) => isBelow(root, other)));
      const walked = await device.walk(batch, options);
      for (const [root, varbinds] of splitByRoot(batch, walked.varbinds)) fresh.set(root, { varbinds, truncated: [] });
      for (const truncation of walked.truncated) fresh.get(truncation.root)?.truncated.push(truncation);
      for (const root of batch) {
        const { varbinds, truncated } = fresh.get(root)!;
        for (const varbind of varbinds) learn(varbind);
        if (truncated.length === 0) stretches.add({ from: after(root), to: endOf(root) });
        troubles.push(...truncated.filter(({ reason }) => reason !== "rows"));
      }
    }
    const out: Varbind[] = [];
    const truncated: Truncation[] = [];
    for (const root of list) {
      const walked = fresh.get(root);
      const rows = walked?.varbinds ?? below(sorted(), root).map((oid) => known.get(oid)!);
      out.push(
        ...(options.maxRows !== undefined && rows.length > options.maxRows ? rows.slice(0, options.maxRows) : rows),
      );
      if (walked) truncated.push(...walked.truncated);
      else if (options.maxRows !== undefined && rows.length > options.maxRows) truncated.push({ root, reason: "rows" });
    }
    return { varbinds: out, truncated };
  };

  return { get, next, walk, inContext: device.inContext, troubles: () => troubles };
};

/** The smallest OID after `oid`: its first descendant. */
const after = (oid: string): string => `${oid}.0`;

/** The smallest OID after all descendants of `root`. */
const endOf = (root: string): string => {
  const dot = root.lastIndexOf(".");
  return `${root.slice(0, dot + 1)}${Number(root.slice(dot + 1)) + 1}`;
};

const pick = (oids: readonly string[], find: (oid: string) => Varbind | undefined): ReadonlyMap<string, Varbind> => {
  const out = new Map<string, Varbind>();
  for (const oid of oids) {
    const varbind = find(oid);
    if (varbind) out.set(oid, varbind);
  }
  return out;
};

/** Merges few into many by moving blocks, many into many by sorting anew. */
const mergeSorted = (order: string[], added: readonly string[]): string[] => {
  if (added.length > 64) return [...order, ...added].sort(compareOids);
  for (const oid of added) order.splice(firstAfter(order, oid), 0, oid);
  return order;
};

const firstAfter = (sorted: readonly string[], oid: string): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareOids(sorted[middle]!, oid) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

const below = (sorted: readonly string[], root: string): readonly string[] => {
  const start = firstAfter(sorted, root);
  let end = start;
  while (end < sorted.length && isBelow(sorted[end], root)) end++;
  return sorted.slice(start, end);
};

/** A walk's varbinds come root by root, in the order asked. */
const splitByRoot = (roots: readonly string[], varbinds: readonly Varbind[]): ReadonlyMap<string, Varbind[]> => {
  const out = new Map<string, Varbind[]>();
  let at = 0;
  for (const root of roots) {
    const rows = out.get(root) ?? [];
    while (at < varbinds.length && isBelow(varbinds[at]!.oid, root)) rows.push(varbinds[at++]!);
    out.set(root, rows);
  }
  return out;
};

/** Known stretches, merged and in order. */
const createStretches = () => {
  let list: Stretch[] = [];
  const larger = (a: string, b: string) => (compareOids(a, b) >= 0 ? a : b);
  /** Index of the last stretch that starts at or before `oid`, -1 for none. */
  const indexAt = (oid: string): number => {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareOids(list[middle]!.from, oid) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const endFrom = (oid: string): string | undefined => {
    const stretch = list[indexAt(oid)];
    return stretch !== undefined && compareOids(oid, stretch.to) < 0 ? stretch.to : undefined;
  };
  return {
    endFrom,
    covers: (from: string, to: string): boolean => {
      const end = endFrom(from);
      return end !== undefined && compareOids(end, to) >= 0;
    },
    add: (stretch: Stretch): void => {
      const first = indexAt(stretch.from);
      const touches = first >= 0 && compareOids(list[first]!.to, stretch.from) >= 0;
      const start = touches ? first : first + 1;
      let end = start;
      let merged = touches ? { from: list[first]!.from, to: larger(list[first]!.to, stretch.to) } : stretch;
      while (end < list.length && compareOids(list[end]!.from, merged.to) <= 0) {
        merged = { from: merged.from, to: larger(merged.to, list[end]!.to) };
        end++;
      }
      list = [...list.slice(0, start), merged, ...list.slice(end)];
    },
  };
};
