import { describe, expect, it } from "vitest";
import { createAskBook } from "../../agent/probes/sweep/asks.ts";
import type { Evidence, MethodDeps, SweepMethod } from "../../agent/probes/sweep/method.ts";
import * as registry from "../../agent/probes/sweep/registry.ts";
import { createTargets } from "../../agent/probes/sweep/targets.ts";
import { systemClock } from "../../shared/clock.ts";
import { type IpAddress, ipv4ToNumber } from "../../shared/ip.ts";
import { silentLog } from "../../shared/log.ts";
import { methods as methodKinds } from "../../shared/protocol/observation.ts";
import { createSeededRandom } from "../../shared/random.ts";
import { until } from "../support/until.ts";

/**
 * What every sweep method promises: it sends to nobody whom it did not ask leave for, tells only of its own method, ends
 * by itself, and ends at once when stopped.
 */
const first = ipv4ToNumber("127.0.0.1");
const addresses: readonly IpAddress[] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"] as IpAddress[];

const setUp = () => {
  const stop = new AbortController();
  const permitted: string[] = [];
  const aside: string[] = [];
  const seen: Evidence[] = [];
  const targets = createTargets([{ first, last: first + 2 }]);
  const book = createAskBook(targets.size4);
  const deps: MethodDeps = {
    ...{ clock: systemClock, random: createSeededRandom(1), log: silentLog, signal: stop.signal, targets, book },
    options: {
      tcpPorts: [9, 10],
      closedPort: 40_125,
      timeoutMs: 300,
      communities: ["public"],
      procArpPath: "/proc/net/arp",
    },
    tally: { arpAnswers: [0, 0, 0], tableMisses: 0, controlAnswers: 0, controlSilences: 0, failures: new Map() },
    ...{ elapsedMs: systemClock.monotonic, patienceMs: () => 300, linkOf: () => undefined, links6: [], groupLinks: [] },
    ...{ alone: true, knownMacs: () => [], chunk: 8, charge: () => {}, failed: () => {}, note: () => {} },
    permit: async (address) => {
      stop.signal.throwIfAborted();
      permitted.push(address);
    },
    aside: async (to) => {
      stop.signal.throwIfAborted();
      aside.push(to);
    },
    saw: (evidence) => void seen.push(evidence),
  };
  return { deps, stop, permitted, aside, seen };
};

/** Longer than any test: who waits for answers in spite of being stopped does not end. */
const PATIENCE_MS = 600_000;
const patient = (deps: MethodDeps): MethodDeps => ({
  ...deps,
  options: { ...deps.options, timeoutMs: PATIENCE_MS },
  patienceMs: () => PATIENCE_MS,
});
/** A busy machine may take its time, but not as much as the method would. */
const beforeTimeOut = (running: Promise<unknown>) => {
  let hasEnded = false;
  void running.finally(() => {
    hasEnded = true;
  });
  return until("the method to end", () => hasEnded, { timeoutMs: 20_000 }).then(() => running);
};

describe("the registry of sweep methods", () => {
  it("names each entry as the protocol does, and as its export", () => {
    for (const [name, method] of Object.entries(registry)) {
      expect(method.name).toBe(name);
      expect(methodKinds).toContain(method.name);
      expect(method.families.length).toBeGreaterThan(0);
    }
  });
});

describe.each(Object.values(registry).map((method) => [method.name, method] as const))(
  "%s",
  (name, method: SweepMethod) => {
    it("asks leave for every address it asks, once for each packet or group of packets, and for no other", async () => {
      const { deps, permitted } = setUp();
      await method.run(addresses, deps);
      expect(permitted.filter((address) => !addresses.includes(address as IpAddress))).toEqual([]);
      if (method.purpose === "ask" && method.families.includes(4) && name !== "arp")
        expect(permitted.length).toBeGreaterThanOrEqual(addresses.length);
      if (method.purpose === "group" || method.purpose === "passive") expect(permitted).toEqual([]);
    });

    it("tells only what it saw itself, of targets", async () => {
      const { deps, seen } = setUp();
      await method.run(addresses, deps);
      expect(seen.filter((e) => e.method !== name || !addresses.includes(e.address))).toEqual([]);
    });

    it("ends at once, without an error, when it is stopped before it begins", async () => {
      const { deps, stop, permitted, aside } = setUp();
      stop.abort(new Error("stop"));
      await beforeTimeOut(method.run(addresses, patient(deps)));
      expect([...permitted, ...aside]).toEqual([]);
    });

    it("ends soon after it is stopped in between", async () => {
      const { deps, stop } = setUp();
      const running = method.run(addresses, patient(deps));
      await systemClock.sleep(20);
      stop.abort(new Error("stop"));
      await beforeTimeOut(running);
    });

    it("has nothing to do for nobody", async () => {
      const { deps, permitted } = setUp();
      await method.run([], deps);
      expect(permitted).toEqual([]);
    });
  },
);
