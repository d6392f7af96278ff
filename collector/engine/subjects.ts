import { type AgentId, type AssetId, createAssetId, createRecordId } from "../../shared/ids.ts";
import type { Subject, SubjectKey } from "../../shared/protocol/observation.ts";
import { linksTo } from "../identity/compare.ts";
import { type Candidate, identify, type Verdict } from "../identity/identify.ts";
import { agentKeyOf, isSharedMac, scopeOf, usefulKeys } from "../identity/keys.ts";
import { parseIdentityRules, RULES_META } from "../identity/rules.ts";
import type { AgentRow, AssetKeyRow, AssetRow } from "../store/store.ts";
import { type Asked, IN_PLACE, keysGivenAway, lastingOf, loadCandidates, type Place } from "./candidates.ts";
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
/** The asset that a subject is; makes one where it is new, and undefined for visitors. Joins and creations are stored decisions. */
export const placeSubject = async (work: Work, asked: Asked): Promise<AssetId | undefined> => {
  const { agent, subject, own, atMs } = asked;
  const known = own ? undefined : (work.recognised.find(subject) ?? (await knownElsewhere(work, asked)));
  if (known && holdsStill(known, atMs)) {
    await seenAgain(work, known, atMs);
    return known.assetId;
  }
  const rules = parseIdentityRules(await work.tx.meta.get(RULES_META));
  const place: Place = { ...asked, leaseMs: rules.leaseHours * 3_600_000 };
  const told = own ? [agentKeyOf(agent.agentId, agent.instance), ...subject.keys] : subject.keys;
  const keys = usefulKeys(told, rules.ignore);
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
      if (!own && verdict.rule === "soft-mac")
        work.recognised.remember(subject, keys, { rows: [], leaseMs: place.leaseMs });
      return undefined;
    case "same":
      await join(work, place, verdict, keys, candidates);
      await work.tx.assets.seen(verdict.assetId, atMs);
      if (!own) await remember(work, place, verdict, keys, { candidates, crowded });
      return verdict.assetId;
    case "new":
      return create(work, place, verdict, keys);
    default:
      return verdict satisfies never;
  }
};

/** Who is known by an address is so for as long as that stays with him. */
const holdsStill = ({ isByAddress, rows, leaseMs }: Known, atMs: number): boolean =>
  !isByAddress || rows.every(({ kind, lastSeenAtMs }) => kind !== "ip" || lastSeenAtMs >= atMs - leaseMs);

/**
 * Who is known by more than an address is who he was at another one, too. With one exception: what is known by that address
 * alone turns out to be him, and that is identity's to say.
 */
const knownElsewhere = async (work: Work, { subject, atMs }: Asked): Promise<Known | undefined> => {
  const others = subject.keys.filter(({ kind }) => kind !== "ip");
  if (others.length === 0 || others.length === subject.keys.length) return undefined;
  const { assetId, isByAddress, leaseMs = 0 } = work.recognised.find({ ...subject, keys: others }) ?? {};
  if (assetId === undefined || isByAddress || (await work.tx.decisions.bindingOf(assetId)).length > 0) return undefined;
  const keys = usefulKeys(subject.keys, parseIdentityRules(await work.tx.meta.get(RULES_META)).ignore);
  for (const key of keys) if (key.kind === "ip" && (await isAloneKnownBy(work, key, subject.realm))) return undefined;
  await writeKeys(work, { assetId, keys, known: await work.tx.assets.keys(assetId), subject, atMs, leaseMs });
  return keep(work, subject, keys, { assetId, leaseMs });
};

/** An asset has this address, and nothing that lasts. */
const isAloneKnownBy = async (work: Work, address: SubjectKey, realm: string): Promise<boolean> => {
  for (const row of await work.tx.assets.candidates([address])) {
    const holder = row.realm === realm ? await survivorOf(work, row.assetId) : undefined;
    if (holder && lastingOf(await work.tx.assets.keys(holder.assetId)).length === 0) return true;
  }
  return false;
};

const seenAgain = async (work: Work, known: Known, atMs: number): Promise<void> => {
  const { assetId, rows, leaseMs } = known;
  if (assetId === undefined) return;
  const due = rows.filter((row) => row.lastSeenAtMs <= atMs - refreshOf(row, leaseMs));
  await work.tx.assets.seen(assetId, atMs, due);
  // Of rows that are not held any more nobody else keeps the time.
  for (const row of due) if (row.lastSeenAtMs < atMs) row.lastSeenAtMs = atMs;
};

/**
 * Only what is as plain as can be: one asset is linked and nobody disputes it, or nothing is known but an address that one asset
 * alone has. What was new about it is written by now.
 */
const remember = async (
  work: Work,
  { subject, atMs, leaseMs }: Place,
  { rule, assetId, absorb }: Extract<Verdict, { kind: "same" }>,
  keys: readonly SubjectKey[],
  { candidates, crowded }: Awaited<ReturnType<typeof loadCandidates>>,
): Promise<void> => {
  const isAddressAlone = rule === "address-in-realm";
  // Beside a MAC that travels it is the address that decides.
  const isByAddress = isAddressAlone || crowded.size > 0;
  const speaking = candidates.filter((candidate) =>
    isAddressAlone
      ? candidate.matched.some(({ kind, realm }) => kind === "ip" && realm === subject.realm)
      : linksTo({ realm: subject.realm, atMs }, candidate) !== undefined,
  );
  const [home] = speaking;
  if ((rule !== "hardware-key" && !isAddressAlone) || absorb.length > 0 || !home || speaking.length > 1) return;
  if (home.assetId !== assetId || home.contests || home.apart) return;
  const known = await keep(work, subject, keys, { assetId, leaseMs, ...(isByAddress && { isByAddress }) });
  const others = { ...subject, keys: subject.keys.filter(({ kind }) => kind !== "ip") };
  if (known && !isByAddress && others.keys.length < subject.keys.length && !work.recognised.find(others))
    work.recognised.remember(
      others,
      keys.filter(({ kind }) => kind !== "ip"),
      { ...known, rows: known.rows.filter(({ kind }) => kind !== "ip") },
    );
};

/** Remembers of whom all keys are, unless one of them was given to somebody else. */
const keep = async (
  work: Work,
  subject: Subject,
  keys: readonly SubjectKey[],
  of: Omit<Known, "rows" | "assetId"> & { readonly assetId: AssetId },
): Promise<Known | undefined> => {
  const held = await work.tx.assets.keys(of.assetId);
  const rows = keys.map((key) => held.find((row) => isSameKey(row, key) && row.realm === scopeOf(key, subject.realm)));
  if (!rows.every((row) => row !== undefined)) return undefined;
  const known: Known = { ...of, rows };
  work.recognised.remember(subject, keys, known);
  return known;
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
  const others = await keysGivenAway(work, assetId);
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
