import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import type { OutboxRow, Store } from "../../../collector/store/store.ts";
import { startDelivery } from "../../../collector/tickets/delivery.ts";
import { createDeliveryQueue } from "../../../collector/tickets/outbox.ts";
import { minutes, toTimestamp } from "../../../shared/clock.ts";
import { createIncidentId, type IncidentId } from "../../../shared/ids.ts";
import { silentLog } from "../../../shared/log.ts";
import { createSeededRandom, type Random } from "../../../shared/random.ts";
import { createMemoryDesk } from "../../support/memory-desk.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const contentFor = () => ({ locale: "en", timeZone: "UTC" }) as const;

const addIncident = async (store: Store, nowMs: number, random: Random): Promise<IncidentId> => {
  const incidentId = createIncidentId(nowMs, random);
  await store.transaction((tx) =>
    tx.incidents.put({
      incidentId,
      kind: "device-missing",
      condition: `device-missing/${incidentId}`,
      state: "open",
      title: "printer is missing",
      summary: "Nobody has seen it.",
      impact: "medium",
      urgency: "medium",
      priority: 3,
      confidence: 0.9,
      openedAt: toTimestamp(nowMs),
      reopened: 0,
      children: 0,
      version: 1,
    }),
  );
  return incidentId;
};

let serial = 0;
const intend = (
  store: Store,
  incidentId: IncidentId,
  action: OutboxRow["action"],
  text: string,
  connector = "memory",
) =>
  store.transaction((tx) =>
    tx.outbox.put({
      outboxId: `out-${++serial}`,
      connector,
      key: `rollcall:${incidentId}`,
      action,
      text,
      attempts: 0,
      dueMs: 0,
    }),
  );

const setUp = (seed: number, failing = { before: 0, after: 0 }) => {
  const clock = createVirtualClock();
  const random = createSeededRandom(seed);
  const store = openSqliteStore(":memory:");
  const { desk, tickets } = createMemoryDesk(random, failing);
  const queue = createDeliveryQueue(store, contentFor, clock.now);
  const deliver = () =>
    startDelivery({ desks: new Map([["memory", desk]]), queue, clock, random, log: silentLog, pollMs: 0 });
  return { clock, random, store, tickets, queue, deliver, failing };
};

describe("outbox", () => {
  it.each([1, 2, 3, 4, 5])(
    "makes exactly one ticket an incident, in the right state, at a desk that loses answers (seed %i)",
    async (seed) => {
      const { clock, random, store, tickets, deliver, failing } = setUp(seed, { before: 0.15, after: 0.15 });
      const resolved = new Map<string, boolean>();
      for (let i = 0; i < 60; i++) {
        const incidentId = await addIncident(store, clock.now(), random);
        await intend(store, incidentId, "open", "gone");
        await intend(store, incidentId, "comment", "a second observer looked");
        const isOver = i % 2 === 0;
        if (isOver) await intend(store, incidentId, "resolve", "back");
        resolved.set(`rollcall:${incidentId}`, isOver);
      }
      // Every so often the process dies: a new deliverer starts over what the store holds.
      let deliverer = deliver();
      for (let i = 0; i < 400; i++) {
        if (i % 50 === 49) deliverer = deliver();
        await deliverer.round();
        await clock.advance(minutes(1));
      }
      failing.before = 0;
      failing.after = 0;
      for (let i = 0; i < 60; i++) {
        await deliverer.round();
        await clock.advance(minutes(1));
      }
      expect(await store.transaction((tx) => tx.outbox.due(Number.MAX_SAFE_INTEGER, 1_000))).toEqual([]);
      expect(new Map([...tickets.values()].map((ticket) => [ticket.key, ticket.state === "resolved"]))).toEqual(
        resolved,
      );
      expect(tickets.size).toBe(60);
      expect([...tickets.values()].every((ticket) => new Set(ticket.notes).size === ticket.notes.length)).toBe(true);
    },
  );

  it("tells a desk that was away in one comment what piled up meanwhile", async () => {
    const { clock, random, store, tickets, deliver } = setUp(1);
    const incidentId = await addIncident(store, clock.now(), random);
    await intend(store, incidentId, "open", "gone");
    for (const text of ["one", "two", "three"]) await intend(store, incidentId, "comment", text);
    const deliverer = deliver();
    while ((await deliverer.round()) > 0);
    expect([...tickets.values()][0]?.notes).toHaveLength(1);
  });

  it("counts a try before it is made, so that a crash leads to a search, once the cut call can't be under way any more", async () => {
    const { clock, random, store, queue } = setUp(1);
    await intend(store, await addIncident(store, clock.now(), random), "open", "gone");
    const [task] = await queue.takeDeliveries(clock.now(), 10, "memory");
    if (!task) throw new Error("nothing was due");
    expect(task.search).toBe(false);
    await queue.beginDeliveries([task]);
    expect(await queue.takeDeliveries(clock.now(), 10, "memory")).toEqual([]);
    await clock.advance(minutes(2));
    expect((await queue.takeDeliveries(clock.now(), 10, "memory"))[0]).toMatchObject({ attempts: 1, search: true });
  });

  it("does not search after an answer that was clear, and goes on searching once one was not", async () => {
    const { clock, random, store, queue } = setUp(1);
    await intend(store, await addIncident(store, clock.now(), random), "open", "gone");
    const next = async () => {
      const [task] = await queue.takeDeliveries(clock.now(), 10, "memory");
      if (!task) throw new Error("nothing was due");
      return task;
    };
    const searches: boolean[] = [];
    for (const unclear of [false, true, false]) {
      const task = await next();
      searches.push(task.search);
      await queue.beginDeliveries([task]);
      await queue.settleDelivery(task, { status: "retry", reason: "away", dueMs: clock.now(), unclear });
      expect((await queue.takeDeliveries(clock.now(), 10, "memory")).length).toBe(unclear ? 0 : 1);
      if (unclear) await clock.advance(minutes(2));
    }
    expect([...searches, (await next()).search]).toEqual([false, false, true, true]);
  });

  it("reads what stands at a desk, but not what is over or still waits", async () => {
    const { clock, random, store, queue } = setUp(1);
    const incidentId = await addIncident(store, clock.now(), random);
    const key = `rollcall:${incidentId}`;
    await store.transaction((tx) => tx.outbox.putLink({ connector: "memory", key, ticketRef: "7" }));
    expect(await queue.standingAt("memory")).toEqual([key]);
    expect(await queue.standingAt("other")).toEqual([]);
    expect(await queue.readStanding("memory", key)).toMatchObject({ ref: { id: "7" }, content: { key } });
    await intend(store, incidentId, "comment", "more");
    expect(await queue.readStanding("memory", key)).toBeUndefined();
  });

  it("drops intents about incidents that are no longer kept", async () => {
    const { clock, random, store, queue } = setUp(1);
    await intend(store, createIncidentId(clock.now(), random), "open", "gone");
    expect(await queue.takeDeliveries(clock.now(), 10, "memory")).toEqual([]);
  });
});
