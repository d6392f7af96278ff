import type { AgentId, AssetId, IncidentId } from "../../shared/ids.ts";
import type { Tx } from "../store/store.ts";
import { rangeSize } from "./address-key.ts";
import { createDueQueue, type DueQueue } from "./due-queue.ts";
import { createObserver, type Observer, type ObserverKey, observerKey } from "./observers.ts";
import { NEVER, type Track } from "./track.ts";

/**
 * Presence in memory: every track and observer, with the indexes that keep an evaluation's cost proportional to what is
 * due or was heard. The store's presence rows are its durable form; they are written when a conclusion or a habit changed,
 * not at every sighting, since after a restart all clocks start again anyway.
 */
export type Memory = {
  readonly track: (assetId: AssetId) => Track | undefined;
  /** Takes it over into every index. */
  readonly set: (track: Track) => void;
  readonly remove: (assetId: AssetId) => void;
  readonly size: () => number;
  readonly all: () => Iterable<Track>;
  readonly inRange: (realm: string, fromKey: string, toKey: string) => Track[];
  readonly atAddress: (realm: string, addressKey: string) => Track[];
  readonly behind: (parentId: AssetId) => Track[];
  readonly watchedBy: (agentId: AgentId) => Track[];
  readonly ofAgent: (agentId: AgentId) => Track | undefined;
  readonly byMac: (realm: string, mac: string) => Track | undefined;
  readonly observers: Map<ObserverKey, Observer>;
  /** Open cases that others are part of: which of their children are still open, and how many there ever were. */
  readonly families: Map<IncidentId, Family>;
  readonly dueTracks: DueQueue<AssetId>;
  readonly dueObservers: DueQueue<ObserverKey>;
};

export type Family = { readonly open: Set<IncidentId>; total: number };

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
  const byMac = new Map<string, AssetId>();
  const macKey = (track: Track) => (track.mac === null ? undefined : `${track.realm} ${track.mac}`);
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
    const mac = macKey(track);
    if (mac !== undefined && byMac.get(mac) === track.assetId) byMac.delete(mac);
  };
  const link = (track: Track) => {
    addTo(realmIndex(track.realm), track.addressKey, track.assetId);
    addTo(byParent, track.parentId, track.assetId);
    addTo(byObserver, track.observerId, track.assetId);
    if (track.agentId !== null) byAgent.set(track.agentId, track.assetId);
    const mac = macKey(track);
    if (mac !== undefined) byMac.set(mac, track.assetId);
  };
  const isMoved = (a: Track, b: Track) =>
    a.realm !== b.realm ||
    a.addressKey !== b.addressKey ||
    a.parentId !== b.parentId ||
    a.observerId !== b.observerId ||
    a.agentId !== b.agentId ||
    a.mac !== b.mac;

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
    byMac: (realm, mac) => {
      const assetId = byMac.get(`${realm} ${mac}`);
      return assetId === undefined ? undefined : tracks.get(assetId);
    },
    all: () => tracks.values(),
    observers: new Map(),
    families: new Map(),
    dueTracks,
    dueObservers: createDueQueue<ObserverKey>(),
  };
};

const ALL_ROWS = 10_000_000;

/** Reads every row once: at the start, and after a transaction that the store did not keep. */
export const loadMemory = async (tx: Tx, nowMs: number): Promise<Memory> => {
  const memory = createMemory();
  for (const track of await tx.presence.due(NEVER, ALL_ROWS)) memory.set(track);
  for (const row of await tx.agents.all()) {
    const key = observerKey(row.agentId, row.instance);
    memory.observers.set(key, createObserver(row, nowMs));
    memory.dueObservers.set(key, nowMs);
  }
  return memory;
};
