import { type AssetId, createRecordId } from "../../shared/ids.ts";
import { hashOfItems } from "../../shared/protocol/canonical.ts";
import { isSectionName, type SectionName } from "../../shared/protocol/sections.ts";
import { type Snapshot, streamId } from "../../shared/protocol/snapshot.ts";
import { assetFieldsOf, fieldSections } from "../record/asset-fields.ts";
import { type Difference, diff } from "../record/diff.ts";
import { withoutNul } from "../record/nul.ts";
import { rankOf } from "../record/precedence.ts";
import { type Step, type StepOutcome, takeStep } from "../record/steps.ts";
import type {
  AgentRow,
  AssetRow,
  ChangeRow,
  SectionContent,
  SectionHead,
  StoredItems,
  StreamRow,
} from "../store/store.ts";
import type { Work } from "./context.ts";
import type { Effect } from "./ingest.ts";
import { placeSubject } from "./subjects.ts";

type Needed = { readonly stream: string; readonly section: SectionName };

/** Root over the streams of an agent; those without a looked-at section don't count. */
export const rootOf = (streams: readonly StreamRow[]): string =>
  hashOfItems(new Map(streams.filter(({ root }) => root !== EMPTY_ROOT).map(({ stream, root }) => [stream, root])));

const EMPTY_ROOT = hashOfItems(new Map());

const rootOfHeads = (heads: Iterable<SectionHead>): string =>
  hashOfItems(new Map([...heads].filter(({ goneAtMs }) => goneAtMs === undefined).map((h) => [h.section, h.hash])));

/** A snapshot whose large sections may have been told from known lists before they came here. */
export type TakenSnapshot = Omit<Snapshot, "steps"> & { readonly steps: readonly Step[] };

/** Takes in what one round of a probe changed: sections, the asset they are about, and what differs from before. */
export const takeSnapshot = async (
  work: Work,
  agent: AgentRow,
  snapshot: TakenSnapshot,
  receivedAtMs: number,
): Promise<Effect> => {
  const own = snapshot.source === "local";
  if (own !== (snapshot.subject.id === "self"))
    return { refused: `a ${snapshot.source} snapshot can't be about "${snapshot.subject.id.slice(0, 80)}"` };
  const atMs = Math.min(receivedAtMs, Math.round(snapshot.observedAtMs - (agent.clockOffsetMs ?? 0)));
  const { stream, assetId } = await openStream(work, agent, snapshot, own, atMs);
  const applied = await applySteps(work, stream, snapshot, atMs);
  await work.tx.streams.put({
    ...stream,
    subject: snapshot.subject,
    ...(assetId === undefined ? {} : { assetId }),
    root: rootOfHeads(applied.heads.values()),
    observedAtMs: Math.max(atMs, stream.observedAtMs),
    recordedAtMs: work.nowMs,
  });
  const row = await work.tx.agents.get(agent.agentId, agent.instance);
  if (row) {
    const { root: _, ...rest } = row;
    await work.tx.agents.put({ ...rest, ...(own && assetId !== undefined ? { assetId } : {}) });
  }
  if (assetId !== undefined) await record(work, agent, snapshot, stream.streamNo, assetId, applied, atMs);
  const need: Needed[] = applied.need.map((section) => ({ stream: stream.stream, section }));
  return { down: need.length > 0 ? [{ kind: "need", sections: need }] : [] };
};

const openStream = async (
  work: Work,
  agent: AgentRow,
  { source, subject }: TakenSnapshot,
  own: boolean,
  atMs: number,
): Promise<{ stream: StreamRow; assetId: AssetId | undefined }> => {
  const id = streamId(source, subject.id);
  const known = await work.tx.streams.get(agent.agentId, agent.instance, id);
  const unchanged = known?.assetId !== undefined && JSON.stringify(known.subject) === JSON.stringify(subject);
  if (known && unchanged) {
    const survivor = await survivorOf(work, known.assetId as AssetId);
    await work.tx.assets.seen(survivor, atMs);
    return { stream: known, assetId: survivor };
  }
  const assetId = await placeSubject(work, { agent, subject, own, atMs });
  if (known) return { stream: known, assetId };
  const row = {
    agentId: agent.agentId,
    instance: agent.instance,
    stream: id,
    source,
    subject,
    root: EMPTY_ROOT,
    observedAtMs: atMs,
    recordedAtMs: work.nowMs,
    ...(assetId === undefined ? {} : { assetId }),
  };
  return { stream: { ...row, streamNo: await work.tx.streams.add(row) }, assetId };
};

const survivorOf = async (work: Work, assetId: AssetId): Promise<AssetId> => {
  let id = assetId;
  for (let hops = 0; hops < 16; hops++) {
    const next: AssetId | undefined = (await work.tx.assets.get(id))?.mergedInto;
    if (next === undefined) return id;
    id = next;
  }
  return id;
};

/**
 * What a section was and is now, or no more of both than the items that a step touched. `before` is undefined where this
 * stream never had it: a baseline, not a difference.
 */
type Moved = {
  readonly before: StoredItems | undefined;
  readonly after: StoredItems;
  readonly isWhole: boolean;
  readonly folded?: { readonly count: number };
};
type Applied = {
  readonly heads: ReadonlyMap<SectionName, SectionHead>;
  readonly moved: ReadonlyMap<SectionName, Moved>;
  readonly need: readonly SectionName[];
};

/** Less may be the clocks' uncertainty. */
const STALE_MS = 1_000;
/** A whole section of a host's own that was seen earlier than what is held says nothing new. */
const isStale = ({ source }: TakenSnapshot, step: Step, head: SectionHead, atMs: number): boolean =>
  source === "local" && (step.kind === "full" || step.kind === "shared") && atMs < head.observedAtMs - STALE_MS;

const applySteps = async (work: Work, stream: StreamRow, snapshot: TakenSnapshot, atMs: number): Promise<Applied> => {
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
      const isWhole = step.kind !== "delta" || repeated.has(section);
      moved.set(section, { ...movement(before, moved.get(section), outcome, isWhole), ...foldOf(step) });
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

const movement = (
  before: SectionContent | undefined,
  earlier: Moved | undefined,
  outcome: Written,
  isWhole: boolean,
): Moved => {
  if (outcome.kind === "replaced")
    return { before: earlier?.before ?? before?.all(), after: outcome.items, isWhole: true };
  const { on, step } = outcome;
  if (isWhole && before) {
    const after = new Map(on.all());
    for (const key of step.drop) after.delete(key);
    for (const [key, stored] of step.put) after.set(key, stored);
    return { before: earlier?.before ?? before.all(), after, isWhole };
  }
  const touched = [...step.put.keys(), ...step.drop].flatMap((key) => {
    const stored = before?.get(key);
    return stored ? [[key, stored] as const] : [];
  });
  return { before: before && new Map(touched), after: step.put, isWhole: false };
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

const record = async (
  work: Work,
  agent: AgentRow,
  snapshot: TakenSnapshot,
  streamNo: number,
  assetId: AssetId,
  applied: Applied,
  atMs: number,
): Promise<void> => {
  const { source, subject } = snapshot;
  const { agentId, instance } = agent;
  const accepted = await acceptSections(work, assetId, streamNo, source, applied);
  const changes = [...applied.moved].flatMap(([section, { before, after, folded }]) =>
    before && accepted.has(section)
      ? diff(section, before, after).map((d) => changeOf(work, agent, assetId, source, atMs, d, folded?.count))
      : [],
  );
  if (changes.length > 0) {
    await work.tx.changes.add(changes);
    work.emit({ kind: "changes", assetId, count: changes.length });
  }
  await updateAsset(work, assetId, source, streamNo, accepted, applied, changes.length > 0);
  await work.tx.observations.observe({
    agentId,
    instance,
    method: source,
    realm: subject.realm,
    subjectId: subject.id,
    keys: subject.keys,
    assetId,
    atMs,
  });
  const heard = { agentId, instance, clockOffsetMs: agent.clockOffsetMs ?? 0 };
  const { watch } = work.deps;
  await work.take(await watch.snapshot(work.tx, { ...heard, assetId, source, observedAtMs: atMs }, work.nowMs));
  if (changes.length > 0) await work.take(await watch.changes(work.tx, { assetId, changes }, work.nowMs));
};

/** For which sections this stream's word is the accepted one, taking over where it outranks or equals who had it. */
const acceptSections = async (
  work: Work,
  assetId: AssetId,
  streamNo: number,
  source: Snapshot["source"],
  { moved }: Applied,
): Promise<ReadonlySet<SectionName>> => {
  const holders = new Map((await work.tx.assets.accepted(assetId)).map((row) => [row.section, row.streamNo]));
  const accepted = new Set<SectionName>();
  for (const section of moved.keys()) {
    const holder = holders.get(section);
    if (holder !== undefined && holder !== streamNo) {
      const other = await work.tx.streams.byNumber(holder);
      if (other && other.assetId === assetId && rankOf(section, other.source) <= rankOf(section, source)) continue;
    }
    if (holder !== streamNo) await work.tx.assets.accept({ assetId, section, streamNo });
    accepted.add(section);
  }
  return accepted;
};

const changeOf = (
  work: Work,
  { agentId }: AgentRow,
  assetId: AssetId,
  method: Snapshot["source"],
  observedAtMs: number,
  difference: Difference,
  folded: number | undefined,
): ChangeRow => ({
  changeId: createRecordId("chg", work.nowMs, work.deps.random),
  assetId,
  ...difference,
  itemKey: withoutNul(difference.itemKey),
  observedAtMs,
  recordedAtMs: work.nowMs,
  actor: { kind: "agent", agentId, method },
  ...(folded === undefined ? {} : { folded }),
});

const updateAsset = async (
  work: Work,
  assetId: AssetId,
  source: Snapshot["source"],
  streamNo: number,
  accepted: ReadonlySet<SectionName>,
  applied: Applied,
  isNews: boolean,
): Promise<void> => {
  const asset = await work.tx.assets.get(assetId);
  if (!asset) return;
  const sources = asset.sources.includes(source) ? asset.sources : [...asset.sources, source];
  const fieldsMoved = [...accepted].some((section) => fieldSections.has(section));
  const software = accepted.has("software") ? applied.heads.get("software")?.itemCount : undefined;
  const softwareCount = software ?? asset.softwareCount;
  if (!isNews && !fieldsMoved && sources === asset.sources && softwareCount === asset.softwareCount) return;
  const fields = fieldsMoved ? await readFields(work, asset, streamNo, applied) : {};
  await work.tx.assets.put({
    ...asset,
    ...withoutLocked(fields, asset.locked),
    ...(softwareCount === undefined ? {} : { softwareCount }),
    sources,
    version: asset.version + 1,
  });
  work.touchAsset(assetId, "updated");
};

const withoutLocked = (fields: Partial<AssetRow>, locked: readonly string[]): Partial<AssetRow> =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => !locked.includes(field)));

const readFields = async (
  work: Work,
  asset: AssetRow,
  movedIn: number,
  { moved }: Applied,
): Promise<Partial<AssetRow>> => {
  const content = new Map<SectionName, StoredItems>();
  for (const { section, streamNo } of await work.tx.assets.accepted(asset.assetId)) {
    if (!fieldSections.has(section)) continue;
    const inHand = streamNo === movedIn ? moved.get(section) : undefined;
    const items = inHand?.isWhole ? inHand.after : await work.tx.sections.items(streamNo, section);
    if (items) content.set(section, items);
  }
  return assetFieldsOf(content, { name: asset.name, type: asset.type });
};

/**
 * Which sections must be sent whole, after the agent has told every section's hash. What it has no more counts as gone:
 * nobody looks there, and facts stay and age.
 */
export const compareHashes = async (
  work: Work,
  agent: AgentRow,
  told: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<Needed[]> => {
  const need: Needed[] = [];
  const streams = await work.tx.streams.ofAgent(agent.agentId, agent.instance);
  const known = new Map(streams.map((stream) => [stream.stream, stream]));
  for (const [stream, sections] of Object.entries(told)) {
    const row = known.get(stream);
    const heads = new Map(row ? (await work.tx.sections.heads(row.streamNo)).map((h) => [h.section, h]) : []);
    for (const [section, hash] of Object.entries(sections)) {
      const head = isSectionName(section) ? heads.get(section) : undefined;
      if (isSectionName(section) && (head?.hash !== hash || head.goneAtMs !== undefined))
        need.push({ stream, section });
    }
  }
  for (const row of streams) await endSections(work, row, told[row.stream] ?? {});
  const row = await work.tx.agents.get(agent.agentId, agent.instance);
  if (row) {
    const { root: _, ...rest } = row;
    await work.tx.agents.put(rest);
  }
  return need.slice(0, 10_000);
};

const endSections = async (work: Work, stream: StreamRow, told: Readonly<Record<string, string>>): Promise<void> => {
  const heads = await work.tx.sections.heads(stream.streamNo);
  const ended = heads.filter(({ section, goneAtMs }) => goneAtMs === undefined && told[section] === undefined);
  if (ended.length === 0) return;
  for (const head of ended) await work.tx.sections.touch(stream.streamNo, { ...head, goneAtMs: work.nowMs });
  const left = heads.filter((head) => !ended.includes(head));
  await work.tx.streams.put({ ...stream, root: rootOfHeads(left) });
};
