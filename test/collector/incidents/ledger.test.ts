import { afterEach, describe, expect, it } from "vitest";
import { hours, minutes } from "../../../shared/clock.ts";
import { sectionHash, toItems } from "../../../shared/protocol/canonical.ts";
import { hostSnapshot, macOf, openSegment, type Segment } from "../../support/presence-lab.ts";

let segment: Segment;
afterEach(() => segment.stop());

const VICTIM = 20;

const incidentOf = async (kind: string) =>
  segment.lab.read(async (tx) => {
    const incident = (await tx.incidents.open(100)).find((one) => one.kind === kind);
    return { incident, ledger: incident ? await tx.evidence.list(incident.incidentId, 100) : [] };
  });

/** A host with an agent that knows who signs in there, a watcher, and neighbours. */
const office = async (stepMs = 10_000) => {
  segment = await openSegment({}, { stepMs });
  const { up, agent, pass, lab } = segment;
  const watcher = await agent("watcher", 6);
  watcher.verdict = "could-see";
  for (const n of [30, 31, 32, 33, 34, 35]) up.add(n);
  const victim = await agent("victim", VICTIM);
  const users = [
    { name: "root", uid: "0" },
    { name: "alice", fullName: "Alice Ames", lastLoginAt: "2026-01-04T17:00:00.000Z" },
    { name: "bob", lastLoginAt: "2026-01-02T09:00:00.000Z" },
  ];
  const items = Object.fromEntries(toItems("users", users)) as Record<string, Record<string, unknown>>;
  const said = hostSnapshot("victim", VICTIM, lab.clock.now());
  if (said.kind !== "snapshot") throw new Error("no snapshot");
  const step = { kind: "full" as const, section: "users" as const, hash: sectionHash("users", users), items };
  await victim.agent.send({ ...said, snapshot: { ...said.snapshot, steps: [step] } });
  await pass(hours(3));
  return { watcher, victim };
};

describe("the evidence ledger of a device that is missing", () => {
  it("grows by each observer that misses it for the first time, once, and the ticket says so", async () => {
    segment = await openSegment();
    const { up, agent, pass, lab } = segment;
    const [first, second] = [await agent("watch-1", 5), await agent("watch-2", 6)];
    for (const one of [first, second]) one.verdict = "could-see";
    up.add(VICTIM);
    await pass(hours(3));
    second.verdict = null;
    up.delete(VICTIM);
    await pass(hours(2));
    const before = await incidentOf("device-missing");
    expect(before.ledger.filter(({ bearing }) => bearing === "for")).toHaveLength(1);
    const comments = () =>
      lab.read(async (tx) => (await tx.ticketEvents.list(1, 100)).filter(({ kind }) => kind === "comment"));
    expect(await comments()).toEqual([]);
    second.verdict = "could-see";
    await pass(hours(3));
    const after = await incidentOf("device-missing");
    expect(after.ledger.length).toBe(before.ledger.length + 1);
    expect(after.ledger.at(-1)).toMatchObject({ bearing: "for", observer: { name: "watch-2" } });
    expect(after.incident!.confidence).toBeGreaterThan(before.incident!.confidence);
    expect(await comments()).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/^watch-2 has looked as well: looked 1 time since/) }),
    ]);
  });

  it("says who looked, how, what they saw, whether they could see, what else went, and who was there last", async () => {
    const { victim } = await office();
    segment.up.delete(VICTIM);
    victim.speaks = false;
    await segment.pass(hours(1));
    const { incident, ledger } = await incidentOf("device-missing");
    expect(incident).toMatchObject({
      title: "victim is missing",
      lastKnownPlace: `10.0.0.${VICTIM}, ${macOf(VICTIM)}, site`,
      nextStep: expect.stringContaining("power"),
    });
    expect(incident!.summary).toContain("Last signed in there: Alice Ames (alice), 2026-01-04T17:00:00.000Z.");
    expect(incident!.confidence).toBeGreaterThan(0.8);
    const lines = ledger.map(({ observer, method, couldSee, bearing, statement }) => ({
      who: observer.kind === "agent" ? observer.name : observer.kind,
      ...{ method, couldSee, bearing, statement },
    }));
    expect(lines).toEqual([
      expect.objectContaining({ who: "watcher", bearing: "against", statement: `last seen then at 10.0.0.${VICTIM}` }),
      {
        ...{ who: "watcher", method: "arp", couldSee: "could-see", bearing: "for" },
        statement: expect.stringMatching(
          /^looked \d+ times since 2026-01-05 .* and did not see it, the last time by arp and 2 asks; it could see: \d+ devices? answered it$/,
        ),
      },
      {
        ...{ who: "collector", method: "topology", couldSee: "could-see", bearing: "neither" },
        statement: "nothing else went at the same time of 7 other devices (in 10.0.0.0/24) that were there",
      },
      expect.objectContaining({ who: "collector", method: "connection", bearing: "neither" }),
    ]);
  });

  it("names what answers at its address since, and says that it was probably replaced", async () => {
    const { victim } = await office();
    segment.macs.set(VICTIM, macOf(99));
    victim.speaks = false;
    await segment.pass(hours(1));
    const { incident } = await incidentOf("device-missing");
    expect(incident?.summary).toMatch(
      /is answered by .*, which is another device and was first seen at .*: it was probably replaced/,
    );
    expect(incident?.nextStep).toContain("replaced");
  });
});

it("a case that is resolved and comes back within its window is opened again, with its ticket; later it is a new one", async () => {
  await office(minutes(2));
  const comeAndGo = async (awayMs: number) => {
    segment.up.delete(30);
    await segment.pass(hours(1));
    segment.up.add(30);
    await segment.pass(awayMs);
  };
  await comeAndGo(minutes(60));
  await comeAndGo(hours(26));
  expect(await segment.tickets()).toEqual(["resolved: 10.0.0.30 is missing"]);
  await comeAndGo(minutes(20));
  expect(await segment.tickets()).toEqual(["resolved: 10.0.0.30 is missing", "resolved: 10.0.0.30 is missing"]);
});
