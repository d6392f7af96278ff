import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { days, hours, minutes } from "../../../shared/clock.ts";
import { createAssetId } from "../../../shared/ids.ts";
import { sectionHash, toItems } from "../../../shared/protocol/canonical.ts";
import type { KeptBody } from "../../../shared/protocol/envelope.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { INTERVAL_MS, macOf, openSegment, type Segment } from "../../support/presence-lab.ts";
import { temporaryFolder } from "../../support/temporary.ts";

/** Stories that take days, through the real engine on virtual time. */
let segment: Segment;
const open = async (...args: Parameters<typeof openSegment>) => {
  segment = await openSegment(...args);
  return segment;
};
afterEach(() => segment.stop());

const typed = (n: number, type: string, atMs: number): KeptBody => {
  const content = { type, sysName: `host-${n}` };
  const step = {
    kind: "full" as const,
    section: "system" as const,
    hash: sectionHash("system", content),
    items: Object.fromEntries(toItems("system", content)) as Record<string, Record<string, unknown>>,
  };
  const keys = [
    { kind: "mac" as const, value: macOf(n) },
    { kind: "ip" as const, value: `10.0.0.${n}` },
  ];
  const subject = { id: `mac:${macOf(n)}`, realm: "site", keys };
  return {
    kind: "snapshot",
    snapshot: { source: "snmp", subject, observedAtMs: atMs, steps: [step], failures: [] },
  };
};

const LAPTOP = 20;
const MONDAY = Date.UTC(2026, 2, 16);
const weekly = { stepMs: minutes(5), startMs: MONDAY };

/** The laptop is there on working days from nine to five, of the wall clock that is `offsetMs` ahead of UTC. */
const passDays = async (count: number, offsetMs: (atMs: number) => number, isThere: (day: number) => boolean) => {
  const { lab, pass, up } = segment;
  const until = lab.clock.now() + days(count);
  while (lab.clock.now() < until) {
    const wall = lab.clock.now() + offsetMs(lab.clock.now());
    const day = Math.floor(wall / days(1));
    const hour = Math.floor((wall % days(1)) / hours(1));
    // Day 0 was a Thursday.
    const isWorkday = (day + 3) % 7 < 5;
    if (isWorkday && hour >= 9 && hour < 17 && isThere(day)) up.add(LAPTOP);
    else up.delete(LAPTOP);
    await pass(hours(1));
  }
};
const always = () => true;

const withLaptop = async (presence: Record<string, unknown> = {}, startMs = MONDAY) => {
  const { agent, up, pass, lab } = await open(presence, { ...weekly, startMs });
  const one = await agent("watcher", 6);
  one.verdict = "could-see";
  for (const n of [30, 31, 32, LAPTOP]) up.add(n);
  await pass(hours(10));
  await one.agent.send(typed(LAPTOP, "laptop", lab.clock.now()));
  for (const n of [30, 31, 32]) await one.agent.send(typed(n, "server", lab.clock.now()));
  return one;
};

describe("a laptop that sleeps at night", () => {
  it("is away at night and at weekends, never missing, and missing when it stays away for more days than it ever did", async () => {
    await withLaptop();
    await passDays(21.5, () => 0, always);
    expect(await segment.incidents()).toEqual([]);
    expect(await segment.tickets()).toEqual([]);
    expect(["away", "late"]).toContain(await segment.presence("host-20"));
    // Stolen on a Monday.
    await passDays(
      4,
      () => 0,
      () => false,
    );
    expect(await segment.incidents()).toEqual([]);
    await passDays(
      10,
      () => 0,
      () => false,
    );
    expect(await segment.incidents()).toEqual(["device-missing open: host-20 is missing"]);
  }, 60_000);

  it.each([
    { timeZone: "Europe/Berlin", start: "2026-03-16", change: "2026-03-29T01:00Z", before: 1, after: 2 },
    { timeZone: "America/New_York", start: "2026-10-19", change: "2026-11-01T06:00Z", before: -4, after: -5 },
  ])(
    "keeps its hours by the wall clock of $timeZone over the change of $change",
    async (at) => {
      await withLaptop({ timeZone: at.timeZone }, Date.parse(at.start));
      const change = Date.parse(at.change);
      await passDays(21, (atMs) => hours(atMs < change ? at.before : at.after), always);
      expect(await segment.incidents()).toEqual([]);
      expect(await segment.tickets()).toEqual([]);
    },
    60_000,
  );
});

describe("a device that nobody has seen before", () => {
  it("is a case once its network was watched for a day; an asset that presence has not seen yet and somebody edits is none", async () => {
    const { agent, up, pass, lab } = await open({}, weekly);
    const one = await agent("watcher", 6);
    one.verdict = "could-see";
    up.add(30);
    await pass(hours(26));
    expect(await segment.incidents()).toEqual([]);
    up.add(66);
    await pass(hours(3));
    const told = ["unknown-device open: New device in site: 10.0.0.66"];
    expect(await segment.incidents()).toEqual(told);

    const [asset] = await lab.read((tx) => tx.assets.candidates([{ kind: "mac", value: macOf(66) }]));
    const row = await lab.read((tx) => tx.assets.get(asset!.assetId));
    const assetId = createAssetId(lab.clock.now(), createSeededRandom(9));
    await lab.read((tx) => tx.assets.put({ ...row!, assetId, primaryMac: macOf(77), name: "from a list" }));
    await lab
      .engine()
      .apply({ kind: "asset.edit", assetId, set: { owner: "Jo" } }, { name: "kim", role: "administrator" });
    expect(await segment.incidents()).toEqual(told);
  });
});

describe("maintenance", () => {
  it("explains an absence while its window is open, and no longer", async () => {
    const { agent, up, pass, lab } = await open(
      {
        maintenance: [
          {
            ...{ kind: "once", name: "move", match: { realms: ["site"] } },
            ...{ from: new Date(MONDAY + hours(12)).toISOString(), to: new Date(MONDAY + hours(15)).toISOString() },
          },
        ],
      },
      { startMs: MONDAY + hours(8) },
    );
    const one = await agent("watcher", 6);
    one.verdict = "could-see";
    for (const n of [9, 10, 11]) up.add(n);
    await pass(hours(4) + minutes(5));
    up.delete(9);
    up.delete(10);
    await pass(hours(2));
    expect(await segment.incidents()).toEqual([]);
    expect(await segment.presence("10.0.0.9")).toBe("away");
    up.add(10);
    await pass(hours(3));
    expect(lab.clock.now()).toBeGreaterThan(MONDAY + hours(15));
    expect(await segment.incidents()).toEqual(["device-missing open: 10.0.0.9 is missing"]);
  });
});

describe("an agent whose right was taken away", () => {
  it("leaves what only it watched unobserved, not missing, and no case", async () => {
    const { agent, up, pass, lab } = await open();
    const one = await agent("watcher", 6);
    const two = await agent("other", 7);
    one.verdict = "could-see";
    two.verdict = "could-see";
    up.add(9);
    await pass(hours(1));
    two.isDeaf = true;
    two.verdict = null;
    up.add(10);
    await pass(hours(1));
    const requester = { name: "test", role: "administrator" } as const;
    const { answer } = await lab.engine().apply({ kind: "agent.revoke", agentId: one.agent.agentId }, requester);
    expect(answer).toMatchObject({ status: "ok" });
    one.speaks = false;
    await pass(hours(5));
    // Only the first agent ever saw it.
    expect(await segment.presence("10.0.0.10")).toBe("unobserved");
    expect(await segment.incidents()).toEqual([]);
  });
});

describe("a collector that was put back", () => {
  /** The database's content becomes what it was; its file stays the one that is open. */
  const putBack = (path: string, backup: string) => {
    const db = new DatabaseSync(path, { timeout: 5_000 });
    db.exec(`ATTACH '${backup}' AS old; BEGIN IMMEDIATE;`);
    const tables = db
      .prepare(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'asset_text%'",
      )
      .all();
    for (const { name } of tables)
      db.exec(`DELETE FROM main.${name}; INSERT INTO main.${name} SELECT * FROM old.${name};`);
    db.exec("COMMIT; DETACH old;");
    db.close();
  };

  it("to a backup that is a day old raises no false alarm, and still finds who went meanwhile", async () => {
    const folder = temporaryFolder("restore");
    const path = join(folder, "live.sqlite");
    const { agent, up, pass, lab } = await open({}, { path, stepMs: minutes(5) });
    const one = await agent("watcher", 6);
    const two = await agent("quiet", 7);
    one.verdict = "could-see";
    for (let n = 20; n < 40; n++) up.add(n);
    await pass(days(1));
    const db = new DatabaseSync(path);
    db.exec(`VACUUM INTO '${join(folder, "backup.sqlite")}'`);
    db.close();
    up.delete(25);
    up.add(50);
    await pass(days(1));
    expect(await segment.incidents()).toContainEqual("device-missing open: 10.0.0.25 is missing");
    copyFileSync(join(folder, "backup.sqlite"), join(folder, "restored.sqlite"));
    putBack(path, join(folder, "restored.sqlite"));
    await lab.restart();
    for (const { agent: connection } of [one, two]) await connection.connect();
    await pass(minutes(20));
    expect((await segment.incidents()).filter((line) => !line.startsWith("unknown-device"))).toEqual([]);
    await pass(hours(2));
    expect((await segment.incidents()).filter((line) => !line.startsWith("unknown-device"))).toEqual([
      "device-missing open: 10.0.0.25 is missing",
    ]);
  }, 60_000);
});

describe("a host that was suspended for eight hours", () => {
  it.each(["it said so", "without a word"])(
    "raises nothing about what it watched, and accuses nobody: %s",
    async (how) => {
      const { agent, up, pass, lab } = await open();
      const one = await agent("watcher", 6);
      one.verdict = "could-see";
      const two = await agent("other", 7);
      two.verdict = "could-see";
      for (let n = 20; n < 40; n++) up.add(n);
      await pass(hours(3));
      const isTold = how === "it said so";
      if (isTold) {
        await one.agent.goodbye({ reason: "sleep", atMs: lab.clock.now() });
        await one.agent.close("fin");
      } else one.agent.lose();
      one.speaks = false;
      up.delete(6);
      await pass(hours(8));
      const silent = ["agent-silent part-of: Agent on watcher is silent", "device-missing open: watcher is missing"];
      expect(await segment.incidents()).toEqual(isTold ? [] : silent);
      // It wakes: what it had begun to look at eight hours ago is told now, as if nobody had answered.
      up.add(6);
      one.speaks = true;
      await one.agent.connect();
      one.isDeaf = true;
      await one.agent.send({
        kind: "sweep",
        sweep: {
          ...{ sweepId: "long", scope: "lan", realm: "site", sightings: [] },
          ...{ startedAtMs: lab.clock.now() - hours(8), endedAtMs: lab.clock.now() },
          coverage: [{ from: "10.0.0.1", to: "10.0.0.254", asks: 3, spreadMs: hours(8), methods: ["arp"] }],
          proof: { verdict: "could-see", reasons: [], controls: [], loss: 0, latenessMs: hours(8) },
        },
      });
      one.isDeaf = false;
      await pass(hours(2));
      expect(await segment.incidents()).toEqual([]);
    },
  );
});

describe("a thousand agents", () => {
  it("that come back within ten seconds of each other after an outage of the collector are no case", async () => {
    const { agent, lab, pass } = await open({}, { stepMs: minutes(1) });
    const agents = [];
    for (let n = 0; n < 1_000; n++) agents.push(await agent(`host-${n}`));
    await pass(minutes(5));
    lab.clock.set(lab.clock.now() + minutes(10));
    await lab.restart();
    for (const [i, { agent: one }] of agents.entries()) {
      if (i % 100 === 0) {
        lab.clock.set(lab.clock.now() + 1_000);
        await lab.tick();
      }
      await one.connect();
    }
    await pass(minutes(10));
    expect(await segment.incidents()).toEqual([]);
    expect(await segment.tickets()).toEqual([]);
  }, 60_000);
});

describe("a device that gets another address", () => {
  it("is followed there by its MAC, in the books too, and nobody is missed at the old one", async () => {
    const { agent, pass, lab, up, macs } = await open();
    const one = await agent("watcher", 6);
    one.verdict = "could-see";
    for (const n of [9, 10, 11, 12]) up.add(n);
    await pass(hours(1));
    up.delete(9);
    up.add(99);
    macs.set(99, macOf(9));
    await pass(hours(2));
    expect(await segment.incidents()).toEqual([]);
    const rows = await lab.read((tx) => tx.assets.candidates([{ kind: "mac", value: macOf(9) }]));
    const addressOf = () => lab.read(async (tx) => (await tx.assets.get(rows[0]!.assetId))?.primaryAddress);
    expect(await addressOf()).toBe("10.0.0.99");
    // Two addresses in turn: it stays in the books where it was.
    const seen = new Set<string | undefined>();
    for (let turn = 0; turn < 12; turn++) {
      up.delete(turn % 2 === 0 ? 99 : 98);
      up.add(turn % 2 === 0 ? 98 : 99);
      macs.set(98, macOf(9));
      await pass(INTERVAL_MS);
      if (turn > 3) seen.add(await addressOf());
    }
    expect(seen.size).toBe(1);
    expect(await segment.incidents()).toEqual([]);
  });
});
