import { type AgentId, type AssetId, createAssetId, createRecordId } from "../../shared/ids.ts";
import type { Subject, SubjectKey } from "../../shared/protocol/observation.ts";
import { mayLink } from "../identity/crowds.ts";
import { type Candidate, identify, type Verdict } from "../identity/identify.ts";
import { agentKeyOf, isSharedMac, isSoftMac, usefulKeys } from "../identity/keys.ts";
import { parseIdentityRules, RULES_META } from "../identity/rules.ts";
import { mayBeVisitor } from "../identity/visitors.ts";
import type { AgentRow, AssetRow } from "../store/store.ts";
import { writeKeys } from "./asset-keys.ts";
import { type Asked, IN_PLACE, keysGivenAway, loadCandidates, type Place } from "./candidates.ts";
import type { Work } from "./context.ts";
import { findElsewhere, holdsStill, remember, seenAgain, toldOf } from "./familiar.ts";
import { isSameKey, joinAssets } from "./joins.ts";
import type { Known } from "./recognised.ts";
import { raiseConflict } from "./sessions.ts";

/** `assetId`: undefined for visitors. `told`: the subject's keys, which are the very same each time that it is recognised. */
export type Placed = { readonly assetId: AssetId | undefined; readonly told: readonly SubjectKey[] };

/**
 * The asset that a subject is; makes one where it is new. Joins and creations are stored decisions. No promise where it is told at
 * once, as of most that are seen.
 */
export const placeSubject = (work: Work, asked: Asked): Placed | Promise<Placed> => {
  const subject = toldOf(asked);
  return mayBeVisitor(asked.subject.keys) ? placeVisitor(work, asked, subject) : placeDevice(work, asked, subject);
};

const placeVisitor = async (work: Work, asked: Asked, subject: Subject): Promise<Placed> =>
  (await isVisitor(work, subject))
    ? { assetId: undefined, told: asked.subject.keys }
    : placeDevice(work, asked, subject);

/** Whom identity has known by these keys is known without asking it again. */
const placeDevice = (work: Work, asked: Asked, subject: Subject): Placed | Promise<Placed> => {
  const known = work.recognised.find(subject);
  if (!known) return placeElsewhere(work, asked, subject);
  return holdsStill(known, asked.atMs) ? placeKnown(work, asked, known) : placeUnknown(work, asked, subject);
};

const placeKnown = (work: Work, { own, subject, atMs }: Asked, known: Known): Placed | Promise<Placed> => {
  const placed = { assetId: known.assetId, told: own ? subject.keys : known.told };
  const noting = seenAgain(work, known, atMs);
  return noting ? noting.then(() => placed) : placed;
};

const placeElsewhere = async (work: Work, asked: Asked, subject: Subject): Promise<Placed> => {
  const known = await findElsewhere(work, subject, asked);
  return known ? placeKnown(work, asked, known) : placeUnknown(work, asked, subject);
};

const placeUnknown = async (work: Work, asked: Asked, subject: Subject): Promise<Placed> => ({
  assetId: await askIdentity(work, asked, subject),
  told: asked.subject.keys,
});

const askIdentity = async (work: Work, asked: Asked, subject: Subject): Promise<AssetId | undefined> => {
  const { agent, own, atMs } = asked;
  const rules = parseIdentityRules(await work.tx.meta.get(RULES_META));
  const place: Place = { ...asked, subject, leaseMs: rules.leaseHours * 3_600_000 };
  const keys = usefulKeys(subject.keys, rules.ignore);
  const { candidates, crowded } = await loadCandidates(work, keys, place);
  const verdict = identify(
    {
      keys: own ? keys : [...keys, ...subject.keys.filter(isSharedMac)],
      realm: subject.realm,
      atMs,
      leaseMs: place.leaseMs,
      crowded,
      observerId: agent.agentId,
      ...(own ? { own: { agentId: agent.agentId, instance: agent.instance } } : {}),
    },
    candidates,
  );
  if (verdict.kind !== "visitor" && verdict.leaves !== undefined) await leave(work, place, verdict.leaves, verdict);
  switch (verdict.kind) {
    case "visitor":
      return undefined;
    case "same":
      await join(work, place, verdict, keys, candidates);
      await work.tx.assets.seen(verdict.assetId, atMs);
      await remember(work, place, verdict, keys, { candidates, crowded });
      return verdict.assetId;
    case "new":
      return create(work, place, verdict, keys);
    default:
      return verdict satisfies never;
  }
};

/** Told without looking at who else shares its address: there are new ones every day, and each is seen that day only. */
const isVisitor = async (work: Work, { keys, realm }: Subject): Promise<boolean> => {
  const useful = usefulKeys(keys, parseIdentityRules(await work.tx.meta.get(RULES_META)).ignore);
  if (!mayBeVisitor(useful)) return false;
  for (const key of useful)
    if (isSoftMac(key) && (await work.tx.assets.candidates([key])).some((row) => mayLink(row, realm))) return false;
  return true;
};

/** The agent's disk is in other hardware: the asset that it lived on stays, without it. */
const leave = async (
  work: Work,
  { agent, atMs }: Place,
  assetId: AssetId,
  why: { readonly rule: string; readonly explanation: string },
): Promise<void> => {
  const asset = await work.tx.assets.get(assetId);
  if (!asset) return;
  const { agentId: _agent, instance: _instance, ...rest } = asset;
  await work.tx.assets.put({ ...rest, version: asset.version + 1 });
  for (const key of await work.tx.assets.keys(assetId))
    if (key.kind === "agent" && key.value === agent.agentId) await work.tx.assets.dropKey(key);
  const explanation = `agent ${agent.name} reports other hardware: its disk was moved; ${why.explanation}`;
  const keys = [agentKeyOf(agent.agentId, agent.instance)];
  await decide(work, { kind: "separated", assetId, agentId: agent.agentId, rule: "disk-moved", explanation, keys });
  work.deps.log.info("agent moved to other hardware", { agentId: agent.agentId, assetId, atMs });
  work.touchAsset(assetId, "updated");
  await work.take(await work.deps.watch.asset(work.tx, { assetId }, work.nowMs));
};

const join = async (
  work: Work,
  { agent, subject, own, atMs, leaseMs }: Place,
  verdict: Extract<Verdict, { kind: "same" }>,
  keys: readonly SubjectKey[],
  candidates: readonly Candidate[],
): Promise<void> => {
  const { assetId } = verdict;
  const home = candidates.find((candidate) => candidate.assetId === assetId);
  for (const from of verdict.absorb) {
    const isClaim = verdict.rule === "claim-confirmed";
    const why = { ...explain(verdict, keys), byHand: false, agentId: agent.agentId };
    await joinAssets(work, { into: assetId, from, agentMoves: isClaim }, why);
  }
  // What a person gave to another asset stays there, whoever claims it.
  const others = await keysGivenAway(work, assetId, { atMs, leaseMs });
  const mine = keys.filter((key) => !others.some((other) => isSameKey(other, key)));
  const known = await work.tx.assets.keys(assetId);
  await writeKeys(work, { assetId, keys: mine, known, subject, atMs, leaseMs });
  if (!own) return;
  const asset = await work.tx.assets.get(assetId);
  if (!asset) return;
  if (!home?.matched.some(({ kind }) => kind === "agent"))
    await decide(work, { kind: "joined", assetId, agentId: agent.agentId, ...explain(verdict, keys) });
  if (asset.agentId === agent.agentId && (asset.instance ?? 0) === agent.instance) return;
  await work.tx.assets.put({ ...asset, agentId: agent.agentId, instance: agent.instance, version: asset.version + 1 });
  await work.take(await work.deps.watch.asset(work.tx, { assetId }, work.nowMs));
};

const explain = ({ rule, explanation }: { rule: string; explanation: string }, keys: readonly SubjectKey[]) => ({
  rule,
  explanation,
  keys: keys.slice(0, 32),
});

type Decided = {
  readonly kind: "created" | "joined" | "contested" | "separated";
  readonly assetId: AssetId;
  readonly otherAssetId?: AssetId;
  readonly agentId: AgentId;
  readonly rule: string;
  readonly explanation: string;
  readonly keys: readonly SubjectKey[];
};
const decide = (work: Work, decided: Decided): Promise<void> =>
  work.tx.decisions.add({
    decisionId: createRecordId("dec", work.nowMs, work.deps.random),
    byHand: false,
    atMs: work.nowMs,
    ...decided,
  });

const nameOf = (keys: readonly SubjectKey[], agent: AgentRow, own: boolean): string =>
  keys.find(({ kind }) => kind === "hostname" || kind === "fqdn")?.value ??
  (own ? agent.name : undefined) ??
  keys.find(({ kind }) => kind === "ip")?.value ??
  keys.find(({ kind }) => kind === "mac" || kind === "chassisMac")?.value ??
  keys[0]?.value ??
  "unnamed";

const create = async (
  work: Work,
  { agent, subject, own, atMs, leaseMs }: Place,
  verdict: Extract<Verdict, { kind: "new" }>,
  keys: readonly SubjectKey[],
): Promise<AssetId> => {
  const assetId = createAssetId(work.nowMs, work.deps.random);
  const address = keys.find(({ kind }) => kind === "ip")?.value;
  const mac = keys.find(({ kind }) => kind === "mac" || kind === "chassisMac")?.value;
  const asset: AssetRow = {
    assetId,
    name: nameOf(keys, agent, own),
    type: "unknown",
    realm: subject.realm,
    lifecycle: "in-use",
    criticality: "normal",
    presence: "present",
    presenceSinceMs: work.nowMs,
    firstSeenAtMs: atMs,
    lastSeenAtMs: atMs,
    sources: [],
    locked: [],
    version: 1,
    ...(own ? { agentId: agent.agentId, instance: agent.instance } : {}),
    ...(address === undefined ? {} : { primaryAddress: address }),
    ...(mac === undefined ? {} : { primaryMac: mac }),
    ...(verdict.provisional ? { provisional: true } : {}),
  };
  await work.tx.assets.put(asset);
  await writeKeys(work, { assetId, keys, known: [], subject, atMs, leaseMs });
  await decide(work, { kind: "created", assetId, agentId: agent.agentId, ...explain(verdict, keys) });
  for (const from of verdict.absorb) {
    const why = { ...explain(verdict, keys), byHand: false, agentId: agent.agentId };
    await joinAssets(work, { into: assetId, from }, { ...why, rule: "known-by-mac" });
  }
  for (const otherAssetId of verdict.contestedWith) {
    const rule = verdict.inPlaceOf?.includes(otherAssetId) ? IN_PLACE : verdict.rule;
    const why = { ...explain(verdict, keys), rule };
    await decide(work, { kind: "contested", assetId, otherAssetId, agentId: agent.agentId, ...why });
    await raiseConflict(work, agent, {
      assetId,
      title: `Agent ${agent.name} claims another asset's hardware`,
      summary: `${verdict.explanation}. It was given a provisional asset of its own; nothing was overwritten.`,
      nextStep: "If the host was reinstalled, revoke its old agent: the next report then joins the old asset.",
    });
  }
  work.touchAsset(assetId, "added");
  await work.take(await work.deps.watch.asset(work.tx, { assetId, isCreated: true }, work.nowMs));
  return assetId;
};
