import { toTimestamp } from "../../shared/clock.ts";
import type { Incident } from "../../shared/model/incident.ts";
import { subnetName } from "../incidents/causes.ts";
import type { Finding } from "../incidents/incidents.ts";
import { impactOfMany } from "../incidents/priority.ts";
import { when } from "../incidents/words.ts";
import { type Observer, silentPatienceMs } from "./observers.ts";
import type { Track } from "./track.ts";
import type { Work } from "./work.ts";

/** Agents that fall silent together: what they share, as far as nothing that is still seen speaks against it. */

type Group = {
  readonly key: string;
  readonly name: string;
  readonly members: readonly Observer[];
  readonly all: number;
  /** Their hosts were seen since by somebody else: what they share is no place that is out of reach. */
  readonly areHostsSeen: boolean;
};

/** Somebody else who can see has seen it since this agent's next beat was due: until then it may have lived. */
const isSeenSince = (work: Work, track: Track | undefined, observer: Observer): boolean =>
  track?.looks.some(
    ({ agentId, hitMs }) =>
      agentId !== observer.agentId &&
      hitMs > observer.heardMs + (observer.row.heartbeatMs ?? 30_000) + SAME_TIME_MS &&
      work.canSee(agentId),
  ) ?? false;
/** A look takes its time, and clocks differ. */
const SAME_TIME_MS = 60_000;

/** Overdue by half its patience and last heard together with this one. */
const isSilentWith = (work: Work, observer: Observer, other: Observer): boolean => {
  const patienceMs = silentPatienceMs(other.row, work.deps.presence);
  return (
    (other.row.state === "connected" || other.row.state === "silent" || other.row.closeKind === "lost") &&
    Math.abs(other.heardMs - observer.heardMs) <=
      Math.max(patienceMs, silentPatienceMs(observer.row, work.deps.presence)) &&
    work.nowMs - Math.max(other.heardMs, work.hearableSinceMs) >= 0.4 * patienceMs
  );
};

export const silentGroup = (work: Work, observer: Observer, host: Track | undefined): Group | undefined => {
  const expected = [...work.memory.observers.values()].filter((other) => {
    const { state } = other.row;
    return state !== "revoked" && state !== "pending" && state !== "never" && state !== "said-goodbye";
  });
  const hostOf = (other: Observer) => work.memory.ofAgent(other.agentId);
  const realmOf = (other: Observer) => hostOf(other)?.realm ?? other.row.scopes[0]?.realm;
  const isHostSeen = (other: Observer) => isSeenSince(work, hostOf(other), other);
  const silent = (of: readonly Observer[]) =>
    of.filter((other) => other.key === observer.key || isSilentWith(work, observer, other));
  const tryGroup = (key: string, name: string, of: readonly Observer[], least: number): Group | undefined => {
    const members = silent(of).filter((other) => !isHostSeen(other));
    return members.length >= least && members.length >= 0.7 * of.length
      ? { key, name, members, all: of.length, areHostsSeen: false }
      : undefined;
  };
  const realm = realmOf(observer);
  const realms = new Set(expected.map(realmOf));
  const inRealm = expected.filter((other) => realmOf(other) === realm);
  const inSubnet = host?.address ? inRealm.filter((other) => sameSubnet(hostOf(other), host)) : [];
  const behind = host?.parentId ? expected.filter((other) => hostOf(other)?.parentId === host.parentId) : [];
  if (isHostSeen(observer)) {
    const members = silent(inRealm).filter(isHostSeen);
    const name = `site ${realm}`;
    return members.length < MANY
      ? undefined
      : { key: `agents-only:${realm}`, name, members, all: inRealm.length, areHostsSeen: true };
  }
  const parentName = host?.parentId ? (work.memory.track(host.parentId)?.name ?? "one switch") : "";
  return (
    (realms.size >= 2 ? tryGroup("collector", "the collector's own network", expected, 4) : undefined) ??
    tryGroup(`site:${realm}`, `site ${realm}`, inRealm, 2) ??
    (host?.address
      ? tryGroup(`agents:${realm}:${subnetName(host)}`, `subnet ${subnetName(host)}`, inSubnet, 2)
      : undefined) ??
    (isCompanySeen(work, observer, host) ? undefined : tryGroup(`asset:${host?.parentId}`, parentName, behind, 2))
  );
};

/** A switch behind which others are still seen has taken nobody along. */
const isCompanySeen = (work: Work, observer: Observer, host: Track | undefined): boolean =>
  host !== undefined &&
  host.parentId !== null &&
  work.memory.behind(host.parentId).some((track) => isSeenSince(work, track, observer));

/**
 * Why an agent's silence can't be part of such a case any more: agents are heard by the minute and hosts seen by the hour, so
 * that a place is blamed at first and may be cleared by the next look.
 */
export const whyNotPartOf = (
  work: Work,
  { kind, condition }: Pick<Incident, "kind" | "condition">,
  observer: Observer,
  host: Track | undefined,
): string | undefined => {
  const [, key = ""] = condition.split(/\/(.*)/s);
  if (kind !== "segment-unreachable" || !/^(collector|site:|agents:|asset:)/.test(key)) return undefined;
  if (isSeenSince(work, host, observer)) return `its host ${host?.name} was seen since by another agent`;
  return key === `asset:${host?.parentId}` && isCompanySeen(work, observer, host)
    ? "others behind the same switch were seen since"
    : undefined;
};

/** So many agents don't hang at once by chance. */
const MANY = 3;

const sameSubnet = (a: Track | undefined, b: Track): boolean =>
  a?.address !== undefined && a.address !== null && subnetName(a) === subnetName(b);

export const groupFinding = (work: Work, group: Group): Finding => {
  const names = group.members.slice(0, 20).map((member) => member.row.name);
  const { areHostsSeen } = group;
  const seen = areHostsSeen ? "; their hosts are still seen" : "";
  const title = `${group.members.length} of ${group.all} agents of ${group.name} fell silent together${seen}`;
  const heardMs = Math.max(...group.members.map((member) => member.heardMs));
  return {
    kind: "segment-unreachable",
    condition: `segment-unreachable/${group.key}`.slice(0, 256),
    title,
    summary: `${title}, last heard ${when(heardMs)}: ${names.join(", ")}.\n${areHostsSeen ? "Other agents have seen their hosts since: it is the agents, or their way to the collector, and not the segment." : "Whether their hosts are down or only the way to them cannot be told from here."}`,
    impact: impactOfMany("medium", group.members.length),
    urgency: "high",
    confidence: 0.9,
    lastSeenMs: heardMs,
    nextStep: areHostsSeen
      ? "Look at what these agents had in common: an update, a firewall rule on their way to the collector, a full disk."
      : `Look at the way from the collector to ${group.name}: uplink, firewall, provider.`,
    evidence: [
      {
        at: toTimestamp(work.nowMs),
        observer: { kind: "collector" },
        method: "connection",
        couldSee: "partly",
        bearing: "neither",
        statement: `${group.members.length} connections went silent within one patience, none was closed by its host`,
      },
    ],
  };
};
