import type { SectionStep } from "../../shared/protocol/snapshot.ts";

/**
 * Folding, for an agent that was away so long that its spool passed the soft limit (design §3). Pure.
 *
 * Only runs of whole deltas of one section are folded, so that the hashes at the ends of the run are known already. A delta
 * that is the first or the last of any of its items stays as it is: when a thing began to differ and what it ended as
 * are exact; how often it went back and forth in between is a number.
 */
export type DeltaStep = Extract<SectionStep, { kind: "delta" }>;
/** Without a step: another message with steps of the same section, over which nothing may be folded. */
export type PendingDelta = { readonly id: number; readonly observedAtMs: number; readonly step: DeltaStep | undefined };
type Delta = PendingDelta & { readonly step: DeltaStep };

/** `into` takes `step`; the same section's steps of `without` go away. */
export type Fold = { readonly into: number; readonly without: readonly number[]; readonly step: DeltaStep };

const keysOf = (step: DeltaStep): string[] => [...Object.keys(step.put), ...step.drop];

/** Ids of deltas that are neither first nor last for any item they touch. */
const middleOnes = (pending: readonly Delta[]): ReadonlySet<number> => {
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  for (const { id, step } of pending)
    for (const key of keysOf(step)) {
      if (!first.has(key)) first.set(key, id);
      last.set(key, id);
    }
  const kept = new Set([...first.values(), ...last.values()]);
  return new Set(pending.map(({ id }) => id).filter((id) => !kept.has(id)));
};

const merge = (run: readonly Delta[]): DeltaStep => {
  const put = new Map<string, DeltaStep["put"][string]>();
  const drop = new Set<string>();
  let count = 0;
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = 0;
  for (const { step, observedAtMs } of run) {
    for (const key of step.drop) {
      put.delete(key);
      drop.add(key);
    }
    for (const [key, item] of Object.entries(step.put)) {
      drop.delete(key);
      put.set(key, item);
    }
    count += step.folded?.count ?? 1;
    fromMs = Math.min(fromMs, step.folded?.fromMs ?? observedAtMs);
    toMs = Math.max(toMs, step.folded?.toMs ?? observedAtMs);
  }
  return {
    kind: "delta",
    section: run[0]!.step.section,
    base: run[0]!.step.base,
    hash: run.at(-1)!.step.hash,
    put: Object.fromEntries(put),
    drop: [...drop],
    folded: { count, fromMs, toMs },
  };
};

/**
 * What can be folded among the deltas of one section of one stream, oldest first. A run ends where the chain of hashes
 * does (a `full` came between) and after `longest` deltas.
 */
export const foldDeltas = (pending: readonly PendingDelta[], longest = 1_000): readonly Fold[] => {
  const isDelta = (one: PendingDelta): one is Delta => one.step !== undefined;
  const middle = middleOnes(pending.filter(isDelta));
  const folds: Fold[] = [];
  let run: Delta[] = [];
  const end = () => {
    if (run.length > 1)
      folds.push({ into: run.at(-1)!.id, without: run.slice(0, -1).map(({ id }) => id), step: merge(run) });
    run = [];
  };
  for (const delta of pending) {
    const foldable = isDelta(delta) && middle.has(delta.id);
    const chained = run.length === 0 || run.at(-1)!.step.hash === delta.step?.base;
    if (!foldable || !chained || run.length >= longest) end();
    if (foldable) run.push(delta);
  }
  end();
  return folds;
};
