import { backoffMs } from "../../shared/backoff.ts";
import { type Clock, withDeadline } from "../../shared/clock.ts";
import { describeError } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import type { Random } from "../../shared/random.ts";
import type { Delivery, Desk, TicketContent, TicketNote, TicketRef } from "./connector.ts";

/** One intent with all that its delivery needs. `attempts` counts the tries that were begun, also those cut short by a crash. */
export type DeliveryTask = {
  readonly outboxId: string;
  readonly desk: string;
  readonly key: string;
  readonly action: "open" | "comment" | "resolve" | "reopen";
  readonly attempts: number;
  readonly content: TicketContent;
  readonly note: TicketNote;
  /** Where the ticket is, once it is known. */
  readonly ref?: TicketRef;
};

export type Settlement =
  | { readonly status: "delivered"; readonly ref: TicketRef; readonly remark?: string }
  | { readonly status: "retry"; readonly reason: string; readonly dueMs: number }
  /** Final: a person must look; it stays visible and the key's later intents go on. */
  | { readonly status: "rejected"; readonly reason: string };

/** The durable side, in the store. Each call is committed before it resolves. */
export type DeliveryQueue = {
  /** Due intents, the first of each (desk, key) only, so that none overtakes another. */
  readonly takeDeliveries: (nowMs: number, limit: number) => Promise<readonly DeliveryTask[]>;
  /** Counts a try of each before anything is sent: what a crash cuts short is searched for before it is made again. */
  readonly beginDeliveries: (tasks: readonly DeliveryTask[]) => Promise<void>;
  readonly settleDelivery: (task: DeliveryTask, settlement: Settlement) => Promise<void>;
};

export type DeskHealth = {
  readonly delivered: number;
  readonly rejected: number;
  readonly failuresInRow: number;
  /** Nothing but one trial call is made before this, epoch ms; 0 while the desk is well. */
  readonly restsUntilMs: number;
  readonly lastError?: string;
};

export type Deliverer = {
  /** Delivers what is due now; resolves when all begun calls have ended. Called by the loop, and by tests. */
  readonly round: () => Promise<number>;
  readonly health: () => ReadonlyMap<string, DeskHealth>;
  readonly stop: () => Promise<void>;
};

type Options = {
  readonly desks: ReadonlyMap<string, Desk>;
  readonly queue: DeliveryQueue;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Calls under way at once, for each desk. More: storms drain faster. Less: small desks keep answering people. */
  readonly perDesk?: number;
  readonly pollMs?: number;
};

const RETRY = { minMs: 5_000, maxMs: 900_000 };
/** So many failures in a row, and a desk rests: it is down, and each further call would only wait for its time-out. */
const REST_AFTER = 5;
const REST = { minMs: 30_000, maxMs: 600_000 };
const CALL_TIMEOUT_MS = 60_000;
const BATCH = 64;

/**
 * Carries intents to desks: at least once, in the order of each key, one call at a time for a key, with patience for desks
 * that are away. That a repeated call does no harm is the connectors' part.
 */
export const startDelivery = ({
  desks,
  queue,
  clock,
  random,
  log,
  perDesk = 4,
  pollMs = 1_000,
}: Options): Deliverer => {
  const health = new Map<string, DeskHealth>();
  const inFlight = new Set<string>();
  const stopping = new AbortController();
  const healthOf = (name: string): DeskHealth =>
    health.get(name) ?? { delivered: 0, rejected: 0, failuresInRow: 0, restsUntilMs: 0 };

  const call = async (desk: Desk, task: DeliveryTask, signal: AbortSignal): Promise<Delivery> => {
    const how = { search: task.attempts > 0, signal };
    if (task.action === "open") return desk.open(task.content, how);
    if (!task.ref) return { status: "rejected", reason: `no ticket is known to ${task.action}` };
    return desk[task.action](task.ref, task.content, task.note, how);
  };

  const settlementOf = (delivery: Delivery, task: DeliveryTask): Settlement => {
    if (delivery.status === "delivered") {
      return {
        status: "delivered",
        ref: delivery.ticketRef,
        ...(delivery.remark === undefined ? {} : { remark: delivery.remark }),
      };
    }
    if (delivery.status === "rejected") return { status: "rejected", reason: delivery.reason };
    const wait = Math.max(delivery.afterMs ?? 0, backoffMs(task.attempts, RETRY, random));
    return { status: "retry", reason: delivery.reason, dueMs: clock.now() + wait };
  };

  const noteHealth = (name: string, settlement: Settlement) => {
    const before = healthOf(name);
    if (settlement.status === "delivered") {
      if (before.failuresInRow >= REST_AFTER) log.info("desk answers again", { desk: name });
      health.set(name, {
        delivered: before.delivered + 1,
        rejected: before.rejected,
        failuresInRow: 0,
        restsUntilMs: 0,
      });
    } else if (settlement.status === "rejected") {
      log.error("desk refused a ticket for good", { desk: name, reason: settlement.reason });
      health.set(name, {
        ...before,
        rejected: before.rejected + 1,
        failuresInRow: 0,
        restsUntilMs: 0,
        lastError: settlement.reason,
      });
    } else {
      const failuresInRow = before.failuresInRow + 1;
      const rests = failuresInRow >= REST_AFTER;
      if (failuresInRow === REST_AFTER)
        log.warn("desk rests after failures in a row", { desk: name, reason: settlement.reason });
      const restsUntilMs = rests ? clock.now() + backoffMs(failuresInRow - REST_AFTER, REST, random) : 0;
      health.set(name, { ...before, failuresInRow, restsUntilMs, lastError: settlement.reason });
    }
  };

  const deliver = async (desk: Desk, task: DeliveryTask): Promise<void> => {
    const lane = `${task.desk}\0${task.key}`;
    inFlight.add(lane);
    try {
      const delivery = await withDeadline(clock, CALL_TIMEOUT_MS, stopping.signal, (signal) =>
        call(desk, task, signal),
      ).catch((error: unknown): Delivery => ({ status: "retry", reason: describeError(error), unclear: true }));
      const settlement = settlementOf(delivery, task);
      await queue.settleDelivery(task, settlement);
      noteHealth(task.desk, settlement);
    } finally {
      inFlight.delete(lane);
    }
  };

  /** What may be called now: no key twice, no desk that rests, one trial only for a desk that has rested. */
  const admit = (tasks: readonly DeliveryTask[]): [Desk, DeliveryTask][] => {
    const load = new Map<string, number>();
    return tasks.flatMap((task): [Desk, DeliveryTask][] => {
      const desk = desks.get(task.desk);
      const { failuresInRow, restsUntilMs } = healthOf(task.desk);
      const room = failuresInRow >= REST_AFTER ? 1 : perDesk;
      const used = load.get(task.desk) ?? 0;
      if (!desk || restsUntilMs > clock.now() || used >= room || inFlight.has(`${task.desk}\0${task.key}`)) return [];
      load.set(task.desk, used + 1);
      return [[desk, task]];
    });
  };

  const round = async (): Promise<number> => {
    const admitted = admit(await queue.takeDeliveries(clock.now(), BATCH));
    if (admitted.length > 0) await queue.beginDeliveries(admitted.map(([, task]) => task));
    await Promise.all(admitted.map(([desk, task]) => deliver(desk, task)));
    return admitted.length;
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const done = await round().catch((error: unknown) => {
        log.error("delivering tickets failed", { error: describeError(error) });
        return 0;
      });
      if (done === 0) await clock.sleep(pollMs, stopping.signal).catch(() => {});
    }
  };
  const running = pollMs > 0 ? loop() : Promise.resolve();

  return {
    round,
    health: () => health,
    stop: async () => {
      stopping.abort(new Error("stopping"));
      await running;
    },
  };
};
