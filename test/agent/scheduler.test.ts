import { describe, expect, it } from "vitest";
import { startClockWatch } from "../../agent/clock-watch.ts";
import { createScheduler, isWithinHours } from "../../agent/scheduler.ts";
import { minutes, seconds } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import { createSeededRandom } from "../../shared/random.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";

const setUp = () => {
  const clock = createVirtualClock();
  const scheduler = createScheduler({ clock, random: createSeededRandom(1), log: silentLog });
  return { clock, scheduler };
};

describe("scheduler", () => {
  it("runs at its interval, a tenth earlier or later", async () => {
    const { clock, scheduler } = setUp();
    const at: number[] = [];
    scheduler.add({
      name: "a",
      intervalMs: minutes(10),
      timeoutMs: 1_000,
      run: async () => void at.push(clock.monotonic()),
    });
    await clock.advance(minutes(61));
    expect(at.length).toBeGreaterThanOrEqual(6);
    const gaps = at.slice(1).map((one, i) => one - at[i]!);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(minutes(9));
    for (const gap of gaps) expect(gap).toBeLessThanOrEqual(minutes(11));
    expect(new Set(gaps).size).toBeGreaterThan(1);
    await scheduler.stop();
  });

  it("never runs twice at once, and a trigger joins what runs", async () => {
    const { clock, scheduler } = setUp();
    let running = 0;
    let most = 0;
    let runs = 0;
    const { trigger } = scheduler.add({
      ...{ name: "slow", intervalMs: seconds(10), timeoutMs: minutes(5) },
      run: async () => {
        runs++;
        most = Math.max(most, ++running);
        await clock.sleep(seconds(25));
        running--;
      },
    });
    await clock.advance(seconds(1));
    const joined = trigger();
    await clock.advance(minutes(2));
    await joined;
    expect(most).toBe(1);
    expect(runs).toBeGreaterThan(2);
    const stopped = scheduler.stop();
    await clock.advance(seconds(30));
    await stopped;
  });

  it("ends a run at its time-out, says so, and goes on", async () => {
    const { clock, scheduler } = setUp();
    scheduler.add({
      ...{ name: "stuck", intervalMs: minutes(5), timeoutMs: seconds(30) },
      run: (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    await clock.advance(minutes(12));
    expect(scheduler.status()[0]).toMatchObject({
      runs: 3,
      failures: 3,
      running: false,
      lastError: "stuck took longer than 30000 ms",
    });
    await scheduler.stop();
  });

  it("leaves out what is not allowed now", async () => {
    const { clock, scheduler } = setUp();
    let runs = 0;
    let allowed = false;
    scheduler.add({
      ...{ name: "quiet", intervalMs: minutes(1), timeoutMs: 1_000, allowed: () => allowed },
      run: async () => void runs++,
    });
    await clock.advance(minutes(5));
    expect(runs).toBe(0);
    allowed = true;
    await clock.advance(minutes(2));
    expect(runs).toBeGreaterThan(0);
    await scheduler.stop();
  });

  it("ends what runs when it stops, and starts nothing more", async () => {
    const { clock, scheduler } = setUp();
    let ended = false;
    scheduler.add({
      ...{ name: "a", intervalMs: minutes(1), timeoutMs: minutes(9) },
      run: (signal) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => {
            ended = true;
            resolve();
          }),
        ),
    });
    await clock.advance(1);
    await scheduler.stop();
    expect(ended).toBe(true);
    await clock.advance(minutes(10));
    expect(scheduler.status()[0]?.runs).toBe(1);
  });

  it("catches up once after a suspend, not once for every round that was missed", async () => {
    const { clock, scheduler } = setUp();
    let runs = 0;
    scheduler.add({ ...{ name: "a", intervalMs: minutes(10), timeoutMs: 1_000 }, run: async () => void runs++ });
    await clock.advance(minutes(1));
    clock.jump(minutes(600));
    scheduler.wake();
    await clock.advance(seconds(5));
    expect(runs).toBe(2);
    await scheduler.stop();
  });
});

describe("quiet hours", () => {
  it.each([
    ["22:00-06:00", 23 * 60, true],
    ["22:00-06:00", 0, true],
    ["22:00-06:00", 6 * 60, false],
    ["22:00-06:00", 12 * 60, false],
    ["08:30-17:00", 8 * 60 + 29, false],
    ["08:30-17:00", 8 * 60 + 30, true],
    ["08:30-17:00", 17 * 60, false],
  ])("%s holds at minute %i: %s", (hours, minute, within) => {
    expect(isWithinHours(hours, minute)).toBe(within);
  });
});

describe("clock watch", () => {
  it("notices a jump of the wall clock and nothing else", async () => {
    const clock = createVirtualClock();
    const jumps: number[] = [];
    const watch = startClockWatch(clock, (byMs) => void jumps.push(byMs));
    await clock.advance(minutes(5));
    expect(jumps).toEqual([]);
    clock.jump(minutes(30));
    await clock.advance(minutes(1));
    clock.jump(-minutes(10));
    await clock.advance(minutes(1));
    expect(jumps.map(Math.round)).toEqual([minutes(30), -minutes(10)]);
    expect(watch.jumps()).toBe(2);
    watch.stop();
  });

  it("measures how late its timers were at worst, once for each asking", async () => {
    const clock = createVirtualClock();
    let lateBy = 0;
    const late: typeof clock = { ...clock, after: (ms, run) => clock.after(ms + lateBy, run) };
    const watch = startClockWatch(late, () => {});
    lateBy = 700;
    await clock.advance(seconds(11));
    lateBy = 0;
    await clock.advance(seconds(30));
    expect(watch.takeLateness()).toBe(700);
    await clock.advance(seconds(30));
    expect(watch.takeLateness()).toBe(0);
    watch.stop();
  });
});
