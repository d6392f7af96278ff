import { describe, expect, it } from "vitest";
import type { Delivery, Desk } from "../../../collector/tickets/connector.ts";
import { type DeliveryQueue, type DeliveryTask, startDelivery } from "../../../collector/tickets/delivery.ts";
import { days, seconds } from "../../../shared/clock.ts";
import { silentLog } from "../../../shared/log.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { ticketContent, ticketNote } from "../../support/ticket-content.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

type Row = Omit<DeliveryTask, "search"> & { mayBeDone: boolean; dueMs: number; state: "waiting" | "done" | "parked" };

/** The store's side, in memory. */
const createQueue = () => {
  const rows: Row[] = [];
  const links = new Map<string, string>();
  const queue: DeliveryQueue = {
    takeDeliveries: async (nowMs, limit, desk) => {
      const seen = new Set<string>();
      const due = rows.flatMap((row) => {
        if (row.state !== "waiting" || row.desk !== desk || seen.has(row.key)) return [];
        seen.add(row.key);
        const ref = links.get(row.key);
        return row.dueMs <= nowMs ? [{ ...row, search: row.mayBeDone, ...(ref ? { ref: { id: ref } } : {}) }] : [];
      });
      return due.slice(0, limit);
    },
    beginDeliveries: async (tasks) => {
      for (const { outboxId } of tasks) {
        const index = rows.findIndex((row) => row.outboxId === outboxId);
        const row = rows[index];
        if (row) rows[index] = { ...row, attempts: row.attempts + 1, mayBeDone: true };
      }
    },
    settleDelivery: async ({ outboxId, key, search }, settlement) => {
      const row = rows.find((candidate) => candidate.outboxId === outboxId);
      if (!row) return;
      if (settlement.status === "retry")
        Object.assign(row, { dueMs: settlement.dueMs, mayBeDone: search || settlement.unclear });
      else row.state = settlement.status === "delivered" ? "done" : "parked";
      if (settlement.status === "delivered") links.set(key, settlement.ref.id);
    },
    standingAt: async () => [...links.keys()],
    readStanding: async (_desk, key) => {
      const id = links.get(key);
      if (id === undefined || rows.some((row) => row.key === key && row.state === "waiting")) return undefined;
      return { ref: { id }, content: ticketContent({ key }) };
    },
  };
  const add = (key: string, action: DeliveryTask["action"], desk = "desk") =>
    rows.push({
      outboxId: `${key}/${rows.length}`,
      desk,
      key,
      action,
      attempts: 0,
      mayBeDone: false,
      content: ticketContent({ key }),
      note: ticketNote(action),
      dueMs: 0,
      state: "waiting",
    });
  return { queue, add, rows };
};

const createFakeDesk = (answer: (what: string) => Delivery) => {
  const calls: string[] = [];
  const say = (what: string) => {
    calls.push(what);
    return Promise.resolve(answer(what));
  };
  const desk: Desk = {
    check: async () => [],
    open: ({ key }, { search }) => say(`open ${key}${search ? " after search" : ""}`),
    comment: (ref) => say(`comment ${ref.id}`),
    resolve: (ref) => say(`resolve ${ref.id}`),
    reopen: (ref) => say(`reopen ${ref.id}`),
  };
  return { desk, calls };
};

const setUp = (answer: (what: string) => Delivery) => {
  const clock = createVirtualClock();
  const { desk, calls } = createFakeDesk(answer);
  const { queue, add, rows } = createQueue();
  const deliverer = startDelivery({
    desks: new Map([["desk", desk]]),
    queue,
    clock,
    random: createSeededRandom(1),
    log: silentLog,
    pollMs: 0,
  });
  return { clock, calls, add, rows, deliverer };
};
const delivered = (id: string): Delivery => ({ status: "delivered", ticketRef: { id } });

describe("delivery", () => {
  it("keeps the order of each key: a resolve waits for its open", async () => {
    const { add, calls, deliverer } = setUp((what) => delivered(what.startsWith("open") ? "T1" : "T1"));
    add("a", "open");
    add("a", "comment");
    add("a", "resolve");
    while ((await deliverer.round()) > 0);
    expect(calls).toEqual(["open a", "comment T1", "resolve T1"]);
  });

  it("searches before it opens again after an unclear answer, and waits between tries", async () => {
    let down = true;
    const { add, calls, clock, deliverer } = setUp(() =>
      down ? { status: "retry", reason: "502", unclear: true } : delivered("T1"),
    );
    add("a", "open");
    await deliverer.round();
    expect(await deliverer.round()).toBe(0);
    down = false;
    await clock.advance(seconds(6));
    await deliverer.round();
    expect(calls).toEqual(["open a", "open a after search"]);
  });

  it("honours the desk's own wish to be left alone", async () => {
    const { add, calls, clock, deliverer } = setUp(() => ({ status: "retry", reason: "429", afterMs: 120_000 }));
    add("a", "open");
    await deliverer.round();
    await clock.advance(seconds(119));
    await deliverer.round();
    expect(calls).toHaveLength(1);
    await clock.advance(seconds(2));
    await deliverer.round();
    expect(calls).toHaveLength(2);
  });

  it("lets a desk that is down rest, tries it with one call, and loses nothing", async () => {
    let down = true;
    const { add, calls, clock, rows, deliverer } = setUp((what) =>
      down ? { status: "retry", reason: "refused" } : delivered(what),
    );
    for (let i = 0; i < 40; i++) add(`k${i}`, "open");
    for (let i = 0; i < 600; i++) {
      await deliverer.round();
      await clock.advance(seconds(1));
    }
    // Five to see it, then one a rest: far fewer than 40 keys with their own back-off would make.
    expect(calls.length).toBeLessThan(30);
    expect(deliverer.health().get("desk")).toMatchObject({ lastError: "refused" });
    down = false;
    for (let i = 0; i < 1_500 && rows.some((row) => row.state === "waiting"); i++) {
      await deliverer.round();
      await clock.advance(seconds(1));
    }
    expect(rows.every((row) => row.state === "done")).toBe(true);
    expect(new Set(calls.slice(-40)).size).toBeGreaterThanOrEqual(39);
  });

  it("keeps every ticket while a desk answers 500 for a day, asks it a few hundred times, and delivers each once after", async () => {
    const clock = createVirtualClock();
    const until = clock.now() + days(1);
    const { queue, add, rows } = createQueue();
    const { desk, calls } = createFakeDesk((what) =>
      clock.now() < until
        ? { status: "retry", reason: "the desk failed (500)", unclear: true }
        : { status: "delivered", ticketRef: { id: what } },
    );
    for (let i = 0; i < 50; i++) add(`k${i}`, "open");
    const deliverer = startDelivery({
      ...{ desks: new Map([["desk", desk]]), queue, clock, random: createSeededRandom(1), log: silentLog },
      pollMs: 0,
    });
    while (clock.now() < until) {
      await deliverer.round();
      await clock.advance(seconds(10));
    }
    expect(calls.length).toBeGreaterThan(50);
    expect(calls.length).toBeLessThan(500);
    expect(rows.every(({ state }) => state === "waiting")).toBe(true);
    const before = calls.length;
    while (rows.some(({ state }) => state === "waiting")) {
      await deliverer.round();
      await clock.advance(seconds(10));
      expect(clock.now()).toBeLessThan(until + days(1) / 12);
    }
    expect(calls.length - before).toBe(50);
    await deliverer.stop();
  });

  it("lets no desk wait for one that hangs, or for the backlog of one that rests", async () => {
    const clock = createVirtualClock();
    const { queue, add, rows } = createQueue();
    const well = createFakeDesk((what) => delivered(what));
    const down = createFakeDesk(() => ({ status: "retry", reason: "refused" }));
    const hanging: Desk = {
      ...well.desk,
      open: (_content, { signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    };
    const desks = new Map([
      ["hanging", hanging],
      ["down", down.desk],
      ["well", well.desk],
    ]);
    for (const name of ["hanging", "down", "well"]) for (let i = 0; i < 100; i++) add(`${name}-${i}`, "open", name);
    const deliverer = startDelivery({
      ...{ desks, queue, clock, random: createSeededRandom(1), log: silentLog, pollMs: 1_000 },
    });
    await clock.advance(seconds(30));
    expect(rows.filter(({ desk, state }) => desk === "well" && state === "done")).toHaveLength(100);
    await deliverer.stop();
  });

  it("says again what stands, at desks that forget, and nothing that is over or waits to be told", async () => {
    const clock = createVirtualClock();
    const { queue, add, rows } = createQueue();
    const { desk, calls } = createFakeDesk((what) => delivered(what.slice("open ".length)));
    const renewed: string[] = [];
    const forgetful: Desk = {
      ...desk,
      renewMs: 60_000,
      renew: async (ref) => {
        renewed.push(ref.id);
        return { status: "delivered", ticketRef: ref };
      },
    };
    add("a", "open");
    add("b", "open");
    const deliverer = startDelivery({
      ...{ desks: new Map([["desk", forgetful]]), queue, clock, random: createSeededRandom(1), log: silentLog },
    });
    await clock.advance(seconds(50));
    expect([calls, renewed]).toEqual([["open a", "open b"], []]);
    rows.push({
      ...(rows[1] as Row),
      outboxId: "b/2",
      action: "resolve",
      state: "waiting",
      dueMs: Number.MAX_SAFE_INTEGER,
    });
    await clock.advance(seconds(20));
    expect(renewed).toEqual(["a"]);
    await clock.advance(seconds(60));
    expect(renewed).toEqual(["a", "a"]);
    await deliverer.stop();
  });

  it("parks what is refused for good and goes on with the rest", async () => {
    const { add, rows, deliverer } = setUp((what) =>
      what.startsWith("open a") ? { status: "rejected", reason: "no such queue" } : delivered("T2"),
    );
    add("a", "open");
    add("b", "open");
    await deliverer.round();
    expect(rows.map((row) => row.state)).toEqual(["parked", "done"]);
  });

  it("takes a connector that throws for an unclear answer", async () => {
    const { add, rows, deliverer } = setUp(() => {
      throw new Error("bug in a connector");
    });
    add("a", "open");
    await deliverer.round();
    expect(rows[0]).toMatchObject({ state: "waiting", attempts: 1 });
  });
});
