import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../shared/clock.ts";
import { keysOf } from "../../support/identity-lab.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { readPlaced, runRollcall } from "../../truthlab/identity-run.ts";
import { errorsOf, score, simpleStrategies } from "../../truthlab/identity-score.ts";
import { type Observation, simulateSite, type TrueDevice } from "../../truthlab/identity-site.ts";

const folder = temporaryFolder("identity");

describe("a simulated site", () => {
  it("is the same for one seed, and has the rates that make it hard", () => {
    const options = { seed: 4, devices: 1_000, days: 1 };
    const site = simulateSite(options);
    expect(simulateSite(options)).toEqual(site);
    expect(site.events["cloned UUID"]).toBeGreaterThanOrEqual(10);
    const withSerial = site.truth.filter(({ device }) => /^(pc|laptop|server|switch|printer)/.test(device)).length;
    expect((site.events["junk serial"] ?? 0) / withSerial).toBeGreaterThan(0.02);
    expect(site.truth.filter(({ visitor }) => visitor)).toHaveLength(150);
  });

  it("is told apart without a false merge, where simple strategies err", async () => {
    const site = simulateSite({ seed: 9, devices: 150, days: 4 });
    const path = join(folder, "site.db");
    const { refused } = await runRollcall(path, site.lines, { monotonic: systemClock.monotonic, cpuMs: () => 0 });
    expect(refused).toBe(0);
    const result = score(site.truth, readPlaced(path));
    expect(result).toMatchObject({ falseMerges: 0, falseSplits: 0, visitorAssets: 0, lost: 0 });
    const observations = site.lines.filter((line): line is Observation => "keys" in line);
    const { macOnly, serialUuidName, addressOnly } = simpleStrategies(site.truth, observations);
    for (const simple of [macOnly, serialUuidName, addressOnly])
      expect(errorsOf(simple) + simple.lost).toBeGreaterThan(10);
  });
});

describe("score", () => {
  const truth: TrueDevice[] = [
    { device: "a", keys: keysOf("serial=hp/A") },
    { device: "b", keys: keysOf("serial=hp/B", "mac=00:1b:21:00:00:01") },
  ];
  const placed = (key: string, asset: string | undefined) => ({ keys: keysOf(key), asset });

  it("counts assets of two devices, and devices of two assets", () => {
    expect(
      score(truth, [placed("serial=hp/A", "1"), placed("serial=hp/B", "1"), placed("mac=00:1b:21:00:00:01", "2")]),
    ).toEqual({
      falseMerges: 1,
      mergedDevices: 1,
      falseSplits: 1,
      duplicateRate: 0.5,
      visitorAssets: 0,
      lost: 0,
    });
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
