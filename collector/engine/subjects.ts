import { type AgentId, type AssetId, createAssetId, createRecordId } from "../../shared/ids.ts";
import type { Subject, SubjectKey } from "../../shared/protocol/observation.ts";
import { linksTo } from "../identity/compare.ts";
import { type Candidate, identify, type Standing, type Verdict } from "../identity/identify.ts";
import { agentKeyOf, isSharedMac, isSoftMac, scopeOf, strengthOf, usefulKeys } from "../identity/keys.ts";
import { parseIdentityRules, RULES_META } from "../identity/rules.ts";
import type { AgentRow, AssetKeyRow, AssetRow, BindingDecision } from "../store/store.ts";
import type { Work } from "./context.ts";
import { isSameKey, joinAssets, survivorOf } from "./joins.ts";
import type { Known } from "./recognised.ts";
import { raiseConflict } from "./sessions.ts";

/**
 * An asset's keys are written again at most this often while nothing about them is new, ms. Addresses more often: subnets tell who
 * used them until when, and a lease is counted from there.
 */
const ADDRESS_REFRESH_MS = 3_600_000;
const KEY_REFRESH_MS = 86_400_000;
const refreshOf = ({ kind }: SubjectKey, leaseMs: number): number =>
  kind === "ip" ? Math.min(ADDRESS_REFRESH_MS, leaseMs / 6) : KEY_REFRESH_MS;
/** An agent without a session that was not heard for so long, ms, does not hold its host against a claim that others confirm. */
const QUIET_MS = 600_000;

type Asked = {
  readonly agent: AgentRow;
  readonly subject: Subject;
  /** The agent speaks of its own host. */
  readonly own: boolean;
  readonly atMs: number;
};

type Place = Asked & {
  /** How long an address stays with who had it when nobody says more. */
  readonly leaseMs: number;
};

/** The asset that a subject is; makes one where it is new, and undefined for visitors. Joins and creations are stored decisions. */
export const placeSubject = async (work: Work, asked: Asked): Promise<AssetId | undefined> => {
  const { agent, subject, own, atMs } = asked;
  const known = own ? undefined : work.recognised.find(subject);
  if (known) {
    await seenAgain(work, known, atMs);
    return known.assetId;
  }
  const rules = parseIdentityRules(await work.tx.meta.get(RULES_META));
  const place: Place = { ...asked, leaseMs: rules.leaseHours * 3_600_000 };
  const told = own ? [agentKeyOf(agent.agentId, agent.instance), ...subject.keys] : subject.keys;
  const keys = usefulKeys(told, rules.ignore);
  const candidates = await loadCandidates(work, keys, place);
  const verdict = identify(
    {
      keys: own ? keys : [...keys, ...subject.keys.filter(isSharedMac)],
      realm: subject.realm,
      atMs,
      leaseMs: place.leaseMs,
      observerId: agent.agentId,
      ...(own ? { own: { agentId: agent.agentId, instance: agent.instance } } : {}),
    },
    candidates,
  );
  if (verdict.kind !== "visitor" && verdict.leaves !== undefined) await leave(work, place, verdict.leaves, verdict);
  switch (verdict.kind) {
    case "visitor":
      if (!own && verdict.rule === "soft-mac")
        work.recognised.remember(subject, keys, { rows: [], leaseMs: place.leaseMs });
      return undefined;
    case "same":
      await join(work, place, verdict, keys, candidates);
      await work.tx.assets.seen(verdict.assetId, atMs);
      if (!own) remember(work, place, verdict, keys, candidates);
      return verdict.assetId;
    case "new":
      return create(work, place, verdict, keys);
    default:
      return verdict satisfies never;
  }
};

const seenAgain = async (work: Work, known: Known, atMs: number): Promise<void> => {
  const { assetId, rows, leaseMs } = known;
  if (assetId === undefined) return;
  await work.tx.assets.seen(assetId, atMs);
  for (const [i, row] of rows.entries()) {
    if (row.lastSeenAtMs > atMs - refreshOf(row, leaseMs)) continue;
    rows[i] = { ...row, lastSeenAtMs: atMs };
    await work.tx.assets.keySeen(row, atMs);
  }
};

/** Only what is as plain as can be: one asset is linked, it has each of the keys already, and nobody disputes it. */
const remember = (
  work: Work,
  { subject, atMs, leaseMs }: Place,
  verdict: Extract<Verdict, { kind: "same" }>,
  keys: readonly SubjectKey[],
  candidates: readonly Candidate[],
): void => {
  const linked = candidates.filter((candidate) => linksTo({ realm: subject.realm, atMs }, candidate) !== undefined);
  const [home] = linked;
  if (verdict.rule !== "hardware-key" || verdict.absorb.length > 0 || !home || linked.length > 1) return;
  if (home.assetId !== verdict.assetId || home.contests || home.apart) return;
  const rows = keys.map((key) =>
    (home.matched as readonly AssetKeyRow[]).find(
      (row) => isSameKey(row, key) && row.realm === scopeOf(key, subject.realm),
    ),
  );
  if (rows.every((row) => row !== undefined))
    work.recognised.remember(subject, keys, { assetId: home.assetId, rows, leaseMs });
};

const loadCandidates = async (work: Work, keys: readonly SubjectKey[], place: Place): Promise<Candidate[]> => {
  const byAsset = new Map<AssetId, AssetKeyRow[]>();
  const survivors = new Map<AssetId, AssetRow>();
  for (const row of await work.tx.assets.candidates(keys)) {
    const asset = survivors.get(row.assetId) ?? (await survivorOf(work, row.assetId));
    if (!asset) continue;
    survivors.set(row.assetId, asset).set(asset.assetId, asset);
    const matched = byAsset.get(asset.assetId);
    if (matched) matched.push(row);
    else byAsset.set(asset.assetId, [row]);
  }
  const candidates: Candidate[] = [];
  const hasClaim = [...survivors.values()].some(({ provisional }) => provisional);
  for (const [assetId, matched] of byAsset) {
    const held = (await work.tx.assets.keys(assetId)).filter(
      (key) => strengthOf(key) === "hardware" || strengthOf(key) === "network",
    );
    const asset = survivors.get(assetId) as AssetRow;
    // Only where two assets or two agents compete does it matter what was decided between them, and how they stand.
    const isRivalled = byAsset.size > 1;
    const isContended = place.own ? isRivalled || asset.agentId !== place.agent.agentId : isRivalled && hasClaim;
    candidates.push({
      assetId,
      matched,
      held,
      ...(await agentOf(work, asset, matched, place, isContended)),
      ...(isRivalled ? await decidedOf(work, asset) : {}),
    });
  }
  return candidates;
};

const standingOf = ({ revokedAtMs, goodbye, session, lastHeardAtMs }: AgentRow, nowMs: number): Standing => {
  if (revokedAtMs !== undefined) return "revoked";
  if (goodbye?.reason === "removed") return "removed";
  if (session !== undefined) return "alive";
  return goodbye !== undefined || (lastHeardAtMs ?? 0) < nowMs - QUIET_MS ? "quiet" : "alive";
};

const agentOf = async (
  work: Work,
  { assetId, agentId, instance = 0 }: AssetRow,
  matched: readonly AssetKeyRow[],
  { own, subject, agent: claimant }: Place,
  isContended: boolean,
): Promise<Pick<Candidate, "agent" | "isWitnessed">> => {
  if (agentId === undefined) return {};
  if (!isContended) return { agent: { agentId, instance, standing: "alive" } };
  const agent = await work.tx.agents.get(agentId, instance);
  if (!agent) return {};
  const standing = standingOf(agent, work.nowMs);
  const macs = matched.filter((key) => key.kind === "mac" && !isSoftMac(key));
  const isClaim = own && agentId !== claimant.agentId && standing !== "alive" && macs.length > 0;
  const isWitnessed =
    isClaim &&
    (await work.tx.observations.ofAsset(assetId)).some(
      (seen) =>
        seen.agentId !== agentId &&
        seen.agentId !== claimant.agentId &&
        seen.realm === subject.realm &&
        seen.lastAtMs > (agent.lastHeardAtMs ?? 0) &&
        seen.keys.some((key) => macs.some((mac) => isSameKey(mac, key))),
    );
  return { agent: { agentId, instance, standing }, ...(isWitnessed ? { isWitnessed } : {}) };
};

/** Whose hardware a provisional asset claims, and what a person keeps apart from it. */
const decidedOf = async (work: Work, asset: AssetRow): Promise<Pick<Candidate, "contests" | "apart">> => {
  const decisions = await work.tx.decisions.bindingOf(asset.assetId);
  const other = (d: BindingDecision) => (d.assetId === asset.assetId ? d.otherAssetId : d.assetId);
  const contests = decisions.filter((d) => d.kind === "contested" && d.assetId === asset.assetId).map(other);
  const apart = decisions.filter((d) => d.kind === "separated").map(other);
  return { ...(asset.provisional && contests.length > 0 ? { contests } : {}), ...(apart.length > 0 ? { apart } : {}) };
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
  const others = candidates.filter((c) => home?.apart?.includes(c.assetId)).flatMap(({ matched }) => matched);
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

/** A device is at one address of a realm at a time: who is seen there by MAC takes it from who was there before. */
const writeKeys = async (
  work: Work,
  what: Pick<Place, "subject" | "atMs" | "leaseMs"> & {
    readonly assetId: AssetId;
    readonly keys: readonly SubjectKey[];
    readonly known: readonly AssetKeyRow[];
  },
): Promise<void> => {
  const { assetId, keys, known, atMs, leaseMs } = what;
  const { realm } = what.subject;
  const lasting = keys.some(({ kind }) => kind !== "ip" && kind !== "hostname" && kind !== "fqdn");
  for (const key of keys) {
    const scoped = scopeOf(key, realm);
    const row = known.find((k) => isSameKey(k, key) && k.realm === scoped);
    if (row) {
      if (row.lastSeenAtMs <= atMs - refreshOf(row, leaseMs)) await work.tx.assets.keySeen(row, atMs);
      continue;
    }
    await work.tx.assets.putKey({ ...key, assetId, realm: scoped, firstSeenAtMs: atMs, lastSeenAtMs: atMs });
    if (key.kind === "ip" && lasting) await releaseAddress(work, assetId, key, realm);
  }
};

const releaseAddress = async (work: Work, assetId: AssetId, key: SubjectKey, realm: string): Promise<void> => {
  for (const other of await work.tx.assets.candidates([key]))
    if (other.realm === realm && (await survivorOf(work, other.assetId))?.assetId !== assetId)
      await work.tx.assets.dropKey(other);
};

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
    await decide(work, { kind: "contested", assetId, otherAssetId, agentId: agent.agentId, ...explain(verdict, keys) });
    await raiseConflict(work, agent, {
      assetId,
      title: `Agent ${agent.name} claims another asset's hardware`,
      summary: `${verdict.explanation}. It was given a provisional asset of its own; nothing was overwritten.`,
      nextStep: "If the host was reinstalled, revoke its old agent: the next report then joins the old asset.",
    });
  }
  work.touchAsset(assetId, "added");
  await work.take(await work.deps.watch.asset(work.tx, { assetId }, work.nowMs));
  return assetId;
};
