import { type AssetId, createRecordId } from "../../shared/ids.ts";
import { hashOfItems } from "../../shared/protocol/canonical.ts";
import type { Subject, SubjectKey } from "../../shared/protocol/observation.ts";
import { isSectionName, type SectionName } from "../../shared/protocol/sections.ts";
import { streamId } from "../../shared/protocol/snapshot.ts";
import { assetFieldsOf, fieldSections } from "../record/asset-fields.ts";
import { type Difference, diff } from "../record/diff.ts";
import { FLAP_MS, foldFlapping } from "../record/flapping.ts";
import { withoutNul } from "../record/nul.ts";
import { rankOf } from "../record/precedence.ts";
import type { AgentRow, AssetRow, ChangeRow, SectionHead, StoredItems, StreamRow } from "../store/store.ts";
import type { Work } from "./context.ts";
import type { Effect } from "./ingest.ts";
import { isSameKey } from "./joins.ts";
import { type Applied, applySteps, type TakenSnapshot } from "./stream-steps.ts";
import { placeSubject } from "./subjects.ts";

type Needed = { readonly stream: string; readonly section: SectionName };

/** Root over the streams of an agent; those without a looked-at section don't count. */
export const rootOf = (streams: readonly StreamRow[]): string =>
  hashOfItems(new Map(streams.filter(({ root }) => root !== EMPTY_ROOT).map(({ stream, root }) => [stream, root])));

const EMPTY_ROOT = hashOfItems(new Map());
const NONE: ReadonlySet<SectionName> = new Set();

const rootOfHeads = (heads: Iterable<SectionHead>): string =>
  hashOfItems(new Map([...heads].filter(({ goneAtMs }) => goneAtMs === undefined).map((h) => [h.section, h.hash])));

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
  // What this tells of the asset was so when it was observed; what is concluded from it later on is from now on.
  work.tx.past.mark(atMs);
  const applied = await applySteps(work, stream, snapshot, atMs);
  await work.tx.streams.put({
    ...stream,
    ...(assetId === undefined ? {} : { assetId }),
    root: snapshot.steps.length === 0 ? stream.root : rootOfHeads(applied.heads.values()),
    observedAtMs: Math.max(atMs, stream.observedAtMs),
    recordedAtMs: work.nowMs,
  });
  const row = await work.tx.agents.get(agent.agentId, agent.instance);
  const home = own ? (assetId ?? row?.assetId) : row?.assetId;
  if (row && (row.root !== undefined || row.assetId !== home)) {
    const { root: _, ...rest } = row;
    await work.tx.agents.put({ ...rest, ...(home === undefined ? {} : { assetId: home }) });
  }
  if (assetId !== undefined) await record(work, agent, snapshot, stream.streamNo, assetId, applied, atMs);
  work.tx.past.mark(work.nowMs);
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
  if (known?.assetId !== undefined && isSameSubject(known.subject, subject)) {
    const survivor = await survivorOf(work, known.assetId);
    await work.tx.assets.seen(survivor, atMs);
    return { stream: known, assetId: survivor };
  }
  const { assetId } = await placeSubject(work, { agent, subject, own, atMs });
  if (known) return { stream: { ...known, subject }, assetId };
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

const isSameSubject = (a: Subject, b: Subject): boolean =>
  a.id === b.id &&
  a.realm === b.realm &&
  a.keys.length === b.keys.length &&
  a.keys.every((key, i) => isSameKey(key, b.keys[i] as SubjectKey));

const survivorOf = async (work: Work, assetId: AssetId): Promise<AssetId> => {
  let id = assetId;
  for (let hops = 0; hops < 16; hops++) {
    const next: AssetId | undefined = (await work.tx.assets.get(id))?.mergedInto;
    if (next === undefined) return id;
    id = next;
  }
  return id;
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
    await keepChanges(work, assetId, changes);
    work.emit({ kind: "changes", assetId, count: changes.length });
  }
  await updateAsset(work, assetId, source, streamNo, accepted, applied, changes.length > 0);
  work.tx.past.mark(work.nowMs);
  work.tx.observations.observe({
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

/** More changes at once than this are an upgrade or a reinstallation: nothing of it flaps. */
const MAX_FLAPPING = 200;
/** Recent changes of an asset that are looked at for ones that are taken back. */
const MAX_RECENT = 500;

const keepChanges = async (work: Work, assetId: AssetId, changes: readonly ChangeRow[]): Promise<void> => {
  if (changes.length > MAX_FLAPPING) return work.tx.changes.add(changes);
  const { added, folded } = foldFlapping(
    await work.tx.changes.recent(assetId, work.nowMs - FLAP_MS, MAX_RECENT),
    changes,
  );
  await work.tx.changes.add(added);
  for (const row of folded) await work.tx.changes.fold(row);
};

/** For which sections this stream's word is the accepted one, taking over where it outranks or equals who had it. */
const acceptSections = async (
  work: Work,
  assetId: AssetId,
  streamNo: number,
  source: TakenSnapshot["source"],
  { moved }: Applied,
): Promise<ReadonlySet<SectionName>> => {
  if (moved.size === 0) return NONE;
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
  method: TakenSnapshot["source"],
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
  source: TakenSnapshot["source"],
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
