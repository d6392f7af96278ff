import { type AgentId, type AssetId, createAssetId, createRecordId } from "../../shared/ids.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import { agentKeyOf, strengthOf } from "../identity/keys.ts";
import { restoredBook, withBook } from "../record/book.ts";
import { joinedFields } from "../record/joined-fields.ts";
import { rankOf } from "../record/precedence.ts";
import type { AcceptedSectionRow, AssetKeyRow, AssetRow, DecisionRow, StreamRow } from "../store/store.ts";
import type { Work } from "./context.ts";

/**
 * Joins and splits of assets. A join is an alias: the joined asset's row, keys, changes and observations stay its own, and are
 * read as the survivor's, so that undoing one takes nothing away and puts nothing back in the wrong place.
 */

export type Why = Pick<DecisionRow, "rule" | "byHand" | "explanation" | "keys"> & { readonly agentId?: AgentId };

/** The asset that this one is now: itself, or what it was joined into. */
export const survivorOf = async (work: Work, assetId: AssetId): Promise<AssetRow | undefined> => {
  let row = await work.tx.assets.get(assetId);
  for (let hops = 0; row?.mergedInto !== undefined && hops < 32; hops++) row = await work.tx.assets.get(row.mergedInto);
  return row;
};

/** Streams of the joined asset that now speak for the survivor: where it had no word on a section, or a lesser source's. */
const acceptJoined = async (work: Work, into: AssetId, from: AssetId): Promise<void> => {
  const held = new Map((await work.tx.assets.accepted(into)).map((row) => [row.section, row.streamNo]));
  for (const { section, streamNo } of await work.tx.assets.accepted(from)) {
    const mine = held.get(section);
    const [current, coming] = [
      mine === undefined ? undefined : await work.tx.streams.byNumber(mine),
      await work.tx.streams.byNumber(streamNo),
    ];
    if (!coming || (current && rankOf(section, current.source) <= rankOf(section, coming.source))) continue;
    await work.tx.assets.accept({ assetId: into, section, streamNo });
  }
};

/** Makes two assets one. `agentMoves`: the joined asset's agent lives on the survivor from now on. */
export const joinAssets = async (
  work: Work,
  { into: intoId, from: fromId, agentMoves = false }: { into: AssetId; from: AssetId; agentMoves?: boolean },
  why: Why,
): Promise<string | undefined> => {
  const into = await work.tx.assets.get(intoId);
  const from = await work.tx.assets.get(fromId);
  if (!into || !from || intoId === fromId || into.mergedInto !== undefined || from.mergedInto !== undefined)
    return undefined;
  const acceptedBefore = await work.tx.assets.accepted(intoId);
  const agents = await work.tx.agents.ofAsset(fromId);
  const streams = await work.tx.streams.ofAsset(fromId);
  for (const agent of agents) await work.tx.agents.put({ ...agent, assetId: intoId });
  for (const stream of streams) await work.tx.streams.put({ ...stream, assetId: intoId });
  await acceptJoined(work, intoId, fromId);
  const after = joinedFields(into, from, agentMoves);
  await work.tx.assets.put(after);
  await work.tx.assets.put({ ...from, mergedInto: intoId, version: from.version + 1 });
  const decisionId = await decide(work, "joined", intoId, fromId, why, {
    asset: into,
    after,
    accepted: acceptedBefore,
    acceptedAfter: await work.tx.assets.accepted(intoId),
    agents: agents.map(({ agentId, instance }) => ({ agentId, instance })),
    streams: streams.map(({ streamNo }) => streamNo),
  });
  await tell(work, [intoId, fromId]);
  return decisionId;
};

const decide = async (
  work: Work,
  kind: "joined" | "separated",
  assetId: AssetId,
  otherAssetId: AssetId,
  { keys, ...why }: Why,
  before: NonNullable<DecisionRow["before"]>,
): Promise<string> => {
  const decisionId = createRecordId("dec", work.nowMs, work.deps.random);
  await work.tx.decisions.add({
    decisionId,
    kind,
    assetId,
    otherAssetId,
    ...why,
    keys: keys.slice(0, 256).map(({ kind, value, vendor }) => ({ kind, value, ...(vendor ? { vendor } : {}) })),
    atMs: work.nowMs,
    before,
  });
  return decisionId;
};

const tell = async (work: Work, assets: readonly AssetId[]): Promise<void> => {
  for (const assetId of assets) {
    work.touchAsset(assetId, "updated");
    await work.take(await work.deps.watch.asset(work.tx, { assetId }, work.nowMs));
  }
};

/** Takes these keys, and the streams that spoke of them, out of an asset into one of their own. */
export const splitAsset = async (
  work: Work,
  assetId: AssetId,
  asked: readonly AssetKeyRow[],
  why: Omit<Why, "keys">,
): Promise<{ decisionId: string; assetId: AssetId } | undefined> => {
  const asset = await work.tx.assets.get(assetId);
  if (!asset || asked.length === 0) return undefined;
  const apartId = createAssetId(work.nowMs, work.deps.random);
  const isMoved = (key: SubjectKey) => asked.some((moved) => isSameKey(moved, key));
  const streams = (await work.tx.streams.ofAsset(assetId)).filter(
    ({ subject, source, agentId, instance }) =>
      isMostly(subject.keys, isMoved) || (source === "local" && isMoved(agentKeyOf(agentId, instance))),
  );
  const agents = (await work.tx.agents.ofAsset(assetId)).filter((agent) =>
    streams.some((s) => s.source === "local" && s.agentId === agent.agentId && s.instance === agent.instance),
  );
  // An agent's key goes with its host, named or not.
  const theirs = agents.map((agent) => agentKeyOf(agent.agentId, agent.instance));
  const following = (await work.tx.assets.keys(assetId)).filter(
    (key) => key.assetId === assetId && !isMoved(key) && theirs.some((own) => isSameKey(own, key)),
  );
  const keys = [...asked, ...following];
  const acceptedBefore = await work.tx.assets.accepted(assetId);
  const asApart = apartOf(asset, apartId, keys, agents[0], work.nowMs);
  await work.tx.assets.put(asApart);
  for (const key of keys) {
    await work.tx.assets.dropKey(key);
    await work.tx.assets.putKey({ ...key, assetId: apartId });
  }
  for (const agent of agents) await work.tx.agents.put({ ...agent, assetId: apartId });
  for (const stream of streams) await moveStream(work, stream, assetId, apartId, acceptedBefore);
  const { agentId, instance, ...without } = asset;
  const leaves = agents.some((agent) => agent.agentId === agentId && agent.instance === (instance ?? 0));
  const after = { ...(leaves ? without : asset), version: asset.version + 1 };
  await work.tx.assets.put(after);
  const decisionId = await decide(
    work,
    "separated",
    assetId,
    apartId,
    { ...why, keys },
    {
      asset,
      after,
      accepted: acceptedBefore,
      acceptedAfter: await work.tx.assets.accepted(assetId),
      agents: agents.map((agent) => ({ agentId: agent.agentId, instance: agent.instance })),
      streams: streams.map(({ streamNo }) => streamNo),
    },
  );
  work.touchAsset(apartId, "added");
  await tell(work, [assetId, apartId]);
  return { decisionId, assetId: apartId };
};

export const isSameKey = (a: SubjectKey, b: SubjectKey): boolean =>
  a.kind === b.kind && a.value === b.value && (a.vendor ?? "") === (b.vendor ?? "");

/** A stream goes with the keys that it knows its subject by: the strong ones, where it has any. */
const isMostly = (keys: readonly SubjectKey[], isMoved: (key: SubjectKey) => boolean): boolean => {
  const strong = keys.filter((key) => strengthOf(key) === "hardware" || strengthOf(key) === "network");
  const telling = strong.length > 0 ? strong : keys;
  return telling.filter(isMoved).length * 2 > telling.length;
};

const apartOf = (
  asset: AssetRow,
  assetId: AssetId,
  keys: readonly AssetKeyRow[],
  agent: { readonly agentId: AgentId; readonly instance: number; readonly name: string } | undefined,
  nowMs: number,
): AssetRow => {
  const value = (...kinds: string[]) => keys.find(({ kind }) => kinds.includes(kind))?.value;
  const [address, mac] = [value("ip"), value("mac", "chassisMac")];
  return {
    assetId,
    name: value("hostname", "fqdn") ?? agent?.name ?? address ?? mac ?? keys[0]?.value ?? "unnamed",
    type: "unknown",
    realm: asset.realm,
    lifecycle: asset.lifecycle,
    criticality: asset.criticality,
    presence: asset.presence,
    presenceSinceMs: nowMs,
    firstSeenAtMs: Math.min(...keys.map((key) => key.firstSeenAtMs)),
    lastSeenAtMs: Math.max(...keys.map((key) => key.lastSeenAtMs)),
    sources: [],
    locked: [],
    version: 1,
    ...(address === undefined ? {} : { primaryAddress: address }),
    ...(mac === undefined ? {} : { primaryMac: mac }),
    ...(agent === undefined ? {} : { agentId: agent.agentId, instance: agent.instance }),
  };
};

const moveStream = async (
  work: Work,
  stream: StreamRow,
  from: AssetId,
  to: AssetId,
  accepted: readonly AcceptedSectionRow[],
): Promise<void> => {
  await work.tx.streams.put({ ...stream, assetId: to });
  for (const { section, streamNo } of accepted) {
    if (streamNo !== stream.streamNo) continue;
    await work.tx.assets.unaccept({ assetId: from, section });
    await work.tx.assets.accept({ assetId: to, section, streamNo });
  }
};

/**
 * Takes a join or a split back. What was learned meanwhile stays: a field or section goes back to what it was only where it
 * still is what the decision made of it.
 */
export const undoDecision = async (work: Work, decision: DecisionRow): Promise<string | undefined> => {
  const { before, otherAssetId, assetId } = decision;
  if (!before || otherAssetId === undefined) return "only a join or a split can be undone";
  if (decision.undoneAtMs !== undefined) return "it was undone already";
  const asset = await work.tx.assets.get(assetId);
  const other = await work.tx.assets.get(otherAssetId);
  if (!asset || !other) return "an asset of it is not there any more";
  if (asset.mergedInto !== undefined) return "the asset was joined into another since: undo that first";
  if (decision.kind === "joined") {
    if (other.mergedInto !== assetId) return "the joined asset is not part of this one any more";
    const { mergedInto: _, ...free } = other;
    await work.tx.assets.put({ ...free, version: other.version + 1 });
    await giveBack(work, before, assetId, otherAssetId);
  } else {
    if (other.mergedInto !== undefined) return "the separated asset was joined into another since: undo that first";
    for (const key of await work.tx.assets.keys(otherAssetId)) {
      if (key.assetId !== otherAssetId) continue;
      await work.tx.assets.dropKey(key);
      await work.tx.assets.putKey({ ...key, assetId });
      await work.tx.past.keyReturns({ ...key, assetId });
    }
    await giveBack(work, before, otherAssetId, assetId);
    await work.tx.assets.put({ ...withoutAgent(other), mergedInto: assetId, version: other.version + 1 });
  }
  await restore(work, asset, before);
  await work.tx.decisions.add({ ...decision, undoneAtMs: work.nowMs });
  await tell(work, [assetId, otherAssetId]);
  return undefined;
};

const withoutAgent = ({ agentId: _agent, instance: _instance, ...rest }: AssetRow): AssetRow => rest;

/** Agents and streams that the decision moved go back, unless something moved them on. */
const giveBack = async (
  work: Work,
  { agents, streams }: NonNullable<DecisionRow["before"]>,
  holder: AssetId,
  owner: AssetId,
): Promise<void> => {
  for (const { agentId, instance } of agents) {
    const agent = await work.tx.agents.get(agentId, instance);
    if (agent?.assetId === holder) await work.tx.agents.put({ ...agent, assetId: owner });
  }
  for (const streamNo of streams) {
    const stream = await work.tx.streams.byNumber(streamNo);
    if (stream?.assetId === holder) await work.tx.streams.put({ ...stream, assetId: owner });
  }
};

const restore = async (work: Work, now: AssetRow, before: NonNullable<DecisionRow["before"]>): Promise<void> => {
  const book = restoredBook(now.book, before.asset.book, before.after.book);
  const row: Record<string, unknown> = withBook(now, book);
  for (const field of new Set([...Object.keys(before.asset), ...Object.keys(before.after)])) {
    if (field === "book") continue;
    const key = field as keyof AssetRow;
    const isOurs = JSON.stringify(before.after[key]) === JSON.stringify(now[key]);
    if (!isOurs || JSON.stringify(before.asset[key]) === JSON.stringify(before.after[key])) continue;
    if (before.asset[key] === undefined) delete row[field];
    else row[field] = before.asset[key];
  }
  await work.tx.assets.put({ ...(row as AssetRow), version: now.version + 1 });
  const current = new Map((await work.tx.assets.accepted(now.assetId)).map((r) => [r.section, r.streamNo]));
  const was = new Map(before.accepted.map((r) => [r.section, r.streamNo]));
  const made = new Map(before.acceptedAfter.map((r) => [r.section, r.streamNo]));
  for (const section of new Set([...was.keys(), ...made.keys()])) {
    if (was.get(section) === made.get(section) || current.get(section) !== made.get(section)) continue;
    const streamNo = was.get(section);
    if (streamNo === undefined) await work.tx.assets.unaccept({ assetId: now.assetId, section });
    else await work.tx.assets.accept({ assetId: now.assetId, section, streamNo });
  }
};
