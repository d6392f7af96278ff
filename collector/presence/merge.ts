import type { AssetId } from "../../shared/ids.ts";
import type { Incident } from "../../shared/model/incident.ts";
import { unmissed } from "./looks.ts";
import { leaveFamily, settle } from "./settle.ts";
import { MAX_LOOKS, type Track } from "./track.ts";
import type { Work } from "./work.ts";

/** Two assets turned out to be one device: what was known of the one is known of the other, and its open cases move over. */
export const mergeTracks = async (work: Work, goneId: AssetId, survivor: Track): Promise<void> => {
  const { memory, tx } = work;
  const gone = memory.track(goneId);
  const moved = new Map<string, Incident>();
  for (const incident of await tx.incidents.openFor(goneId)) {
    const condition = incident.condition.replaceAll(goneId, survivor.assetId);
    const [same] = await tx.incidents.byCondition(condition, 1);
    if (condition !== incident.condition && same && same.state !== "resolved") {
      const resolved = await work.cases.resolve(incident, "the same device as in another open case");
      await leaveFamily(work, resolved, undefined);
    } else {
      const next = { ...incident, condition, assetId: survivor.assetId };
      await work.cases.update(next);
      moved.set(incident.incidentId, next);
    }
  }
  if (!gone) return;
  memory.remove(goneId);
  await tx.presence.remove(goneId);
  const merged = mergeTrack(survivor, gone, moved);
  for (const child of memory.behind(goneId)) work.keep({ ...child, parentId: survivor.assetId }, true);
  work.keep(merged, true);
  await settle(work, merged);
};

/** The later word counts; looks of both are kept, one an agent. */
const mergeTrack = (survivor: Track, gone: Track, moved: ReadonlyMap<string, Incident>): Track => {
  const [newer, older] = survivor.lastSeenMs >= gone.lastSeenMs ? [survivor, gone] : [gone, survivor];
  const looks = [
    ...newer.looks,
    ...older.looks.filter((look) => !newer.looks.some((mine) => mine.agentId === look.agentId)),
  ]
    .map((look) => ((look.missLastMs ?? 0) <= newer.lastSeenMs ? unmissed(look) : look))
    .slice(0, MAX_LOOKS);
  const isMoved = gone.incidentId !== null && moved.has(gone.incidentId);
  const place = newer.address !== null ? newer : older;
  return {
    ...survivor,
    address: place.address,
    addressKey: place.addressKey,
    mac: newer.mac ?? older.mac,
    agentId: survivor.agentId ?? gone.agentId,
    parentId: survivor.parentId ?? gone.parentId,
    port: survivor.parentId === null ? gone.port : survivor.port,
    observerId: newer.observerId,
    firstSeenMs: Math.min(survivor.firstSeenMs, gone.firstSeenMs),
    lastSeenMs: newer.lastSeenMs,
    lastMethod: newer.lastMethod,
    lastBy: newer.lastBy,
    looks,
    apart: looks.some((look) => look.misses > 0) ? (newer.apart ?? null) : null,
    rhythm: survivor.rhythm === "" ? gone.rhythm : survivor.rhythm,
    absences: Math.max(survivor.absences, gone.absences),
    longestAwayMs: Math.max(survivor.longestAwayMs, gone.longestAwayMs),
    incidentId: survivor.incidentId ?? (isMoved ? gone.incidentId : null),
    state: isMoved && survivor.incidentId === null ? "missing" : survivor.state,
  };
};
