import { afterEach, expect, it } from "vitest";
import { defaultIncidentPolicy } from "../../../collector/incidents/policy.ts";
import { createWatch } from "../../../collector/presence/evaluate.ts";
import { defaultPresencePolicy } from "../../../collector/presence/policy.ts";
import { NEVER } from "../../../collector/presence/track.ts";
import { hours, minutes } from "../../../shared/clock.ts";
import { silentLog } from "../../../shared/log.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { macOf, openSegment, type Segment } from "../../support/presence-lab.ts";

let segment: Segment;
afterEach(() => segment.stop());

it("merging assets moves the open case to the survivor, with its ticket, and resolves it when the survivor is seen", async () => {
  segment = await openSegment();
  const { up, pass, agent, lab } = segment;
  const one = await agent("watcher", 6);
  one.verdict = "could-see";
  for (const n of [20, 21, 22, 23, 24]) up.add(n);
  await pass(hours(3));
  up.delete(20);
  await pass(hours(1));
  expect(await segment.incidents()).toEqual(["device-missing open: 10.0.0.20 is missing"]);
  const watch = createWatch({
    presence: defaultPresencePolicy,
    incidents: defaultIncidentPolicy,
    random: createSeededRandom(3),
    log: silentLog,
  });
  const found = await lab.read(async (tx) => {
    const tracks = await tx.presence.due(NEVER, 100);
    const [gone, survivor] = ["10.0.0.20", "10.0.0.21"].map((name) => tracks.find((track) => track.name === name)!);
    const row = await tx.assets.get(gone!.assetId);
    await tx.assets.put({ ...row!, mergedInto: survivor!.assetId });
    await watch.asset(tx, { assetId: gone!.assetId }, lab.clock.now());
    return { rows: await tx.presence.due(NEVER, 100), open: await tx.incidents.open(10), survivor: survivor! };
  });
  expect(found.rows.map((track) => track.name)).not.toContain("10.0.0.20");
  // The survivor was seen a moment ago, so that the case that came with the merge is over at once.
  expect(found.open).toEqual([]);
  expect(await segment.tickets()).toEqual(["resolved: 10.0.0.20 is missing"]);
});

const MANAGER = { name: "a person", role: "administrator" } as const;

/** A segment in which 10.0.0.20 is missing, with its ticket. */
const missing = async () => {
  segment = await openSegment();
  const one = await segment.agent("watcher", 6);
  one.verdict = "could-see";
  for (const n of [20, 21, 22, 23, 24]) segment.up.add(n);
  await segment.pass(hours(3));
  segment.up.delete(20);
  await segment.pass(hours(1));
  const tracks = await segment.lab.read((tx) => tx.presence.due(NEVER, 100));
  const idOf = (name: string) => tracks.find((track) => track.name === name)!.assetId;
  const [case_] = await segment.lab.read((tx) => tx.incidents.open(10));
  return { one, gone: idOf("10.0.0.20"), survivor: idOf("10.0.0.21"), incidentId: case_!.incidentId };
};

it("a merge by hand moves it with its ticket, though the survivor is away too; undone, it is the other's again, and ends when that is seen", async () => {
  const { gone, survivor, incidentId } = await missing();
  const { lab, up, pass } = segment;
  up.delete(21);
  const merged = await lab.engine().apply({ kind: "asset.merge", assetId: survivor, otherAssetId: gone }, MANAGER);
  if (merged.answer.status !== "ok") throw new Error("not merged");
  // The survivor was seen a moment ago: as one device they are not missing. Then it stays away.
  expect(await segment.incidents()).toEqual([]);
  await pass(hours(2));
  expect(await segment.incidents()).toEqual(["device-missing open: 10.0.0.21 is missing"]);
  const after = await lab.read(async (tx) => (await tx.incidents.open(10))[0]!);
  expect(after).toMatchObject({ incidentId, assetId: survivor, reopened: 1 });
  expect((await lab.read((tx) => tx.tickets.get(1)))?.assetId).toBe(survivor);
  const { decisionId } = merged.answer.result;
  await lab.engine().apply({ kind: "asset.undo", assetId: survivor, decisionId }, MANAGER);
  await pass(minutes(30));
  expect((await segment.incidents()).length).toBeGreaterThan(0);
  up.add(20);
  up.add(21);
  await pass(minutes(30));
  expect(await segment.incidents()).toEqual([]);
});

it("a case that stays open over a merge is the survivor's, and the other's again when it is undone", async () => {
  const { gone, survivor } = await missing();
  const { lab } = segment;
  const raised = (assetId: typeof gone) => ({
    ...{ kind: "component-removed" as const, condition: `component-removed/${assetId}/disks/sda`, assetId },
    ...{ title: "its disk is gone", summary: "its disk is gone", evidence: [] },
  });
  const watch = createWatch({
    ...{ presence: defaultPresencePolicy, incidents: defaultIncidentPolicy },
    ...{ random: createSeededRandom(3), log: silentLog },
  });
  await lab.read((tx) => watch.raise(tx, raised(gone), lab.clock.now()));
  const ofDisk = () =>
    lab.read(async (tx) => (await tx.incidents.open(10)).find((i) => i.kind === "component-removed"));
  const merged = await lab.engine().apply({ kind: "asset.merge", assetId: survivor, otherAssetId: gone }, MANAGER);
  if (merged.answer.status !== "ok") throw new Error("not merged");
  const moved = await ofDisk();
  expect(moved).toMatchObject({ assetId: survivor, condition: raised(survivor).condition });
  const ledger = await lab.read((tx) => tx.evidence.list(moved!.incidentId, 10));
  expect(ledger.at(-1)?.statement).toMatch(/^10\.0\.0\.20 and 10\.0\.0\.21 turned out to be one device/);
  const { decisionId } = merged.answer.result;
  await lab.engine().apply({ kind: "asset.undo", assetId: survivor, decisionId }, MANAGER);
  expect(await ofDisk()).toMatchObject({ assetId: gone, condition: raised(gone).condition });
});

it("a rule that joins two assets moves the open case as well: one device with two cards, of which one was unplugged", async () => {
  const { one, gone, survivor } = await missing();
  const { lab } = segment;
  const keys = [
    ...[20, 21].map((n) => ({ kind: "mac" as const, value: macOf(n) })),
    { kind: "serial" as const, value: "SN-4711", vendor: "acme" },
    { kind: "ip" as const, value: "10.0.0.21" },
  ];
  await one.agent.send({
    kind: "snapshot",
    snapshot: {
      ...{ source: "snmp", observedAtMs: lab.clock.now(), steps: [], failures: [] },
      subject: { id: `mac:${macOf(21)}`, realm: "site", keys },
    },
  });
  const rows = await lab.read((tx) => Promise.all([gone, survivor].map((assetId) => tx.assets.get(assetId))));
  expect(rows.filter((row) => row?.mergedInto !== undefined)).toHaveLength(1);
  expect(await segment.incidents()).toEqual([]);
  expect(await segment.tickets()).toEqual(["resolved: 10.0.0.20 is missing"]);
});
