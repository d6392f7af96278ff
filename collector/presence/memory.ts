import type { AgentId, AssetId } from "../../shared/ids.ts";
import type { AgentRow, Tx } from "../store/store.ts";
import { rangeSize } from "./address-key.ts";
import { createDueQueue, type DueQueue } from "./due-queue.ts";
import { NEVER, type Track } from "./track.ts";

/** How an agent stands, as presence follows it from beat to beat without touching the store. */
export type Observer = {
  readonly key: ObserverKey;
  readonly agentId: AgentId;
  readonly instance: number;
  row: AgentRow;
  /** Collector's clock; of a beat, or of a close by the host's system. */
  heardMs: number;
  dueMs: number;
  /** Its own timers came late, or it just woke: until then its misses don't count. */
  doubtUntilMs: number;
  /** By scope: what its looks were worth lately. */
  readonly sights: Map<string, Sight>;
};
export type Sight = { lastMs: number; blindSinceMs: number | null; doubts: number };
export type ObserverKey = string;
export const observerKey = (agentId: AgentId, instance: number): ObserverKey =>
  instance === 0 ? agentId : `${agentId}#${instance}`;

/**
 * Presence in memory: every track and observer, with the indexes that keep an evaluation's cost proportional to what is
 * due or was heard. The store's presence rows are its durable form; they are written when a conclusion or a habit changed,
 * not at every sighting, since after a restart all clocks start again anyway.
 */
export type Memory = {
  readonly track: (assetId: AssetId) => Track | undefined;
  /** Takes it over into every index; `isWritten: false` marks it for the store at the next conclusion. */
  readonly set: (track: Track) => void;
  readonly remove: (assetId: AssetId) => void;
  readonly size: () => number;
  readonly inRange: (realm: string, fromKey: string, toKey: string) => Track[];
  readonly atAddress: (realm: string, addressKey: string) => Track[];
  readonly behind: (parentId: AssetId) => Track[];
  readonly watchedBy: (agentId: AgentId) => Track[];
  readonly ofAgent: (agentId: AgentId) => Track | undefined;
  readonly observers: Map<ObserverKey, Observer>;
  readonly dueTracks: DueQueue<AssetId>;
  readonly dueObservers: DueQueue<ObserverKey>;
};

const addTo = <K, V>(index: Map<K, Set<V>>, key: K | null, value: V) => {
  if (key === null) return;
  const known = index.get(key);
  if (known) known.add(value);
  else index.set(key, new Set([value]));
};
const takeFrom = <K, V>(index: Map<K, Set<V>>, key: K | null, value: V) => {
  if (key === null) return;
  const known = index.get(key);
  known?.delete(value);
  if (known?.size === 0) index.delete(key);
};

export const createMemory = (): Memory => {
  const tracks = new Map<AssetId, Track>();
  const byAddress = new Map<string, Map<string, Set<AssetId>>>();
  const byParent = new Map<AssetId, Set<AssetId>>();
  const byObserver = new Map<AgentId, Set<AssetId>>();
  const byAgent = new Map<AgentId, AssetId>();
  const dueTracks = createDueQueue<AssetId>();

  const realmIndex = (realm: string) => {
    const known = byAddress.get(realm) ?? new Map<string, Set<AssetId>>();
    byAddress.set(realm, known);
    return known;
  };
  const resolve = (ids: Iterable<AssetId> | undefined): Track[] => {
    const out: Track[] = [];
    for (const id of ids ?? []) out.push(tracks.get(id)!);
    return out;
  };
  const unlink = (track: Track) => {
    takeFrom(realmIndex(track.realm), track.addressKey, track.assetId);
    takeFrom(byParent, track.parentId, track.assetId);
    takeFrom(byObserver, track.observerId, track.assetId);
    if (track.agentId !== null && byAgent.get(track.agentId) === track.assetId) byAgent.delete(track.agentId);
  };
  const link = (track: Track) => {
    addTo(realmIndex(track.realm), track.addressKey, track.assetId);
    addTo(byParent, track.parentId, track.assetId);
    addTo(byObserver, track.observerId, track.assetId);
    if (track.agentId !== null) byAgent.set(track.agentId, track.assetId);
  };
  const isMoved = (a: Track, b: Track) =>
    a.realm !== b.realm ||
    a.addressKey !== b.addressKey ||
    a.parentId !== b.parentId ||
    a.observerId !== b.observerId ||
    a.agentId !== b.agentId;

  return {
    track: (assetId) => tracks.get(assetId),
    set: (track) => {
      const before = tracks.get(track.assetId);
      tracks.set(track.assetId, track);
      if (before === undefined) link(track);
      else if (isMoved(before, track)) {
        unlink(before);
        link(track);
      }
      if (track.dueMs >= NEVER) dueTracks.remove(track.assetId);
      else dueTracks.set(track.assetId, track.dueMs);
    },
    remove: (assetId) => {
      const before = tracks.get(assetId);
      if (!before) return;
      unlink(before);
      tracks.delete(assetId);
      dueTracks.remove(assetId);
    },
    size: () => tracks.size,
    // Few addresses: ask for each; a wide range: go through what is there.
    inRange: (realm, fromKey, toKey) => {
      const size = rangeSize(fromKey, toKey);
      const index = byAddress.get(realm);
      if (size === undefined || index === undefined) return [];
      if (size > index.size)
        return [...index].filter(([key]) => key >= fromKey && key <= toKey).flatMap(([, ids]) => resolve(ids));
      const width = fromKey.length - 1;
      const first = BigInt(`0x${fromKey.slice(1)}`);
      const out: Track[] = [];
      for (let i = 0; i < size; i++) {
        const ids = index.get(`${fromKey[0]}${(first + BigInt(i)).toString(16).padStart(width, "0")}`);
        if (ids) out.push(...resolve(ids));
      }
      return out;
    },
    atAddress: (realm, key) => resolve(byAddress.get(realm)?.get(key)),
    behind: (parentId) => resolve(byParent.get(parentId)),
    watchedBy: (agentId) => resolve(byObserver.get(agentId)),
    ofAgent: (agentId) => {
      const assetId = byAgent.get(agentId);
      return assetId === undefined ? undefined : tracks.get(assetId);
    },
    observers: new Map(),
    dueTracks,
    dueObservers: createDueQueue<ObserverKey>(),
  };
};

const ALL_ROWS = 10_000_000;

/** Reads every row once: at the start, and after a transaction that the store did not keep. */
export const loadMemory = async (tx: Tx, nowMs: number): Promise<Memory> => {
  const memory = createMemory();
  for (const row of await tx.presence.due(NEVER, ALL_ROWS)) {
    const track = row.data as unknown as Track;
    if (track.assetId === row.assetId) memory.set({ ...track, dueMs: row.dueAtMs ?? NEVER });
  }
  for (const row of await tx.agents.all()) {
    const key = observerKey(row.agentId, row.instance);
    memory.observers.set(key, createObserver(row, nowMs));
    memory.dueObservers.set(key, nowMs);
  }
  return memory;
};

export const createObserver = (row: AgentRow, nowMs: number): Observer => ({
  key: observerKey(row.agentId, row.instance),
  agentId: row.agentId,
  instance: row.instance,
  row,
  heardMs: Math.min(row.lastHeardAtMs ?? row.enrolledAtMs, nowMs),
  dueMs: nowMs,
  doubtUntilMs: 0,
  sights: new Map(),
});
