import { describe, expect, it } from "vitest";
import { z } from "zod";
import { runInventory } from "../../../../agent/probes/local/run.ts";
import { defineProbe, type Probe, type ProbeOutcome } from "../../../../agent/probes/probe.ts";
import { silentLog } from "../../../../shared/log.ts";
import type { SectionName } from "../../../../shared/protocol/sections.ts";
import { createVirtualClock } from "../../../support/virtual-clock.ts";

type Run = (signal: AbortSignal) => Promise<ProbeOutcome>;

const probe = (
  name: string,
  sections: readonly SectionName[],
  run: Run,
  more: Partial<Probe<object>> = {},
): Probe<never> =>
  defineProbe({
    name,
    sections,
    platforms: ["linux"],
    personal: false,
    timeoutMs: 1_000,
    configSchema: z.strictObject({}),
    run: (_, { signal }) => run(signal),
    ...more,
  }) as unknown as Probe<never>;

const dns = (): Promise<ProbeOutcome> =>
  Promise.resolve({ status: "ok", sections: { dns: { servers: ["192.0.2.53"] } } });

const inventory = (
  probes: readonly Probe<never>[],
  options: object = {},
  clock = createVirtualClock(),
  signal = new AbortController().signal,
) => runInventory({ root: "/", ...options }, { clock, log: silentLog, signal, platform: "linux", probes });

describe("an inventory run", () => {
  it("lets the others stand when a probe throws, fails or finds nothing", async () => {
    const found = await inventory([
      probe("a", ["os", "cpu"], () => Promise.reject(new Error("reading /proc/x: broken"))),
      probe("b", ["memory"], () => Promise.resolve({ status: "failed", kind: "needs-privilege", reason: "root only" })),
      probe("c", ["battery"], () => Promise.resolve({ status: "no-data" })),
      probe("d", ["dns"], dns),
    ]);
    expect(found.sections).toEqual({ battery: [], dns: { servers: ["192.0.2.53"] } });
    expect(found.failures).toEqual([
      { section: "os", kind: "failed", reason: "reading /proc/x: broken" },
      { section: "cpu", kind: "failed", reason: "reading /proc/x: broken" },
      { section: "memory", kind: "needs-privilege", reason: "root only" },
    ]);
    expect([...found.looked].sort()).toEqual(["battery", "cpu", "dns", "memory", "os"]);
  });

  it("gives up on a probe that hangs, heeding its signal or not, at its own time-out", async () => {
    const clock = createVirtualClock();
    let told = false;
    const heeding: Run = (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          told = true;
          reject(signal.reason);
        }),
      );
    const running = inventory(
      [
        probe("hangs", ["os"], () => new Promise(() => {})),
        probe("heeds", ["cpu"], heeding, { timeoutMs: 500 }),
        probe("works", ["dns"], dns),
      ],
      {},
      clock,
    );
    await clock.advance(1_000);
    const found = await running;
    expect(told).toBe(true);
    expect(found.sections).toEqual({ dns: { servers: ["192.0.2.53"] } });
    expect(found.failures).toEqual([
      { section: "os", kind: "timed-out", reason: "no result after 1000 ms" },
      { section: "cpu", kind: "timed-out", reason: "no result after 500 ms" },
    ]);
  });

  it("runs no more probes at a time than it may", async () => {
    let now = 0;
    let most = 0;
    const busy: Run = async () => {
      most = Math.max(most, ++now);
      await new Promise<void>((resolve) => setImmediate(resolve));
      now--;
      return { status: "no-data" };
    };
    await inventory(
      Array.from({ length: 9 }, (_, i) => probe(`p${i}`, ["battery"], busy)),
      { concurrency: 3 },
    );
    expect(most).toBe(3);
  });

  it("ends with the agent", async () => {
    const stopping = new AbortController();
    const running = inventory(
      [
        probe(
          "hangs",
          ["os"],
          (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
        ),
      ],
      {},
      createVirtualClock(),
      stopping.signal,
    );
    stopping.abort(new Error("stopped by SIGTERM"));
    await expect(running).rejects.toThrow("stopped by SIGTERM");
  });

  it("leaves people out unless they are asked for", async () => {
    const people = probe(
      "people",
      ["users"],
      () => Promise.resolve({ status: "ok", sections: { users: [{ name: "ada" }] } }),
      { personal: true },
    );
    expect((await inventory([people])).sections).toEqual({});
    expect((await inventory([people], { personal: ["users"] })).sections).toEqual({ users: [{ name: "ada" }] });
    expect((await inventory([people], { only: ["users"] })).sections).toEqual({ users: [{ name: "ada" }] });
  });

  it("runs only the probes of the sections that are wanted, and of the platform", async () => {
    const never: Run = () => Promise.reject(new Error("was run"));
    const probes = [
      probe("d", ["dns"], dns),
      probe("o", ["os"], never),
      probe("w", ["dns"], never, { platforms: ["win32"] }),
    ];
    expect(await inventory(probes, { only: ["dns"] })).toMatchObject({
      sections: { dns: { servers: ["192.0.2.53"] } },
      failures: [],
    });
  });

  it("keeps one item a key, in the order of keys, and cuts texts that are too long", async () => {
    const long = "x".repeat(300);
    const software = [
      { manager: "dpkg", name: "b", architecture: "all", version: "1" },
      { manager: "dpkg", name: "a", architecture: "all", description: long },
      { manager: "dpkg", name: "b", architecture: "all", version: "2" },
    ];
    const found = await inventory([
      probe("s", ["software"], () => Promise.resolve({ status: "ok", sections: { software } })),
    ]);
    expect(found.sections.software).toEqual([
      { manager: "dpkg", name: "a", architecture: "all", description: "x".repeat(256) },
      { manager: "dpkg", name: "b", architecture: "all", version: "2" },
    ]);
  });
});
