import { afterEach, describe, expect, it } from "vitest";
import { NEVER } from "../../../collector/presence/track.ts";
import { hours, minutes } from "../../../shared/clock.ts";
import type { KeptBody } from "../../../shared/protocol/envelope.ts";
import { macOf, openSegment, type Segment } from "../../support/presence-lab.ts";

let segment: Segment;
afterEach(() => segment.stop());

const CAMERA = 30;

/** An agent of another network, whose sweeps see what is there. */
const annex = async () => {
  const { lab } = segment;
  const agent = await lab.addAgent(
    "annex-watcher",
    [{ name: "lan", realm: "annex", targets: ["10.9.0.0/24"] }],
    minutes(10),
  );
  await agent.connect();
  const there = new Set<number>();
  let sweeps = 0;
  const sweep = (): KeptBody => ({
    kind: "sweep",
    sweep: {
      ...{ sweepId: `annex-${++sweeps}`, scope: "lan", realm: "annex" },
      ...{ startedAtMs: lab.clock.now() - 3_000, endedAtMs: lab.clock.now() },
      coverage: [{ from: "10.9.0.1", to: "10.9.0.254", asks: 2, spreadMs: 1_500, methods: ["arp"] }],
      proof: { verdict: "could-see", reasons: [], controls: [], loss: 0, latenessMs: 0 },
      sightings: [...there].map((n) => ({
        subject: {
          ...{ id: `mac:${macOf(n)}`, realm: "annex" },
          keys: [
            { kind: "mac" as const, value: macOf(n) },
            { kind: "ip" as const, value: `10.9.0.${n}` },
          ],
        },
        method: "arp" as const,
        observedAtMs: lab.clock.now() - 500,
      })),
    },
  });
  /** Time passes in both networks; the annex is swept every ten minutes. */
  const pass = async (ms: number) => {
    for (const until = lab.clock.now() + ms; lab.clock.now() < until; ) {
      await segment.pass(minutes(10));
      await agent.beat();
      await agent.send(sweep());
    }
  };
  return { there, pass };
};

const watched = async () => {
  segment = await openSegment();
  const one = await segment.agent("watcher", 6);
  one.verdict = "could-see";
  for (const n of [CAMERA, 31, 32, 33, 34, 35]) segment.up.add(n);
  await segment.pass(hours(3));
  return one;
};

describe("a device that is heard elsewhere", () => {
  it("has moved and is not missing; the case ends when it is back", async () => {
    await watched();
    const { there, pass } = await annex();
    there.add(90);
    await pass(hours(1));
    segment.up.delete(CAMERA);
    there.add(CAMERA);
    await pass(hours(2));
    expect(await segment.incidents()).toEqual([`device-moved open: 10.0.0.${CAMERA} moved from site to annex`]);
    expect(await segment.presence(`10.0.0.${CAMERA}`)).toBe("present");
    expect(await segment.tickets()).toEqual([]);
    there.delete(CAMERA);
    segment.up.add(CAMERA);
    await pass(hours(1));
    expect(await segment.incidents()).toEqual([]);
  });

  it("is missing in the new place when it goes from there", async () => {
    await watched();
    const { there, pass } = await annex();
    for (const n of [90, 91, 92, 93, 94]) there.add(n);
    await pass(hours(1));
    segment.up.delete(CAMERA);
    there.add(CAMERA);
    await pass(hours(2));
    there.delete(CAMERA);
    await pass(hours(1));
    expect((await segment.incidents()).filter((line) => line.startsWith("device-missing"))).toEqual([
      `device-missing open: 10.0.0.${CAMERA} is missing`,
    ]);
  });

  it("has moved to neither of two networks that it is heard on in turn", async () => {
    await watched();
    const { there, pass } = await annex();
    there.add(CAMERA);
    await pass(hours(4));
    expect(await segment.incidents()).toEqual([]);
  });
});

it("an address that a device took is in the books, and in its history", async () => {
  await watched();
  segment.macs.set(77, macOf(CAMERA));
  segment.up.delete(CAMERA);
  segment.up.add(77);
  await segment.pass(hours(1));
  const found = await segment.lab.read(async (tx) => {
    const track = (await tx.presence.due(NEVER, 100)).find(({ mac }) => mac === macOf(CAMERA));
    const asset = await tx.assets.get(track!.assetId);
    return { address: asset?.primaryAddress, changes: await tx.changes.ofAsset(track!.assetId, 10) };
  });
  expect(found.address).toBe("10.0.0.77");
  expect(found.changes).toMatchObject([
    {
      field: "primaryAddress",
      before: `10.0.0.${CAMERA}`,
      after: "10.0.0.77",
      actor: { kind: "agent", method: "arp" },
    },
  ]);
  expect(await segment.incidents()).toEqual([]);
});

it("two devices that answer at one address are a case, which ends when one of them has another", async () => {
  await watched();
  const { lab, up, pass } = segment;
  const mac = macOf(99);
  const shared = (): KeptBody => ({
    kind: "sweep",
    sweep: {
      ...{ sweepId: `shared-${lab.clock.now()}`, scope: "lan", realm: "site" },
      ...{ startedAtMs: lab.clock.now() - 3_000, endedAtMs: lab.clock.now() },
      coverage: [{ from: "10.0.0.31", to: "10.0.0.31", asks: 2, spreadMs: 1_500, methods: ["arp"] }],
      proof: { verdict: "could-see", reasons: [], controls: [], loss: 0, latenessMs: 0 },
      sightings: [macOf(31), mac].map((one) => ({
        subject: {
          ...{ id: `mac:${one}`, realm: "site" },
          keys: [
            { kind: "mac" as const, value: one },
            { kind: "ip" as const, value: "10.0.0.31" },
          ],
        },
        method: "arp" as const,
        observedAtMs: lab.clock.now() - 500,
      })),
    },
  });
  const observer = await segment.agent("second", 7);
  await observer.agent.send(shared());
  expect(await segment.incidents()).toContainEqual("duplicate-address open: 10.0.0.31 is used by two devices");
  up.add(99);
  await pass(minutes(20));
  expect(await segment.incidents()).not.toContainEqual("duplicate-address open: 10.0.0.31 is used by two devices");
  expect((await segment.tickets())[0]).toBe("resolved: 10.0.0.31 is used by two devices");
});
