import { afterEach, describe, expect, it } from "vitest";
import { hours, minutes, seconds } from "../../../shared/clock.ts";
import { macOf, openSegment, type Segment } from "../../support/presence-lab.ts";

let segment: Segment;
const open = async (...args: Parameters<typeof openSegment>) => {
  segment = await openSegment(...args);
  return segment;
};
afterEach(() => segment.stop());

const summaryOf = (kind: string) =>
  segment.lab.read(async (tx) => (await tx.incidents.open(100)).find((i) => i.kind === kind)?.summary ?? "");

describe("a host with its own agent", () => {
  it("becomes one incident that says the host lives, when its system hangs up and the agent stays away", async () => {
    const { pass, agent } = await open();
    const one = await agent("web-1", 5);
    await pass(minutes(5));
    await one.agent.close("rst");
    one.speaks = false;
    await pass(seconds(20));
    expect(await segment.incidents()).toEqual([]);
    await pass(minutes(20));
    expect(await segment.incidents()).toEqual(["agent-silent open: Agent on web-1 stopped; the host is alive"]);
    expect(await summaryOf("agent-silent")).toMatch(/^The connection was closed by a living host \(RST/);
    expect(await segment.tickets()).toEqual(["open: Agent on web-1 stopped; the host is alive"]);
    one.speaks = true;
    await one.agent.connect();
    await pass(seconds(30));
    expect(await segment.incidents()).toEqual([]);
    expect(await segment.tickets()).toEqual(["resolved: Agent on web-1 stopped; the host is alive"]);
    expect(await segment.presence("web-1")).toBe("present");
  });

  it("is never called missing on its own silence, and the first line says that nobody else watches", async () => {
    const { pass, agent } = await open();
    const one = await agent("web-1", 5);
    await pass(minutes(5));
    one.speaks = false;
    await pass(seconds(60));
    expect(await segment.incidents()).toEqual([]);
    await pass(hours(12));
    expect(await segment.incidents()).toEqual(["agent-silent open: Agent on web-1 is silent"]);
    expect(await summaryOf("agent-silent")).toMatch(/^Nobody else watches web-1/);
    expect(await segment.presence("web-1")).toBe("blind");
  });

  it("is missing once a second agent has looked and not seen it; its silence is then part of that, and all of it resolves on return", async () => {
    const { pass, agent, up } = await open();
    const one = await agent("web-1", 5);
    const two = await agent("watcher", 6);
    two.verdict = "could-see";
    await pass(hours(2));
    one.speaks = false;
    up.delete(5);
    await pass(minutes(3));
    expect(await segment.incidents()).toEqual(["agent-silent open: Agent on web-1 is silent"]);
    await pass(minutes(40));
    expect(await segment.incidents()).toEqual([
      "agent-silent part-of: Agent on web-1 is silent",
      "device-missing open: web-1 is missing",
    ]);
    expect(await segment.tickets()).toEqual(["resolved: Agent on web-1 is silent", "open: web-1 is missing"]);
    up.add(5);
    one.speaks = true;
    await pass(minutes(15));
    expect(await segment.incidents()).toEqual([]);
    expect(await segment.tickets()).toEqual(["resolved: Agent on web-1 is silent", "resolved: web-1 is missing"]);
  });

  it.each(["blind", "partly"] as const)("is not missing where the second agent's looks were %s", async (verdict) => {
    const { pass, agent, up } = await open();
    const one = await agent("web-1", 5);
    const two = await agent("watcher", 6);
    two.verdict = "could-see";
    await pass(hours(1));
    one.speaks = false;
    up.delete(5);
    two.verdict = verdict;
    await pass(hours(5));
    expect(await segment.incidents()).toEqual([
      "agent-silent open: Agent on web-1 is silent",
      // Who is blind for long is a case of its own.
      ...(verdict === "blind" ? ["segment-unreachable open: Agent watcher sees nothing in site"] : []),
    ]);
    expect(await segment.presence("web-1")).toBe("blind");
  });

  it("is away until its goodbye's own patience is over", async () => {
    const { pass, agent } = await open();
    const one = await agent("web-1", 5);
    await pass(minutes(5));
    await one.agent.goodbye({ reason: "service-stop", atMs: segment.lab.clock.now() });
    await one.agent.close("fin");
    one.speaks = false;
    await pass(minutes(55));
    expect(await segment.incidents()).toEqual([]);
    expect(await segment.presence("web-1")).toBe("away");
    await pass(minutes(10));
    expect(await segment.incidents()).toEqual(["agent-silent open: Agent on web-1 is silent"]);
    expect(await summaryOf("agent-silent")).toContain("It had said goodbye (service-stop)");
  });

  it("that was uninstalled is unobserved, and no incident", async () => {
    const { pass, agent } = await open();
    const one = await agent("web-1", 5);
    await pass(minutes(5));
    await one.agent.goodbye({ reason: "removed", atMs: segment.lab.clock.now() });
    await one.agent.close("fin");
    one.speaks = false;
    await pass(hours(100));
    expect(await segment.incidents()).toEqual([]);
    expect(await segment.presence("web-1")).toBe("unobserved");
  });
});

describe("a collector that doubts itself", () => {
  it("raises nothing when it was away for an hour and everybody comes back within the patience", async () => {
    const { pass, agent, lab } = await open();
    const agents = [];
    for (let n = 1; n <= 20; n++) agents.push(await agent(`host-${n}`, n));
    agents[0]!.verdict = "could-see";
    await pass(hours(2));
    lab.clock.set(lab.clock.now() + hours(1));
    await lab.restart();
    await lab.tick();
    await pass(seconds(30));
    for (const { agent: one } of agents) await one.connect();
    await pass(hours(2));
    expect(await segment.incidents()).toEqual([]);
    expect(await segment.tickets()).toEqual([]);
  });

  it("accuses nobody while those who came back are still being let in, one after the other, and then who did not", async () => {
    const { pass, agent, lab } = await open();
    const agents = [];
    for (let n = 1; n <= 10; n++) agents.push(await agent(`host-${n}`, n));
    await pass(minutes(10));
    for (const one of agents) one.speaks = false;
    lab.clock.set(lab.clock.now() + hours(1));
    await lab.restart();
    const [missing, ...others] = agents;
    for (const one of others) {
      await pass(seconds(70));
      await one.agent.connect();
      one.speaks = true;
      expect(await segment.incidents()).toEqual([]);
    }
    await pass(seconds(80));
    expect(await segment.incidents()).toEqual([]);
    await pass(minutes(1));
    expect(await segment.incidents()).toEqual(["agent-silent open: Agent on host-1 is silent"]);
    await missing?.agent.connect();
    expect(await segment.incidents()).toEqual([]);
  });

  it("waits for no straggler longer than a quarter of an hour", async () => {
    const { pass, agent, lab } = await open();
    const agents = [];
    for (let n = 1; n <= 20; n++) agents.push(await agent(`host-${n}`, n));
    await pass(minutes(10));
    for (const one of agents) one.speaks = false;
    await lab.restart();
    for (const one of agents.slice(1, 16)) {
      await pass(seconds(70));
      await one.agent.connect();
      one.speaks = true;
    }
    expect((await segment.incidents()).length).toBeGreaterThan(0);
  });

  it("still accuses who stays silent after its own outage, from when it could have been heard", async () => {
    const { pass, agent, lab } = await open();
    await agent("host-1", 1);
    await pass(minutes(10));
    lab.clock.set(lab.clock.now() + hours(1));
    await lab.restart();
    await pass(seconds(70));
    expect(await segment.incidents()).toEqual([]);
    await pass(minutes(2));
    expect(await segment.incidents()).toEqual(["agent-silent open: Agent on host-1 is silent"]);
  });

  it("keeps an open case open over its restart, as one", async () => {
    const { pass, agent, lab, up } = await open();
    const one = await agent("watcher", 6);
    one.verdict = "could-see";
    up.add(9);
    await pass(hours(3));
    up.delete(9);
    await pass(hours(1));
    expect(await segment.tickets()).toEqual(["open: 10.0.0.9 is missing"]);
    await lab.restart();
    await one.agent.connect();
    await pass(hours(2));
    expect(await segment.tickets()).toEqual(["open: 10.0.0.9 is missing"]);
    up.add(9);
    await pass(minutes(30));
    expect(await segment.tickets()).toEqual(["resolved: 10.0.0.9 is missing"]);
  });

  it.each([hours(24), -hours(24), hours(8)])("raises nothing when its clock jumps by %d ms", async (jump) => {
    const { pass, agent, lab, up } = await open();
    const one = await agent("watcher", 6);
    await agent("quiet", 7);
    one.verdict = "could-see";
    for (let n = 20; n < 60; n++) up.add(n);
    await pass(hours(3));
    lab.clock.jump(jump);
    await lab.tick();
    await pass(hours(3));
    expect(await segment.incidents()).toEqual([]);
    up.delete(25);
    await pass(hours(1));
    expect(await segment.incidents()).toEqual(["device-missing open: 10.0.0.25 is missing"]);
  });

  it("raises nothing after it was suspended for eight hours", async () => {
    const { pass, agent, lab } = await open();
    const one = await agent("watcher", 6);
    one.verdict = "could-see";
    await pass(hours(1));
    lab.clock.set(lab.clock.now() + hours(8));
    await lab.tick();
    await pass(hours(1));
    expect(await segment.incidents()).toEqual([]);
  });
});

describe("evidence", () => {
  it("of a stranger at a missing server's address refutes nothing, and the case names it", async () => {
    const { pass, agent, up, macs } = await open();
    const one = await agent("watcher", 6);
    one.verdict = "could-see";
    up.add(9);
    await pass(hours(3));
    macs.set(9, macOf(200));
    await pass(hours(1));
    const found = await segment.incidents();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^device-missing open: /);
    expect(await summaryOf("device-missing")).toContain("which is another device");
  });

  it("of sweeps that claim what the agent may not look at is refused, and the agent flagged", async () => {
    const { agent, up, lab, pass } = await open();
    const one = await agent("watcher", 6);
    one.verdict = "could-see";
    up.add(9);
    await pass(hours(2));
    const lie = (from: string, to: string) =>
      one.agent.send({
        kind: "sweep",
        sweep: {
          sweepId: `lie-${lab.clock.now()}`,
          scope: "lan",
          realm: "site",
          startedAtMs: lab.clock.now(),
          endedAtMs: lab.clock.now(),
          coverage: [{ from, to, asks: 9, spreadMs: 9_000, methods: ["arp"] }],
          proof: { verdict: "could-see", reasons: [], controls: [], loss: 0, latenessMs: 0 },
          sightings: [],
        },
      });
    for (let i = 0; i < 5; i++) {
      await pass(minutes(1));
      await lie("0.0.0.0", "255.255.255.255");
    }
    expect(await segment.incidents()).toEqual([
      "evidence-refused open: Agent watcher reports on what it may not look at",
    ]);
    expect(await segment.presence("10.0.0.9")).toBe("present");
  });

  it("of an agent with a clock that is years wrong counts at the corrected time, and the clock is told", async () => {
    const { agent, pass, up } = await open();
    const one = await agent("watcher", 6);
    one.agent.setClockError(-hours(24 * 365 * 3));
    one.verdict = "could-see";
    up.add(9);
    await pass(hours(3));
    expect(await segment.presence("10.0.0.9")).toBe("present");
    expect(await segment.incidents()).toEqual([
      expect.stringMatching(/^clock-wrong open: Clock of watcher is 1095 days behind/),
    ]);
  });
});
