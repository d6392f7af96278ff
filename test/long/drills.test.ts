import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createSeededRandom } from "../../shared/random.ts";
import { freePort } from "../support/free-port.ts";
import { assetOf, createMember, type Member, softwareHistory } from "../support/kill-site.ts";
import { createNamespace, type Namespace } from "../support/namespace.ts";
import {
  type CollectorProcess,
  createAgentProcess,
  createCollectorProcess,
  type Restartable,
} from "../support/processes.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

/** What an administrator will do to us one day: a collector that is away, a state folder put back, a state folder copied. */

const running: Restartable[] = [];
const namespaces: Namespace[] = [];
afterAll(async () => {
  await Promise.all(running.map((one) => one.kill()));
  for (const namespace of namespaces) await namespace.stop();
}, 60_000);
const patience = { timeoutMs: 180_000, everyMs: 500 };

const openSite = async (name: string) => {
  const folder = temporaryFolder(name);
  const port = await freePort();
  const collector = createCollectorProcess({ folder: join(folder, "collector"), port, set: ["log.level=warn"] });
  const token = collector.enrolToken();
  running.push(collector);
  collector.start();
  await collector.untilReady();
  const addMember = (set: readonly string[] = []): Member => {
    const member = createMember({
      folder: join(folder, "host"),
      name: "host",
      collector,
      token,
      random: createSeededRandom(5),
      set: ["inventory.intervalMinutes=0.05", ...set],
    });
    running.push(member.agent);
    return member;
  };
  return { folder, port, collector, addMember };
};

const faultsOf = async (collector: CollectorProcess, { host, agent }: Member): Promise<string[]> => {
  const assetId = await assetOf(collector, agent.agentId);
  return assetId === undefined ? ["no asset yet"] : host.faultsOf(await softwareHistory(collector, assetId));
};
const untilWhole = async (collector: CollectorProcess, member: Member): Promise<void> => {
  let faults: string[] = [];
  const isWhole = async () => {
    faults = await faultsOf(collector, member);
    return faults.length === 0;
  };
  await until("the history is whole", isWhole, patience).catch(() => {});
  expect(faults).toEqual([]);
};

/** How many inventories the agent has begun; undefined while it does not answer yet. */
const roundsOf = ({ agent }: Member): number | undefined => {
  try {
    return agent.status().rounds.find((round: { name: string }) => round.name === "inventory")?.runs ?? 0;
  } catch {
    return undefined;
  }
};
const untilSeen = async (member: Member, revision: number) => {
  const often = { ...patience, everyMs: 2_000 };
  // An object, since no rounds yet is an answer too.
  const { before } = await until(
    "the agent answers",
    () => {
      const before = roundsOf(member);
      return before === undefined ? undefined : { before };
    },
    often,
  );
  await until(`revision ${revision} is seen`, () => (roundsOf(member) ?? 0) >= before + 2, often);
};

describe("drills", () => {
  it("tells in order what changed 10,000 times while the collector was away", async () => {
    const { collector, addMember } = await openSite("away");
    const member = addMember();
    member.agent.start();
    await until("there is an asset", () => assetOf(collector, member.agent.agentId), patience);
    await collector.terminate();
    for (let i = 0; i < 20; i++) {
      member.host.change(700);
      await untilSeen(member, i + 1);
    }
    const waiting = member.agent.status().spool;
    collector.start();
    await collector.untilReady();
    await untilWhole(collector, member);
    const assetId = (await assetOf(collector, member.agent.agentId)) as string;
    const told = await softwareHistory(collector, assetId);
    console.log(
      `away: ${waiting.messages} messages of ${waiting.bytes} bytes waited, ${told.length} changes told, folded ${waiting.folded}`,
    );
    expect(told.length).toBeGreaterThanOrEqual(10_000);
    expect(waiting.folded).toBe(0);
    const order = told.map(({ observedAt }) => observedAt);
    expect(order).toEqual([...order].sort().reverse());
  }, 900_000);

  it("goes on when an agent's state folder is put back by an hour", async () => {
    const { folder, collector, addMember } = await openSite("restore");
    const member = addMember();
    member.agent.start();
    await until("there is an asset", () => assetOf(collector, member.agent.agentId), patience);
    await member.agent.terminate();
    cpSync(member.agent.folder, join(folder, "backup"), { recursive: true });
    member.agent.start();
    for (let i = 0; i < 3; i++) {
      member.host.change();
      await untilSeen(member, i + 1);
    }
    await untilWhole(collector, member);
    await member.agent.kill();
    rmSync(member.agent.folder, { recursive: true });
    cpSync(join(folder, "backup"), member.agent.folder, { recursive: true });
    member.host.change();
    member.agent.start();
    await untilWhole(collector, member);
    expect(await collector.get("/incidents?kind=identity-conflict")).toMatchObject({ items: [] });
  }, 600_000);
});

describeWith("a copied state folder", [{ root: true }, { program: "ip", package: "iproute2" }], () => {
  it("keeps both apart and raises a conflict when the copy runs in a network of its own", async () => {
    const { folder, port, collector, addMember } = await openSite("clone");
    const original = addMember();
    original.agent.start();
    await until("there is an asset", () => assetOf(collector, original.agent.agentId), patience);
    original.host.change();
    await untilWhole(collector, original);
    await original.agent.terminate();
    const cloned = join(folder, "clone");
    mkdirSync(cloned);
    cpSync(original.agent.folder, join(cloned, "state"), { recursive: true });
    cpSync(join(folder, "host", "root"), join(cloned, "root"), { recursive: true });
    const copy = createAgentProcess({
      folder: join(cloned, "state"),
      name: "host",
      agentId: original.agent.agentId,
      set: [
        `inventory.root=${join(cloned, "root")}`,
        "inventory.intervalMinutes=0.05",
        "neighbours.enabled=false",
        "heartbeatSeconds=2",
        "log.level=warn",
      ],
    });
    running.push(copy);
    const namespace = await createNamespace(`rcd${process.pid}`, cloned, port);
    namespaces.push(namespace);
    original.agent.start();
    copy.start({}, namespace.under);
    await until(
      "the conflict is raised",
      async () => (await collector.get("/incidents?kind=identity-conflict")).items.length > 0,
      patience,
    );
    for (let i = 0; i < 2; i++) {
      original.host.change();
      await untilSeen(original, i);
    }
    await until(
      "both have an asset",
      async () =>
        (await assetOf(collector, original.agent.agentId)) !== undefined &&
        (await assetOf(collector, original.agent.agentId, 1)) !== undefined,
      patience,
    );
    const assets = await Promise.all([0, 1].map((instance) => assetOf(collector, original.agent.agentId, instance)));
    expect(new Set(assets).size).toBe(2);
    // Which of the two is called the copy is chance; the changing one's history goes on without a gap, in one asset or from the first to its own.
    const histories = await Promise.all(assets.map((assetId) => softwareHistory(collector, assetId as string)));
    await until(
      "the original's changes are told",
      async () => {
        const all = (await Promise.all(assets.map((assetId) => softwareHistory(collector, assetId as string)))).flat();
        return all.some(
          ({ itemKey, after }) =>
            itemKey.includes("rollcall-counter") && JSON.stringify(after)?.includes(String(original.host.revision())),
        );
      },
      patience,
    );
    expect(histories.flat().length).toBeGreaterThan(0);
    expect((await collector.get("/incidents?kind=identity-conflict")).items).toHaveLength(1);
  }, 600_000);
});
