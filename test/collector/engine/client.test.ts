import { describe, expect, it } from "vitest";
import { createEngineClient } from "../../../collector/engine/client.ts";
import type { Arrival, Engine, SessionEvent } from "../../../collector/engine/engine.ts";
import { RollcallError } from "../../../shared/errors.ts";

const arrival = (n: number, sizeBytes = 10) => ({ digest: String(n), sizeBytes }) as Arrival;

/** An engine whose commits end when the test says so. */
const createSlowEngine = () => {
  const batches: string[][] = [];
  const open: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const wait = () => new Promise<void>((resolve, reject) => void open.push({ resolve, reject }));
  const engine = {
    ingest: async (batch: readonly Arrival[]) => {
      batches.push(batch.map(({ digest }) => digest));
      await wait();
      return {
        answer: batch.map(({ digest }) => ({ status: "accepted", down: [], reason: digest })),
        events: [{ kind: "ticket", number: batches.length }],
        directives: [],
      };
    },
    sessions: async (batch: readonly SessionEvent[]) => {
      if (batch.length > 1) throw new TypeError("one of them is odd");
      return { answer: [{ status: "noted" }], events: [], directives: [] };
    },
    session: async (event: SessionEvent) => {
      if ((event as { session?: string }).session === "odd") throw new TypeError("odd");
      return { answer: { status: "noted" }, events: [], directives: [] };
    },
  } as unknown as Engine;
  return { engine, batches, next: async () => open.shift(), settle: () => new Promise((r) => setImmediate(r)) };
};

describe("engine client", () => {
  it("gathers what comes while a commit is under way into the next, and answers each its own", async () => {
    const { engine, batches, next, settle } = createSlowEngine();
    const client = createEngineClient(engine);
    const told: unknown[] = [];
    client.subscribe((event) => void told.push(event));
    const first = client.ingest(arrival(1));
    await settle();
    const others = [2, 3, 4].map((n) => client.ingest(arrival(n)));
    await settle();
    expect(batches).toEqual([["1"]]);
    (await next())?.resolve();
    expect((await first).reason).toBe("1");
    await settle();
    expect(batches).toEqual([["1"], ["2", "3", "4"]]);
    (await next())?.resolve();
    expect((await Promise.all(others)).map(({ reason }) => reason)).toEqual(["2", "3", "4"]);
    expect(told).toEqual([
      { kind: "ticket", number: 1 },
      { kind: "ticket", number: 2 },
    ]);
    expect(client.counts()).toMatchObject({ arrivals: 4, batches: 2, largestBatch: 3, waiting: 0 });
  });

  it("bounds a batch by octets, and tells those beyond what may wait to come back", async () => {
    const { engine, batches, next, settle } = createSlowEngine();
    const client = createEngineClient(engine);
    const big = Array.from({ length: 5 }, (_, n) => client.ingest(arrival(n, 20 << 20)));
    await settle();
    expect(batches).toEqual([["0", "1"]]);
    const waiting = Array.from({ length: 13 }, (_, n) => client.ingest(arrival(n + 5, 20 << 20)).catch((e) => e));
    const last = await waiting.at(-1);
    expect(last).toBeInstanceOf(RollcallError);
    expect(last).toMatchObject({ code: "engine.overloaded", remedy: "retry" });
    for (let i = 0; i < 9; i++) {
      (await next())?.resolve();
      await settle();
    }
    expect((await Promise.all(big)).length).toBe(5);
  });

  it("fails a batch as a whole when the store does, and goes on with the next", async () => {
    const { engine, next, settle } = createSlowEngine();
    const client = createEngineClient(engine);
    const first = client.ingest(arrival(1));
    await settle();
    (await next())?.reject(new RollcallError("store.full", "no room", { remedy: "retry" }));
    await expect(first).rejects.toMatchObject({ code: "store.full" });
    const second = client.ingest(arrival(2));
    await settle();
    (await next())?.resolve();
    expect((await second).status).toBe("accepted");
  });

  it("lets an odd session cost itself only", async () => {
    const client = createEngineClient(createSlowEngine().engine);
    const event = (session: string) => ({ kind: "closed", session }) as SessionEvent;
    const results = await Promise.allSettled(["a", "odd", "b"].map((name) => client.session(event(name))));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });
});
