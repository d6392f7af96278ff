import { describe, expect, it } from "vitest";
import { defaultIncidentPolicy } from "../../../collector/incidents/policy.ts";
import { parsePresencePolicy } from "../../../collector/presence/policy.ts";
import { createLab } from "../../../collector/truthlab/driver.ts";
import { parseRecordLine } from "../../../collector/truthlab/record.ts";
import { parseTruth, replay, scoreReplay } from "../../../collector/truthlab/replay.ts";
import { scoreTickets, shareOf } from "../../../collector/truthlab/score.ts";
import { createSimulation } from "../../../collector/truthlab/simulate.ts";
import { parseWorld, type World } from "../../../collector/truthlab/site-file.ts";
import { runTrial } from "../../../collector/truthlab/trial.ts";
import { createWorld, fullWorld } from "../../../collector/truthlab/world.ts";
import { hours, minutes, toTimestamp } from "../../../shared/clock.ts";

const device = (n: number, fields: Partial<World["devices"][number]> = {}): World["devices"][number] => ({
  id: `d${n}`,
  site: "hq",
  type: "server",
  mac: `00:16:3e:00:00:${n.toString(16).padStart(2, "0")}`,
  address: `10.1.0.${n}`,
  class: "always-on",
  off: [],
  moves: [],
  ...fields,
});

/** Two switches with ten servers each below a router, an agent beside it, one day. */
const smallWorld = (events: World["events"]): World => ({
  version: 1,
  startAt: "2026-03-02T00:00:00.000Z",
  durationMs: hours(20),
  intervalMs: minutes(30),
  timeZone: "UTC",
  noise: 0,
  loss: 0,
  sites: [{ id: "hq", subnets: [{ from: "10.1.0.0", to: "10.1.0.255" }] }],
  devices: [
    device(1, { type: "router" }),
    device(2, { type: "switch", parent: "d1", port: "1" }),
    device(3, { type: "switch", parent: "d1", port: "2" }),
    device(4, { parent: "d1", port: "3" }),
    ...Array.from({ length: 20 }, (_, i) => device(10 + i, { parent: i < 10 ? "d2" : "d3", port: `${i}` })),
  ],
  agents: [{ id: "a1", site: "hq", host: "d4", sweeps: true }],
  events,
});

describe("truth lab", () => {
  it("finds what is gone, one case for a dead switch, and nothing false, where one miss is wrong ten times", async () => {
    const world = smallWorld([
      { kind: "gone", device: "d25", fromMs: hours(3) },
      { kind: "outage", cause: "d2", fromMs: hours(12), toMs: hours(15) },
      { kind: "agent-fault", agent: "a1", fault: "deaf-unaware", fromMs: hours(17), toMs: hours(18) },
    ]);
    const trial = await runTrial(world, { seed: 1 });
    expect(trial.missed).toEqual([]);
    expect(trial.falseTickets).toEqual([]);
    expect(trial.causes).toEqual([]);
    expect(trial.rollcall.alwaysOn).toMatchObject({ precision: { value: 1, of: 1 }, recall: { value: 1, of: 1 } });
    expect(trial.rollcall.alwaysOn.medianIntervals).toBeLessThanOrEqual(3);
    expect(trial.naive["oneMiss"]?.overall.precision.of).toBeGreaterThan(10);
    expect(trial.naive["oneMiss"]?.overall.precision.value).toBeLessThan(0.1);
  }, 60_000);

  it("makes the same world of the same seed, at the asked base rates", () => {
    const options = { ...fullWorld, devices: 1_000, seed: 5 };
    expect(createWorld(options)).toEqual(createWorld(options));
    const world = createWorld(options);
    const count = (kind: string) => world.events.filter((event) => event.kind === kind).length;
    expect(count("gone")).toBeGreaterThanOrEqual(100);
    expect(count("agent-fault")).toBe(200);
    const types = new Map(world.devices.map(({ id, type }) => [id, type]));
    const ofCarriers = world.events.filter(
      (event) => event.kind === "outage" && ["switch", "router"].includes(types.get(event.cause) ?? ""),
    );
    expect(ofCarriers.length).toBeGreaterThanOrEqual(60);
    expect(count("clock")).toBe(20);
    const lossMs = world.events.reduce((n, e) => (e.kind === "loss" ? n + e.toMs - e.fromMs : n), 0);
    expect(lossMs / (10 * world.durationMs)).toBeCloseTo(0.01, 2);
    expect(parseWorld(JSON.stringify(world))).toEqual(world);
  });

  it("refuses a site file that names what it does not define, and one that is none", () => {
    const world = smallWorld([{ kind: "gone", device: "nobody", fromMs: 0 }]);
    expect(() => parseWorld(JSON.stringify(world))).toThrow(
      /events\.0 \(gone\): device "nobody" is no device of this file/,
    );
    expect(() => parseWorld("{")).toThrow(/not JSON/);
    expect(() => parseWorld("{}")).toThrow(/does not fit: version: /);
  });

  it("counts a ticket true only while its device is gone, and each disappearance once", () => {
    const world = smallWorld([]);
    const gone = [{ device: "d10", fromMs: hours(2), toMs: hours(6) }];
    const tickets = [
      { device: "d10", openedMs: hours(1) },
      { device: "d10", openedMs: hours(3) },
      { device: "d10", openedMs: hours(5) },
      { device: "d11", openedMs: hours(3) },
    ];
    const score = scoreTickets(world, tickets, tickets, gone, gone);
    expect(score.alwaysOn.precision).toMatchObject({ hits: 2, of: 4 });
    expect(score.alwaysOn.recall).toMatchObject({ hits: 1, of: 1 });
    expect(score.alwaysOn.medianIntervals).toBe(2);
    expect(score.duplicates).toBe(1);
  });

  it("gives intervals that stay within zero and one", () => {
    expect(shareOf(100, 100).high).toBeCloseTo(1, 9);
    expect(shareOf(100, 100).low).toBeGreaterThan(0.95);
    expect(shareOf(0, 0)).toMatchObject({ value: null, low: 0, high: 1 });
  });
});

describe("recordings", () => {
  it("give the same cases when they are played again, and are scored by what really happened", async () => {
    const world = smallWorld([
      { kind: "gone", device: "d25", fromMs: hours(3) },
      { kind: "outage", cause: "d2", fromMs: hours(8), toMs: hours(11) },
    ]);
    const startMs = Date.parse(world.startAt);
    const policies = {
      presence: parsePresencePolicy({ lookIntervalMs: world.intervalMs }),
      incidents: defaultIncidentPolicy,
    };
    const recording: string[] = [];
    const lab = await createLab({ ...policies, seed: 1, startMs, record: (line) => void recording.push(line) });
    await (await createSimulation(world, lab, 1)).run();
    await lab.stop();

    async function* lines() {
      for (const [i, line] of recording.entries()) yield parseRecordLine(line, i + 1);
    }
    const again = await createLab({ ...policies, seed: 2, startMs, isQuick: true });
    const replayed = await replay(again, lines(), 0);
    await again.stop();
    expect(replayed.agents).toBe(1);
    expect(replayed.incidents.map(({ kind }) => kind)).toEqual(["device-missing", "segment-unreachable"]);
    const from = toTimestamp(startMs + hours(3));
    const truth = parseTruth(JSON.stringify({ gone: [{ mac: "00:16:3e:00:00:19", from }] }));
    expect(scoreReplay(replayed, truth)).toMatchObject({ precision: { hits: 1, of: 1 }, recall: { hits: 1, of: 1 } });
    const early = { gone: [{ mac: "00:16:3e:00:00:19", from, to: toTimestamp(startMs + hours(3) + 1) }] };
    expect(scoreReplay(replayed, parseTruth(JSON.stringify(early)))).toMatchObject({
      precision: { hits: 0 },
      missed: [`00:16:3e:00:00:19 from ${from}`],
    });
  }, 60_000);

  it("are refused by the line that is wrong", () => {
    expect(() => parseRecordLine("nonsense", 7)).toThrow(/line 7 of the recording: is not JSON/);
    expect(() => parseRecordLine('{"kind":"session","atMs":1,"event":{"kind":"hello"}}', 1)).toThrow(/is no head/);
    expect(() => parseRecordLine('{"kind":"arrival","atMs":"x"}', 3)).toThrow(/line 3/);
  });
});

describe("the quick store of long runs", () => {
  it("comes to the same as the store below it", async () => {
    const world = createWorld({ ...fullWorld, devices: 60, sites: 2, days: 2, gone: 10, outages: 4, seed: 3 });
    const [quick, plain] = [await runTrial(world, { seed: 3 }), await runTrial(world, { seed: 3, isQuick: false })];
    expect(quick).toEqual(plain);
    expect(quick.rollcall.allTickets).toBeGreaterThan(3);
  }, 60_000);
});
