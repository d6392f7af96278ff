import { isRollcallError, RollcallError } from "../../shared/errors.ts";
import type { Arrival, ArrivalAnswer, Directive, Engine, EngineEvent, SessionAnswer, SessionEvent } from "./engine.ts";
import type { Operation, OperationKind, OperationOutcome, Requester } from "./operations.ts";

/**
 * The engine as the rest of the process uses it: single arrivals are gathered into batches, and what an engine call came
 * to besides its answer is passed on to who listens, before the answer is.
 */
export type EngineClient = {
  /** Resolves after the batch with it is synced. @throws RollcallError as the store, and `engine.overloaded` (retry) */
  readonly ingest: (arrival: Arrival) => Promise<ArrivalAnswer>;
  readonly session: (event: SessionEvent) => Promise<SessionAnswer>;
  readonly tick: () => Promise<void>;
  readonly apply: <K extends OperationKind>(
    operation: Extract<Operation, { kind: K }>,
    requester: Requester,
  ) => Promise<OperationOutcome<K>>;
  readonly subscribe: (listener: (event: EngineEvent) => void) => () => void;
  readonly onDirective: (listener: (directive: Directive) => void) => () => void;
  readonly counts: () => EngineCounts;
  /** Goes up with every write about tokens, people and sessions: what was remembered of them is old then. */
  readonly accessVersion: () => number;
  readonly stop: () => Promise<void>;
};

export type EngineCounts = {
  readonly arrivals: number;
  readonly batches: number;
  readonly largestBatch: number;
  readonly waiting: number;
  readonly byStatus: Readonly<Record<ArrivalAnswer["status"], number>>;
};

/** Design §9: one transaction, and so one sync of the disk, for at most so many messages. */
const MAX_BATCH = 500;
/** And at most so many octets, so that one commit stays short. */
const MAX_BATCH_BYTES = 32 << 20;
/** Beyond this, senders are told to come back: memory must not grow with a slow disk. */
const MAX_WAITING = 20_000;
const MAX_WAITING_BYTES = 256 << 20;

type Waiting = {
  readonly arrival: Arrival;
  readonly resolve: (answer: ArrivalAnswer) => void;
  readonly reject: (error: unknown) => void;
};

type Greeting = {
  readonly event: SessionEvent;
  readonly resolve: (answer: SessionAnswer) => void;
  readonly reject: (error: unknown) => void;
};

export const createEngineClient = (engine: Engine): EngineClient => {
  const listeners = new Set<(event: EngineEvent) => void>();
  const obeyers = new Set<(directive: Directive) => void>();
  const byStatus = { accepted: 0, duplicate: 0, resend: 0, stale: 0, refused: 0 };
  let counts = { arrivals: 0, batches: 0, largestBatch: 0 };
  let queue: Waiting[] = [];
  let queuedBytes = 0;
  let busy = false;
  const greeted: Greeting[] = [];
  let greeting = false;
  let accessVersion = 0;

  const spread = <T>({
    answer,
    events,
    directives,
  }: {
    answer: T;
    events: readonly EngineEvent[];
    directives: readonly Directive[];
  }): T => {
    for (const event of events) for (const listener of listeners) listener(event);
    for (const directive of directives) for (const obey of obeyers) obey(directive);
    return answer;
  };

  const takeBatch = (): Waiting[] => {
    let bytes = 0;
    let length = 0;
    while (length < queue.length && length < MAX_BATCH && (length === 0 || bytes < MAX_BATCH_BYTES))
      bytes += queue[length++]?.arrival.sizeBytes ?? 0;
    const batch = queue.slice(0, length);
    queue = queue.slice(length);
    queuedBytes -= bytes;
    return batch;
  };

  /**
   * While one batch commits, the next gathers: the disk itself sets the size of a batch, and a lone message never waits
   * for company.
   */
  const pump = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    while (queue.length > 0) {
      const batch = takeBatch();
      counts = { ...counts, batches: counts.batches + 1, largestBatch: Math.max(counts.largestBatch, batch.length) };
      try {
        const answers = spread(await engine.ingest(batch.map(({ arrival }) => arrival)));
        for (const [i, waiting] of batch.entries()) {
          const answer = answers[i] as ArrivalAnswer;
          byStatus[answer.status]++;
          waiting.resolve(answer);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    busy = false;
  };

  /** The same for beginnings and ends of sessions. One that fails for another reason than the disk is tried by itself. */
  const pumpSessions = async (): Promise<void> => {
    if (greeting) return;
    greeting = true;
    while (greeted.length > 0) {
      const batch = greeted.splice(0, MAX_BATCH);
      try {
        const answers = spread(await engine.sessions(batch.map(({ event }) => event)));
        for (const [i, { resolve }] of batch.entries()) resolve(answers[i] as SessionAnswer);
      } catch (error) {
        if (isRollcallError(error) || batch.length === 1) for (const { reject } of batch) reject(error);
        else
          for (const { event, resolve, reject } of batch)
            await engine.session(event).then((result) => resolve(spread(result)), reject);
      }
    }
    greeting = false;
  };

  return {
    ingest: (arrival) =>
      new Promise((resolve, reject) => {
        if (queue.length >= MAX_WAITING || queuedBytes >= MAX_WAITING_BYTES)
          return reject(
            new RollcallError("engine.overloaded", "too much is waiting for the disk", { remedy: "retry" }),
          );
        counts = { ...counts, arrivals: counts.arrivals + 1 };
        queue.push({ arrival, resolve, reject });
        queuedBytes += arrival.sizeBytes;
        // In the next turn, so that messages read in one go share a commit.
        setImmediate(() => void pump());
      }),
    session: (event) =>
      new Promise((resolve, reject) => {
        greeted.push({ event, resolve, reject });
        setImmediate(() => void pumpSessions());
      }),
    tick: async () => spread(await engine.tick()),
    apply: async (operation, requester) => {
      const result = await engine.apply(operation, requester);
      if (/^(token|user|session|sign-in)\./.test(operation.kind)) accessVersion++;
      return spread(result);
    },
    accessVersion: () => accessVersion,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onDirective: (listener) => {
      obeyers.add(listener);
      return () => void obeyers.delete(listener);
    },
    counts: () => ({ ...counts, waiting: queue.length, byStatus: { ...byStatus } }),
    stop: () => engine.stop(),
  };
};
