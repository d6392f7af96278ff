import { describe, expect, it } from "vitest";
import {
  type BudgetLimits,
  createBudget,
  linkLimits,
  routedLimits,
  strictLimits,
} from "../../../../agent/probes/sweep/budget.ts";
import { createTableWindow } from "../../../../agent/probes/sweep/table-window.ts";
import { createVirtualClock } from "../../../support/virtual-clock.ts";

const signal = new AbortController().signal;

/** Takes `count` packets as fast as they are given; the times of all that is on the wire, the kernel's repeats included. */
const drain = async (
  limits: BudgetLimits,
  count: number,
  repeatsMs: readonly number[],
  forMs: number,
  answered = false,
) => {
  const clock = createVirtualClock();
  const budget = createBudget(limits, { clock, signal });
  const wire: number[] = [];
  let ended: number | undefined;
  const run = async () => {
    for (let i = 0; i < count; i++) {
      const release = await budget.take(1, repeatsMs);
      wire.push(clock.monotonic());
      if (answered) release();
      // The timer wheel fires late, and together with others.
      else wire.push(...repeatsMs.map((ms) => Math.ceil((clock.monotonic() + ms) / 64) * 64));
    }
    ended = clock.monotonic();
  };
  void run();
  await clock.advance(forMs);
  return { wire: wire.sort((a, b) => a - b), ended, sent: budget.sent() };
};

const peak = (wire: readonly number[], windowMs = 100): number => {
  let [first, most] = [0, 0];
  for (const [i, at] of wire.entries()) {
    while ((wire[first] as number) <= at - windowMs) first++;
    most = Math.max(most, i - first + 1);
  }
  return most;
};

describe("the packet budget", () => {
  it.each([50, 200, 1_000])("keeps %i packets a second in any 100 ms", async (rate) => {
    const { wire, sent } = await drain(strictLimits(rate), 10_000, [], 1_000);
    expect(peak(wire)).toBeLessThanOrEqual(rate / 10);
    expect(sent).toBeGreaterThan(rate * 0.6);
  });

  it("sends evenly, so that packets held up for some milliseconds share no window with a burst", async () => {
    const { wire } = await drain(strictLimits(400), 10_000, [], 1_000);
    expect(peak(wire, 10)).toBeLessThanOrEqual(8);
  });

  it("counts the kernel's repeats, however they bunch", async () => {
    const { wire } = await drain(strictLimits(300), 5_000, [1_000, 2_000], 3_000);
    expect(peak(wire.filter((at) => at < 3_000))).toBeLessThanOrEqual(30);
    expect(wire.length).toBeGreaterThan(300);
  });

  it("gives the room of repeats back when an answer came", async () => {
    const silent = await drain(strictLimits(300), 5_000, [1_000, 2_000], 3_000);
    const answered = await drain(strictLimits(300), 5_000, [1_000, 2_000], 3_000, true);
    expect(answered.sent).toBeGreaterThan(silent.sent * 1.5);
    expect(peak(answered.wire)).toBeLessThanOrEqual(30);
  });

  it("sends a /24 at once on a local segment, and 250 a second after that", async () => {
    const first = await drain(linkLimits, 254, [1_000, 2_000], 200);
    expect(first.ended).toBeLessThan(20);
    const more = await drain(linkLimits, 5_000, [], 2_000);
    expect(more.sent).toBeGreaterThanOrEqual(256 + 450);
    expect(more.sent).toBeLessThanOrEqual(256 + 550);
  });

  it("sends a thousand a second to routed ranges", async () => {
    const { sent, wire } = await drain(routedLimits, 20_000, [], 1_500);
    expect(sent).toBeGreaterThan(1_350);
    expect(peak(wire)).toBeLessThanOrEqual(100);
  });

  it("lets what can't wait go, and makes up for it", async () => {
    const clock = createVirtualClock();
    const budget = createBudget(strictLimits(100), { clock, signal });
    budget.charge(8);
    let taken = false;
    void budget.take().then(() => {
      taken = true;
    });
    await clock.advance(60);
    expect(taken).toBe(false);
    await clock.advance(100);
    expect(taken).toBe(true);
  });

  it("rejects who waits when the sweep is stopped", async () => {
    const clock = createVirtualClock();
    const stop = new AbortController();
    const budget = createBudget(strictLimits(10), { clock, signal: stop.signal });
    await budget.take();
    const waiting = budget.take().catch(() => "stopped");
    stop.abort(new Error("stop"));
    await clock.advance(10);
    expect(await waiting).toBe("stopped");
  });
});

describe("the window of the neighbour table", () => {
  const open = async (
    window: ReturnType<typeof createTableWindow>,
    forMs: number,
    clock: ReturnType<typeof createVirtualClock>,
  ) => {
    const times: number[] = [];
    const run = async () => {
      for (;;) {
        await window.enter();
        times.push(clock.monotonic());
      }
    };
    run().catch(() => {});
    await clock.advance(forMs);
    return times;
  };

  it("opens at most gc_thresh3 less 256 rows in any 3.1 s, and less the answered ones", async () => {
    const clock = createVirtualClock();
    const window = createTableWindow(1_024, 0, { clock, signal });
    expect(window.limit()).toBe(768);
    for (let i = 0; i < 100; i++) window.answered();
    const stop = new AbortController();
    const limited = createTableWindow(300, 0, { clock, signal: stop.signal });
    const times = await open(limited, 7_000, clock).finally(() => stop.abort());
    expect(peak(times, 3_000)).toBeLessThanOrEqual(limited.limit());
    expect(times.length).toBeGreaterThan(limited.limit() * 2);
    expect(window.limit()).toBe(668);
  });

  it("assumes the default where the limit can't be read, and backs off when rows don't appear", () => {
    const clock = createVirtualClock();
    const window = createTableWindow(undefined, 0, { clock, signal });
    expect(window.limit()).toBe(768);
    for (let i = 0; i < 10; i++) window.pressed();
    expect(window.limit()).toBe(48);
  });
});
