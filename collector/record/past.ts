import type { SectionName } from "../../shared/protocol/sections.ts";
import type { AssetKeyRow, AssetPastRow, AssetRow, SectionPastRow, StoredItem, StoredItems } from "../store/store.ts";

/**
 * What was, from what is and what was kept of each write: pure. Steps are in the order in which they were written. One that came
 * late (an agent that was cut off) counts from the latest time of the steps of the same thing before it, so that time only goes forward.
 */
const undone = <E extends { readonly atMs: number }>(steps: readonly E[], atMs: number): readonly E[] => {
  let latest = Number.NEGATIVE_INFINITY;
  const first = steps.findIndex((step) => {
    latest = Math.max(latest, step.atMs);
    return latest > atMs;
  });
  return first < 0 ? [] : steps.slice(first);
};

/** The asset's row as of `atMs`, and for each section the stream that spoke for it. */
export const assetAt = (
  now: AssetRow,
  accepted: ReadonlyMap<SectionName, number>,
  past: readonly AssetPastRow[],
  atMs: number,
): { readonly row: AssetRow; readonly accepted: ReadonlyMap<SectionName, number> } => {
  const row: Record<string, unknown> = { ...now };
  const streams = new Map(accepted);
  for (const field of new Set(past.flatMap(({ before }) => Object.keys(before.row ?? {})))) {
    const [first] = undone(
      past.filter(({ before }) => before.row && field in before.row),
      atMs,
    );
    const value = first?.before.row?.[field];
    if (value === null) delete row[field];
    else if (value !== undefined) row[field] = value;
  }
  const sections = past.flatMap(({ before }) => Object.keys(before.accepted ?? {})) as SectionName[];
  for (const section of new Set(sections)) {
    const [first] = undone(
      past.filter(({ before }) => before.accepted && section in before.accepted),
      atMs,
    );
    const streamNo = first?.before.accepted?.[section];
    if (streamNo === null) streams.delete(section);
    else if (streamNo !== undefined) streams.set(section, streamNo);
  }
  return { row: row as AssetRow, accepted: streams };
};

type KeyName = Pick<AssetKeyRow, "kind" | "value" | "vendor" | "realm">;
const nameOf = ({ kind, value, vendor = "", realm }: KeyName): string => `${kind}\0${value}\0${vendor}\0${realm}`;

/** The keys that the asset had: without those that it got since, with those that it lost since. */
export const keysAt = (
  now: readonly AssetKeyRow[],
  past: readonly AssetPastRow[],
  atMs: number,
): readonly AssetKeyRow[] => {
  const keys = new Map(now.map((key) => [nameOf(key), key]));
  const since = undone(
    past.filter(({ before }) => before.lost ?? before.got),
    atMs,
  );
  for (const { before } of since.toReversed()) {
    for (const key of before.got ?? []) keys.delete(nameOf(key));
    for (const key of before.lost ?? []) keys.set(nameOf(key), key);
  }
  return [...keys.values()].filter(({ firstSeenAtMs }) => firstSeenAtMs <= atMs);
};

export type SectionThen = {
  /** What to do to the present content, in this order, to have the content of then. */
  readonly undo: readonly SectionPastRow["step"][];
  readonly hash: string;
  /** Since when the content was what it was then. */
  readonly sinceMs: number;
  /** The last look that found it, which may be later. */
  readonly observedAtMs: number;
  readonly goneAtMs?: number;
};

type SectionNow = {
  readonly hash: string;
  readonly beganAtMs: number;
  readonly observedAtMs: number;
  readonly goneAtMs?: number;
};

/** How a section was; undefined where nobody had looked at it yet. */
export const sectionAt = (
  now: SectionNow,
  past: readonly Omit<SectionPastRow, "streamNo" | "section">[],
  atMs: number,
): SectionThen | undefined => {
  if (atMs < now.beganAtMs) return undefined;
  const steps = undone(past, atMs);
  const first = steps[0];
  const { goneAtMs } = first ?? now;
  const sinceMs = past
    .slice(0, past.length - steps.length)
    .reduce((ms, step) => Math.max(ms, step.atMs), now.beganAtMs);
  return {
    undo: steps.map(({ step }) => step).reverse(),
    hash: (first ?? now).hash,
    sinceMs,
    observedAtMs: Math.max(sinceMs, (first ?? now).observedAtMs),
    ...(goneAtMs !== undefined && goneAtMs <= atMs ? { goneAtMs } : {}),
  };
};

export const undoSteps = (items: StoredItems, steps: SectionThen["undo"]): StoredItems => {
  if (steps.length === 0) return items;
  const content = new Map<string, StoredItem>(items);
  for (const { put, drop } of steps) {
    for (const key of drop) content.delete(key);
    for (const [key, stored] of put) content.set(key, stored);
  }
  return content;
};
