import { describe, expect, it } from "vitest";
import { sweepArp } from "../../../../agent/probes/sweep/arp.ts";
import { createAskBook } from "../../../../agent/probes/sweep/asks.ts";
import { lossOf } from "../../../../agent/probes/sweep/loss.ts";
import type { Evidence, MethodDeps, Tally } from "../../../../agent/probes/sweep/method.ts";
import { createTargets } from "../../../../agent/probes/sweep/targets.ts";
import { type IpAddress, ipv4ToNumber } from "../../../../shared/ip.ts";
import { silentLog } from "../../../../shared/log.ts";
import type { MacAddress } from "../../../../shared/mac.ts";
import { createSeededRandom } from "../../../../shared/random.ts";
import { createSimulatedArp, macOfHost, type SimulatedArpOptions } from "../../../support/simulated-arp.ts";
import { createVirtualClock } from "../../../support/virtual-clock.ts";

const first = ipv4ToNumber("10.0.0.1");
const link = {
  device: "eth0",
  address: "10.0.0.254" as IpAddress,
  mac: undefined,
  range: { first: first - 1, last: first + 254 },
  gateway: undefined,
};

const setUp = (size: number, hosts: readonly string[], options: Partial<SimulatedArpOptions> = {}) => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const wire = createSimulatedArp({ clock, random: createSeededRandom(5), hosts: new Set(hosts), ...options });
  const targets = createTargets([{ first, last: first + size - 1 }]);
  const book = createAskBook(targets.size4);
  const seen: (Evidence & { readonly at: number })[] = [];
  const tally: Tally = {
    arpAnswers: [0, 0, 0],
    tableMisses: 0,
    controlAnswers: 0,
    controlSilences: 0,
    failures: new Map(),
  };
  const deps: MethodDeps = {
    ...{ clock, random: createSeededRandom(5), log: silentLog, signal: stop.signal, targets, book, tally },
    options: { tcpPorts: [], closedPort: 9, timeoutMs: 950, communities: [], procArpPath: "" },
    elapsedMs: clock.monotonic,
    patienceMs: () => 950,
    linkOf: (address) => (targets.contains(address) ? link : undefined),
    ...{ links6: [], alone: false, groupLinks: [], knownMacs: () => [], chunk: 1 },
    permit: async (address) => {
      stop.signal.throwIfAborted();
      if (tally.tableMisses > 0) await clock.sleep(20, stop.signal);
      expect(targets.contains(address)).toBe(true);
    },
    charge: () => {},
    saw: (evidence) => {
      seen.push({ ...evidence, at: clock.monotonic() });
      if (evidence.alive) book.see(targets.index4(evidence.address));
    },
    ...{ failed: () => {}, aside: async () => {}, note: () => {} },
  };
  const addresses = Array.from({ length: size }, (_, i) => targets.at4(i));
  const run = async (forMs = 30_000) => {
    let endedAt: number | undefined;
    const kernelOf = () => ({ retransMs: 1_000, solicits: 3, tableLimit: 1_024 });
    const done = sweepArp(addresses, { ...deps, wire, kernelOf }).then(() => {
      endedAt = clock.monotonic();
    });
    await clock.advance(forMs);
    expect(endedAt).toBeDefined();
    await done;
    return endedAt as number;
  };
  const alive = () => [...new Set(seen.filter((e) => e.alive).map((e) => e.address as string))].sort();
  const silent = () => addresses.map((_, i) => i).filter((i) => !book.isSeen(i));
  return { clock, wire, book, tally, seen, run, stop, alive, silent, addresses };
};

const some = (count: number): string[] => Array.from({ length: count }, (_, i) => `10.0.0.${2 * i + 1}`);

describe("the ARP sweep", () => {
  it("reports hosts at once, and believes silence after two asks a second apart", async () => {
    const { run, alive, silent, book, seen, tally } = setUp(100, some(40));
    const endedAt = await run();
    expect(alive()).toEqual(some(40).sort());
    expect(Math.max(...seen.map((e) => e.at))).toBeLessThan(100);
    expect(seen[0]).toMatchObject({ method: "arp", device: "eth0", mac: macOfHost(seen[0]?.address ?? "") });
    expect(endedAt).toBeGreaterThan(1_100);
    expect(endedAt).toBeLessThan(1_400);
    expect(silent().every((i) => book.asks(i) === 2 && book.spreadMs(i) === 1_000)).toBe(true);
    expect(lossOf(tally.arpAnswers)).toBe(0);
  });

  it("asks three times where nobody has answered", async () => {
    const { run, silent, book } = setUp(20, []);
    expect(await run()).toBeLessThan(2_500);
    expect(silent().every((i) => book.asks(i) === 3)).toBe(true);
  });

  it("asks as often as the loss demands, and finds all", async () => {
    for (const loss of [0.1, 0.2, 0.3]) {
      const { run, alive, silent, book } = setUp(200, some(100), {
        loss,
        random: createSeededRandom(Math.round(loss * 100)),
      });
      await run();
      expect(alive().length).toBeGreaterThanOrEqual(99);
      expect(silent().every((i) => book.asks(i) >= 3)).toBe(true);
      if (loss > 0.15) expect(silent().every((i) => book.asks(i) === 6)).toBe(true);
    }
  });

  it("counts as asked only what showed in the table", async () => {
    const { run, book, silent, tally, wire } = setUp(200, some(20), { tableLimit: 60 });
    await run(120_000);
    const asked = new Set(wire.questions().map((q) => q.address));
    for (const i of silent()) if (!asked.has(`10.0.0.${i + 1}`)) expect(book.asks(i)).toBe(0);
    expect(tally.tableMisses).toBeGreaterThan(0);
  });

  it("goes back for what a full table refused", async () => {
    const { run, alive } = setUp(120, some(40), { tableLimit: 90 });
    await run(120_000);
    expect(alive()).toEqual(some(40).sort());
  });

  it("does not believe a row that was there before: its host has gone", async () => {
    const { run, alive, wire, book } = setUp(20, ["10.0.0.1"]);
    wire.remember("10.0.0.7", 400, "STALE");
    const endedAt = await run();
    expect(alive()).toEqual(["10.0.0.1"]);
    expect(book.asks(6)).toBeGreaterThanOrEqual(2);
    expect(endedAt).toBeLessThan(11_000);
  });

  it("proves a stale row by a refusal of UDP, at once, or by the kernel's probes", async () => {
    const { run, seen, wire } = setUp(20, ["10.0.0.7", "10.0.0.9"], { refuses: new Set(["10.0.0.7"]) });
    wire.remember("10.0.0.7", 400, "STALE");
    wire.remember("10.0.0.9", 400, "STALE");
    await run();
    const of = (address: string) => seen.filter((e) => e.alive && e.address === address);
    expect(of("10.0.0.7")).toMatchObject([{ method: "udp", mac: macOfHost("10.0.0.7") }]);
    expect(of("10.0.0.7")[0]?.at).toBeLessThan(100);
    expect(of("10.0.0.9")).toMatchObject([{ method: "arp" }]);
    expect(of("10.0.0.9")[0]?.at).toBeGreaterThanOrEqual(5_000);
  });

  it("tells a row that was confirmed lately as what it is: the table's word, at its time", async () => {
    const { run, seen, wire, clock } = setUp(20, ["10.0.0.1"]);
    wire.remember("10.0.0.7", 10, "REACHABLE");
    await run();
    const told = seen.filter((e) => e.alive && e.address === "10.0.0.7");
    expect(told).toMatchObject([
      { method: "neighbours", detail: { confirmed: expect.stringMatching(/^1[89] s ago$/) } },
    ]);
    expect(clock.now() - (told[0]?.atMs ?? 0)).toBeGreaterThan(15_000);
  });

  it("tells who has an address now, not who had it when the sweep began", async () => {
    const addresses = ["10.0.0.7", "10.0.0.8", "10.0.0.9"];
    const [refusing = ""] = addresses;
    const { run, seen, wire, clock } = setUp(20, addresses, { refuses: new Set([refusing]) });
    wire.remember("10.0.0.7", 400, "STALE");
    wire.remember("10.0.0.8", 400, "STALE");
    wire.remember("10.0.0.9", 10, "REACHABLE");
    const newcomer = "00:00:5e:99:00:01" as MacAddress;
    // Before the knock of the first is answered; before the kernel's probes of the others.
    const permitted = clock.after(0, () => {
      for (const address of addresses) wire.replace(address, newcomer);
    });
    await run();
    permitted();
    const macsOf = (address: string) => seen.filter((e) => e.alive && e.address === address).map((e) => e.mac);
    for (const address of addresses) expect(macsOf(address), address).toEqual([newcomer]);
  });

  it("asks all when the last holder of an address is gone, and finds who has it now", async () => {
    const { run, seen, wire, book } = setUp(20, ["10.0.0.1", "10.0.0.7"]);
    const newcomer = "00:00:5e:99:00:01" as MacAddress;
    for (const address of ["10.0.0.7", "10.0.0.8"]) wire.remember(address, 400, "STALE");
    wire.supplant("10.0.0.7", newcomer);
    const endedAt = await run();
    const of = (address: string) => seen.filter((e) => e.alive && e.address === address);
    expect(of("10.0.0.7")).toMatchObject([{ method: "arp", mac: newcomer }]);
    expect(of("10.0.0.8")).toEqual([]);
    expect(book.asks(7)).toBeGreaterThanOrEqual(2);
    expect(wire.questions().filter(({ address }) => address === "10.0.0.8")).toHaveLength(3);
    expect(endedAt).toBeLessThan(11_000);
  });

  it("stops at once", async () => {
    const { run, stop, clock, wire } = setUp(200, some(10));
    const sweep = run(10_000);
    await clock.advance(30);
    stop.abort(new Error("stop"));
    const asked = wire.questions().filter((q) => q.atMs <= 30).length;
    await sweep;
    expect(wire.questions().filter((q) => q.atMs <= 30)).toHaveLength(asked);
  });
});

describe("loss from answers", () => {
  it.each([
    [[100, 0, 0], 0],
    [[80, 16, 3], (16 + 3) / (80 + 16)],
    [[50, 25, 0], 0.5],
    [[0, 0, 0], 0],
    [[0, 0, 3], 1],
  ])("%j is %d", (answers, loss) => {
    expect(lossOf(answers)).toBeCloseTo(loss, 5);
  });
});
