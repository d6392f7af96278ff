import { openSync, writeSync } from "node:fs";
import type { Worker } from "node:worker_threads";
import type { Clock } from "../../shared/clock.ts";
import { describeError, isRollcallError, RollcallError } from "../../shared/errors.ts";
import type { FailPoint } from "../../shared/fail-point.ts";
import type { CollectorId } from "../../shared/ids.ts";
import type { LogLevel } from "../../shared/json-log.ts";
import type { Log } from "../../shared/log.ts";
import type { Random } from "../../shared/random.ts";
import type { IncidentPolicy } from "../incidents/policy.ts";
import { createWatch } from "../presence/evaluate.ts";
import type { PresencePolicy } from "../presence/policy.ts";
import type { Reads } from "../store/reads.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import { openSqliteReads } from "../store/sqlite-reads.ts";
import type { Store } from "../store/store.ts";
import type { OpenLink } from "../tickets/back-flow.ts";
import type { TicketRef } from "../tickets/connector.ts";
import { type ContentOptions, defaultContent } from "../tickets/content.ts";
import type { DeliveryQueue } from "../tickets/delivery.ts";
import { createDeliveryQueue, followMerge, readOpenLinks } from "../tickets/outbox.ts";
import type { RoutedDesk } from "../tickets/routes.ts";
import type { TrialData, TrialWord } from "../truthlab/trial-thread.ts";
import { createCaller, type Port, serveCalls, toPort } from "./calls.ts";
import { createEngine } from "./create-engine.ts";
import type { Arrival, Engine } from "./engine.ts";
import { createLearnedWatch } from "./learned-watch.ts";

/** What the two parts that hold the store need to begin. */
export type EngineData = {
  readonly thread: "engine";
  readonly databasePath: string;
  readonly collectorId: CollectorId;
  readonly collectorPublicKey: string;
  readonly logLevel: LogLevel;
  readonly presence: PresencePolicy;
  readonly incidents: IncidentPolicy;
  readonly desks: readonly TicketDesk[];
  readonly observationDays: number;
  readonly historyDays: number;
  /** A file that everything the engine is told is appended to, for `replay`. */
  readonly recordTo?: string;
};
export type ReaderData = { readonly thread: "reader"; readonly databasePath: string };
/** Told to a thread at its start; also which one it is, since all start from the program's one file. */
export type ThreadData = EngineData | ReaderData | TrialData;

/** A desk of the configuration without its secrets: which incidents go there, and how it wants to be written to. */
export type TicketDesk = RoutedDesk & { readonly content: ContentOptions };

/** What decides and commits, and the durable side of delivering tickets. */
export type WriteSide = Engine &
  DeliveryQueue & {
    readonly openLinks: (what: { readonly over: boolean }) => Promise<readonly OpenLink[]>;
    readonly followMerge: (link: OpenLink, survivor: TicketRef) => Promise<void>;
  };

export type Part<T> = { readonly target: T; readonly stop: () => Promise<void> };

/** Opens the write side and the read side: in threads of their own in production, in this one in tests. */
export type Parts = {
  readonly openEngine: (data: EngineData) => Promise<Part<WriteSide>>;
  readonly openReads: (data: ReaderData) => Promise<Part<Reads>>;
};

export type PartDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly failPoint: FailPoint;
};

/** @throws RollcallError as `openSqliteStore` */
export const openEngineHere = async (
  data: EngineData,
  { clock, random, log, failPoint }: PartDeps,
): Promise<Part<WriteSide>> => {
  const { databasePath, collectorId, collectorPublicKey, presence, incidents, desks } = data;
  const { observationDays, historyDays } = data;
  const store = openSqliteStore(databasePath, { failPoint, log: log.child({ component: "store" }) });
  const policy = { presence, incidents };
  const watchLog = log.child({ component: "watch" });
  const watch = createLearnedWatch(policy, (inForce) => createWatch({ ...inForce, desks, random, log: watchLog }));
  const decider = createEngine({
    ...{ store, clock, random, log, watch, policy },
    ...{ observationDays, historyDays, collectorId, collectorPublicKey },
  });
  const engine = data.recordTo === undefined ? decider : await recorded(decider, store, data.recordTo, clock);
  const contentOf = new Map(desks.map(({ name, content }) => [name, content]));
  const queue = createDeliveryQueue(store, (desk) => contentOf.get(desk) ?? defaultContent, clock.now);
  const names = desks.map(({ name }) => name);
  const target: WriteSide = {
    ...engine,
    ...queue,
    openLinks: ({ over }) => readOpenLinks(store, names, { over, nowMs: clock.now() }),
    followMerge: (link, survivor) => followMerge(store, link, survivor, clock.now()),
  };
  return { target, stop: async () => {} };
};

/** @throws RollcallError `config.record` */
const recorded = async (engine: Engine, store: Store, path: string, clock: Clock): Promise<Engine> => {
  const { recordEngine } = await import("../truthlab/record.ts");
  try {
    // Appended and 0600: it holds what hosts told, and nothing of it may be lost by a restart.
    const file = openSync(path, "a", 0o600);
    return await recordEngine(engine, {
      now: clock.now,
      write: (line) => void writeSync(file, line),
      agents: () => store.transaction((tx) => tx.agents.all()),
    });
  } catch (cause) {
    throw new RollcallError("config.record", `the recording ${path} can't be written`, { cause });
  }
};

export const openReadsHere = ({ databasePath }: ReaderData, { clock }: Pick<PartDeps, "clock">): Part<Reads> => {
  const { reads, close } = openSqliteReads(databasePath, { clock });
  return { target: reads, stop: async () => close() };
};

export const localParts = (deps: PartDeps): Parts => ({
  openEngine: async (data) => openEngineHere(data, deps),
  openReads: async (data) => openReadsHere(data, deps),
});

/** Its first word, when it is ready or has failed to become so. */
type Ready = { readonly ready: true } | { readonly failed: { readonly code: string; readonly message: string } };

/** A thread's whole life: open, say so, serve; or play one run and tell what came of it. */
export const runThread = async (data: ThreadData, port: Port, deps: PartDeps): Promise<void> => {
  try {
    if (data.thread === "trial") {
      const { playTrial } = await import("../truthlab/trial-thread.ts");
      const trial = await playTrial(data.spec, (share) => port.post({ share } satisfies TrialWord));
      return port.post({ trial } satisfies TrialWord);
    }
    if (data.thread === "engine") serveCalls(port, unpacking((await openEngineHere(data, deps)).target));
    else serveCalls(port, openReadsHere(data, deps).target);
    port.post({ ready: true } satisfies Ready);
  } catch (error) {
    const code = isRollcallError(error) ? error.code : "internal";
    port.post({ failed: { code, message: describeError(error) } } satisfies Ready);
  }
};

/** What is smaller is copied as it is. */
const TEXT_FROM_BYTES = 2_048;

type Packed = Omit<Arrival, "message"> & { readonly message?: Arrival["message"] };

const pack = ({ message, json, ...rest }: Arrival): Packed =>
  json !== undefined && json.length >= TEXT_FROM_BYTES && message.kind === "kept"
    ? { ...rest, json }
    : { ...rest, message };

/** The listener has checked the text that it was parsed from. */
const unpack = ({ message, json, ...rest }: Packed): Arrival => ({
  ...rest,
  message: message ?? (JSON.parse(json ?? "") as Arrival["message"]),
});

/** A thread's own methods, with arrivals as they travel. */
const unpacking = (target: WriteSide) => ({
  ...target,
  ingest: (batch: readonly Packed[]) => target.ingest(batch.map(unpack)),
});

const packing = ({ target, stop }: Part<WriteSide>): Part<WriteSide> => ({
  // The target is a stand-in for what lives in the thread: it has no properties of its own to copy.
  target: new Proxy(target, {
    get: (of, name) =>
      name === "ingest"
        ? (batch: readonly Arrival[]) => of.ingest(batch.map(pack) as readonly Arrival[])
        : of[name as keyof WriteSide],
  }),
  stop,
});

export type StartThread = (data: ThreadData) => Worker;

/** @param onDeath a thread ended by itself: a bug, which the process does not outlive. */
export const threadParts = (start: StartThread, onDeath: (error: Error) => void): Parts => ({
  openEngine: async (data) => packing(await startThread<WriteSide>(start, data, onDeath)),
  openReads: async (data) =>
    toPool(await Promise.all(Array.from({ length: READERS }, () => startThread<Reads>(start, data, onDeath)))),
});

/** A query that takes its time must not keep lists waiting. Each costs some 60 MiB. */
const READERS = 2;
/** What readers remember for a moment is asked of one, so that it never goes back in time. */
const ofTheFirst: ReadonlySet<string | symbol> = new Set(["overview"]);
/** These take seconds. */
const ofTheLast: ReadonlySet<string | symbol> = new Set(["identityDryRun"]);

/** Several readers as one: whoever has least to do is asked. */
const toPool = (readers: readonly (Part<Reads> & { readonly pending: () => number })[]): Part<Reads> => {
  const idlest = () => readers.reduce((a, b) => (b.pending() < a.pending() ? b : a));
  const chosen = (method: string | symbol) =>
    ofTheFirst.has(method) ? readers[0] : ofTheLast.has(method) ? readers.at(-1) : idlest();
  return {
    target: new Proxy({} as Reads, {
      get: (_, method) => (method === "then" ? undefined : chosen(method)?.target[method as keyof Reads]),
    }),
    stop: async () => void (await Promise.all(readers.map(({ stop }) => stop()))),
  };
};

const startThread = async <T extends object>(
  start: StartThread,
  data: ThreadData,
  onDeath: (error: Error) => void,
): Promise<Part<T> & { readonly pending: () => number }> => {
  const worker = start(data);
  const first = await new Promise<Ready>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  if ("failed" in first) {
    await worker.terminate();
    throw new RollcallError(first.failed.code, first.failed.message);
  }
  const { target, fail, pending } = createCaller<T>(toPort(worker));
  let stopping = false;
  const die = (error: Error) => {
    fail(error);
    if (!stopping) onDeath(error);
  };
  worker.on("error", (error) => die(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => die(new Error(`the ${data.thread} thread ended with ${code}`)));
  return {
    target,
    pending,
    stop: async () => {
      stopping = true;
      await worker.terminate();
    },
  };
};
