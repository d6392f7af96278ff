import type { AgentId, AssetId } from "../../shared/ids.ts";
import type { Track } from "../presence/track.ts";
import type {
  AgentRepository,
  AgentRow,
  CommandRow,
  ObservationRepository,
  ObservationRow,
  PresenceRepository,
  Store,
  Tx,
} from "../store/store.ts";
import { createQuickAssets } from "./quick-assets.ts";

/**
 * A store for runs that nobody restores: what a simulated month writes by the million and hardly reads (beats, intervals of
 * sight, presence rows, coverage) is kept in Maps, all else in the store below. It can't take a transaction back: a run whose
 * transaction fails has failed.
 */
export const createQuickStore = (store: Store): Store => {
  let quick: { readonly of: Tx; readonly tx: Tx } | undefined;
  const over = (tx: Tx): Tx => {
    if (quick?.of !== tx) quick = { of: tx, tx: layOver(tx) };
    return quick.tx;
  };
  return { ...store, transaction: (work) => store.transaction((tx) => work(over(tx))) };
};

const layOver = (tx: Tx): Tx => {
  const meta = new Map<string, string>();
  return {
    ...tx,
    agents: agentsIn(new Map()),
    assets: createQuickAssets(tx.assets),
    observations: observationsIn(),
    presence: presenceIn(new Map()),
    // Nobody reads a run's coverage but the console.
    coverage: { ...tx.coverage, add: async () => {} },
    meta: {
      ...tx.meta,
      get: async (key) => meta.get(key) ?? tx.meta.get(key),
      put: async (key, value) => void meta.set(key, value),
    },
  };
};

const agentsIn = (rows: Map<string, AgentRow>): AgentRepository => {
  const commands = new Map<string, CommandRow>();
  const keyOf = (agentId: AgentId, instance: number) => (instance === 0 ? agentId : `${agentId} ${instance}`);
  const all = () =>
    [...rows.values()].sort((a, b) =>
      a.agentId < b.agentId ? -1 : a.agentId > b.agentId ? 1 : a.instance - b.instance,
    );
  const filter = async (belongs: (row: AgentRow) => boolean) => all().filter(belongs);
  return {
    get: async (agentId, instance) => rows.get(keyOf(agentId, instance)),
    instances: (agentId) => filter((row) => row.agentId === agentId),
    byPublicKey: async (publicKey) => all().find((row) => row.publicKey === publicKey),
    ofAsset: (assetId) => filter((row) => row.assetId === assetId),
    all: async () => all(),
    put: async (row) => void rows.set(keyOf(row.agentId, row.instance), row),
    heard: async (agentId, instance, heard) => {
      const row = rows.get(keyOf(agentId, instance));
      if (row) rows.set(keyOf(agentId, instance), { ...row, ...heard });
    },
    putCommand: async (row) => {
      if (row.state === "open") commands.set(row.commandId, row);
      else commands.delete(row.commandId);
    },
    command: async (commandId) => commands.get(commandId),
    openCommands: async (agentId, instance, nowMs) =>
      [...commands.values()].filter(
        (row) => row.agentId === agentId && row.instance === instance && row.command.expiresAtMs > nowMs,
      ),
  };
};

type Interval = { -readonly [P in keyof ObservationRow]: ObservationRow[P] };

/** Of one agent by one method in one network: intervals by subject. */
type Watched = {
  readonly of: Pick<ObservationRow, "agentId" | "instance" | "method" | "realm">;
  readonly latest: Map<string, Interval>;
};

const observationsIn = (): ObservationRepository => {
  const watched: Watched[] = [];
  let last: Watched | undefined;
  const rows: Interval[] = [];
  const isOf = ({ of }: Watched, seen: Watched["of"]) =>
    of.agentId === seen.agentId &&
    of.method === seen.method &&
    of.realm === seen.realm &&
    of.instance === seen.instance;
  /** Sightings come a sweep at a time. */
  const watchedOf = (seen: Watched["of"]): Watched => {
    if (last && isOf(last, seen)) return last;
    last = watched.find((one) => isOf(one, seen));
    if (last) return last;
    last = { of: seen, latest: new Map() };
    watched.push(last);
    return last;
  };
  const isEqual = (row: Interval, seen: Pick<ObservationRow, "keys" | "assetId" | "via">) =>
    row.assetId === seen.assetId &&
    row.via === seen.via &&
    row.keys.length === seen.keys.length &&
    row.keys.every((key, i) => key.value === seen.keys[i]?.value && key.kind === seen.keys[i]?.kind);
  return {
    observe: (seen) => {
      const { atMs } = seen;
      const { latest } = watchedOf(seen);
      const known = latest.get(seen.subjectId);
      if (known && isEqual(known, seen)) {
        known.count++;
        known.longestGapMs = Math.max(known.longestGapMs, atMs - known.lastAtMs);
        known.firstAtMs = Math.min(known.firstAtMs, atMs);
        known.lastAtMs = Math.max(known.lastAtMs, atMs);
        return;
      }
      const { atMs: _, ...fields } = seen;
      const row = {
        ...fields,
        observationNo: rows.length + 1,
        firstAtMs: atMs,
        lastAtMs: atMs,
        count: 1,
        longestGapMs: 0,
      };
      rows.push(row);
      latest.set(seen.subjectId, row);
    },
    ofAsset: async (assetId) =>
      rows
        .filter((row) => row.assetId === assetId)
        .sort((a, b) => b.lastAtMs - a.lastAtMs || b.observationNo - a.observationNo)
        .slice(0, 1_000),
    fold: async () => {},
  };
};

const presenceIn = (tracks: Map<AssetId, Track>): PresenceRepository => ({
  get: async (assetId) => tracks.get(assetId),
  put: async (track) => void tracks.set(track.assetId, track),
  remove: async (assetId) => void tracks.delete(assetId),
  due: async (nowMs, limit) =>
    [...tracks.values()]
      .filter((track) => track.dueMs <= nowMs)
      .sort((a, b) => a.dueMs - b.dueMs)
      .slice(0, limit),
});
