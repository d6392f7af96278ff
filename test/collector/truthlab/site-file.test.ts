import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseWorld, type World } from "../../../collector/truthlab/site-file.ts";
import { runTrial } from "../../../collector/truthlab/trial.ts";
import { days, hours, minutes } from "../../../shared/clock.ts";

/** Site files as people write them, from what shared/protocol/README.md tells and nothing else. */
type Entry = Record<string, unknown>;

const macOf = (n: number): string =>
  `00-16-3E-00-${(n >> 8).toString(16).padStart(2, "0")}-${(n & 255).toString(16).padStart(2, "0")}`;
const device = (n: number, fields: Entry = {}): Entry => ({
  id: `d${n}`,
  site: "hq",
  type: "server",
  mac: macOf(n),
  address: `10.1.${n >> 8}.${n & 255}`,
  ...fields,
});
const range = (from: number, count: number, fields: (n: number) => Entry = () => ({})) =>
  Array.from({ length: count }, (_, i) => device(from + i, fields(from + i)));
const site = (fields: Entry): Entry => ({
  version: 1,
  startAt: "2026-03-02T00:00:00Z",
  durationMs: days(1),
  intervalMs: minutes(30),
  sites: [{ id: "hq", subnets: [{ from: "10.1.0.0", to: "10.1.3.255" }] }],
  agents: [{ id: "a1", site: "hq", host: "d1" }],
  ...fields,
});
const worldOf = (fields: Entry): World => parseWorld(JSON.stringify(site(fields)));
const play = (fields: Entry) => runTrial(worldOf(fields), { seed: 5 });

/** The one example of the document, as it stands. */
const example = (): string => {
  const text = readFileSync(fileURLToPath(new URL("../../../shared/protocol/README.md", import.meta.url)), "utf8");
  const found = /<!-- example: site file -->\n```json\n([\s\S]*?)```/.exec(text)?.[1];
  if (found === undefined) throw new Error("shared/protocol/README.md has no example of a site file");
  return found;
};

describe("site files", () => {
  it("run as the document's example stands, and find what is in it", async () => {
    const trial = await runTrial(parseWorld(example()), { seed: 1 });
    expect(trial.falseTickets).toEqual([]);
    expect(trial.missed).toEqual([]);
    expect(trial.causes).toEqual([]);
    expect(trial.rollcall.alwaysOn.recall).toMatchObject({ hits: 1, of: 1 });
  });

  it("are found out in a flat subnet without a switch, where a device goes twice", async () => {
    const gone = [
      { kind: "gone", device: "d9", fromMs: hours(4), toMs: hours(8) },
      { kind: "gone", device: "d9", fromMs: hours(15), toMs: hours(20) },
    ];
    const trial = await play({ devices: range(1, 30), events: gone });
    expect(trial).toMatchObject({ falseTickets: [], missed: [] });
    expect(trial.rollcall.alwaysOn.recall).toMatchObject({ hits: 2, of: 2 });
  });

  it("may have two agents on one segment, one of them deaf without knowing it", async () => {
    const agents = ["d1", "d2"].map((host, i) => ({ id: `a${i}`, site: "hq", host }));
    const events = [
      { kind: "agent-fault", agent: "a1", fault: "deaf-unaware", fromMs: hours(3), toMs: hours(7) },
      { kind: "gone", device: "d20", fromMs: hours(4) },
    ];
    const trial = await play({ devices: range(1, 25), agents, events });
    expect(trial).toMatchObject({ falseTickets: [], missed: [] });
  });

  it("may sweep every five minutes for three days, over an outage of a hypervisor with its guests", async () => {
    const devices = [
      ...range(1, 8),
      device(10, { type: "hypervisor" }),
      ...range(11, 6, () => ({ type: "virtual-machine", parent: "d10" })),
    ];
    const events = [
      { kind: "outage", cause: "d10", fromMs: hours(30), toMs: hours(32) },
      { kind: "gone", device: "d5", fromMs: hours(50) },
    ];
    const trial = await play({ devices, events, durationMs: days(3), intervalMs: minutes(5) });
    expect(trial.missed).toEqual([]);
    expect(trial.rollcall.alwaysOn.medianIntervals).toBeLessThanOrEqual(3);
  }, 60_000);

  it("may hold roaming devices alone, whose nights and weekends are no loss", async () => {
    const office = (n: number) =>
      Array.from({ length: 15 }, (_, day) => ({
        fromMs: day === 0 ? 0 : days(day - 1) + hours(17),
        toMs: days(day) + hours(8) + minutes(n),
      }));
    const devices = [device(1), ...range(2, 12, (n) => ({ type: "laptop", class: "roaming", off: office(n) }))];
    const trial = await play({ devices, durationMs: days(15), intervalMs: minutes(60) });
    expect(trial.falseTickets).toEqual([]);
  }, 60_000);

  it.each<[string, Entry, RegExp]>([
    [
      "a parent that is not there",
      { devices: [device(1), device(2, { parent: "sw" })] },
      /devices\.1 \(d2\): parent "sw" is no device of this file: add it/,
    ],
    [
      "a device that hangs on itself",
      { devices: [device(1), device(2, { parent: "d2" })] },
      /devices\.1 \(d2\): hangs on .* itself/,
    ],
    ["two of one name", { devices: [device(1), device(1)] }, /devices\.1 \(d1\): another one has this id/],
    [
      "two of one MAC",
      { devices: [device(1), device(2, { mac: "0016.3e00.0001" })] },
      /devices\.1 \(d2\): d1 has the same mac/,
    ],
    ["no MAC", { devices: [device(1), device(2, { mac: undefined })] }, /devices\.1 \(d2\): has no mac: .* "visitor"/],
    ["a MAC that is none", { devices: [device(1, { mac: "zz" })] }, /devices\.0 \(d1\)\.mac: is no MAC address/],
    [
      "an address outside",
      { devices: [device(1, { address: "10.9.0.1" })] },
      /10\.9\.0\.1 lies in no subnet of site "hq"/,
    ],
    ["an unknown field", { devices: [device(1, { colour: "red" })] }, /devices\.0 \(d1\): .*colour/],
    ["an interval that does not fit", { devices: [device(1)], intervalMs: 100_000 }, /intervalMs/],
    [
      "an event after the end",
      { devices: range(1, 2), events: [{ kind: "gone", device: "d2", fromMs: days(2) }] },
      /events\.0 \(gone\): begins at .* after the run's end/,
    ],
    [
      "an end before its begin",
      { devices: range(1, 2), events: [{ kind: "gone", device: "d2", fromMs: 9, toMs: 8 }] },
      /events\.0 \(gone\): ends .* before it begins/,
    ],
    [
      "one gone twice at a time",
      {
        devices: range(1, 2),
        events: [
          { kind: "gone", device: "d2", fromMs: 9 },
          { kind: "gone", device: "d2", fromMs: 99 },
        ],
      },
      /events\.1 \(gone\): d2 is gone then already \(events\.0 \(gone\)\)/,
    ],
    [
      "an outage within another",
      {
        devices: [device(1), device(2, { type: "switch" }), device(3, { type: "switch", parent: "d2" })],
        events: [
          { kind: "outage", cause: "d2", fromMs: hours(1), toMs: hours(4) },
          { kind: "outage", cause: "d3", fromMs: hours(2), toMs: hours(3) },
        ],
      },
      /events\.1 \(outage\): overlaps events\.0 \(outage\)/,
    ],
    [
      "an agent on nothing",
      { devices: [device(1)], agents: [{ id: "a", site: "hq", host: "x" }] },
      /agents\.0 \(a\): host "x" is no device/,
    ],
    [
      "off that is not ascending",
      {
        devices: [
          device(1, {
            off: [
              { fromMs: 5, toMs: 9 },
              { fromMs: 7, toMs: 12 },
            ],
          }),
        ],
      },
      /devices\.0 \(d1\): off must be spans/,
    ],
    [
      "a fault that there is none of",
      { devices: [device(1)], events: [{ kind: "agent-fault", agent: "a1", fault: "asleep", fromMs: 0, toMs: 1 }] },
      /events\.0\.fault/,
    ],
  ])("are refused with %s, by its place", (_, fields, message) => {
    expect(() => worldOf(fields)).toThrow(message);
    expect(() => worldOf(fields)).toThrow(/shared\/protocol\/README\.md/);
  });
});
