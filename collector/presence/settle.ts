import type { AgentId, IncidentId } from "../../shared/ids.ts";
import type { Incident } from "../../shared/model/incident.ts";
import { aboutOf } from "../incidents/about.ts";
import { findCause, subnetKeys } from "../incidents/causes.ts";
import { causeFinding, confidenceOf, missingFinding, seenAgainEvidence } from "../incidents/findings.ts";
import type { Finding } from "../incidents/incidents.ts";
import { lookLine } from "../incidents/ledger.ts";
import { nameOfAgent } from "../incidents/words.ts";
import { learnOwn } from "./looks.ts";
import type { Family } from "./memory.ts";
import { judge } from "./states.ts";
import type { Look, Track } from "./track.ts";
import type { Work } from "./work.ts";

/** Brings a track to what the rules say of it now, with all that follows: commands, cases, tickets. Repeating it changes nothing. */
export const settle = async (work: Work, before: Track): Promise<Track> => {
  const { nowMs } = work;
  const view = work.view(before);
  const track = learnOwn(before, view.own, nowMs, work.deps.local);
  const verdict = judge(track, view);
  let next: Track = { ...track, dueMs: Math.max(verdict.dueMs, nowMs + 1) };
  if (verdict.wants === "accuse") next = await accuse(work, next);
  else {
    if (verdict.wants === "confirm") next = confirm(work, next);
    next = { ...next, state: verdict.state };
  }
  if (next.state !== "suspect" && next.state !== "missing" && next.suspicion) next = { ...next, suspicion: null };
  if (next.state !== track.state) {
    next = { ...next, sinceMs: nowMs };
    work.touched.assets.add(next.assetId);
    await work.tx.assets.setPresence(next.assetId, next.state, nowMs);
    if (track.state === "missing") next = await cameBack(work, next);
  }
  const isNews =
    track.rhythm !== before.rhythm ||
    next.state !== track.state ||
    next.suspicion !== track.suspicion ||
    next.incidentId !== track.incidentId;
  work.keep(next, isNews);
  return next;
};

/** Asks who missed it to look again by other methods; then, or beside it, another agent that has seen it. */
const confirm = (work: Work, track: Track): Track => {
  const { nowMs, deps } = work;
  if (track.address === null) return track;
  const already = new Set(track.suspicion?.asked.map((ask) => ask.agentId));
  const able = track.looks.filter((look) => look.scope !== "" && work.canSee(look.agentId));
  const accuser = able.find((look) => look.misses > 0);
  const other = able.find((look) => look.agentId !== accuser?.agentId && !already.has(look.agentId));
  const untilMs = nowMs + deps.presence.confirmMs;
  const asked = [accuser, other].flatMap((look) => {
    if (!look) return [];
    const { agentId, scope } = look;
    const commandId = work.askToLook(agentId, scope, track.address!, untilMs);
    // A look at one silent address proves nothing: somebody who should answer is asked along with it.
    const witness = witnessFor(work, track, agentId, scope);
    if (witness !== undefined) work.askToLook(agentId, scope, witness, untilMs);
    return [{ agentId, commandId, untilMs }];
  });
  if (asked.length === 0)
    return { ...track, suspicion: { sinceMs: track.suspicion?.sinceMs ?? nowMs, asked: track.suspicion?.asked ?? [] } };
  return {
    ...track,
    dueMs: Math.min(track.dueMs, untilMs),
    suspicion: {
      sinceMs: track.suspicion?.sinceMs ?? nowMs,
      asked: [...(track.suspicion?.asked ?? []), ...asked].slice(-8),
    },
  };
};

/** Address of a device beside it that this agent, looking at the same scope, saw last of all. */
const witnessFor = (work: Work, track: Track, agentId: AgentId, scope: string): string | undefined => {
  if (track.addressKey === null) return undefined;
  let best: { readonly hitMs: number; readonly address: string } | undefined;
  for (const other of work.memory.inRange(track.realm, ...subnetKeys(track.addressKey))) {
    if (other.state !== "present" || other.suspicion !== null || other.address === null) continue;
    const look = other.looks.find((one) => one.agentId === agentId && one.scope === scope);
    if (look && look.misses === 0 && look.hitMs > (best?.hitMs ?? 0))
      best = { hitMs: look.hitMs, address: other.address };
  }
  return best?.address;
};

/** The case of what took it, if that took more; all that already stood for the same loss goes under it. */
const parentOf = async (work: Work, track: Track): Promise<Incident | undefined> => {
  const { memory, nowMs } = work;
  const cause = findCause(track, {
    nowMs,
    track: memory.track,
    behind: memory.behind,
    neighboursOf: work.neighboursOf,
  });
  if (!cause) return undefined;
  const parent = await ensureParent(work, causeFinding(work, cause, track));
  for (const other of cause.lost) await foldTopOf(work, other.incidentId, parent);
  return parent;
};

const accuse = async (work: Work, track: Track): Promise<Track> => {
  const parent = await parentOf(work, track);
  const incident = await work.cases.open(missingFinding(work, track, await aboutOf(work, track)), parent);
  if (parent) joinFamily(work, parent.incidentId, incident.incidentId);
  await foldOwnSilence(work, track, parent ?? incident);
  return { ...track, state: "missing", incidentId: incident.incidentId, orphanSinceMs: null };
};

/** The case of a cause: opened once; whatever already stood for the same loss becomes part of it. */
export const ensureParent = async (work: Work, finding: Finding): Promise<Incident> => {
  const parent = await work.cases.open(finding);
  if (!work.memory.families.has(parent.incidentId)) await loadFamily(work, parent.incidentId);
  return parent;
};

const MAX_CHILDREN = 100_000;

/** What is known of a case with children, read again when it was forgotten. */
export const familyOf = async (work: Work, parentId: IncidentId): Promise<Family> =>
  work.memory.families.get(parentId) ?? loadFamily(work, parentId);

const loadFamily = async (work: Work, parentId: IncidentId) => {
  const children = await work.tx.incidents.children(parentId, MAX_CHILDREN);
  const open = children.filter((child) => child.state === "part-of").map((child) => child.incidentId);
  const family = { open: new Set(open), total: children.length };
  work.memory.families.set(parentId, family);
  return family;
};

export const joinFamily = (work: Work, parentId: IncidentId, childId: IncidentId): void => {
  const family = work.memory.families.get(parentId);
  if (!family || family.open.has(childId)) return;
  family.open.add(childId);
  family.total++;
};

/** A case that stood for part of the loss, or its own parent, goes under the greater one. */
const foldTopOf = async (work: Work, incidentId: IncidentId | null, parent: Incident): Promise<void> => {
  if (incidentId === null) return;
  const incident = await work.tx.incidents.get(incidentId);
  if (!incident || incident.state === "resolved") return;
  const above = incident.parentId === undefined ? undefined : await work.tx.incidents.get(incident.parentId);
  const top = above && above.state !== "resolved" ? above : incident;
  if (top.incidentId === parent.incidentId || top.parentId === parent.incidentId) return;
  await work.cases.fold(top, parent);
  joinFamily(work, parent.incidentId, top.incidentId);
};

/**
 * What is kept as another asset and yet answers with the same MAC at the same address: the place of one device, seen from
 * outside and from within, before identity has joined the two (it never does by a virtual interface that stands beside real ones).
 */
export const sameplaced = (work: Work, track: Track): readonly Track[] =>
  track.addressKey === null || track.mac === null
    ? []
    : work.memory
        .atAddress(track.realm, track.addressKey)
        .filter((other) => other.assetId !== track.assetId && other.mac === track.mac);

/** A missing host's agent is silent for the same reason. */
const foldOwnSilence = async (work: Work, track: Track, parent: Incident): Promise<void> => {
  for (const { agentId } of [track, ...sameplaced(work, track)]) {
    if (agentId === null) continue;
    const [silence] = await work.tx.incidents.byCondition(`agent-silent/${agentId}`, 1);
    if (!silence || silence.state === "resolved" || silence.incidentId === parent.incidentId) continue;
    await work.cases.fold(silence, parent);
    joinFamily(work, parent.incidentId, silence.incidentId);
  }
};

/** It is back: its own case ends, and that of the cause where enough of its children are back. */
const cameBack = async (work: Work, track: Track): Promise<Track> => {
  const { nowMs } = work;
  const incident = track.incidentId === null ? undefined : await work.tx.incidents.get(track.incidentId);
  const isFlap = nowMs - track.flapSinceMs < 86_400_000;
  // What something else took along does not flap by itself.
  const isOwn = incident?.parentId === undefined;
  const back: Track = {
    ...track,
    incidentId: null,
    orphanSinceMs: null,
    ...(isOwn && { flaps: isFlap ? track.flaps + 1 : 1, flapSinceMs: isFlap ? track.flapSinceMs : nowMs }),
  };
  if (!incident || incident.state === "resolved") return back;
  if (track.state === "retired" || track.state === "unobserved" || track.state === "away") {
    await work.cases.resolve(
      incident,
      `no longer expected: ${track.state === "away" ? "its absence is explained" : track.state}`,
    );
  } else await work.cases.resolve(incident, "the same device was seen again", seenAgainEvidence(work, track));
  await leaveFamily(work, incident, track);
  return back;
};

/** A child's case is over. The cause has healed when it is seen itself, or when half of what it took is back. */
export const leaveFamily = async (work: Work, child: Incident, track: Track | undefined): Promise<void> => {
  const { memory, tx } = work;
  const led =
    memory.families.get(child.incidentId) ??
    (child.children > 0 ? await loadFamily(work, child.incidentId) : undefined);
  if (led) await releaseChildren(work, child.incidentId);
  const parent = child.parentId === undefined ? undefined : await tx.incidents.get(child.parentId);
  if (!parent || parent.state === "resolved") return;
  const family = await familyOf(work, parent.incidentId);
  family.open.delete(child.incidentId);
  const isCauseBack = track !== undefined && parent.assetId === track.assetId;
  if (!isCauseBack && family.open.size > family.total / 2) return;
  const why = isCauseBack
    ? `${track.name} was seen again`
    : `${family.total - family.open.size} of ${family.total} are back`;
  const healed = await work.cases.resolve(parent, why);
  await releaseChildren(work, parent.incidentId);
  await leaveFamily(work, healed, undefined);
};

/** Children of a healed cause must come back by themselves, or stand for themselves. */
const releaseChildren = async (work: Work, parentId: IncidentId): Promise<void> => {
  const { memory, nowMs } = work;
  const family = memory.families.get(parentId);
  memory.families.delete(parentId);
  for (const childId of family?.open ?? []) {
    const child = await work.tx.incidents.get(childId);
    if (child?.state !== "part-of") continue;
    const track = child.assetId === undefined ? undefined : memory.track(child.assetId);
    if (track?.incidentId === childId) {
      work.keep({ ...track, orphanSinceMs: nowMs }, true);
      continue;
    }
    const observer = child.agentId === undefined ? undefined : work.observerOf(child.agentId);
    if (observer && child.kind === "agent-silent") {
      work.keepObserver({ ...observer, orphanSinceMs: nowMs });
      memory.dueObservers.set(observer.key, nowMs + 60_000);
    } else await work.cases.promote(child, "what it was part of is over");
  }
};

/**
 * Another look missed a device that is missing already. An observer that had not missed it before is new evidence, and told
 * once; an orphan of a healed cause stands for itself after an interval.
 */
export const missedAgain = async (work: Work, track: Track, by: AgentId): Promise<void> => {
  if (track.incidentId === null) return;
  const look = track.looks.find((one) => one.agentId === by);
  if (look?.misses === 1) await joinAccusers(work, track.incidentId, track, look);
  if (track.orphanSinceMs === null) return;
  if (work.nowMs - track.orphanSinceMs < (track.looks[0]?.intervalMs ?? 0)) return;
  const incident = await work.tx.incidents.get(track.incidentId);
  if (incident?.state === "part-of") {
    const parent = await parentOf(work, track);
    if (parent) await foldTopOf(work, incident.incidentId, parent);
    else await work.cases.promote(incident, `${track.name} stayed away after its cause was over`);
  }
  work.keep({ ...track, orphanSinceMs: null }, true);
};

const joinAccusers = async (work: Work, incidentId: IncidentId, track: Track, look: Look): Promise<void> => {
  const incident = await work.tx.incidents.get(incidentId);
  if (!incident || incident.state === "resolved" || incident.state === "part-of") return;
  const line = lookLine(work, look);
  const comment = `${nameOfAgent(work, look.agentId)} has looked as well: ${line.statement}.`;
  await work.cases.addEvidence(incident, [line], comment, confidenceOf(track));
};
