import { toTimestamp } from "../../shared/clock.ts";
import type { AssetId, IncidentId } from "../../shared/ids.ts";
import type { Evidence, Incident } from "../../shared/model/incident.ts";
import { ticketKey } from "../tickets/body.ts";
import { unmissed } from "./looks.ts";
import { leaveFamily, settle } from "./settle.ts";
import { MAX_LOOKS, type Track } from "./track.ts";
import type { Work } from "./work.ts";

/** Two assets turned out to be one device: what was known of the one is known of the other, and its open cases move over. */
export const mergeTracks = async (work: Work, goneId: AssetId, survivor: Track): Promise<void> => {
  const { memory, tx } = work;
  const gone = memory.track(goneId);
  const moved = new Map<IncidentId, Incident>();
  for (const incident of await tx.incidents.openFor(goneId)) {
    const condition = incident.condition.replaceAll(goneId, survivor.assetId);
    const [same] = await tx.incidents.byCondition(condition, 1);
    if (condition !== incident.condition && same && same.state !== "resolved") {
      const resolved = await work.cases.resolve(incident, "the same device as in another open case");
      await leaveFamily(work, resolved, undefined);
    } else {
      moved.set(incident.incidentId, await giveTo(work, incident, condition, survivor.assetId));
      await work.cases.addEvidence(incident, [joinedLine(work, gone?.name ?? "an asset", survivor.name)]);
    }
  }
  if (!gone) return;
  // For undoing it: what was due to the joined asset then is due to it again.
  if (gone.state !== "present" || moved.size > 0)
    await tx.meta.put(memoOf(goneId), JSON.stringify({ track: gone, incidents: [...moved.keys()] } satisfies Memo));
  memory.remove(goneId);
  await tx.presence.remove(goneId);
  const merged = mergeTrack(survivor, gone, moved);
  for (const child of memory.behind(goneId)) work.keep({ ...child, parentId: survivor.assetId }, true);
  work.keep(merged, true);
  await settle(work, merged);
};

type Memo = { readonly track: Track; readonly incidents: readonly IncidentId[] };
const memoOf = (assetId: AssetId): string => `watch.merged/${assetId}`;

/** The case and its ticket are about this asset from now on. */
const giveTo = async (work: Work, incident: Incident, condition: string, assetId: AssetId): Promise<Incident> => {
  const { tx } = work;
  const next = { ...incident, condition, assetId };
  await work.cases.update(next);
  const ticket = await tx.tickets.byKey(ticketKey(incident));
  if (ticket) await tx.tickets.put({ ...ticket, assetId });
  return next;
};

const joinedLine = ({ nowMs }: Work, gone: string, survivor: string): Evidence => ({
  at: toTimestamp(nowMs),
  observer: { kind: "collector" },
  method: "inventory",
  couldSee: "could-see",
  bearing: "neither",
  statement: `${gone} and ${survivor} turned out to be one device: this case is about ${survivor} from now on`,
});

/** A join was taken back: the asset is watched as it was before, and cases that came from it and are still open return to it. */
export const unmergeTrack = async (work: Work, assetId: AssetId): Promise<void> => {
  const { tx, memory } = work;
  const text = await tx.meta.get(memoOf(assetId));
  if (!text || memory.track(assetId) !== undefined) return;
  const { track, incidents } = JSON.parse(text) as Memo;
  await tx.meta.put(memoOf(assetId), "");
  let mine: IncidentId | null = null;
  for (const incidentId of incidents) {
    const incident = await tx.incidents.get(incidentId);
    if (!incident || incident.state === "resolved" || incident.assetId === undefined) continue;
    const holder = memory.track(incident.assetId);
    await giveTo(work, incident, incident.condition.replaceAll(incident.assetId, assetId), assetId);
    if (incidentId === track.incidentId) mine = incidentId;
    if (holder?.incidentId === incidentId)
      work.keep({ ...holder, incidentId: null, state: "present", suspicion: null }, true);
  }
  const state = track.state === "missing" && mine === null ? "suspect" : track.state;
  work.keep({ ...track, state, incidentId: mine, sinceMs: work.nowMs, dueMs: work.nowMs + 1 }, true);
};

/** The later word counts; looks of both are kept, one an agent. */
const mergeTrack = (survivor: Track, gone: Track, moved: ReadonlyMap<IncidentId, Incident>): Track => {
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
