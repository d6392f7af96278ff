import { describeError, isRollcallError } from "../../shared/errors.ts";
import { createWork, type EngineDeps, type Work } from "./context.ts";
import type { Arrival, ArrivalAnswer, Engine, EngineResult, SessionAnswer, SessionEvent } from "./engine.ts";
import { createEvenTime } from "./even-time.ts";
import { createHeldAssets } from "./held-assets.ts";
import { takeArrival } from "./ingest.ts";
import { auditOf, carryOut } from "./operations/registry.ts";
import type { Operation, OperationKind, OperationOutcome, Requester } from "./operations.ts";
import { createRecognised } from "./recognised.ts";
import { takeClosed, takeHello, takeStart } from "./sessions.ts";

/** For so long observations are kept one by one, where nothing else is configured. */
const OBSERVATION_DAYS = 90;
/** And what changed. */
const HISTORY_DAYS = 1_095;
const DAY_MS = 86_400_000;

/**
 * Makes an engine over a store. What it knows is what was committed, so that a kill at any point leaves it as it was before
 * or after a call, never in between; what it remembers of that between calls (`recognised.ts`, `held-assets.ts`) goes with a failed one.
 */
export const createEngine = (deps: EngineDeps): Engine => {
  const { store } = deps;
  const recognised = createRecognised();
  const held = createHeldAssets();
  const isEvenTime = createEvenTime(deps.clock);
  const transact = async <T>(work: (work: Work) => Promise<T>): Promise<EngineResult<T>> => {
    let begun: Work | undefined;
    const run = store.transaction(async (tx) => {
      begun = createWork(held.watching(tx), deps, recognised);
      return work(begun);
    });
    const answer = await run.catch((error: unknown) => {
      recognised.clear();
      held.clear();
      throw error;
    });
    return { answer, events: begun?.events() ?? [], directives: begun?.directives() ?? [] };
  };

  const ingestAll = (batch: readonly Arrival[]) =>
    transact(async (work) => {
      const answers: ArrivalAnswer[] = [];
      for (const arrival of batch) answers.push(await takeArrival(work, arrival));
      return answers;
    });

  /** After a batch failed for another reason than the disk: each by itself, so that a bad one costs its sender only. */
  const ingestEach = async (batch: readonly Arrival[]): Promise<EngineResult<readonly ArrivalAnswer[]>> => {
    const results: EngineResult<readonly ArrivalAnswer[]>[] = [];
    for (const arrival of batch) {
      try {
        results.push(await ingestAll([arrival]));
      } catch (error) {
        if (isRollcallError(error)) throw error;
        deps.log.error("message could not be taken in", { agentId: arrival.agentId, error: describeError(error) });
        results.push(await ignore(arrival));
      }
    }
    return {
      answer: results.flatMap(({ answer }) => answer),
      events: results.flatMap(({ events }) => events),
      directives: results.flatMap(({ directives }) => directives),
    };
  };

  /** A kept message that our own code stumbles over is refused for good: else its agent would never get past it. */
  const ignore = (arrival: Arrival) =>
    transact(async ({ tx }): Promise<readonly ArrivalAnswer[]> => {
      const { message, digest } = arrival;
      const reason = "internal error: the collector's log tells more";
      if (message.kind !== "kept" && message.kind !== "unreadable") return [{ status: "refused", reason, down: [] }];
      const row = await tx.agents.get(arrival.agentId, arrival.instance);
      if (row?.epoch === message.epoch && row.sequence + 1 === message.sequence)
        await tx.agents.put({ ...row, sequence: message.sequence, digest });
      const { epoch, sequence } = message;
      return [{ status: "refused", reason, down: [{ kind: "refused", epoch, sequence, digest, reason }] }];
    });

  const takeSession = async (work: Work, event: SessionEvent): Promise<SessionAnswer> => {
    switch (event.kind) {
      case "hello":
        return takeHello(work, event);
      case "closed":
        return takeClosed(work, event);
      case "collector-started":
        return takeStart(work);
      default:
        return event satisfies never;
    }
  };

  return {
    ingest: async (batch) => {
      try {
        return await ingestAll(batch);
      } catch (error) {
        if (isRollcallError(error)) throw error;
        return ingestEach(batch);
      }
    },
    session: (event) => transact((work) => takeSession(work, event)),
    sessions: (batch) =>
      transact(async (work) => {
        const answers: SessionAnswer[] = [];
        for (const event of batch) answers.push(await takeSession(work, event));
        return answers;
      }),
    tick: () =>
      transact(async (work) => {
        const time = { now: work.nowMs, monotonic: deps.clock.monotonic() };
        await work.take(await deps.watch.tick(work.tx, time));
        if (!isEvenTime()) return;
        await work.tx.observations.fold(work.nowMs - (deps.observationDays ?? OBSERVATION_DAYS) * DAY_MS);
        await work.tx.past.dropBefore(work.nowMs - (deps.historyDays ?? HISTORY_DAYS) * DAY_MS);
      }),
    apply: <K extends OperationKind>(operation: Extract<Operation, { kind: K }>, requester: Requester) =>
      transact(async (work) => {
        const outcome = await carryOut(work, operation, requester);
        await work.tx.audit.add(auditOf(operation, requester, outcome, work.nowMs));
        // The registry answers each kind with its own result; TypeScript can't follow that through the switch.
        return outcome as OperationOutcome<K>;
      }),
    stop: () => store.close(),
  };
};
