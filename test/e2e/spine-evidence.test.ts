import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Agent } from "../../shared/model/agent.ts";
import type { Incident } from "../../shared/model/incident.ts";
import type { KeptBody } from "../../shared/protocol/envelope.ts";
import { connectScripted, enrolScripted, type ScriptedAgent } from "../support/scripted-agent.ts";
import { startTestCollector, type TestCollector } from "../support/start-collector.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

/** What agents say that is not so: by mistake, by a broken clock, or because somebody took one over. */

type Page<T> = { readonly items: readonly T[] };
const YEARS_MS = 3 * 365 * 86_400_000;
const program = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));

let sweeps = 0;
const sweepOf = (from: string, to: string, seen: readonly number[], aheadMs = 0): KeptBody => {
  const atMs = Date.now() + aheadMs;
  return {
    kind: "sweep",
    sweep: {
      ...{ sweepId: `sweep-${++sweeps}`, scope: "office", realm: "site", startedAtMs: atMs - 3_000, endedAtMs: atMs },
      coverage: [{ from, to, asks: 3, spreadMs: 2_000, methods: ["arp"] }],
      proof: { verdict: "could-see", reasons: [], controls: [], loss: 0, latenessMs: 0 },
      sightings: seen.map((n) => {
        const mac = `00:16:3e:55:00:0${n}`;
        const keys = [
          { kind: "mac" as const, value: mac },
          { kind: "ip" as const, value: `192.0.2.${n}` },
        ];
        return { subject: { id: `mac:${mac}`, realm: "site", keys }, method: "arp", observedAtMs: atMs - 500 };
      }),
    },
  };
};

describe("what agents say that is not so", () => {
  let collector: TestCollector;
  const open: ScriptedAgent[] = [];
  const connect = async (name: string, aheadMs = 0) => {
    const state = await enrolScripted(collector, name);
    const clock = () => ({ wallMs: Date.now() + aheadMs, monotonicMs: performance.now(), bootId: "boot-1" });
    const scopes = [{ name: "office", realm: "site", targets: ["192.0.2.0/28"] }];
    const agent = await connectScripted(collector.url, state, { hello: { clock: clock(), scopes, heartbeatMs: 500 } });
    await agent.waitFor("welcome");
    // However long a test takes: who fell silent would have nothing to be believed, and leave what it watches unobserved.
    const beating = setInterval(() => agent.beat({ clock: clock() }), 200);
    void agent.closed.then(() => clearInterval(beating));
    open.push(agent);
    return agent;
  };
  const agentOf = async ({ state }: ScriptedAgent) =>
    (await collector.get<Page<Agent>>(`/api/v1/agents/${state.agentId}`)).items[0];
  const cases = async () => (await collector.get<Page<Incident>>("/api/v1/incidents")).items;
  const flagOf = (agent: ScriptedAgent, kind: string) =>
    until(`flag ${kind}`, async () => (await agentOf(agent))?.flags?.find((flag) => flag.kind === kind), {
      timeoutMs: 60_000,
    });

  beforeAll(async () => {
    collector = await startTestCollector({
      config: {
        presence: { patienceMinMs: 1, lookIntervalMs: 90_000, silentMinMs: 10_000 },
      },
    });
  });
  afterAll(async () => {
    for (const agent of open) agent.kill();
    await collector.stop();
  });

  it.each([
    ["the whole of IPv4", "0.0.0.0", "255.255.255.255"],
    ["addresses beyond its scope", "192.0.2.0", "192.0.2.63"],
    ["somebody else's network", "198.51.100.0", "198.51.100.15"],
  ])("is refused where a sweep claims %s, and the agent is flagged", async (what, from, to) => {
    const agent = await connect(`liar about ${what}`.slice(0, 60));
    for (let round = 0; round < 3; round++) await agent.deliver(sweepOf("192.0.2.0", "192.0.2.15", [1, 2, 3]));
    for (let round = 0; round < 5; round++) await agent.deliver(sweepOf(from, to, []));
    const flag = await flagOf(agent, "evidence-refused");
    const found = await collector.get<Incident & { evidence: { statement: string }[] }>(
      `/api/v1/incidents/${flag.incidentId}`,
    );
    expect(found).toMatchObject({ kind: "evidence-refused", state: "open", agentId: agent.state.agentId });
    expect(found.evidence.map(({ statement }) => statement).join()).toMatch(/^evidence refused: /);
    // In the list of all agents, too.
    const listed = (await collector.get<Page<Agent>>("/api/v1/agents")).items;
    expect(listed.find(({ agentId }) => agentId === agent.state.agentId)?.flags).toHaveLength(1);
    expect((await cases()).filter(({ kind }) => kind === "device-missing")).toEqual([]);
    const assets = await collector.get<Page<{ presence: string }>>("/api/v1/assets");
    expect(assets.items.map(({ presence }) => presence)).toEqual(["present", "present", "present"]);
  });

  it.each([-YEARS_MS, YEARS_MS])(
    "is corrected where a clock is %d ms ahead, and the agent is flagged",
    async (aheadMs) => {
      const agent = await connect(aheadMs < 0 ? "behind" : "ahead", aheadMs);
      await agent.deliver(sweepOf("192.0.2.0", "192.0.2.15", [1, 2, 3], aheadMs));
      const flag = await flagOf(agent, "clock-wrong");
      const one = await collector.get<Incident>(`/api/v1/incidents/${flag.incidentId}`);
      expect(one.title).toMatch(aheadMs < 0 ? /behind/ : /ahead/);
      const { items } = await collector.get<Page<{ lastSeenAt: string; presence: string }>>("/api/v1/assets");
      for (const { lastSeenAt, presence } of items) {
        expect(Math.abs(Date.now() - Date.parse(lastSeenAt))).toBeLessThan(600_000);
        expect(presence).toBe("present");
      }
      expect((await cases()).filter(({ kind }) => kind === "device-missing")).toEqual([]);
    },
  );

  it("is flagged for nobody who says what is so", async () => {
    const agent = await connect("honest");
    await agent.deliver(sweepOf("192.0.2.0", "192.0.2.15", [1, 2, 3]));
    expect(await agentOf(agent)).not.toHaveProperty("flags");
  });
});

describe("a policy that contradicts itself", () => {
  it("keeps the collector from starting, with every reason in one go", () => {
    const sets = [
      "presence.blindAfterIntervals=1",
      "presence.patienceIntervals=2",
      "presence.confirmMs=2000000",
      "presence.timeZone=Mars/Olympus",
      'presence.maintenance=[{"kind":"once","name":"move","match":{},"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}]',
    ].flatMap((set) => ["--set", set]);
    const argv = [program, "run", "--data", temporaryFolder("contradiction"), ...sets];
    const { status, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 30_000 });
    expect(status).toBe(78);
    for (const reason of [
      "blindAfterIntervals: is less than patienceIntervals (2)",
      "confirmMs: is longer than lookIntervalMs",
      '"Mars/Olympus" is no IANA time zone',
      'window "move" ends before it begins',
    ])
      expect(stderr).toContain(reason);
  });
});
