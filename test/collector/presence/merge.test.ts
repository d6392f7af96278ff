import { afterEach, expect, it } from "vitest";
import { defaultIncidentPolicy } from "../../../collector/incidents/policy.ts";
import { createWatch } from "../../../collector/presence/evaluate.ts";
import { defaultPresencePolicy } from "../../../collector/presence/policy.ts";
import { NEVER } from "../../../collector/presence/track.ts";
import { hours } from "../../../shared/clock.ts";
import { silentLog } from "../../../shared/log.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { openSegment, type Segment } from "../../support/presence-lab.ts";

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
