import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stitchVisitors, type Visitor } from "../../../collector/identity/stitch.ts";
import { systemClock } from "../../../shared/clock.ts";
import { keysOf } from "../../support/identity-lab.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { readPlaced, readVisitors, runRollcall } from "../../truthlab/identity-run.ts";
import { createSimpleStrategies, errorsOf, score, scoreStitches } from "../../truthlab/identity-score.ts";
import { simulateSite, type TrueDevice } from "../../truthlab/identity-site.ts";

const folder = temporaryFolder("identity");

describe("a simulated site", () => {
  it("is the same for one seed, and has the rates that make it hard", () => {
    const options = { seed: 4, devices: 1_000, days: 1 };
    const site = simulateSite(options);
    const lines = [...site.lines];
    expect([...simulateSite(options).lines]).toEqual(lines);
    expect(site.events["cloned UUID"]).toBeGreaterThanOrEqual(10);
    const withSerial = site.truth().filter(({ device }) => /^(pc|laptop|server|switch|printer)/.test(device)).length;
    expect((site.events["junk serial"] ?? 0) / withSerial).toBeGreaterThanOrEqual(0.03);
    expect(site.events["docked"]).toBeGreaterThanOrEqual(50);
    expect(site.truth().filter(({ visitor }) => visitor)).toHaveLength(150);
  });

  it("has every case that must come out right, before long", () => {
    const site = simulateSite({ seed: 5, devices: 1_000, days: 40 });
    for (const _ of site.lines);
    for (const hard of [
      ...["reinstall", "rename", "new NIC", "new mainboard", "disk moved", "copied agent", "clone after the original"],
      ...[
        "cloned UUID",
        "docked",
        "USB adapter",
        "shared MAC",
        "address changes hands",
        "address re-used within minutes",
      ],
      ...["junk serial", "junk UUID", "serial of two makers", "container", "network namespace", "dual boot"],
      ...["other system started", "warm spare", "stack", "another master", "agent installed later"],
    ])
      expect([hard, site.events[hard] ?? 0]).toEqual([hard, expect.toSatisfy((count: number) => count > 0)]);
  });

  it("is told apart without a false merge, where simple strategies err", async () => {
    const site = simulateSite({ seed: 9, devices: 150, days: 4 });
    const simple = createSimpleStrategies();
    const lines = [...site.lines];
    for (const line of lines) if ("keys" in line) simple.take(line);
    const path = join(folder, "site.db");
    const { refused } = await runRollcall(path, lines, { monotonic: systemClock.monotonic, cpuMs: () => 0 });
    expect(refused).toBe(0);
    const result = score(site.truth(), readPlaced(path));
    expect(result).toMatchObject({ falseMerges: 0, falseSplits: 0, visitorAssets: 0, lost: 0 });
    for (const scores of Object.values(simple.scores(site.truth())))
      expect(errorsOf(scores) + scores.lost).toBeGreaterThan(10);
    const visitors = readVisitors(path);
    const stitched = scoreStitches(site.truth(), new Set(visitors.map(({ mac }) => mac)), stitchVisitors(visitors));
    expect(stitched.guesses).toBeGreaterThan(5);
    expect(stitched.precision).toBeGreaterThan(0.95);
  });
});

describe("stitching of visitors", () => {
  const visitor = (mac: string, day: number, fields: Partial<Visitor> = {}): Visitor => ({
    ...{ realm: "hq", mac, names: ["annas-phone"], addresses: [] },
    ...{ firstAtMs: day * 86_400_000, lastAtMs: day * 86_400_000 + 3_600_000 },
    ...fields,
  });

  it("links those of one name, from day to day, and says why", () => {
    const links = stitchVisitors([visitor("c", 3), visitor("a", 0), visitor("b", 1)]);
    expect(links.map(({ from, to }) => [from, to])).toEqual([
      ["a", "b"],
      ["b", "c"],
    ]);
    expect(links[0]).toMatchObject({ score: expect.any(Number), because: expect.stringContaining("annas-phone") });
  });

  it.each([
    ["two that are there at once", [visitor("a", 0), visitor("b", 0)]],
    ["a name that two had at once on any day", [visitor("a", 0), visitor("b", 1), visitor("c", 1)]],
    ["names that a factory gave", [visitor("a", 0, { names: ["iphone"] }), visitor("b", 1, { names: ["iphone"] })]],
    ["two networks", [visitor("a", 0), visitor("b", 1, { realm: "branch" })]],
    ["what was away for long", [visitor("a", 0), visitor("b", 40)]],
    ["what has no name", [visitor("a", 0, { names: [] }), visitor("b", 1, { names: [] })]],
  ])("does not link %s", (_, visitors) => {
    expect(stitchVisitors(visitors)).toEqual([]);
  });
});

describe("score", () => {
  const truth: TrueDevice[] = [
    { device: "a", keys: keysOf("serial=hp/A") },
    { device: "b", keys: keysOf("serial=hp/B", "mac=00:1b:21:00:00:01") },
  ];
  const placed = (key: string, asset: string | undefined) => ({ keys: keysOf(key), asset });

  it("counts assets of two devices, and devices of two assets that their keys tell to be one", () => {
    const apart = [placed("serial=hp/A", "1"), placed("serial=hp/B", "1"), placed("mac=00:1b:21:00:00:01", "2")];
    const wrong = { falseMerges: 1, mergedDevices: 1, visitorAssets: 0, lost: 0 };
    expect(score(truth, apart)).toEqual({ ...wrong, falseSplits: 0, duplicateRate: 0, untellable: 1 });
    const both = { keys: keysOf("serial=hp/B", "mac=00:1b:21:00:00:01"), asset: "1" };
    expect(score(truth, [...apart, both])).toEqual({ ...wrong, falseSplits: 1, duplicateRate: 0.5, untellable: 0 });
  });

  it("knows what only its agent has for its own", () => {
    const inside = { device: "container", keys: [{ kind: "agent" as const, value: "inside" }] };
    const seen = { keys: keysOf("serial=hp/A"), asset: "2", agent: "inside" };
    const result = score([...truth, inside], [placed("serial=hp/A", "1"), seen]);
    expect(result).toMatchObject({ falseMerges: 0, falseSplits: 0, untellable: 0 });
  });

  it("holds nothing against anybody that is no device's own, and tells what has no asset", () => {
    expect(score(truth, [placed("mac=00:1b:21:ff:ff:ff", "1"), placed("serial=hp/A", undefined)])).toMatchObject({
      falseMerges: 0,
      falseSplits: 0,
      lost: 1,
    });
  });

  it("refuses a truth that gives one key to two devices", () => {
    expect(() => score([...truth, { device: "c", keys: keysOf("serial=hp/A") }], [])).toThrow(/told of a and c/);
  });
});
