import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openDataFolder } from "../../collector/data-folder.ts";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import { systemClock } from "../../shared/clock.ts";
import { createAgentId } from "../../shared/ids.ts";
import { createSigningKey, formatPublicKey, parsePublicKey } from "../../shared/protocol/frame.ts";
import { systemRandom } from "../../shared/random.ts";
import { freePort } from "../support/free-port.ts";
import { type CollectorProcess, createCollectorProcess } from "../support/processes.ts";
import { connectScripted, type ScriptedAgent, type ScriptedState } from "../support/scripted-agent.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

/** A thousand agents, by their words alone, and a collector that is a process of its own. */
const COUNT = 1_000;
const HEARTBEAT_MS = 3_000;
const PATIENCE_MS = 15_000;
const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Straight into the database of a collector that is not running: the API takes 120 enrolments a minute. */
const enrolAll = async (folder: string): Promise<ScriptedState[]> => {
  const { databasePath, publicKey } = openDataFolder(folder, { clock: systemClock, random: systemRandom });
  const store = openSqliteStore(databasePath);
  const atMs = systemClock.now();
  const states = Array.from({ length: COUNT }, (): ScriptedState => {
    const agentId = createAgentId(atMs, systemRandom);
    const keys = { agentId, key: createSigningKey(), collectorKey: parsePublicKey(publicKey) };
    return { ...keys, instance: 0, epoch: 0, nextSequence: 1, lastSequence: 0, lastDigest: null };
  });
  await store.transaction(async (tx) => {
    for (const [i, { agentId, key }] of states.entries())
      await tx.agents.put({
        ...{ agentId, instance: 0, name: `host-${i}`, publicKey: formatPublicKey(key) },
        ...{ state: "never", stateSinceMs: atMs, enrolledAtMs: atMs, approvedAtMs: atMs },
        ...{ epoch: 0, sequence: 0, scopes: [] },
      });
  });
  await store.close();
  return states;
};

describe("a thousand agents", () => {
  let collector: CollectorProcess | undefined;
  let agents: ScriptedAgent[] = [];
  const beating = setInterval(() => {
    for (const agent of agents) agent.beat();
  }, HEARTBEAT_MS);
  afterAll(async () => {
    clearInterval(beating);
    for (const agent of agents) agent.kill();
    await collector?.kill();
  });

  it("come back within ten seconds of a collector that was killed, and none of them is called silent", async () => {
    const site = createCollectorProcess({
      folder: join(temporaryFolder("mass"), "collector"),
      port: await freePort(),
      set: ["log.level=warn", `presence.silentMinMs=${PATIENCE_MS}`],
    });
    collector = site;
    const states = await enrolAll(site.dataFolder);
    site.start();
    await site.untilReady();
    const hello = { heartbeatMs: HEARTBEAT_MS };
    const connect = async (state: ScriptedState) => {
      const agent = await connectScripted(site.url, state, { hello });
      await until("welcome", () => agent.session() !== "", { timeoutMs: 60_000, everyMs: 50 });
      agents.push(agent);
    };
    const connectAll = () =>
      Promise.all(
        states.map(async (state, i) => {
          await rest((i / COUNT) * 10_000);
          return connect(state);
        }),
      );
    await connectAll();
    const stateOf = async () => {
      const counts: Record<string, number> = {};
      for (let cursor = ""; ; ) {
        const page = await site.get(`/agents?limit=500${cursor}`);
        for (const { state } of page.items) counts[state] = (counts[state] ?? 0) + 1;
        if (page.next === undefined) return counts;
        cursor = `&cursor=${encodeURIComponent(page.next)}`;
      }
    };
    expect(await stateOf()).toEqual({ connected: COUNT });

    await site.kill();
    agents = [];
    await rest(PATIENCE_MS);
    site.start();
    await site.untilReady();
    const startedAt = performance.now();
    await connectAll();
    console.log(`mass: ${COUNT} agents back after ${Math.round(performance.now() - startedAt)} ms`);
    // Whoever was overlooked would be called silent by now.
    await rest(1.5 * PATIENCE_MS);
    expect((await site.get("/incidents")).items).toEqual([]);
    expect(await stateOf()).toEqual({ connected: COUNT });
  }, 400_000);
});
