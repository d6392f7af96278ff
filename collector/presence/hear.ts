import { toTimestamp } from "../../shared/clock.ts";
import type { AgentId, AssetId } from "../../shared/ids.ts";
import type { Method, Sighting } from "../../shared/protocol/observation.ts";
import type { Sweep } from "../../shared/protocol/sweep.ts";
import type { Heard } from "../engine/watch.ts";
import type { AssetRow } from "../store/store.ts";
import { addressKey } from "./address-key.ts";
import { noteBlindness } from "./blindness.ts";
import { endSharedAddress, noteSharedAddress } from "./duplicates.ts";
import { countsAsAsked, type Proof, proofOf } from "./evidence.ts";
import { applyHit, applyMiss, type LookAt } from "./looks.ts";
import { noteAddress, noteMove } from "./moves.ts";
import type { Observer } from "./observers.ts";
import { missedAgain, settle } from "./settle.ts";
import { answeredByMac, refusalOf, runsOf, weighSweep } from "./sweeps.ts";
import { createTrack, type LookSight, type Track } from "./track.ts";
import type { Work } from "./work.ts";

/** What was heard of devices, brought to their tracks: hits as far as they reach, misses as far as their looks could see. */

/** Agent's time to ours; never in the future, whatever its clock says. */
const correct = (atMs: number, heard: Heard, nowMs: number): number =>
  Math.max(0, Math.min(nowMs, Math.round(atMs - heard.clockOffsetMs)));

/** The track of an asset, made from its row when there is none; `refresh` takes over what a person or an inventory changed. */
export const trackOf = async (work: Work, assetId: AssetId, refresh = false): Promise<Track | undefined> => {
  const known = work.memory.track(assetId);
  if (known && !refresh) return known;
  const row = await work.tx.assets.get(assetId);
  if (!row) return known;
  if (row.mergedInto !== undefined) {
    // What was joined into another asset is watched as that one.
    const ended = known && ({ ...known, lifecycle: "retired", agentId: null } satisfies Track);
    if (ended) work.keep(ended, true);
    return ended;
  }
  const track = withRow(
    known ?? createTrack({ ...row, deviceType: row.type }, Math.min(row.firstSeenAtMs, work.nowMs)),
    row,
  );
  work.keep(track, true);
  return track;
};

const withRow = (track: Track, row: AssetRow): Track => ({
  ...track,
  assetId: row.assetId,
  name: row.name,
  deviceType: row.type,
  criticality: row.criticality,
  lifecycle: row.lifecycle,
  agentId: row.agentId !== undefined && (row.instance ?? 0) === 0 ? row.agentId : null,
  ...(track.address === null && row.primaryAddress !== undefined && placeAt(row.primaryAddress)),
  ...(track.mac === null && row.primaryMac !== undefined && { mac: row.primaryMac }),
  // A device without an agent is where it was heard last; its row says where it was first.
  ...(track.moved == null && { realm: row.realm }),
});

const placeAt = (address: string): Pick<Track, "address" | "addressKey"> => ({
  address,
  addressKey: addressKey(address),
});

/** A device was seen. Quick where nothing follows: it was present and is. */
const hit = async (
  work: Work,
  assetId: AssetId,
  proof: Proof,
  realm: string,
  by: LookAt,
  method: Method,
  stays: (address: string | null) => boolean = () => false,
): Promise<void> => {
  const before = await trackOf(work, assetId);
  if (!before) return;
  const { presence, local } = work.deps;
  // With several addresses at once it stays where it is known to be.
  const isElsewhere = proof.address !== null && proof.atMs >= before.lastSeenMs && !stays(before.address);
  const place = isElsewhere ? proof.address : before.address;
  const key = place === null ? null : place === before.address ? before.addressKey : addressKey(place);
  if (place !== null && key !== null && place === proof.address)
    await noteSharedAddress(work, before, { address: place, key, realm }, by.atMs);
  const seen = applyHit(before, proof, by, presence, local);
  const isNews = seen.lastSeenMs > before.lastSeenMs;
  const isMoved = isNews && place !== null && (place !== before.address || realm !== before.realm);
  const placed: Track = {
    ...seen,
    ...(isNews && { lastMethod: method }),
    // A MAC heard elsewhere has moved: its place follows it, and what it hung on is to be learned anew.
    ...(isMoved && {
      address: place,
      addressKey: key,
      realm,
      ...(before.address !== null && { movedMs: proof.atMs }),
      ...(realm !== before.realm && { parentId: null, port: null }),
    }),
    ...(proof.mac !== null && { mac: proof.mac }),
    observerId: seen.looks[0]?.agentId ?? null,
  };
  if (isMoved && place !== before.address) await endSharedAddress(work, before);
  if (isMoved && proof.mac !== null) await noteAddress(work, before, place, { agentId: by.agentId, method });
  const after = await noteMove(work, before, placed, proof);
  const interval = after.looks[0]?.intervalMs ?? presence.lookIntervalMs;
  const isQuiet =
    before.state === "present" && before.suspicion === null && after.looks.every((look) => look.misses === 0);
  const isWorthKeeping =
    isMoved ||
    after.moved !== before.moved ||
    after.rhythm !== before.rhythm ||
    after.looks.length !== before.looks.length;
  if (isQuiet)
    work.keep({ ...after, dueMs: Math.max(work.nowMs + 1, after.lastSeenMs + 1.5 * interval) }, isWorthKeeping);
  else {
    work.keep(after, true);
    await settle(work, after);
  }
};

export const hearSightings = async (
  work: Work,
  heard: Heard,
  sightings: readonly Sighting[],
  assets: ReadonlyMap<string, AssetId>,
  look: { readonly scope: string; readonly sweptMs: number | null },
): Promise<void> => {
  const addressesOf = addressesIn(sightings);
  for (const sighting of sightings) {
    const { id } = sighting.subject;
    const assetId = assets.get(id);
    if (assetId === undefined) continue;
    const atMs = correct(sighting.observedAtMs, heard, work.nowMs);
    const proof = proofOf({ method: sighting.method, keys: sighting.subject.keys, atMs });
    if (!proof) continue;
    const by = { agentId: heard.agentId, scope: look.scope, atMs, sweptMs: look.sweptMs };
    const stays = (address: string | null) => address !== null && (addressesOf.get(id)?.has(address) ?? false);
    await hit(work, assetId, proof, sighting.subject.realm, by, sighting.method, stays);
  }
};

/** Under which addresses each subject was seen in one look. */
const addressesIn = (sightings: readonly Sighting[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const out = new Map<string, Set<string>>();
  for (const { subject } of sightings)
    for (const { kind, value } of subject.keys)
      if (kind === "ip") {
        const known = out.get(subject.id);
        if (known) known.add(value);
        else out.set(subject.id, new Set([value]));
      }
  return out;
};

export const hearSnapshot = async (
  work: Work,
  what: Heard & { readonly assetId: AssetId; readonly source: Method; readonly observedAtMs: number },
): Promise<void> => {
  const track = await trackOf(work, what.assetId, true);
  if (!track || what.source === "local") return;
  const atMs = Math.min(what.observedAtMs, work.nowMs);
  const proof: Proof = { atMs, grade: "key", everywhere: true, address: null, mac: null };
  const by = { agentId: what.agentId, scope: "", atMs, sweptMs: null };
  await hit(work, what.assetId, proof, track.realm, by, what.source);
};

/** A sweep: its sightings first, so that who moved is not missed at the old address; then what it did not see. */
export const hearSweep = async (
  work: Work,
  heard: Heard,
  sweep: Sweep,
  assets: ReadonlyMap<string, AssetId>,
): Promise<void> => {
  const { nowMs } = work;
  const row: SweepTimes = {
    ...sweep,
    atMs: correct(sweep.endedAtMs, heard, nowMs),
    sweptMs: sweep.commandId === undefined ? correct(sweep.endedAtMs, heard, nowMs) : null,
  };
  await hearSightings(work, heard, sweep.sightings, assets, { scope: sweep.scope, sweptMs: row.sweptMs });
  const observer = work.observerOf(heard.agentId);
  const seen = new Set(assets.values());
  if (observer && heard.instance === 0) {
    const refusal = refusalOf(sweep, observer.row.scopes);
    if (refusal === undefined) await takeMisses(work, observer, row, seen);
    else await refuse(work, observer, refusal);
  }
  if (sweep.commandId !== undefined) await answered(work, sweep.commandId, coveredBy(work, row, seen));
};

type SweepTimes = Sweep & { readonly atMs: number; readonly sweptMs: number | null };

/**
 * The devices whose addresses the sweep has an answer about: silence that counts, their own answer, or that of somebody else.
 * Who answers is asked once only, so that his address stands in a run of too few asks.
 */
const coveredBy = (work: Work, sweep: Sweep, seen: ReadonlySet<AssetId>): readonly Track[] => {
  const taken = answeredByMac(sweep);
  return runsOf(sweep, work.deps.presence).flatMap(({ from, to, isCounted }) => {
    const tracks = work.memory.inRange(sweep.realm, from, to);
    return isCounted
      ? tracks
      : tracks.filter((track) => seen.has(track.assetId) || (track.addressKey !== null && taken.has(track.addressKey)));
  });
};

const takeMisses = async (
  work: Work,
  observer: Observer,
  sweep: SweepTimes,
  seen: ReadonlySet<AssetId>,
): Promise<void> => {
  const before = observer.sights[sweep.scope] ?? {
    lastMs: 0,
    intervalMs: 0,
    blindSinceMs: null,
    isTold: false,
    doubts: 0,
  };
  const couldSee = sweep.proof.verdict === "could-see" && observer.doubtUntilMs <= work.nowMs;
  const { missed, doubted, sawNothing } = couldSee
    ? weighSweep(
        coveredBy(work, sweep, seen),
        (id) => seen.has(id),
        observer.agentId,
        before.doubts,
        work.deps.presence,
      )
    : { missed: [], doubted: [], sawNothing: sweep.proof.verdict === "blind" };
  const sight = {
    lastMs: sweep.atMs,
    intervalMs: before.lastMs === 0 ? 0 : sweep.atMs - before.lastMs,
    blindSinceMs: couldSee && !sawNothing ? null : (before.blindSinceMs ?? sweep.atMs),
    isTold: before.isTold,
    doubts: doubted.length > 0 ? before.doubts + 1 : 0,
  };
  if (sweep.sweptMs !== null) {
    const { scope, realm } = sweep;
    const isTold = await noteBlindness(work, observer, { scope, realm, sight, sawNothing, doubted });
    work.keepObserver({ ...observer, sights: { ...bounded(observer.sights), [scope]: { ...sight, isTold } } });
  }
  const { scope, atMs, sweptMs } = sweep;
  const by = { agentId: observer.agentId, scope, atMs, sweptMs, sight: sightOf(sweep, work) };
  const after: Track[] = [];
  for (const track of missed) {
    // Sightings of this very sweep may have changed it.
    const current = work.memory.track(track.assetId) ?? track;
    if (sweep.sweptMs === null && hasCompanyMoved(work, current)) continue;
    const next = applyMiss(current, by, work.deps.presence);
    if (next === current) continue;
    work.keep(next, false);
    after.push(next);
  }
  // All misses are known before anything is concluded from one, so that a common cause shows at once.
  for (const track of after) {
    if (track.state === "missing") await missedAgain(work, track, observer.agentId);
    else await settle(work, work.memory.track(track.assetId) ?? track);
  }
};

/** So many of those beside it took another address since it was seen: it may have as well, and its old one tells nothing. */
const COMPANY = 2;

const hasCompanyMoved = (work: Work, { assetId, parentId, lastSeenMs }: Track): boolean => {
  if (parentId === null) return false;
  const moved = work.memory
    .behind(parentId)
    .filter((other) => other.assetId !== assetId && (other.movedMs ?? 0) > lastSeenMs);
  return moved.length >= COMPANY;
};

/** For the ledger of what it missed: how it looked, and what tells that it could see. */
const sightOf = ({ coverage, proof, sightings }: Sweep, { deps }: Work): LookSight => {
  const counted = coverage.filter((run) => countsAsAsked(run, deps.presence));
  return {
    methods: [...new Set(counted.flatMap((run) => run.methods))].slice(0, 8),
    asks: Math.min(...counted.map((run) => run.asks), 255),
    seen: sightings.length,
    controls: { seen: proof.controls.filter((control) => control.seen).length, of: proof.controls.length },
    loss: proof.loss,
  };
};

const MAX_SCOPES = 256;
const bounded = (sights: Observer["sights"]): Observer["sights"] =>
  Object.keys(sights).length < MAX_SCOPES ? sights : {};

/** The confirming look has answered: nobody waits for it any longer. */
const answered = async (work: Work, commandId: string, covered: readonly Track[]): Promise<void> => {
  for (const { assetId } of covered) {
    const track = work.memory.track(assetId);
    if (!track?.suspicion?.asked.some((ask) => ask.commandId === commandId && ask.untilMs > work.nowMs)) continue;
    const asked = track.suspicion.asked.map((ask) =>
      ask.commandId === commandId ? { ...ask, untilMs: work.nowMs } : ask,
    );
    const next = { ...track, suspicion: { ...track.suspicion, asked } };
    work.keep(next, false);
    await settle(work, next);
  }
};

const refuse = async (work: Work, observer: Observer, refusal: string): Promise<void> => {
  const statement = `evidence refused: ${refusal}`;
  work.deps.log.warn("evidence refused", { agentId: observer.agentId, reason: refusal });
  await work.cases.open({
    kind: "evidence-refused",
    condition: `evidence-refused/${observer.agentId}`,
    agentId: observer.agentId as AgentId,
    title: `Agent ${observer.row.name} reports on what it may not look at`,
    summary: `A sweep's misses were refused: ${refusal}. Nothing was concluded from them.`,
    impact: "low",
    urgency: "medium",
    confidence: 1,
    nextStep:
      "Compare the agent's scopes with its configuration; if it was not changed, look at the host for tampering.",
    evidence: [
      {
        at: toTimestamp(work.nowMs),
        observer: { kind: "agent", agentId: observer.agentId, name: observer.row.name },
        method: "session",
        couldSee: "blind",
        bearing: "neither",
        statement,
      },
    ],
  });
};
