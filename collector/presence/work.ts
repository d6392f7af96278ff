import { type AgentId, type AssetId, createRecordId, type IncidentId } from "../../shared/ids.ts";
import type { Log } from "../../shared/log.ts";
import type { Random } from "../../shared/random.ts";
import { type Cases, createCases } from "../incidents/cases.ts";
import { subnetKeys } from "../incidents/causes.ts";
import type { IncidentPolicy } from "../incidents/policy.ts";
import type { Tx } from "../store/store.ts";
import type { RoutedDesk } from "../tickets/routes.ts";
import type { LocalTime } from "./local-time.ts";
import { maintenanceUntil } from "./maintenance.ts";
import type { Memory } from "./memory.ts";
import { type Observer, observerKey, ownAgentOf, type Standing, standingOf } from "./observers.ts";
import type { PresencePolicy } from "./policy.ts";
import type { Outcome } from "./port.ts";
import type { Track } from "./track.ts";
import type { OwnAgent, View } from "./verdict.ts";

export type WatchDeps = {
  readonly presence: PresencePolicy;
  readonly incidents: IncidentPolicy;
  readonly random: Random;
  readonly log: Log;
  readonly local: LocalTime;
  readonly desks?: readonly RoutedDesk[];
};

/** One evaluation under way: what it was given, what it has changed so far. */
export type Work = {
  readonly tx: Tx;
  readonly deps: WatchDeps;
  readonly nowMs: number;
  readonly hearableSinceMs: number;
  readonly memory: Memory;
  readonly cases: Cases;
  readonly touched: {
    readonly assets: Set<AssetId>;
    readonly incidents: Set<IncidentId>;
    readonly tickets: Set<number>;
    readonly agents: Set<AgentId>;
  };
  /** Keeps a track; `write` when something changed that must outlive a restart. */
  readonly keep: (track: Track, write: boolean) => void;
  readonly keepObserver: (observer: Observer) => void;
  readonly standing: (observer: Observer) => Standing;
  readonly observerOf: (agentId: AgentId) => Observer | undefined;
  readonly canSee: (agentId: AgentId) => boolean;
  readonly isGone: (agentId: AgentId) => boolean;
  readonly view: (track: Track) => View;
  /** Devices of its subnet, itself included. */
  readonly neighboursOf: (track: Track) => readonly Track[];
  /** Asks an agent to look at an address again; looks of one evaluation travel together. Gives the command's id. */
  readonly askToLook: (agentId: AgentId, scope: string, address: string, untilMs: number) => string;
  readonly finish: () => Promise<Outcome>;
};

const MAX_TARGETS = 256;
type Ask = { readonly commandId: string; readonly untilMs: number; readonly targets: string[] };

export const createWork = (
  tx: Tx,
  deps: WatchDeps,
  memory: Memory,
  time: { readonly nowMs: number; readonly hearableSinceMs: number; readonly admittedMs: number },
): Work => {
  const { nowMs, hearableSinceMs, admittedMs } = time;
  const touched: Work["touched"] = { assets: new Set(), incidents: new Set(), tickets: new Set(), agents: new Set() };
  const writes = new Set<AssetId>();
  const asks = new Map<string, Ask[]>();
  const standings = new Map<Observer, Standing>();

  const observerOf = (agentId: AgentId) => memory.observers.get(observerKey(agentId, 0));
  const standing = (observer: Observer) => {
    const known = standings.get(observer);
    if (known) return known;
    // Who has not got in since we began to hear may be waiting at our own door.
    const sinceMs = observer.heardMs < hearableSinceMs ? admittedMs : hearableSinceMs;
    const found = standingOf(observer, deps.presence, sinceMs, nowMs);
    standings.set(observer, found);
    return found;
  };
  const canSee = (agentId: AgentId) => {
    const observer = observerOf(agentId);
    return observer !== undefined && observer.doubtUntilMs <= nowMs && standing(observer).state === "ok";
  };
  const isGone = (agentId: AgentId) => {
    const observer = observerOf(agentId);
    return observer === undefined || standing(observer).state === "gone";
  };
  const own = (track: Track): OwnAgent | null => {
    const observer = track.agentId === null ? undefined : observerOf(track.agentId);
    return observer ? ownAgentOf(observer, standing(observer), deps.presence) : null;
  };
  const cases = createCases(tx, {
    nowMs,
    random: deps.random,
    policy: deps.incidents,
    reopenWithinMs: deps.presence.reopenWithinMs,
    local: deps.local,
    desks: deps.desks ?? [],
    touched,
  });

  return {
    tx,
    deps,
    nowMs,
    hearableSinceMs,
    memory,
    cases,
    touched,
    keep: (track, write) => {
      memory.set(track);
      if (write) writes.add(track.assetId);
    },
    keepObserver: (observer) => {
      memory.observers.set(observer.key, observer);
      const now = standing(observer);
      if (now.state === "ok" || now.state === "said-goodbye") memory.dueObservers.set(observer.key, now.dueMs);
    },
    standing,
    observerOf,
    canSee,
    isGone,
    view: (track) => ({
      nowMs,
      hearableSinceMs,
      policy: deps.presence,
      local: deps.local,
      own: own(track),
      canSee,
      isGone,
      maintenanceUntilMs:
        deps.presence.maintenance.length === 0
          ? null
          : maintenanceUntil(deps.presence.maintenance, track, nowMs, deps.local),
    }),
    neighboursOf: (track) =>
      track.addressKey === null ? [] : memory.inRange(track.realm, ...subnetKeys(track.addressKey)),
    askToLook: (agentId, scope, address, untilMs) => {
      const key = `${agentId} ${scope}`;
      const open = asks.get(key) ?? [];
      asks.set(key, open);
      const last = open.at(-1);
      if (last && last.targets.length < MAX_TARGETS) {
        if (!last.targets.includes(address)) last.targets.push(address);
        return last.commandId;
      }
      const ask = { commandId: createRecordId("cmd", nowMs, deps.random), untilMs, targets: [address] };
      open.push(ask);
      return ask.commandId;
    },
    finish: async () => {
      for (const assetId of writes) {
        const track = memory.track(assetId);
        if (track) await tx.presence.put(track);
      }
      if (writes.size > 0 || touched.incidents.size > 0) await bumpGeneration(tx);
      const commands = [...asks].flatMap(([key, list]) => {
        const [agentId = "", ...scope] = key.split(" ");
        return list.map(({ commandId, untilMs, targets }) => ({
          agentId: agentId as AgentId,
          instance: 0,
          command: {
            commandId,
            expiresAtMs: untilMs,
            action: { kind: "look" as const, scope: scope.join(" "), targets, methods: [] },
          },
        }));
      });
      const next = Math.min(memory.dueTracks.nextMs() ?? Infinity, memory.dueObservers.nextMs() ?? Infinity);
      return { commands, touched, ...(Number.isFinite(next) && { nextDueMs: next }) };
    },
  };
};

/** Tells memory from store apart: after a transaction that was not kept, the numbers differ. */
const GENERATION = "watch.generation";
export const readGeneration = async (tx: Tx): Promise<number> => Number((await tx.meta.get(GENERATION)) ?? 0);
const bumpGeneration = async (tx: Tx): Promise<void> => tx.meta.put(GENERATION, String((await readGeneration(tx)) + 1));
