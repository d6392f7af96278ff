import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { days, hours, seconds } from "../../shared/clock.ts";
import { createFakeTime, type FakeTime } from "../support/fake-time.ts";
import { freePort } from "../support/free-port.ts";
import {
  type AgentProcess,
  type CollectorProcess,
  createAgentProcess,
  createCollectorProcess,
} from "../support/processes.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

/**
 * What happens to time, with the real programs: a collector and three agents whose wall clocks the test sets while they run.
 * Heartbeats come every second and silence is told after six, so that whoever were accused wrongly would be so at once.
 */
const PATIENCE_MS = 6_000;
const program = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));
const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describeWith("time that jumps", [{ program: "faketime" }], () => {
  const folder = temporaryFolder("clocks");
  let collector: CollectorProcess;
  let agents: AgentProcess[] = [];
  let ours: FakeTime;
  let theirs: FakeTime;

  const states = async () => {
    const [found, assets] = [await collector.get("/agents"), await collector.get("/assets")];
    return {
      agents: found.items.map((one: { state: string }) => one.state),
      assets: assets.items.map((one: { presence: string }) => one.presence),
    };
  };
  const allIsWell = { agents: ["connected", "connected", "connected"], assets: ["present", "present", "present"] };
  const isWell = async () => JSON.stringify(await states()) === JSON.stringify(allIsWell);
  /** For longer than anybody's patience nothing is raised, and then all are what they were. */
  const expectQuiet = async () => {
    await rest(1.5 * PATIENCE_MS);
    await until("all are back", isWell, { timeoutMs: 60_000, everyMs: 200 });
    const { items } = await collector.get("/incidents");
    expect(items.map((one: { kind: string; title: string }) => `${one.kind}: ${one.title}`)).toEqual([]);
  };

  beforeAll(async () => {
    ours = createFakeTime(join(folder, "ours"));
    theirs = createFakeTime(join(folder, "theirs"));
    collector = createCollectorProcess({
      folder: join(folder, "collector"),
      port: await freePort(),
      set: [`presence.silentMinMs=${PATIENCE_MS}`, "presence.closedPatienceMs=4000", "presence.ownLatenessMs=8000"],
    });
    collector.start(ours.env);
    await collector.untilReady();
    const token = collector.enrolToken();
    const set = ["heartbeatSeconds=1", "inventory.intervalMinutes=0.1", "neighbours.enabled=false"];
    const quick = ["reconnect.minSeconds=0.2", "reconnect.maxSeconds=1"];
    agents = ["a", "b", "c"].map((name) =>
      createAgentProcess({
        ...{ folder: join(folder, name), name, token, collectorUrl: collector.url },
        set: [...set, ...quick],
      }),
    );
    for (const agent of agents) agent.start(theirs.env);
    await until("all are there", isWell, { timeoutMs: 120_000, everyMs: 200 });
  }, 240_000);
  afterAll(async () => {
    for (const agent of agents) await agent.kill();
    await collector?.kill();
  });

  it("raises nothing when the collector's clock jumps by a day, forward and then back", async () => {
    ours.set(days(1));
    await expectQuiet();
    ours.set(0);
    await expectQuiet();
  }, 180_000);

  it("raises nothing when the collector's host was suspended for eight hours", async () => {
    const pid = collector.pid() ?? 0;
    process.kill(pid, "SIGSTOP");
    await rest(seconds(2));
    for (const time of [ours, theirs]) time.set(hours(8));
    process.kill(pid, "SIGCONT");
    await expectQuiet();
  }, 120_000);

  it("raises nothing when the collector is restored from a backup that is a day old", async () => {
    const backup = join(folder, "backup");
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [program, ...args, "--data", collector.dataFolder], { encoding: "utf8" });
    run("backup", backup);
    // What is said since is acknowledged, and lost with the collector's disk.
    await agents[0]?.terminate();
    agents[0]?.start(theirs.env);
    await rest(PATIENCE_MS);
    await until("all are there", isWell, { timeoutMs: 60_000, everyMs: 200 });
    await collector.kill();
    for (const time of [ours, theirs]) time.set(hours(8) + days(1));
    await rest(seconds(2));
    expect(run("restore", backup, "--replace")).toContain("restored");
    collector.start(ours.env);
    await collector.untilReady();
    await expectQuiet();
    for (const agent of agents) expect(agent.status().spool.messages).toBe(0);
    expect(collector.rebuildCheck()).toContain("identical");
  }, 180_000);
});
