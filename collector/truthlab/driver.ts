import type { Clock } from "../../shared/clock.ts";
import { RollcallError } from "../../shared/errors.ts";
import { type AgentId, createAgentId, createCollectorId } from "../../shared/ids.ts";
import { type Log, silentLog } from "../../shared/log.ts";
import type { Command, Goodbye, KeptBody } from "../../shared/protocol/envelope.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import { createSeededRandom, type Random } from "../../shared/random.ts";
import { createEngine } from "../engine/create-engine.ts";
import type { Directive, Engine } from "../engine/engine.ts";
import type { IncidentPolicy } from "../incidents/policy.ts";
import { createWatch } from "../presence/evaluate.ts";
import type { PresencePolicy } from "../presence/policy.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import type { AgentScope, CloseKind, Store, Tx } from "../store/store.ts";
import type { RoutedDesk } from "../tickets/routes.ts";
import { createQuickStore } from "./quick-store.ts";
import { recordEngine } from "./record.ts";

/** Time that only moves when it is told to. Nothing sleeps on it. */
export type LabClock = Clock & {
  readonly set: (nowMs: number) => void;
  /** Moves the wall clock alone. */
  readonly jump: (ms: number) => void;
};

const createLabClock = (startMs: number): LabClock => {
  let wall = startMs;
  let mono = 0;
  const never = () => Promise.reject(new Error("a lab clock does not wait"));
  return {
    now: () => wall,
    monotonic: () => mono,
    sleep: never,
    after: () => () => {},
    set: (nowMs) => {
      mono += Math.max(0, nowMs - wall);
      wall = nowMs;
    },
    jump: (ms) => {
      wall += ms;
    },
  };
};

export type LabOptions = {
  readonly presence: PresencePolicy;
  readonly incidents: IncidentPolicy;
  readonly seed: number;
  readonly startMs: number;
  /** A file, or memory when absent. */
  readonly path?: string;
  readonly log?: Log;
  /** Desks besides the built-in queue: their intents are written, delivering them is the caller's part. */
  readonly desks?: readonly RoutedDesk[];
  /** Keeps what is written by the million in Maps: for long runs, whose transactions are never taken back. */
  readonly isQuick?: boolean;
  /** Writes down what the engine is told, a line at a time, as `run --record` does. */
  readonly record?: (line: string) => void;
};

export type LabAgent = {
  readonly agentId: AgentId;
  readonly name: string;
  readonly isConnected: () => boolean;
  readonly connect: () => Promise<void>;
  readonly beat: () => Promise<void>;
  readonly close: (how: CloseKind) => Promise<void>;
  /** The session is over and nobody says so: a hang, a cut, a loss of power. */
  readonly lose: () => void;
  readonly send: (body: KeptBody) => Promise<void>;
  /** As they come out of a spool after an outage: one batch, one transaction. */
  readonly sendAll: (bodies: readonly KeptBody[]) => Promise<void>;
  readonly goodbye: (goodbye: Goodbye) => Promise<void>;
  /** What the agent's own clock is ahead of the collector's. */
  readonly setClockError: (ms: number) => void;
};

export type Lab = {
  readonly clock: LabClock;
  readonly random: Random;
  readonly addAgent: (name: string, scopes: readonly AgentScope[], heartbeatMs?: number) => Promise<LabAgent>;
  readonly tick: () => Promise<void>;
  /** Ticks every `stepMs` until then. */
  readonly run: (untilMs: number, stepMs: number) => Promise<void>;
  readonly engine: () => Engine;
  readonly read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** The collector is killed and started again over the same store; sessions are gone. */
  readonly restart: () => Promise<void>;
  /** The next transaction does its work and is then not kept, as on a full disk. */
  readonly rollBackNext: () => Promise<void>;
  readonly onCommand: (handle: (agentId: AgentId, command: Command) => void) => void;
  readonly stop: () => Promise<void>;
};

/**
 * The real path from a decoded message to an incident, in this process and on virtual time: engine, identity, record,
 * presence, incidents and the built-in queue over a store in memory. What is left out is the network and its parsing.
 */
export const createLab = async (options: LabOptions): Promise<Lab> => {
  const { presence, incidents, seed, startMs, path = ":memory:", log = silentLog, desks = [] } = options;
  const clock = createLabClock(startMs);
  const random = createSeededRandom(seed);
  const sqlite = options.isQuick ? createQuickStore(openSqliteStore(path)) : openSqliteStore(path);
  let willFail = false;
  const store: Store = {
    ...sqlite,
    transaction: (work) =>
      sqlite.transaction(async (tx) => {
        const value = await work(tx);
        if (willFail) {
          willFail = false;
          throw new RollcallError("store.full", "a lab transaction that is not kept", { remedy: "retry" });
        }
        return value;
      }),
  };
  const collectorId = createCollectorId(startMs, random);
  let handleCommand: (agentId: AgentId, command: Command) => void = () => {};
  let sessions = 0;

  const begin = async (): Promise<Engine> => {
    const engine = createEngine({
      store,
      clock,
      random,
      log,
      watch: createWatch({ presence, incidents, desks, random, log }),
      collectorId,
      collectorPublicKey: "A".repeat(43),
    });
    const agents = () => store.transaction((tx) => tx.agents.all());
    return options.record ? recordEngine(engine, { now: clock.now, write: options.record, agents }) : engine;
  };
  let engine = await begin();
  const agents: { readonly lose: () => void }[] = [];

  const follow = (directives: readonly Directive[]) => {
    for (const directive of directives)
      if (directive.kind === "send" && directive.body.kind === "command")
        handleCommand(directive.agentId, directive.body.command);
  };
  const read = <T>(work: (tx: Tx) => Promise<T>) => store.transaction(work);

  const addAgent: Lab["addAgent"] = async (name, scopes, heartbeatMs = 30_000) => {
    const agentId = createAgentId(clock.now(), random);
    await store.transaction((tx) =>
      tx.agents.put({
        agentId,
        instance: 0,
        name,
        publicKey: agentId,
        state: "never",
        stateSinceMs: clock.now(),
        enrolledAtMs: clock.now(),
        approvedAtMs: clock.now(),
        epoch: 0,
        sequence: 0,
        scopes: [...scopes],
      }),
    );
    let session: string | undefined;
    let epoch = 0;
    let sequence = 0;
    let beats = 0;
    let clockErrorMs = 0;
    let digest: string | null = null;
    const sender = { v: PROTOCOL_VERSION, agentId, instance: 0 };
    const reading = () => ({
      wallMs: Math.max(0, clock.now() + clockErrorMs),
      monotonicMs: clock.monotonic(),
      bootId: name,
    });
    const lose = () => {
      session = undefined;
    };
    agents.push({ lose });

    const connect = async () => {
      session = `s${++sessions}`;
      beats = 0;
      const { answer, directives } = await engine.session({
        kind: "hello",
        hello: {
          ...sender,
          kind: "hello",
          epoch,
          nextSequence: sequence + 1,
          lastDigest: digest,
          lastSequence: sequence,
          nonce: `${agentId}${sessions}`,
          clock: reading(),
          software: { version: "0", platform: "lab" },
          heartbeatMs,
          scopes: [...scopes],
        },
        uplink: "websocket",
        session,
        remote: "lab",
        receivedAtMs: clock.now(),
        otherAlive: false,
      });
      follow(directives);
      if (answer.status !== "welcome") throw new Error(`hello of ${name} was not welcome: ${JSON.stringify(answer)}`);
      for (const body of answer.down)
        if (body.kind === "welcome" && body.epoch !== epoch) {
          epoch = body.epoch;
          sequence = body.have;
          digest = null;
        }
    };
    const sendAll = async (bodies: readonly KeptBody[]) => {
      if (session === undefined || bodies.length === 0) return;
      const live = session;
      const { answer, directives } = await engine.ingest(
        bodies.map((body) => {
          sequence += 1;
          digest = (sequence + epoch * 1_000_000).toString(16).padStart(32, "0");
          return {
            agentId,
            instance: 0,
            session: live,
            message: { ...sender, kind: "kept" as const, epoch, sequence, spooledAtMs: clock.now(), body },
            digest,
            sizeBytes: 1,
            receivedAtMs: clock.now(),
          };
        }),
      );
      follow(directives);
      for (const one of answer)
        if (one.status !== "accepted" && one.status !== "duplicate")
          log.warn("lab message was not accepted", { name, status: one.status, reason: one.reason });
    };

    return {
      agentId,
      name,
      isConnected: () => session !== undefined,
      connect,
      beat: async () => {
        if (session === undefined) return;
        const { directives } = await engine.ingest([
          {
            agentId,
            instance: 0,
            session,
            message: { ...sender, kind: "heartbeat", session, beat: ++beats, clock: reading(), root: null },
            digest: "0".repeat(32),
            sizeBytes: 1,
            receivedAtMs: clock.now(),
          },
        ]);
        follow(directives);
      },
      close: async (how) => {
        if (session === undefined) return;
        const ended = session;
        session = undefined;
        follow(
          (await engine.session({ kind: "closed", agentId, instance: 0, session: ended, how, atMs: clock.now() }))
            .directives,
        );
      },
      lose,
      send: (body) => sendAll([body]),
      sendAll,
      goodbye: (goodbye) => sendAll([{ kind: "goodbye", goodbye }]),
      setClockError: (ms) => {
        clockErrorMs = ms;
      },
    };
  };

  const tick = async () => follow((await engine.tick()).directives);
  await engine.session({ kind: "collector-started", atMs: startMs });
  return {
    clock,
    random,
    addAgent,
    tick,
    run: async (untilMs, stepMs) => {
      while (clock.now() < untilMs) {
        clock.set(Math.min(untilMs, clock.now() + stepMs));
        await tick();
      }
    },
    engine: () => engine,
    read,
    restart: async () => {
      for (const agent of agents) agent.lose();
      engine = await begin();
      await engine.session({ kind: "collector-started", atMs: clock.now() });
    },
    rollBackNext: async () => {
      willFail = true;
    },
    onCommand: (handle) => {
      handleCommand = handle;
    },
    stop: () => engine.stop(),
  };
};
