import { toTimestamp } from "../../shared/clock.ts";
import type { Evidence, Incident } from "../../shared/model/incident.ts";
import type { Finding } from "../incidents/incidents.ts";
import { impactOf, impactOfMany } from "../incidents/priority.ts";
import { when } from "../incidents/words.ts";
import type { Observer, Standing } from "./observers.ts";
import { ensureParent, familyOf, joinFamily, leaveFamily, sameplaced, settle } from "./settle.ts";
import { groupFinding, silentGroup, whyNotPartOf } from "./silent-groups.ts";
import type { Track } from "./track.ts";
import type { Work } from "./work.ts";

/** Cases of agents that are not heard: what that says of their hosts, and what it leaves unwatched. */

type Quiet = Extract<Standing, { state: "closed" | "silent" }>;

const conditionOf = (observer: Observer): string => `agent-silent/${observer.key}`;

/** Judges an agent at its due time or when something happened to it. */
export const settleObserver = async (work: Work, observer: Observer): Promise<void> => {
  const standing = work.standing(observer);
  const host = work.memory.ofAgent(observer.agentId);
  if (standing.state === "closed" || standing.state === "silent") await quiet(work, observer, standing, host);
  else {
    // Within its patience an agent is not accused, but only what was heard speaks for it.
    const isProven = standing.state !== "ok" || observer.row.state === "connected";
    if (isProven && observer.isAlarmed !== false) await heardAgain(work, observer, standing.state);
    else work.keepObserver(observer);
    const now = work.memory.ofAgent(observer.agentId);
    if (now && needsSettling(now, standing)) await settle(work, now);
    // What it alone watched is unobserved from now on.
    if (standing.state === "gone")
      for (const track of work.memory.watchedBy(observer.agentId)) await settle(work, track);
  }
};

const needsSettling = (host: Track, standing: Standing): boolean =>
  standing.state !== "ok" || (host.state !== "present" && host.state !== "retired") || host.suspicion !== null;

/** A host with habits is not missed by the minute. */
const isExplained = (host: Track | undefined): boolean =>
  host !== undefined && (host.state === "away" || host.state === "retired");

const quiet = async (work: Work, observer: Observer, standing: Quiet, before: Track | undefined): Promise<void> => {
  const { tx, memory, nowMs, cases } = work;
  if (observer.row.state === "connected" && standing.state === "silent") {
    const row = await tx.agents.get(observer.agentId, observer.instance);
    if (row) await tx.agents.put({ ...row, state: "silent", stateSinceMs: nowMs });
    work.touched.agents.add(observer.agentId);
  }
  const row = (await tx.agents.get(observer.agentId, observer.instance)) ?? observer.row;
  let next: Observer = { ...observer, row };
  work.keepObserver(next);
  const host = before ? await settle(work, before) : undefined;
  if (isExplained(host)) {
    memory.dueObservers.set(observer.key, nowMs + 3_600_000);
    return;
  }
  const parent = await parentOf(work, next, standing, host);
  const incident = await cases.open(silentFinding(work, next, standing, host), parent);
  if (parent) joinFamily(work, parent.incidentId, incident.incidentId);
  if (incident.state === "part-of" && next.orphanSinceMs !== null) {
    await cases.promote(incident, `${row.name} stayed silent after what it was part of was over`);
    next = { ...next, orphanSinceMs: null };
  } else if (incident.state === "part-of") {
    await regroup(work, next, incident, { host, parent });
    memory.dueObservers.set(observer.key, nowMs + (host?.looks[0]?.intervalMs ?? work.deps.presence.lookIntervalMs));
  }
  work.keepObserver({ ...next, isAlarmed: true });
};

/** Leaves a case that later looks have shown not to be its own: for a better one, or to stand for itself. */
const regroup = async (
  work: Work,
  observer: Observer,
  incident: Incident,
  { host, parent }: { readonly host: Track | undefined; readonly parent: Incident | undefined },
): Promise<void> => {
  const before = incident.parentId === undefined ? undefined : await work.tx.incidents.get(incident.parentId);
  const why = before && whyNotPartOf(work, before, observer, host);
  if (!before || why === undefined) return;
  const family = await familyOf(work, before.incidentId);
  family.open.delete(incident.incidentId);
  if (parent && parent.incidentId !== before.incidentId) await work.cases.fold(incident, parent);
  else await work.cases.promote(incident, why);
  if (family.open.size > 0 || before.state === "resolved") return;
  await work.cases.resolve(before, `none of the silent agents is part of it: ${why}`);
  work.memory.families.delete(before.incidentId);
};

const heardAgain = async (work: Work, observer: Observer, state: "ok" | "said-goodbye" | "gone"): Promise<void> => {
  const [incident] = await work.tx.incidents.byCondition(conditionOf(observer), 1);
  work.keepObserver({ ...observer, isAlarmed: false, orphanSinceMs: null });
  if (!incident || incident.state === "resolved") return;
  const why = {
    ok: "the agent was heard again",
    "said-goodbye": "the agent said goodbye",
    gone: "the agent is no longer meant to speak (revoked or removed)",
  }[state];
  const evidence: Evidence = {
    at: toTimestamp(work.nowMs),
    observer: { kind: "collector" },
    method: "connection",
    couldSee: "could-see",
    bearing: "against",
    statement: why,
  };
  const resolved = await work.cases.resolve(incident, why, [evidence]);
  await leaveFamily(work, resolved, undefined);
};

/** The device missing case that it belongs to already, or one cause that took several agents at once. */
const parentOf = async (work: Work, observer: Observer, standing: Quiet, host: Track | undefined) => {
  const gone = host && [host, ...sameplaced(work, host)].find((track) => track.state === "missing");
  if (gone && gone.incidentId !== null) {
    const missing = await work.tx.incidents.get(gone.incidentId);
    const above = missing?.parentId === undefined ? undefined : await work.tx.incidents.get(missing.parentId);
    const top = above && above.state !== "resolved" ? above : missing;
    if (top && top.state !== "resolved") return ensureFamily(work, top);
  }
  // Only silence can have a common cause on the way; a close was said by each host's own system.
  if (standing.state !== "silent") return undefined;
  const group = silentGroup(work, observer, host);
  return group && ensureParent(work, groupFinding(work, group));
};

const ensureFamily = async (work: Work, incident: NonNullable<Awaited<ReturnType<Work["tx"]["incidents"]["get"]>>>) => {
  if (!work.memory.families.has(incident.incidentId))
    work.memory.families.set(incident.incidentId, { open: new Set(), total: incident.children });
  return incident;
};

const silentFinding = (work: Work, observer: Observer, standing: Quiet, host: Track | undefined): Finding => {
  const { row } = observer;
  const name = host?.name ?? row.name;
  const places = host ? [host, ...sameplaced(work, host)] : [];
  const watchers = places
    .flatMap((track) => track.looks)
    .filter((look) => look.agentId !== observer.agentId && work.canSee(look.agentId));
  const orphans = work.memory
    .watchedBy(observer.agentId)
    .filter(
      (track) =>
        track.assetId !== host?.assetId &&
        !track.looks.some((look) => look.agentId !== observer.agentId && work.canSee(look.agentId)),
    );
  const closeWord = row.closeKind === "rst" ? "RST" : "FIN";
  const first =
    standing.state === "closed"
      ? `The connection was closed by a living host (${closeWord} at ${when(row.stateSinceMs)}): ${name} is up, its agent is not.`
      : watchers.length === 0
        ? `Nobody else watches ${name}: whether the host is down or only its agent is silent cannot be told.`
        : `${name}'s agent fell silent without a close; ${watchers.length === 1 ? "another agent also looks" : `${watchers.length} other agents also look`} at the host and will tell whether it is gone.`;
  const goodbye = row.goodbye
    ? [`It had said goodbye (${row.goodbye.reason}) and did not return within its patience.`]
    : [];
  const blind =
    orphans.length > 0 ? [`${orphans.length} devices that only this agent watches cannot be judged meanwhile.`] : [];
  const impact = host ? impactOf(host.deviceType, host.criticality) : "medium";
  return {
    kind: "agent-silent",
    condition: conditionOf(observer),
    agentId: observer.agentId,
    ...(host && { assetId: host.assetId }),
    title: standing.state === "closed" ? `Agent on ${name} stopped; the host is alive` : `Agent on ${name} is silent`,
    summary: [first, ...goodbye, ...blind, `Last heard ${when(observer.heardMs)}.`].join("\n"),
    impact: orphans.length > 0 ? impactOfMany(impact, orphans.length) : impact,
    urgency: standing.state === "closed" ? "low" : "medium",
    confidence: standing.state === "closed" ? 0.97 : 0.9,
    lastSeenMs: observer.heardMs,
    nextStep:
      standing.state === "closed"
        ? "On the host: systemctl status rollcall-agent, and its journal."
        : "Reach the host by console or another way; if it answers, look at its agent and its way to the collector.",
    ...(host && { lastKnownPlace: [host.address, host.mac, host.realm].filter((part) => part !== null).join(", ") }),
    evidence: [
      {
        at: toTimestamp(observer.heardMs),
        observer: { kind: "collector" },
        method: "connection",
        couldSee: standing.state === "closed" ? "could-see" : "partly",
        bearing: standing.state === "closed" ? "against" : "neither",
        statement:
          standing.state === "closed"
            ? `connection closed by the host (${closeWord}): its system is alive, the agent is not`
            : "nothing was heard since then, and nobody closed the connection: evidence of neither",
      },
    ],
  };
};
