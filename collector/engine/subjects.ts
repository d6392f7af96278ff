import { type AgentId, type AssetId, createAssetId, createRecordId } from "../../shared/ids.ts";
import type { Subject, SubjectKey } from "../../shared/protocol/observation.ts";
import { type Candidate, identify, type Verdict } from "../identity/identify.ts";
import { agentKeyOf, strengthOf, usefulKeys } from "../identity/keys.ts";
import type { AgentRow, AssetRow } from "../store/store.ts";
import type { Work } from "./context.ts";
import { raiseConflict } from "./sessions.ts";

/** An asset's keys are written again at most this often while nothing about them is new, ms. */
const KEY_REFRESH_MS = 3_600_000;

type Place = {
  readonly agent: AgentRow;
  readonly subject: Subject;
  /** The agent speaks of its own host. */
  readonly own: boolean;
  readonly atMs: number;
};

/** The asset that a subject is; makes one where it is new, and undefined for visitors. Joins and creations are stored decisions. */
export const placeSubject = async (work: Work, place: Place): Promise<AssetId | undefined> => {
  const { agent, subject, own, atMs } = place;
  const keys = usefulKeys(own ? [agentKeyOf(agent.agentId, agent.instance), ...subject.keys] : subject.keys);
  const candidates = await loadCandidates(work, keys);
  const verdict = identify(
    { keys, realm: subject.realm, ...(own ? { own: { agentId: agent.agentId, instance: agent.instance } } : {}) },
    candidates,
  );
  switch (verdict.kind) {
    case "visitor":
      return undefined;
    case "same":
      await join(work, place, verdict, keys, candidates);
      await work.tx.assets.seen(verdict.assetId, atMs);
      return verdict.assetId;
    case "new":
      return create(work, place, verdict, keys);
    default:
      return verdict satisfies never;
  }
};

const loadCandidates = async (work: Work, keys: readonly SubjectKey[]): Promise<Candidate[]> => {
  const rows = await work.tx.assets.candidates(keys);
  const byAsset = Map.groupBy(rows, ({ assetId }) => assetId);
  const candidates: Candidate[] = [];
  for (const [assetId, matched] of byAsset) {
    const asset = await work.tx.assets.get(assetId);
    if (!asset || asset.mergedInto !== undefined) continue;
    const agent = asset.agentId && (await work.tx.agents.get(asset.agentId, asset.instance ?? 0));
    candidates.push({
      assetId,
      matched,
      strong: (await work.tx.assets.keys(assetId)).filter((key) => strengthOf(key) === "hardware"),
      ...(agent
        ? {
            agent: {
              agentId: agent.agentId,
              instance: agent.instance,
              gone: agent.revokedAtMs !== undefined || agent.goodbye?.reason === "removed",
            },
          }
        : {}),
    });
  }
  return candidates;
};

const join = async (
  work: Work,
  { agent, subject, own, atMs }: Place,
  verdict: Extract<Verdict, { kind: "same" }>,
  keys: readonly SubjectKey[],
  candidates: readonly Candidate[],
): Promise<void> => {
  const matched = candidates.find(({ assetId }) => assetId === verdict.assetId)?.matched ?? [];
  const known = await work.tx.assets.keys(verdict.assetId);
  await writeKeys(work, verdict.assetId, keys, subject.realm, atMs, known);
  if (own && !matched.some(({ kind }) => kind === "agent")) {
    await decide(work, { kind: "joined", assetId: verdict.assetId, agentId: agent.agentId, ...explain(verdict, keys) });
    const asset = await work.tx.assets.get(verdict.assetId);
    if (asset) await work.tx.assets.put({ ...asset, agentId: agent.agentId, instance: agent.instance });
  }
};

const explain = ({ rule, explanation }: { rule: string; explanation: string }, keys: readonly SubjectKey[]) => ({
  rule,
  explanation,
  keys: keys.slice(0, 32),
});

type Decided = {
  readonly kind: "created" | "joined" | "contested";
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
  assetId: AssetId,
  keys: readonly SubjectKey[],
  realm: string,
  atMs: number,
  known: readonly {
    kind: string;
    value: string;
    vendor?: string;
    realm: string;
    firstSeenAtMs: number;
    lastSeenAtMs: number;
  }[],
): Promise<void> => {
  const lasting = keys.some(({ kind }) => kind !== "ip" && kind !== "hostname" && kind !== "fqdn");
  for (const key of keys) {
    const scoped = strengthOf(key) === "address" || strengthOf(key) === "name" || key.kind === "mac" ? realm : "";
    const row = known.find(
      (k) =>
        k.kind === key.kind && k.value === key.value && (k.vendor ?? "") === (key.vendor ?? "") && k.realm === scoped,
    );
    if (row && row.lastSeenAtMs > atMs - KEY_REFRESH_MS) continue;
    await work.tx.assets.putKey({
      ...key,
      assetId,
      realm: scoped,
      firstSeenAtMs: row?.firstSeenAtMs ?? atMs,
      lastSeenAtMs: Math.max(atMs, row?.lastSeenAtMs ?? 0),
    });
    if (key.kind === "ip" && lasting && !row) await releaseAddress(work, assetId, key, realm);
  }
};

const releaseAddress = async (work: Work, assetId: AssetId, key: SubjectKey, realm: string): Promise<void> => {
  for (const other of await work.tx.assets.candidates([key]))
    if (other.assetId !== assetId && other.realm === realm) await work.tx.assets.dropKey(other);
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
  { agent, subject, own, atMs }: Place,
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
  await writeKeys(work, assetId, keys, subject.realm, atMs, []);
  await decide(work, { kind: "created", assetId, agentId: agent.agentId, ...explain(verdict, keys) });
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
