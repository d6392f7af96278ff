import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { createSeededRandom, type Random } from "../../shared/random.ts";
import { createChangingHost, type PackageChange } from "../support/changing-host.ts";
import { freePort } from "../support/free-port.ts";
import { assetOf, createMember, type Member, softwareHistory } from "../support/kill-site.ts";
import { startPlainMosquitto } from "../support/plain-mosquitto.ts";
import { type CollectorProcess, createCollectorProcess, type Restartable } from "../support/processes.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

/**
 * Agents and the collector are killed at random and at the points where most is at stake, while what the agents see goes on
 * changing. At the end the collector's history of each host must be exactly the differences of what was there: each change
 * once, none lost, none made up.
 */

const ROUNDS = Number(process.env["ROLLCALL_KILL_ROUNDS"] ?? 100);
const AGENTS = Number(process.env["ROLLCALL_KILL_AGENTS"] ?? 20);
const ROUND_MS = 2_000;
const agentPoints = [
  "spool.append.before-commit",
  "spool.append.after-commit",
  "spool.seal.before-commit",
  "spool.seal.after-commit",
  "spool.settle.before-commit",
  "spool.settle.after-commit",
  "uplink.before-send",
  "uplink.after-send",
];
const collectorPoints = [
  "collector.commit.before",
  "collector.commit.inside",
  "collector.commit.after",
  "collector.checkpoint",
];

const pick = <T>(items: readonly T[], random: Random): T => items[Math.floor(random.next() * items.length)] as T;

/** Whatever happens, nothing of ours outlives the suite. */
const running: Restartable[] = [];
afterAll(() => Promise.all(running.map((one) => one.kill())), 60_000);

const historyOf = async (collector: CollectorProcess, agentId: string): Promise<PackageChange[]> => {
  const assetId = await assetOf(collector, agentId);
  return assetId === undefined ? [] : softwareHistory(collector, assetId);
};

const killAtRandom = async (
  collector: CollectorProcess,
  members: readonly Member[],
  random: Random,
): Promise<string> => {
  const dice = random.next();
  const { agent } = pick(members, random);
  if (dice < 0.4) {
    await agent.kill();
    agent.start();
    return "agent";
  }
  if (dice < 0.65) {
    await collector.kill();
    collector.start();
    await collector.untilReady();
    return "collector";
  }
  const point = dice < 0.85 ? pick(agentPoints, random) : pick(collectorPoints, random);
  const victim = dice < 0.85 ? agent : collector;
  await victim.kill();
  victim.start({ ROLLCALL_FAIL_POINT: `${point}:${1 + Math.floor(random.next() * 5)}` });
  // It dies by itself when it gets there; whoever does not get there in time is killed.
  await until("the fail point is reached", () => !victim.isRunning(), { timeoutMs: ROUND_MS * 2, everyMs: 50 }).catch(
    () => {},
  );
  await victim.kill();
  victim.start();
  if (victim === collector) await collector.untilReady();
  return point;
};

/** Every second agent speaks over the broker, the others straight to the collector. */
const endure = async (folder: string, brokerUrl: string, seed: number) => {
  const random = createSeededRandom(seed);
  const collector = createCollectorProcess({
    folder: join(folder, "collector"),
    port: await freePort(),
    set: ["log.level=warn", `mqtt.url=${brokerUrl}`],
  });
  const token = collector.enrolToken();
  running.push(collector);
  collector.start();
  await collector.untilReady();
  const members: Member[] = [];
  for (let i = 0; i < AGENTS; i++) {
    const uplink = i % 2 === 0 ? [] : ["uplink=mqtt", `mqtt.url=${brokerUrl}`];
    const member = createMember({
      folder: join(folder, `agent-${i}`),
      name: `host-${i}`,
      ...{ collector, token, random },
      set: ["inventory.intervalMinutes=0.35", ...uplink],
    });
    running.push(member.agent);
    member.agent.start();
    members.push(member);
  }
  const patience = { timeoutMs: 600_000, everyMs: 3_000 };
  const haveAssets = async () => {
    const assets = await Promise.all(members.map(({ agent }) => assetOf(collector, agent.agentId)));
    return assets.every((assetId) => assetId !== undefined);
  };
  await until("every host has its first inventory", haveAssets, patience);

  const kills = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { host } of members) if (random.next() < 0.2) host.change();
    await sleep(ROUND_MS * random.next());
    const what = await killAtRandom(collector, members, random);
    kills.set(what, (kills.get(what) ?? 0) + 1);
  }
  for (const { agent, host } of members) {
    agent.start();
    host.change();
  }

  const faults = new Map<string, string[]>();
  const isWhole = async () => {
    for (const { host, agent } of members)
      if (faults.get(agent.agentId)?.length !== 0)
        faults.set(agent.agentId, host.faultsOf(await historyOf(collector, agent.agentId)));
    return [...faults.values()].every((found) => found.length === 0);
  };
  await until("every history is whole", isWhole, patience).catch(() => {});
  const told = (await Promise.all(members.map(({ agent }) => historyOf(collector, agent.agentId)))).flat().length;
  const written = members.reduce((sum, { host }) => sum + host.revision(), 0);
  const killed = [...kills].map(([what, n]) => `${what} ${n}`).join(", ");
  console.log(`${AGENTS} agents, ${ROUNDS} kills (${killed}), ${written} revisions, ${told} changes told`);
  return { faults: [...faults].filter(([, found]) => found.length > 0), told };
};

describeWith("kill suite", [{ program: "mosquitto" }], () => {
  const folder = temporaryFolder("kill");

  it("tells every change exactly once, over WebSocket and over Mosquitto", async () => {
    const broker = await startPlainMosquitto();
    try {
      const { faults, told } = await endure(folder, broker.url, 1);
      expect(faults).toEqual([]);
      expect(told).toBeGreaterThan(ROUNDS);
    } finally {
      await broker.stop();
    }
  }, 1_800_000);
});

describe("what the kill suite trusts", () => {
  it("finds a change that is missing, doubled or made up", () => {
    const host = createChangingHost(join(temporaryFolder("ledger"), "root"), createSeededRandom(3));
    host.change();
    const at = "2026-01-01T00:00:00.000Z";
    const counter = {
      kind: "changed",
      itemKey: "dpkg|rollcall-counter|all|",
      field: "version",
      before: "0",
      after: "1",
      observedAt: at,
    } as const;
    expect(host.faultsOf([counter]).join()).toMatch(/is not told/);
    expect(host.faultsOf([counter, counter]).join()).toMatch(/twice/);
    expect(host.faultsOf([]).join()).toMatch(/ends at revision 0 of 1/);
    expect(host.faultsOf([counter, { ...counter, itemKey: "dpkg|other|all|" }]).join()).toMatch(/expected nothing/);
  });
});
