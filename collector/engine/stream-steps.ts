import type { SectionName } from "../../shared/protocol/sections.ts";
import type { Snapshot } from "../../shared/protocol/snapshot.ts";
import { type Step, type StepOutcome, takeStep } from "../record/steps.ts";
import type { SectionContent, SectionHead, StoredItems, StreamRow } from "../store/store.ts";
import type { Work } from "./context.ts";

/** A snapshot whose large sections may have been told from known lists before they came here. */
export type TakenSnapshot = Omit<Snapshot, "steps"> & { readonly steps: readonly Step[] };

/**
 * What a section was and is now, or no more of both than the items that a step touched. `before` is undefined where this
 * stream never had it: a baseline, not a difference.
 */
export type Moved = {
  readonly before: StoredItems | undefined;
  readonly after: StoredItems;
  readonly isWhole: boolean;
  readonly folded?: { readonly count: number };
};
export type Applied = {
  readonly heads: ReadonlyMap<SectionName, SectionHead>;
  readonly moved: ReadonlyMap<SectionName, Moved>;
  readonly need: readonly SectionName[];
};

/** Less may be the clocks' uncertainty. */
const STALE_MS = 1_000;
/** A whole section of a host's own that was seen earlier than what is held says nothing new. */
const isStale = ({ source }: TakenSnapshot, step: Step, head: SectionHead, atMs: number): boolean =>
  source === "local" && (step.kind === "full" || step.kind === "shared") && atMs < head.observedAtMs - STALE_MS;

/** Carries out a snapshot's steps on its stream's sections, as far as they fit. */
export const applySteps = async (
  work: Work,
  stream: StreamRow,
  snapshot: TakenSnapshot,
  atMs: number,
): Promise<Applied> => {
  const { sections } = work.tx;
  const heads = new Map((await sections.heads(stream.streamNo)).map((head) => [head.section, head]));
  const failures = new Map(snapshot.failures.map((f) => [f.section, `${f.kind}: ${f.reason}`.slice(0, 1_000)]));
  const moved = new Map<SectionName, Moved>();
  const need: SectionName[] = [];
  const named = snapshot.steps.map(({ section }) => section);
  const repeated = new Set(named.filter((section, i) => named.indexOf(section) !== i));
  for (const step of snapshot.steps) {
    const { section } = step;
    const head = heads.get(section);
    if (head && head.goneAtMs === undefined && isStale(snapshot, step, head, atMs)) {
      // A state folder that was put back tells its old baseline first; what was seen since stands until a round is told.
      work.deps.log.debug("section is older than what is held", { stream: stream.stream, section });
      continue;
    }
    const before = head && step.kind !== "gone" ? await sections.content(stream.streamNo, section) : undefined;
    const shared = step.kind === "shared" ? await sections.shared(section, step.base) : undefined;
    const held = head && before && head.goneAtMs === undefined ? { hash: head.hash, content: before } : undefined;
    const outcome = takeStep(held, step, shared);
    if (outcome.kind === "need") {
      work.deps.log.debug("section does not fit", { stream: stream.stream, section, why: outcome.why });
      if (step.kind === "shared") work.direct({ kind: "forget-list", section, base: step.base, hash: step.hash });
      need.push(section);
    } else if (outcome.kind === "gone" && head) heads.set(section, { ...head, goneAtMs: head.goneAtMs ?? atMs });
    else if (outcome.kind === "replaced" || outcome.kind === "stepped") {
      const next: SectionHead = { section, hash: outcome.hash, itemCount: countOf(outcome), observedAtMs: atMs };
      heads.set(section, next);
      const movement = moveOf(before, outcome, step.kind !== "delta" || repeated.has(section));
      const earlier = moved.get(section)?.before;
      moved.set(section, { ...movement, ...(earlier && { before: earlier }), ...foldOf(step) });
      if (head && movement.before) await keepBefore(work, stream, head, movement, atMs);
      if (outcome.kind === "replaced") await sections.put(stream.streamNo, next, outcome.items);
      else await sections.step(stream.streamNo, next, outcome.on, outcome.step);
    }
  }
  await touchHeads(work, stream.streamNo, heads, failures, snapshot, moved, atMs);
  return { heads, moved, need };
};

type Written = Extract<StepOutcome, { kind: "replaced" | "stepped" }>;

const countOf = (outcome: Written): number => {
  if (outcome.kind === "replaced") return outcome.items.size;
  const { on, step } = outcome;
  const added = [...step.put.keys()].filter((key) => on.hash(key) === undefined).length;
  return on.size + added - step.drop.filter((key) => on.hash(key) !== undefined).length;
};

const moveOf = (before: SectionContent | undefined, outcome: Written, isWhole: boolean): Moved => {
  if (outcome.kind === "replaced") return { before: before?.all(), after: outcome.items, isWhole: true };
  const { on, step } = outcome;
  if (isWhole && before) {
    const after = new Map(on.all());
    for (const key of step.drop) after.delete(key);
    for (const [key, stored] of step.put) after.set(key, stored);
    return { before: before.all(), after, isWhole };
  }
  const touched = [...step.put.keys(), ...step.drop].flatMap((key) => {
    const stored = before?.get(key);
    return stored ? [[key, stored] as const] : [];
  });
  return { before: before && new Map(touched), after: step.put, isWhole: false };
};

/** What is replaced is kept, as what must be done to its successor to have it again. */
const keepBefore = async (
  work: Work,
  stream: StreamRow,
  { section, hash, observedAtMs, goneAtMs, failure }: SectionHead,
  { before = new Map(), after }: Moved,
  atMs: number,
): Promise<void> => {
  const put = new Map([...before].filter(([key, stored]) => after.get(key)?.hash !== stored.hash));
  const drop = [...after.keys()].filter((key) => !before.has(key));
  // Rounds that found nothing new renewed the stream alone.
  const isRenewed = goneAtMs === undefined && failure === undefined;
  await work.tx.past.keepSection({
    streamNo: stream.streamNo,
    section,
    atMs,
    hash,
    observedAtMs: isRenewed ? Math.max(observedAtMs, Math.min(stream.observedAtMs, atMs)) : observedAtMs,
    ...(goneAtMs === undefined ? {} : { goneAtMs }),
    step: { put, drop },
  });
};

const foldOf = (step: Step): { folded?: { count: number } } =>
  step.kind === "delta" && step.folded ? { folded: { count: step.folded.count } } : {};

/** Freshness and failures are of the whole stream: `failures` is its full list as of this round. */
const touchHeads = async (
  work: Work,
  streamNo: number,
  heads: Map<SectionName, SectionHead>,
  failures: ReadonlyMap<SectionName, string>,
  { steps }: TakenSnapshot,
  moved: ReadonlyMap<SectionName, Moved>,
  atMs: number,
): Promise<void> => {
  const stepped = new Set(steps.map(({ section }) => section));
  for (const [section, head] of heads) {
    const failure = failures.get(section);
    const isChanged = (failure ?? "") !== (head.failure ?? "");
    if (!isChanged && (moved.has(section) || !stepped.has(section))) continue;
    const { failure: _, ...rest } = head;
    const next = {
      ...rest,
      ...(stepped.has(section) && head.goneAtMs === undefined
        ? { observedAtMs: Math.max(atMs, head.observedAtMs) }
        : {}),
      ...(failure === undefined ? {} : { failure }),
    };
    heads.set(section, next);
    await work.tx.sections.touch(streamNo, next);
  }
};
