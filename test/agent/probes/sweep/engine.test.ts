import { describe, expect, it } from "vitest";
import { runSweep, type SweepDeps, type SweepEvent, type SweepRequest } from "../../../../agent/probes/sweep/engine.ts";
import type { LocalNetwork } from "../../../../agent/probes/sweep/local-network.ts";
import type { SweepMethod } from "../../../../agent/probes/sweep/method.ts";
import { parseTargets } from "../../../../agent/probes/sweep/targets.ts";
import { type IpAddress, ipv4ToNumber } from "../../../../shared/ip.ts";
import { silentLog } from "../../../../shared/log.ts";
import type { MacAddress } from "../../../../shared/mac.ts";
import type { Method } from "../../../../shared/protocol/observation.ts";
import { sweepSchema } from "../../../../shared/protocol/sweep.ts";
import { createSeededRandom } from "../../../../shared/random.ts";
import { createVirtualClock } from "../../../support/virtual-clock.ts";

const request = async (target: string, change: Partial<SweepRequest> = {}): Promise<SweepRequest> => ({
  ...{ sweepId: "swp-1", scope: "office", realm: "site", targets: await parseTargets([target], [], async () => []) },
  ...change,
});

/** A method that answers for some, as if a network were there. */
const pretend = (name: Method, answers: (address: IpAddress, ask: number) => boolean): SweepMethod => {
  const asked = new Map<string, number>();
  return {
    ...{ name, purpose: "ask" as const, families: [4] as const, packets: () => 1 },
    run: async (addresses, deps) => {
      for (const address of addresses) {
        if (deps.signal.aborted) return;
        await deps.permit(address).catch(() => {});
        if (deps.signal.aborted) return;
        asked.set(address, (asked.get(address) ?? 0) + 1);
        if (answers(address, asked.get(address) ?? 0))
          deps.saw({ address, method: name, atMs: deps.clock.now(), alive: true, latencyMs: 1 });
      }
      await deps.clock.sleep(950, deps.signal).catch(() => {});
    },
  };
};

const nowhere: LocalNetwork = { links: [], links6: [] };

const run = async (asked: SweepRequest, change: Partial<SweepDeps> = {}, forMs = 60_000, stopAtMs?: number) => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const events: SweepEvent[] = [];
  const deps: SweepDeps = {
    ...{ clock, random: createSeededRandom(2), log: silentLog, signal: stop.signal, readNetwork: () => nowhere },
    readTable: () => undefined,
    ...change,
  };
  const done = runSweep(asked, deps, (event) => void events.push(event));
  if (stopAtMs !== undefined) {
    await clock.advance(stopAtMs);
    stop.abort(new Error("stop"));
  }
  await clock.advance(forMs);
  return { ...(await done), events };
};

const isThird = (address: string): boolean => Number(address.split(".")[3]) % 3 === 0;

describe("a sweep", () => {
  it("comes to a record that the protocol takes, with one sighting per method and host", async () => {
    const methods = { tcp: pretend("tcp", isThird), udp: pretend("udp", (a) => a === "10.9.0.3") };
    const { sweep, summary, events } = await run(await request("10.9.0.0/28"), { methods }, 8_000);
    expect(sweepSchema.parse(sweep)).toEqual(sweep);
    expect(sweep.sightings.map((s) => `${s.subject.id} ${s.method}`).sort()).toEqual(
      ["0", "12", "15", "3", "6", "9"]
        .map((n) => `ip:10.9.0.${n} tcp`)
        .concat("ip:10.9.0.3 udp")
        .sort(),
    );
    expect(sweep.coverage).toEqual([
      expect.objectContaining({ from: "10.9.0.0", to: "10.9.0.15", asks: 2, methods: ["tcp", "udp"] }),
    ]);
    expect(sweep.coverage[0]?.spreadMs).toBeGreaterThanOrEqual(1_000);
    expect(sweep.proof).toMatchObject({ verdict: "could-see", loss: 0 });
    expect(summary).toMatchObject({ seen: 6, covered: 10, asks: 2 });
    expect(events.filter((e) => e.kind === "seen").map((e) => e.address)).toHaveLength(6);
    expect(events.some((e) => e.kind === "progress")).toBe(true);
  });

  it("learns its loss from hosts that it asks again, and asks the silent ones more often", async () => {
    // Every host answers every second ask only.
    const methods = { tcp: pretend("tcp", (address, ask) => isThird(address) && ask % 2 === 0) };
    const { sweep, summary } = await run(await request("10.9.0.0/28"), { methods }, 20_000);
    expect(sweep.proof.loss).toBeGreaterThan(0.4);
    expect(summary.asks).toBeGreaterThan(2);
    expect(sweep.proof.verdict).not.toBe("could-see");
  });

  it("is blind where nothing answers", async () => {
    const methods = { tcp: pretend("tcp", () => false) };
    const { sweep } = await run(await request("10.9.0.0/29"), { methods }, 8_000);
    expect(sweep.proof).toMatchObject({
      verdict: "blind",
      reasons: [expect.stringMatching(/behind routers: nothing answered/)],
    });
    expect(sweep.sightings).toEqual([]);
  });

  it("takes itself as seen and segment addresses as nobody's, and asks neither", async () => {
    const first = ipv4ToNumber("10.9.0.0");
    const link = {
      ...{ device: "eth0", address: "10.9.0.5" as IpAddress, mac: "b8:27:eb:00:00:05" as MacAddress },
      ...{ range: { first, last: first + 7 }, gateway: "10.9.0.1" as IpAddress },
    };
    const asked: string[] = [];
    const methods = {
      tcp: pretend("tcp", (address) => {
        asked.push(address);
        return address === "10.9.0.1";
      }),
    };
    const network: LocalNetwork = { links: [link], links6: [] };
    const { sweep, devices } = await run(await request("10.9.0.0/29"), { methods, readNetwork: () => network }, 20_000);
    expect([...new Set(asked)].sort()).toEqual(["1", "2", "3", "4", "6"].map((n) => `10.9.0.${n}`));
    expect(devices.map((d) => [d.address, d.isSelf ?? false, d.type])).toEqual([
      ["10.9.0.5", true, "computer"],
      ["10.9.0.1", false, "router"],
    ]);
    expect(sweep.proof.controls).toEqual([
      { address: "10.9.0.5", role: "self", seen: true },
      { address: "10.9.0.1", role: "gateway", seen: true },
    ]);
  });

  it("refuses to permit a packet to a stranger", async () => {
    const errors: unknown[] = [];
    const stray: SweepMethod = {
      ...{ name: "tcp", purpose: "ask", families: [4], packets: () => 1 },
      run: async (_, deps) => {
        await deps.permit("10.9.1.1" as IpAddress).catch((error: unknown) => errors.push(error));
        deps.saw({ address: "10.9.1.1" as IpAddress, method: "tcp", atMs: 0, alive: true });
      },
    };
    const { devices } = await run(await request("10.9.0.0/29"), { methods: { tcp: stray } }, 8_000);
    expect(errors[0]).toMatchObject({ code: "sweep.outside", message: "10.9.1.1 is no target of this sweep" });
    expect(devices).toEqual([]);
  });

  it("stops with what it knows, and says that it was stopped", async () => {
    const methods = { tcp: pretend("tcp", isThird) };
    const { sweep, summary } = await run(await request("10.9.0.0/20"), { methods }, 100, 300);
    expect(summary.seen).toBeGreaterThan(10);
    expect(summary.packets).toBeLessThan(1_000);
    expect(sweep.proof).toMatchObject({
      verdict: "partly",
      reasons: expect.arrayContaining(["the sweep was stopped before its end"]),
    });
    expect(sweepSchema.parse(sweep)).toEqual(sweep);
  });

  it("tries the last of the usual TCP ports in a wide range only on who was found", async () => {
    const tried = new Map<string, Set<number>>();
    const tcp: SweepMethod = {
      ...{ name: "tcp", purpose: "ask", families: [4], packets: () => 1 },
      run: async (addresses, deps) => {
        for (const address of addresses) {
          const ports = tried.get(address) ?? new Set();
          for (const port of deps.options.tcpPorts) ports.add(port);
          tried.set(address, ports);
          if (address.endsWith(".77")) deps.saw({ address, method: "tcp", atMs: 0, alive: true });
        }
      },
    };
    await run(await request("10.9.0.0/19"), { methods: { tcp } }, 8_000);
    const counts = [...tried].map(([address, ports]) => [address.endsWith(".77"), ports.size].join());
    expect(tried.size).toBe(8_192);
    expect(new Set(counts)).toEqual(new Set(["true,4", "false,3"]));
  });

  it.each([
    ["hurries in a wide range once every control answered", 0, {}, 2_000],
    ["does not hurry where some are lost", 0.5, {}, 1_000],
    ["does not hurry where a rate was asked for", 0, { rate: 1_250 }, 1_000],
  ])("%s", async (_, loss, change, perSecond) => {
    const random = createSeededRandom(3);
    const clock = createVirtualClock();
    const times: number[] = [];
    const lives = (address: IpAddress) => ipv4ToNumber(address) % 64 === 0;
    const icmp = pretend("icmp", (address, ask) => lives(address) && (ask === 1 || random.next() >= loss));
    const tcp = pretend("tcp", () => {
      times.push(clock.monotonic());
      return false;
    });
    const stop = new AbortController();
    const done = runSweep(await request("10.9.0.0-10.9.16.255", change), {
      ...{ clock, random: createSeededRandom(2), log: silentLog, signal: stop.signal, readNetwork: () => nowhere },
      ...{ readTable: () => undefined, methods: { icmp, tcp } },
    });
    await clock.advance(8_000);
    stop.abort(new Error("stop"));
    await clock.advance(10);
    await done;
    const first = times[0] ?? 0;
    const inOneSecond = times.filter((at) => at >= first + 200 && at < first + 700).length * 2;
    expect(Math.abs(inOneSecond - perSecond)).toBeLessThan(perSecond * 0.15);
  });

  it("keeps to little memory for a /12", async () => {
    const before = process.memoryUsage();
    const methods = { tcp: pretend("tcp", () => false) };
    const { summary } = await run(await request("10.16.0.0/12"), { methods }, 100, 100);
    const after = process.memoryUsage();
    expect(summary.targets).toBe(2 ** 20);
    expect((after.arrayBuffers - before.arrayBuffers) / 1_048_576).toBeLessThan(16);
  });

  it("refuses a method that it does not have", async () => {
    const refused = request("10.9.0.1", { methods: ["session"] }).then((asked) =>
      runSweep(asked, {
        ...{ clock: createVirtualClock(), random: createSeededRandom(2), log: silentLog },
        ...{ signal: new AbortController().signal, readNetwork: () => nowhere },
      }),
    );
    await expect(refused).rejects.toMatchObject({ code: "usage.method" });
  });
});
