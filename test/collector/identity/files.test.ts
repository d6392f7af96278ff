import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../shared/clock.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { loadSite } from "../../truthlab/identity-files.ts";
import { readPlaced, runRollcall } from "../../truthlab/identity-run.ts";
import { score } from "../../truthlab/identity-score.ts";

/** Files as anybody may write them who has read shared/protocol/README.md, "Observations and truth in files", and nothing else. */
const folder = temporaryFolder("identity-files");
const START = 1_767_603_600_000;
const HOUR = 3_600_000;

let files = 0;
const write = (rows: readonly (string | object)[]): string => {
  const path = join(folder, `${++files}.jsonl`);
  writeFileSync(path, rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n"));
  return path;
};

const run = async (observations: readonly object[], truth: readonly object[]) => {
  const site = loadSite(write(observations), write(truth));
  const path = join(folder, `${++files}.db`);
  const options = { monotonic: systemClock.monotonic, cpuMs: () => 0 };
  const { refused } = await runRollcall(path, site.lines, options);
  return { ...score(site.truth(), readPlaced(path)), refused };
};

/** A generator of its own: another random, another site, other spellings than the simulator's. */
const office = (seed: number) => {
  let state = seed;
  const next = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const shuffle = <T>(list: T[]): T[] => {
    for (let i = list.length - 1; i > 0; i--) {
      const at = next(i + 1);
      [list[i], list[at]] = [list[at] as T, list[i] as T];
    }
    return list;
  };
  const hex = (n: number, digits: number) => n.toString(16).toUpperCase().padStart(digits, "0");
  const observations: object[] = [];
  const truth: object[] = [];
  const addresses = shuffle(Array.from({ length: 60 }, (_, i) => `192.168.7.${i + 10}`));
  for (let i = 0; i < 60; i++) {
    const mac = { kind: "mac", value: `00-50-B6-00-00-${hex(i, 2)}` };
    const uuid = { kind: "hardwareUuid", value: `${hex(i + 1, 8)}-1234-4ABC-8DEF-00AA00BB00CC` };
    const serial = { kind: "serial", vendor: i % 2 ? "Dell Inc." : "LENOVO", value: `PF${1_000 + (i >> 1)}X` };
    const name = { kind: "hostname", value: `Desk-${i}` };
    const hasAgent = i % 3 === 0;
    const own = i % 3 === 2 ? [mac] : [mac, uuid, serial];
    truth.push({ device: `d${i}`, keys: own });
    let agent = `a${i}`;
    for (let day = 0; day < 6; day++) {
      const atMs = START + day * 24 * HOUR + next(HOUR);
      const ip = { kind: "ip", value: addresses[(i + day * (i % 5)) % 60] };
      observations.push({ atMs: atMs + 60_000, method: next(4) ? "arp" : "router-arp", keys: shuffle([mac, ip]) });
      if (next(3) === 0) observations.push({ atMs: atMs + 90_000, method: "icmp", keys: [ip] });
      if (hasAgent && day === 3 && i % 9 === 0) {
        observations.push({ atMs, agent, ends: "lost" });
        agent = `${agent}-again`;
      }
      const told = shuffle([...own, name, ip]);
      if (hasAgent) observations.push({ atMs: atMs + 1_000, method: "local", agent, keys: told });
      else if (own.length > 1) observations.push({ atMs, method: "snmp", heardMs: atMs + next(HOUR), keys: told });
    }
  }
  return { observations: shuffle(observations), truth };
};

describe("observations and truth from outside", () => {
  it.each([1, 2, 3])("are scored: another generator's site, in no order, in its own spelling (%i)", async (seed) => {
    const { observations, truth } = office(seed);
    expect(await run(observations, truth)).toMatchObject({
      ...{ falseMerges: 0, falseSplits: 0, untellable: 0, lost: 0, refused: 0 },
    });
  });

  it("need no more than what is said to be needed", async () => {
    const mac = { kind: "mac", value: "00:1b:21:00:00:01" };
    const observation = { atMs: START, method: "arp", keys: [mac] };
    expect(await run([observation], [{ device: "a", keys: [mac] }])).toMatchObject({ lost: 0, falseMerges: 0 });
    expect(await run([observation], [])).toMatchObject({ lost: 0, falseMerges: 0 });
    expect(() => loadSite(write([]), write([]))).toThrow(/no observation/);
    const lines = [...loadSite(write([`\uFEFF${JSON.stringify(observation)}\r`, "", " "]), write([])).lines];
    expect(lines).toEqual([{ ...observation, realm: "site", heardMs: START }]);
  });

  it.each([
    ["no JSON", "{", /line 3: is not JSON/],
    ["a list", "[]", /line 3: .*expected object/],
    ["an unknown kind of key", { atMs: 1, method: "arp", keys: [{ kind: "imei", value: "1" }] }, /line 3: .*kind/],
    ["a key without a value", { atMs: 1, method: "arp", keys: [{ kind: "mac", value: "" }] }, /line 3: .*value/],
    ["a time as text", { atMs: "2026-01-05", method: "arp", keys: [] }, /line 3: .*atMs/],
    ["a time before 1970", { atMs: -1, method: "arp", keys: [] }, /line 3: .*atMs/],
    ["an unknown method", { atMs: 1, method: "smell", keys: [] }, /line 3: .*method/],
    ["no method", { atMs: 1, keys: [] }, /line 3: .*method/],
    ["no name of the agent", { atMs: 1, method: "local", keys: [] }, /line 3: "agent" is missing/],
    ["another end", { atMs: 1, agent: "a", ends: "bored" }, /line 3: .*ends/],
    ["a third copy", { atMs: 1, method: "local", agent: "a", copy: 2, keys: [] }, /line 3: .*copy/],
    ["a text of megabytes", `{"atMs": 1, "realm": "${"x".repeat(6 << 20)}"}`, /line 3: .*(realm|longer)/],
    ["257 keys", { atMs: 1, method: "arp", keys: Array(257).fill({ kind: "ip", value: "10.0.0.1" }) }, /line 3: .*256/],
  ])("names the line that has %s", (_what, line, message) => {
    const good = { atMs: 1, method: "arp", keys: [] };
    const path = write([good, "", line, good]);
    const load = () => loadSite(path, write([]));
    expect(load).toThrow(message);
    expect(load).toThrow(path);
  });

  it.each([
    ["no name", { keys: [{ kind: "mac", value: "00:1b:21:00:00:01" }] }, /line 1: .*device/],
    ["no keys", { device: "a" }, /line 1: .*keys/],
  ])("names the device of the truth that has %s", (_what, device, message) => {
    expect(() => loadSite(write([{ atMs: 1, method: "arp", keys: [] }]), write([device]))).toThrow(message);
  });

  it("refuses a truth that gives one key to two devices, however it is spelled, and a file that is not there", () => {
    const key = (value: string) => [{ kind: "mac", value }];
    const truth = [
      { device: "a", keys: key("00:1b:21:00:00:0a") },
      { device: "b", keys: key("001B.2100.000A") },
    ];
    const observations = [{ atMs: 1, method: "arp", keys: key("00:1b:21:00:00:0a") }];
    expect(() => loadSite(write(observations), write(truth))).toThrow(/of a and b/);
    expect(() => loadSite(join(folder, "nowhere"), write([]))).toThrow(/nowhere can't be read: ENOENT/);
  });
});
