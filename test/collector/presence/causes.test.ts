import { afterEach, describe, expect, it } from "vitest";
import { hours, minutes } from "../../../shared/clock.ts";
import { sectionHash, toItems } from "../../../shared/protocol/canonical.ts";
import type { KeptBody } from "../../../shared/protocol/envelope.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import { INTERVAL_MS, macOf, openSegment, type Segment } from "../../support/presence-lab.ts";

let segment: Segment;
afterEach(() => segment.stop());

const SWITCH = 100;

const step = (section: SectionName, content: unknown) => ({
  kind: "full" as const,
  section,
  hash: sectionHash(section, content),
  items: Object.fromEntries(toItems(section, content)) as Record<string, Record<string, unknown>>,
});

/** What the switch says when it is read: its kind, and who is behind which port. The agent's host is behind the uplink. */
const readSwitch = (ports: Readonly<Record<number, string>>, agentHost: number, atMs: number): KeptBody => ({
  kind: "snapshot",
  snapshot: {
    source: "snmp",
    subject: {
      id: `mac:${macOf(SWITCH)}`,
      realm: "site",
      keys: [
        { kind: "mac", value: macOf(SWITCH) },
        { kind: "ip", value: `10.0.0.${SWITCH}` },
      ],
    },
    observedAtMs: atMs,
    steps: [
      step("system", { type: "switch", sysName: "sw-1" }),
      step("fdb", [
        ...Object.entries(ports).map(([n, port]) => ({ vlan: 1, mac: macOf(Number(n)), port })),
        { vlan: 1, mac: macOf(agentHost), port: "uplink" },
      ]),
    ],
    failures: [],
  },
});

const typed = (n: number, type: string, atMs: number): KeptBody => ({
  kind: "snapshot",
  snapshot: {
    source: "snmp",
    subject: {
      id: `mac:${macOf(n)}`,
      realm: "site",
      keys: [
        { kind: "mac", value: macOf(n) },
        { kind: "ip", value: `10.0.0.${n}` },
      ],
    },
    observedAtMs: atMs,
    steps: [step("system", { type, sysName: `host-${n}` })],
    failures: [],
  },
});

const behind = [20, 21, 22, 23, 24, 25];
const elsewhere = [40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59];

/** One agent, a switch with six servers of which two share a port, and twenty servers elsewhere. */
const office = async () => {
  segment = await openSegment();
  const { up, agent, pass, lab } = segment;
  const one = await agent("watcher", 6);
  one.verdict = "could-see";
  for (const n of [SWITCH, ...behind, ...elsewhere]) up.add(n);
  await pass(INTERVAL_MS);
  for (const n of [...behind, ...elsewhere]) await one.agent.send(typed(n, "server", lab.clock.now()));
  const ports = Object.fromEntries(behind.map((n) => [n, n < 22 ? "gi1" : `gi${n}`]));
  await one.agent.send(readSwitch(ports, 6, lab.clock.now()));
  await pass(hours(2));
  return one;
};
const open = async () => (await segment.incidents()).filter((line) => !line.includes(" part-of: "));

describe("one cause, one incident", () => {
  it("folds what hangs on a dead switch into its case, with one ticket, and resolves all when it is back", async () => {
    await office();
    for (const n of [SWITCH, ...behind]) segment.up.delete(n);
    await segment.pass(hours(1));
    expect(await open()).toEqual(["segment-unreachable open: sw-1 and 6 behind it are unreachable"]);
    expect(await segment.incidents()).toHaveLength(8);
    expect(await segment.tickets()).toEqual(["open: sw-1 and 6 behind it are unreachable"]);
    for (const n of [SWITCH, ...behind]) segment.up.add(n);
    await segment.pass(hours(1));
    expect(await segment.incidents()).toEqual([]);
    expect(await segment.tickets()).toEqual(["resolved: sw-1 and 6 behind it are unreachable"]);
  });

  it("gives a child that stays gone after its cause has healed a case and a ticket of its own", async () => {
    await office();
    for (const n of [SWITCH, ...behind]) segment.up.delete(n);
    await segment.pass(hours(1));
    for (const n of [SWITCH, ...behind]) if (n !== 23) segment.up.add(n);
    await segment.pass(hours(1));
    expect(await segment.incidents()).toEqual(["device-missing open: host-23 is missing"]);
    expect(await segment.tickets()).toEqual([
      "resolved: sw-1 and 6 behind it are unreachable",
      "open: host-23 is missing",
    ]);
  });

  it("names the port when all that share it go and the switch stays", async () => {
    await office();
    for (const n of [20, 21]) segment.up.delete(n);
    await segment.pass(hours(1));
    expect(await open()).toEqual(["segment-unreachable open: 2 devices at port gi1 of sw-1 went away together"]);
  });

  it("leaves one device that goes alone alone, with its place and what to look at", async () => {
    await office();
    segment.up.delete(23);
    await segment.pass(hours(1));
    expect(await open()).toEqual(["device-missing open: host-23 is missing"]);
    const [incident] = await segment.lab.read((tx) => tx.incidents.open(10));
    expect(incident).toMatchObject({ lastKnownPlace: `sw-1 port gi23, 10.0.0.23, ${macOf(23)}, site`, impact: "high" });
    expect(incident?.nextStep).toContain("port gi23 of sw-1");
  });

  it("makes one case of devices that go together though nothing known connects them", async () => {
    await office();
    for (const n of [40, 41, 42, 43]) segment.up.delete(n);
    await segment.pass(hours(2));
    expect(await open()).toEqual(["segment-unreachable open: 4 devices at subnet 10.0.0.0/24 went away together"]);
  });

  it("regroups: who was missing alone becomes part of the cause that shows later", async () => {
    await office();
    const { up, pass } = segment;
    up.delete(20);
    await pass(minutes(1));
    for (const n of [SWITCH, ...behind]) up.delete(n);
    await pass(hours(1));
    expect(await open()).toEqual(["segment-unreachable open: sw-1 and 6 behind it are unreachable"]);
  });

  it("accuses no device and one observer when nearly all is out of sight at once", async () => {
    const one = await office();
    one.isDeaf = true;
    await segment.pass(hours(4));
    expect(await segment.incidents()).toEqual(["segment-unreachable open: Agent watcher sees nothing in site"]);
    one.isDeaf = false;
    await segment.pass(hours(1));
    expect(await segment.incidents()).toEqual([]);
  });

  it("makes one case of agents that fall silent together, and each returns by itself", async () => {
    segment = await openSegment();
    const { agent, pass } = segment;
    const agents = [];
    for (let n = 1; n <= 30; n++) agents.push(await agent(`host-${n}`, n));
    await pass(minutes(10));
    for (const one of agents) one.speaks = false;
    await pass(minutes(20));
    expect(await open()).toEqual([
      expect.stringMatching(/^segment-unreachable open: \d+ of 30 agents of site site fell silent together$/),
    ]);
    expect(await segment.incidents()).toHaveLength(31);
    for (const one of agents) one.speaks = true;
    await pass(minutes(5));
    expect(await segment.incidents()).toEqual([]);
    expect((await segment.tickets()).filter((line) => line.startsWith("open"))).toEqual([]);
  });

  it("takes a look between an agent's last beat and its next one for no sign that its host outlived it", async () => {
    const stepMs = 200_000;
    segment = await openSegment({}, { stepMs });
    const { agent, pass } = segment;
    const [first, second] = [await agent("host-1", 1), await agent("host-2", 2)];
    second.verdict = "could-see";
    await pass(5 * stepMs);
    first.speaks = false;
    await pass(stepMs);
    second.speaks = false;
    await pass(6 * stepMs);
    expect(await open()).toEqual(["segment-unreachable open: 2 of 2 agents of site site fell silent together"]);
  });

  it("takes silent agents out of their switch's case when others behind it are seen, and makes one case of a crowd", async () => {
    const watcher = await office();
    const { agent, pass, lab } = segment;
    const [first, second] = [await agent("host-20", 20), await agent("host-21", 21)];
    const ports = Object.fromEntries(behind.map((n) => [n, `gi${n}`]));
    await watcher.agent.send(readSwitch(ports, 6, lab.clock.now()));
    await pass(minutes(2));
    first.speaks = false;
    second.speaks = false;
    await pass(minutes(2));
    expect(await open()).toEqual(["segment-unreachable open: 2 of 2 agents of sw-1 fell silent together"]);
    await pass(minutes(25));
    expect((await open()).sort()).toEqual([
      "agent-silent open: Agent on host-20 is silent",
      "agent-silent open: Agent on host-21 is silent",
    ]);
    for (const one of [first, second]) one.speaks = true;
    await pass(minutes(20));
    expect(await segment.incidents()).toEqual([]);
    const third = await agent("host-22", 22);
    await pass(minutes(20));
    for (const one of [first, second, third]) one.speaks = false;
    await pass(minutes(30));
    expect(await open()).toEqual([
      "segment-unreachable open: 3 of 4 agents of site site fell silent together; their hosts are still seen",
    ]);
    for (const one of [first, second, third]) one.speaks = true;
    await pass(minutes(5));
    expect(await segment.incidents()).toEqual([]);
  });
});
