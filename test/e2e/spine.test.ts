import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import {
  type AgentProcess,
  type CollectorProcess,
  createAgentProcess,
  createCollectorProcess,
} from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const packageText = (name: string, version: string, status = "install ok installed"): string =>
  `Package: ${name}\nStatus: ${status}\nArchitecture: amd64\nVersion: ${version}\nMaintainer: Test <t@example.org>\nDescription: ${name}\n`;

/** The main job, with the real programs: a host inventories itself, its changes become history, its silence a ticket. */
describe("the spine", () => {
  const folder = temporaryFolder("spine");
  const root = join(folder, "root");
  let collector: CollectorProcess;
  let agent: AgentProcess;

  const installed = new Map([
    ["bash", "5.2.15-2"],
    ["openssl", "3.0.13-1"],
    ["libc6", "2.36-9"],
  ]);
  const writePackages = () => {
    mkdirSync(join(root, "var/lib/dpkg"), { recursive: true });
    const rows = [...installed].map(([name, version]) => packageText(name, version));
    const removed = packageText("gone", "1.0", "deinstall ok config-files");
    writeFileSync(join(root, "var/lib/dpkg/status.new"), [...rows, removed].join("\n"));
    renameSync(join(root, "var/lib/dpkg/status.new"), join(root, "var/lib/dpkg/status"));
  };

  beforeAll(async () => {
    mkdirSync(join(root, "etc"), { recursive: true });
    writeFileSync(join(root, "etc/os-release"), 'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n');
    writeFileSync(join(root, "etc/hostname"), "spine-host\n");
    writePackages();
    const set = ["presence.closedPatienceMs=1500", "presence.silentMinMs=6000", "log.level=info"];
    collector = createCollectorProcess({ folder: join(folder, "collector"), port: await freePort(), set });
    collector.start();
    await collector.untilReady();
    agent = createAgentProcess({
      folder: join(folder, "agent"),
      name: "spine-agent",
      collectorUrl: collector.url,
      token: collector.enrolToken(),
      set: [
        ...[
          `inventory.root=${root}`,
          "inventory.intervalMinutes=0.05",
          "heartbeatSeconds=1",
          "neighbours.enabled=false",
        ],
        ...["reconnect.minSeconds=0.2", "reconnect.maxSeconds=1"],
      ],
    });
    agent.start();
  });
  afterAll(async () => {
    await agent?.terminate();
    await collector?.terminate();
  });

  type Asset = { assetId: string; name: string; agentId?: string; presence: string };
  const theAsset = () =>
    until(
      "the host's asset with its software",
      async () => {
        if (!agent.isRunning()) throw new Error(`the agent ended:\n${agent.stderr()}`);
        const { items } = (await collector.get("/assets?limit=100")) as {
          items: (Asset & { softwareCount?: number })[];
        };
        return items.find((asset) => asset.agentId === agent.agentId && (asset.softwareCount ?? 0) > 0);
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
  const incidents = async (): Promise<
    { incidentId: string; kind: string; state: string; summary: string; title: string }[]
  > => (await collector.get("/incidents?limit=100")).items;
  const changes = async () =>
    (await collector.get(`/changes?assetId=${(await theAsset()).assetId}&section=software`)).items as Record<
      string,
      unknown
    >[];

  it("makes an asset of a first inventory, with exactly the installed packages", async () => {
    const asset = await theAsset();
    expect(asset).toMatchObject({ name: "spine-host", presence: "present" });
    const { items } = await collector.get(`/assets/${asset.assetId}/sections/software?limit=1000`);
    const found = (items as { item: { name: string; version: string } }[]).map(({ item }) => [item.name, item.version]);
    expect(found.sort()).toEqual([...installed].sort());
    expect(await changes()).toEqual([]);
  });

  it("tells one changed package as one change", async () => {
    installed.set("openssl", "3.0.14-1");
    writePackages();
    const [change, ...more] = await until(
      "the change",
      async () => {
        const found = await changes();
        return found.length > 0 && found;
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
    expect(change).toMatchObject({ kind: "changed", field: "version", before: "3.0.13-1", after: "3.0.14-1" });
    expect(more).toEqual([]);
    installed.set("curl", "8.5.0-2");
    writePackages();
    await until("the second change", async () => (await changes()).length === 2, { timeoutMs: 60_000, everyMs: 200 });
    expect((await changes())[0]).toMatchObject({ kind: "added", itemKey: expect.stringContaining("curl") });
  });

  it("says that a killed agent is silent on a living host, and closes its ticket when it is back", async () => {
    await agent.kill();
    const silent = await until(
      "the incident",
      async () => (await incidents()).find(({ kind, state }) => kind === "agent-silent" && state === "open"),
      { timeoutMs: 60_000, everyMs: 200 },
    );
    const tickets = (await collector.get("/tickets?limit=10")).items as {
      number: number;
      incidentId: string;
      state: string;
      body: string;
    }[];
    const ticket = tickets.find(({ incidentId }) => incidentId === silent.incidentId);
    expect(ticket).toMatchObject({ state: "open" });
    expect(`${silent.summary} ${ticket?.body}`).toMatch(/clos/i);
    expect((await incidents()).filter(({ kind }) => kind === "device-missing")).toEqual([]);

    agent.start();
    const resolved = await until(
      "the same incident to resolve",
      async () =>
        (await incidents()).find(({ incidentId, state }) => incidentId === silent.incidentId && state === "resolved"),
      { timeoutMs: 60_000, everyMs: 200 },
    );
    expect(resolved.kind).toBe("agent-silent");
    const after = (await collector.get("/tickets?limit=10")).items as { incidentId: string; state: string }[];
    expect(after.filter(({ incidentId }) => incidentId === silent.incidentId)).toMatchObject([{ state: "resolved" }]);
  });

  it("raises nothing when the collector was killed and comes back, and loses nothing", async () => {
    const before = (await incidents()).length;
    await collector.kill();
    installed.set("bash", "5.2.21-1");
    writePackages();
    // Longer than an agent may be silent: the time in which nobody listened does not count.
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    collector.start();
    await collector.untilReady();
    await until("the change of the meantime", async () => (await changes()).length === 3, {
      timeoutMs: 60_000,
      everyMs: 200,
    });
    expect((await changes())[0]).toMatchObject({ before: "5.2.15-2", after: "5.2.21-1" });
    expect((await incidents()).length).toBe(before);
  });

  it("raises nothing after a goodbye", async () => {
    const before = (await incidents()).length;
    await agent.terminate();
    const { items } = await collector.get(`/agents/${agent.agentId}`);
    expect(items).toMatchObject([{ state: "said-goodbye" }]);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect((await incidents()).length).toBe(before);
  });

  it("is what its observations and decisions give", () => {
    expect(collector.rebuildCheck()).toMatch(/^1 assets, .*\nhash [0-9a-f]{64}\nidentical\n$/);
  });

  it("writes no secret to a log", () => {
    const key = JSON.parse(readFileSync(join(collector.dataFolder, "collector.json"), "utf8")) as {
      signingKey: string;
    };
    const secretLine = key.signingKey.split("\n")[1] as string;
    for (const log of [collector.stderr(), agent.stderr()]) expect(log).not.toContain(secretLine);
  });
});
