import { toTimestamp } from "../../shared/clock.ts";
import type { Log } from "../../shared/log.ts";
import { isLocallyAdministered, type MacAddress } from "../../shared/mac.ts";
import type { Random } from "../../shared/random.ts";
import type { Watch } from "../engine/watch.ts";
import type { IncidentPolicy } from "../incidents/policy.ts";
import type { Tx } from "../store/store.ts";
import type { RoutedDesk } from "../tickets/routes.ts";
import { noteClock } from "./clocks.ts";
import { hearSightings, hearSnapshot, hearSweep, trackOf } from "./hear.ts";
import { createLocalTime } from "./local-time.ts";
import { loadMemory, type Memory } from "./memory.ts";
import { mergeTracks, unmergeTrack } from "./merge.ts";
import { createObserver, type Observer, observerKey } from "./observers.ts";
import { applyOperation } from "./operations.ts";
import { hearChanges } from "./parts.ts";
import type { PresencePolicy } from "./policy.ts";
import type { Outcome } from "./port.ts";
import { settle } from "./settle.ts";
import { settleObserver } from "./silence.ts";
import { learnTopology } from "./topology.ts";
import { NEVER, type Track } from "./track.ts";
import { createWork, readGeneration, type WatchDeps, type Work } from "./work.ts";

export type WatchOptions = {
  readonly presence: PresencePolicy;
  readonly incidents: IncidentPolicy;
  /** Desks besides the built-in queue; none by default. */
  readonly desks?: readonly RoutedDesk[];
  readonly random: Random;
  readonly log: Log;
};

/** Ticks that were promised and came later than this tell of a jump or a suspend; smaller steps are NTP's. */
const JUMP_MS = 5_000;
/** What one tick takes on; the rest is due at once again, so that a crowd of due rows can't hold up what is heard. */
const TICK_LIMIT = 5_000;
/** From then on an agent's own timers were so late that its looks are not believed. */
const LATE_AGENT_MS = 5_000;
/** After a start of ours, agents that come back one after the other show that we are still letting them in: so long at most. */
const ADMITTING_MS = 15 * 60_000;

/**
 * Presence, incidents and the built-in queue for the engine. One code for what is heard and for what time brings: load,
 * judge by pure rules, write what follows, all in the caller's transaction.
 */
export const createWatch = (options: WatchOptions): Watch => {
  const deps: WatchDeps = { ...options, local: createLocalTime(options.presence.timeZone) };
  const { presence } = options;
  let memory: Memory | undefined;
  let generation = -1;
  let hearableSinceMs = 0;
  /** When an agent's first word since then was heard, the latest of them. */
  let lastReturnMs = 0;
  let lastTick: { readonly now: number; readonly monotonic: number } | undefined;

  const evaluate = async <T>(
    tx: Tx,
    nowMs: number,
    run: (work: Work) => Promise<T>,
  ): Promise<Outcome & { readonly value: T }> => {
    const stored = await readGeneration(tx);
    // The store did not keep what we remember (a transaction was rolled back), or somebody else wrote: read it again.
    if (memory === undefined || stored !== generation) {
      memory = await loadMemory(tx, nowMs);
      hearableSinceMs = Math.max(hearableSinceMs, generation === -1 ? nowMs : hearableSinceMs);
    }
    const admittedMs = Math.min(Math.max(hearableSinceMs, lastReturnMs), hearableSinceMs + ADMITTING_MS);
    const work = createWork(tx, deps, memory, { nowMs, hearableSinceMs, admittedMs });
    try {
      const value = await run(work);
      const outcome = await work.finish();
      generation = await readGeneration(tx);
      return { ...outcome, value };
    } catch (error) {
      generation = -2;
      throw error;
    }
  };

  const observerAt = async (
    work: Work,
    agentId: Observer["agentId"],
    instance: number,
  ): Promise<Observer | undefined> => {
    const row = await work.tx.agents.get(agentId, instance);
    if (!row) return undefined;
    const known = work.memory.observers.get(observerKey(agentId, instance));
    return known ? { ...known, row } : createObserver(row, work.nowMs);
  };

  /** Beats come by the thousand: one that changes nothing costs nothing but its time. */
  const beat = (work: Work, agentId: Observer["agentId"], instance: number, latenessMs: number): boolean => {
    const known = work.memory.observers.get(observerKey(agentId, instance));
    if (known?.row.state !== "connected" || known.isAlarmed !== false || latenessMs > LATE_AGENT_MS) return false;
    work.memory.observers.set(known.key, { ...known, heardMs: work.nowMs });
    return true;
  };

  /** All clocks start again from what can be heard from now on. */
  const doubtOurselves = (work: Work, isBackwards: boolean) => {
    const { memory: all, nowMs } = work;
    for (const track of all.all()) {
      const clamped = isBackwards ? clampTimes(track, nowMs) : track;
      if (clamped !== track || track.dueMs < NEVER)
        all.set({ ...clamped, dueMs: Math.min(clamped.dueMs, nowMs + presence.lookIntervalMs) });
    }
    for (const observer of all.observers.values())
      work.keepObserver({ ...observer, heardMs: Math.min(observer.heardMs, nowMs) });
  };

  const start = (tx: Tx, now: number) => {
    hearableSinceMs = now;
    memory = undefined;
    generation = -1;
    return evaluate(tx, now, async () => {});
  };

  const tick = async (tx: Tx, time: { readonly now: number; readonly monotonic: number }): Promise<Outcome> => {
    const before = lastTick;
    lastTick = time;
    const elapsedMs = before ? time.monotonic - before.monotonic : 0;
    const jumpMs = before ? time.now - before.now - elapsedMs : 0;
    const isDoubtful = Math.abs(jumpMs) > JUMP_MS || elapsedMs > presence.ownLatenessMs;
    if (isDoubtful) {
      hearableSinceMs = time.now;
      deps.log.warn("clocks start again: we jumped or slept", {
        jumpMs: Math.round(jumpMs),
        elapsedMs: Math.round(elapsedMs),
      });
    }
    return evaluate(tx, time.now, async (work) => {
      if (isDoubtful) doubtOurselves(work, time.now < (before?.now ?? 0) + elapsedMs - JUMP_MS);
      for (const key of work.memory.dueObservers.take(time.now, TICK_LIMIT)) {
        const known = work.memory.observers.get(key);
        const row = known && (await tx.agents.get(known.agentId, known.instance));
        if (!row) continue;
        await settleObserver(work, { ...known, row });
        await noteClock(work, key);
      }
      // First everything that may share a cause is known to be due, then each is judged.
      for (const assetId of work.memory.dueTracks.take(time.now, TICK_LIMIT)) {
        const track = work.memory.track(assetId);
        if (track) await settle(work, track);
      }
    });
  };

  return {
    start,
    tick,
    session: (tx, event, now) =>
      evaluate(tx, now, async (work) => {
        const { agentId, instance, latenessMs = 0 } = event;
        if (event.kind === "heartbeat" && beat(work, agentId, instance, latenessMs)) return;
        const observer = await observerAt(work, agentId, instance);
        if (!observer) return;
        // A close by the host's own system is a sign of its life; our own doing, or a broker's word, is none.
        const isHeard =
          event.kind !== "closed" || event.how === "fin" || event.how === "rst" || event.how === "goodbye";
        const doubtUntilMs =
          latenessMs > LATE_AGENT_MS ? now + 2 * (observer.row.heartbeatMs ?? 30_000) : observer.doubtUntilMs;
        if (isHeard && observer.heardMs < hearableSinceMs) lastReturnMs = now;
        const next = { ...observer, doubtUntilMs, heardMs: isHeard ? now : observer.heardMs };
        if (next.row.assetId !== undefined)
          await trackOf(work, next.row.assetId, work.memory.ofAgent(agentId) === undefined);
        await settleObserver(work, next);
        await noteClock(work, next.key);
      }),
    goodbye: (tx, { agentId, instance }, now) =>
      evaluate(tx, now, async (work) => {
        const observer = await observerAt(work, agentId, instance);
        if (observer) await settleObserver(work, { ...observer, heardMs: now });
      }),
    sweep: (tx, { sweep, assets, ...heard }, now) => evaluate(tx, now, (work) => hearSweep(work, heard, sweep, assets)),
    sightings: (tx, { sightings, assets, ...heard }, now) =>
      evaluate(tx, now, (work) => hearSightings(work, heard, sightings, assets, { scope: "", sweptMs: null })),
    snapshot: (tx, what, now) =>
      evaluate(tx, now, async (work) => {
        await hearSnapshot(work, what);
        if (what.source === "snmp") await learnTopology(work, what.assetId);
      }),
    changes: (tx, { assetId, changes }, now) =>
      evaluate(tx, now, async (work) => {
        const track = await trackOf(work, assetId);
        if (track) await hearChanges(work, track, changes);
      }),
    asset: (tx, { assetId, isCreated = false }, now) =>
      evaluate(tx, now, async (work) => {
        const row = await tx.assets.get(assetId);
        if (row?.mergedInto !== undefined) {
          const survivor = await trackOf(work, row.mergedInto, true);
          if (survivor) await mergeTracks(work, assetId, survivor);
          return;
        }
        await unmergeTrack(work, assetId);
        const isNew = work.memory.track(assetId) === undefined;
        const track = await trackOf(work, assetId, true);
        if (!track) return;
        if (track.agentId !== null) {
          const observer = await observerAt(work, track.agentId, 0);
          if (observer) work.keepObserver(observer);
        }
        if (isCreated && isNew) await noteStranger(work, track);
        if (!isNew || track.agentId !== null) await settle(work, track);
      }),
    raise: (tx, { evidence, ...condition }, now) =>
      evaluate(tx, now, async (work) => {
        const [known] = await tx.incidents.byCondition(condition.condition, 1);
        if (known && known.state !== "resolved") await work.cases.addEvidence(known, evidence, condition.summary);
        else await work.cases.open({ ...condition, impact: "medium", urgency: "medium", confidence: 0.9, evidence });
      }),
    operation: async (tx, operation, requester, now) => {
      const { value, ...outcome } = await evaluate(tx, now, (work) => applyOperation(work, operation, requester));
      return { ...outcome, outcome: value };
    },
  };
};

/** After the clock went back, nothing may lie in its future. */
const clampTimes = (track: Track, nowMs: number): Track => {
  const clamp = (ms: number) => Math.min(ms, nowMs);
  const orNull = (ms: number | null) => (ms === null ? null : clamp(ms));
  return {
    ...track,
    lastSeenMs: clamp(track.lastSeenMs),
    sinceMs: clamp(track.sinceMs),
    firstSeenMs: clamp(track.firstSeenMs),
    learnedHour: -1,
    ...(track.apart && { apart: { ...track.apart, lastMs: clamp(track.apart.lastMs) } }),
    ...(track.moved && { moved: { ...track.moved, atMs: clamp(track.moved.atMs) } }),
    ...(track.movedMs !== undefined && { movedMs: clamp(track.movedMs) }),
    looks: track.looks.map((look) => ({
      ...look,
      lastMs: clamp(look.lastMs),
      hitMs: clamp(look.hitMs),
      missFirstMs: orNull(look.missFirstMs),
      missLastMs: orNull(look.missLastMs),
    })),
  };
};

/** A realm must have been watched for a day before a new device in it is news. */
const BASELINE_MS = 86_400_000;

const noteStranger = async (work: Work, track: Track): Promise<void> => {
  if (track.agentId !== null || track.mac === null || isLocallyAdministered(track.mac as MacAddress)) return;
  let oldestMs = work.nowMs;
  for (const other of work.memory.observers.values())
    if (other.row.scopes.some((scope) => scope.realm === track.realm))
      oldestMs = Math.min(oldestMs, other.row.enrolledAtMs);
  if (work.nowMs - oldestMs < BASELINE_MS) return;
  await work.cases.open({
    kind: "unknown-device",
    condition: `unknown-device/${track.assetId}`,
    assetId: track.assetId,
    title: `New device in ${track.realm}: ${track.name}`,
    summary: `${track.mac}${track.address === null ? "" : ` at ${track.address}`} was never seen before and is in no book.`,
    impact: "low",
    urgency: "low",
    confidence: 0.8,
    nextStep: "Find out whose it is; set its owner and lifecycle, or have it removed.",
    evidence: [
      {
        at: toTimestamp(work.nowMs),
        observer: { kind: "collector" },
        method: "arp",
        couldSee: "could-see",
        bearing: "for",
        statement: `first seen with MAC ${track.mac}`,
      },
    ],
  });
};
