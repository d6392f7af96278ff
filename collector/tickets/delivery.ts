import { backoffMs } from "../../shared/backoff.ts";
import { type Clock, withDeadline } from "../../shared/clock.ts";
import { describeError } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import type { Random } from "../../shared/random.ts";
import type { Delivery, Desk, TicketContent, TicketNote, TicketRef } from "./connector.ts";
import { createDeskHealth, type DeskHealth } from "./desk-health.ts";

/** One intent with all that its delivery needs. `attempts` counts the tries that were begun, also those cut short by a crash. */
export type DeliveryTask = {
  readonly outboxId: string;
  readonly desk: string;
  readonly key: string;
  readonly action: "open" | "comment" | "resolve" | "reopen";
  readonly attempts: number;
  /** An earlier try may have been done although we did not hear so: its answer was unclear, or a crash cut it short. */
  readonly search: boolean;
  readonly content: TicketContent;
  readonly note: TicketNote;
  /** Where the ticket is, once it is known. */
  readonly ref?: TicketRef;
};

export type Settlement =
  | { readonly status: "delivered"; readonly ref: TicketRef; readonly remark?: string }
  | { readonly status: "retry"; readonly reason: string; readonly dueMs: number; readonly unclear: boolean }
  /** Final: a person must look; it stays visible and the key's later intents go on. */
  | { readonly status: "rejected"; readonly reason: string };

/** What stands at a desk that forgets what it is not told again. */
export type Renewal = Pick<DeliveryTask, "content"> & { readonly ref: TicketRef };

/** The durable side, in the store. Each call is committed before it resolves. */
export type DeliveryQueue = {
  /** Due intents for one desk, the first of each key only, so that none overtakes another. */
  readonly takeDeliveries: (nowMs: number, limit: number, desk: string) => Promise<readonly DeliveryTask[]>;
  /** Counts a try of each before anything is sent: what a crash cuts short is searched for before it is made again. */
  readonly beginDeliveries: (tasks: readonly DeliveryTask[]) => Promise<void>;
  readonly settleDelivery: (task: DeliveryTask, settlement: Settlement) => Promise<void>;
  /** Keys of what is open here and has a ticket at this desk. */
  readonly standingAt: (desk: string) => Promise<readonly string[]>;
  /** One of them as it is now; undefined when it is over, or something about it waits to be told. */
  readonly readStanding: (desk: string, key: string) => Promise<Renewal | undefined>;
};

export type Deliverer = {
  /** Delivers what is due now; resolves when all begun calls have ended. Called by tests. */
  readonly round: () => Promise<number>;
  /** Tells every desk that forgets again what stands there; resolves to how many it was told of. */
  readonly renew: () => Promise<number>;
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
  /** How often the store is looked at when nothing ends in between; 0: only by `round` and `renew`. */
  readonly pollMs?: number;
};

const RETRY = { minMs: 5_000, maxMs: 900_000 };
const CALL_TIMEOUT_MS = 60_000;
const SETTLE_AGAIN_MS = 5_000;
const RENEW_LOOK_MS = 5_000;

/**
 * Carries intents to desks: at least once, in the order of each key, one call at a time for a key, with patience for desks
 * that are away. A desk that is slow or down holds up no other. That a repeated call does no harm is the connectors' part.
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
  const health = createDeskHealth({ clock, random, log, perDesk });
  /** Keys under way, by desk. Desks come and go while we run: one connects when its secret is set. */
  const inFlight = new Map<string, Set<string>>();
  const lanesOf = (name: string): Set<string> => {
    const lanes = inFlight.get(name) ?? new Set();
    inFlight.set(name, lanes);
    return lanes;
  };
  const renewedAtMs = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  /** Whether a call has ended since the store was last looked at. */
  let isWoken = false;
  let wake = () => {};
  const woken = () => {
    isWoken = true;
    wake();
  };

  const call = async (desk: Desk, { action, content, ref, note, search }: DeliveryTask, signal: AbortSignal) => {
    if (action === "open") return desk.open(content, { search, signal });
    if (!ref) return { status: "rejected", reason: `no ticket is known to ${action}` } as const;
    return desk[action](ref, content, note, { search, signal });
  };

  const settlementOf = (delivery: Delivery, { attempts }: DeliveryTask): Settlement => {
    switch (delivery.status) {
      case "delivered": {
        const { ticketRef: ref, remark } = delivery;
        return { status: "delivered", ref, ...(remark === undefined ? {} : { remark }) };
      }
      case "rejected":
        return delivery;
      case "retry": {
        const wait = Math.max(delivery.afterMs ?? 0, backoffMs(attempts, RETRY, random));
        const { reason, unclear = false } = delivery;
        return { status: "retry", reason, dueMs: clock.now() + wait, unclear };
      }
      default:
        return delivery satisfies never;
    }
  };

  /** One call at a time for a key. */
  const withLane = async (name: string, key: string, work: () => Promise<void>): Promise<void> => {
    const lanes = lanesOf(name);
    lanes.add(key);
    try {
      await work();
    } finally {
      lanes.delete(key);
      woken();
    }
  };

  const deliver = (name: string, desk: Desk, task: DeliveryTask): Promise<void> =>
    withLane(name, task.key, async () => {
      const patienceMs = desk.patienceMs ?? CALL_TIMEOUT_MS;
      const delivery = await withDeadline(clock, patienceMs, stopping.signal, (signal) =>
        call(desk, task, signal),
      ).catch((error: unknown): Delivery => ({ status: "retry", reason: describeError(error), unclear: true }));
      const settlement = settlementOf(delivery, task);
      await queue.settleDelivery(task, settlement).catch(async (error: unknown) => {
        // A store that can't write must not make us ask the desk again and again: the key stays ours for a while.
        if (pollMs > 0) await clock.sleep(SETTLE_AGAIN_MS, stopping.signal).catch(() => {});
        throw error;
      });
      health.note(name, settlement);
    });

  /** Begins what each desk has room for. A desk's rows are asked for by its name, so that another's backlog is not in their way. */
  const begin = async (): Promise<readonly Promise<void>[]> => {
    isWoken = false;
    const begun: Promise<void>[] = [];
    for (const [name, desk] of desks) {
      const lanes = lanesOf(name);
      const room = health.roomAt(name) - lanes.size;
      if (room <= 0) continue;
      // What is under way for long is due in the store again, and comes first there.
      const due = await queue.takeDeliveries(clock.now(), room + lanes.size, name);
      const tasks = due.filter((task) => task.desk === name && !lanes.has(task.key)).slice(0, room);
      if (tasks.length === 0) continue;
      await queue.beginDeliveries(tasks);
      for (const task of tasks) begun.push(deliver(name, desk, task));
    }
    for (const one of begun) {
      const tracked = one
        .catch((error: unknown) => log.error("delivering tickets failed", { error: describeError(error) }))
        .finally(() => running.delete(tracked));
      running.add(tracked);
    }
    return begun;
  };

  const renewOne = async (name: string, renew: NonNullable<Desk["renew"]>, key: string): Promise<boolean> => {
    if (lanesOf(name).has(key)) return false;
    let told = false;
    await withLane(name, key, async () => {
      const standing = await queue.readStanding(name, key);
      if (!standing) return;
      const { ref, content } = standing;
      const delivery = await withDeadline(clock, CALL_TIMEOUT_MS, stopping.signal, (signal) =>
        renew(ref, content, signal),
      ).catch((error: unknown): Delivery => ({ status: "retry", reason: describeError(error) }));
      told = delivery.status === "delivered";
      if (delivery.status !== "delivered")
        log.debug("a ticket was not renewed", { desk: name, reason: delivery.reason });
    });
    return told;
  };
  const renewAt = async (name: string): Promise<number> => {
    const renew = desks.get(name)?.renew;
    if (!renew || health.roomAt(name) === 0) return 0;
    let told = 0;
    for (const key of await queue.standingAt(name)) {
      if (stopping.signal.aborted) break;
      if (await renewOne(name, renew, key)) told++;
    }
    return told;
  };

  const repeat = async (what: string, work: () => Promise<number>, rest: () => Promise<void>): Promise<void> => {
    while (!stopping.signal.aborted) {
      const done = await work().catch((error: unknown) => {
        if (!stopping.signal.aborted) log.error(what, { error: describeError(error) });
        return 0;
      });
      if (done === 0) await rest().catch(() => {});
    }
  };
  /** Until a call ends, or the time to look again. */
  const idle = async (): Promise<void> => {
    if (isWoken || stopping.signal.aborted) return;
    const resting = new AbortController();
    wake = () => resting.abort();
    stopping.signal.addEventListener("abort", wake, { once: true });
    await clock.sleep(pollMs, resting.signal).catch(() => {});
    stopping.signal.removeEventListener("abort", wake);
    wake = () => {};
  };
  const renewDue = async (): Promise<void> => {
    for (const [name, { renewMs }] of desks) {
      if (renewMs === undefined) continue;
      const now = clock.monotonic();
      if (now - (renewedAtMs.get(name) ?? now - renewMs) < renewMs) continue;
      renewedAtMs.set(name, now);
      await renewAt(name);
    }
  };
  const loops =
    pollMs === 0
      ? []
      : [
          repeat("delivering tickets failed", async () => (await begin()).length, idle),
          repeat(
            "renewing tickets failed",
            async () => {
              await renewDue();
              return 0;
            },
            () => clock.sleep(RENEW_LOOK_MS, stopping.signal),
          ),
        ];

  return {
    round: async () => {
      const begun = await begin();
      await Promise.all(begun);
      return begun.length;
    },
    renew: async () => {
      let told = 0;
      for (const name of desks.keys()) told += await renewAt(name);
      return told;
    },
    health: health.all,
    stop: async () => {
      stopping.abort(new Error("stopping"));
      await Promise.all([...loops, ...running]);
    },
  };
};
