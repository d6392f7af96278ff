import { toTimestamp } from "../../shared/clock.ts";
import type { Evidence } from "../../shared/model/incident.ts";
import type { Track } from "../presence/track.ts";
import { lastLifeMs } from "../presence/verdict.ts";
import type { Work } from "../presence/work.ts";
import type { About } from "./about.ts";
import type { Cause } from "./causes.ts";
import type { Finding } from "./incidents.ts";
import { ledgerOf, strangersAt } from "./ledger.ts";
import { impactOf, impactOfMany } from "./priority.ts";
import { count, nameOfAgent, when } from "./words.ts";

/** What incidents say: title, first line, ledger, next step. A person reads nothing else before going there. */

export const placeOf = (work: Work, track: Track): string => {
  const parent = track.parentId === null ? undefined : work.memory.track(track.parentId);
  const at = parent ? `${parent.name}${track.port === null ? "" : ` port ${track.port}`}` : undefined;
  return [at, track.address ?? undefined, track.mac ?? undefined, track.realm]
    .filter((part) => part !== undefined)
    .join(", ");
};

const nextStepFor = (work: Work, track: Track): string => {
  const parent = track.parentId === null ? undefined : work.memory.track(track.parentId);
  if (strangersAt(work, track).length > 0)
    return "Find out whether it was replaced by the device that now answers at its address.";
  if (parent)
    return `Look at ${track.port === null ? parent.name : `port ${track.port} of ${parent.name}`}: link, power, cable; then at the device.`;
  switch (track.deviceType) {
    case "laptop":
    case "mobile":
      return "Ask its owner where it is; if nobody knows, treat it as lost or stolen.";
    case "virtual-machine":
    case "container":
      return "Look at its hypervisor: stopped, moved or deleted?";
    default:
      return "Look at its power, cable and console; ask whether work was planned.";
  }
};

/** More lookers, more looks and more time make us surer. */
export const confidenceOf = (track: Track): number => {
  const accusers = track.looks.filter((look) => look.misses > 0);
  const misses = accusers.reduce((n, look) => n + look.misses, 0);
  return Math.min(0.99, 1 - 0.3 ** Math.max(1, accusers.length) * 0.6 ** Math.max(0, misses - 1));
};

/** Who took the address after it went, and was never seen before, came in its place. */
const replacing = (other: Track, track: Track): string =>
  other.firstSeenMs > track.lastSeenMs
    ? ` and was first seen at ${when(other.firstSeenMs)}, after it went: it was probably replaced`
    : "";

export const missingFinding = (work: Work, track: Track, about: About = {}): Finding => {
  const seenMs = lastLifeMs(track, work.view(track).own);
  const lookers = track.looks.filter((look) => look.misses > 0);
  const misses = lookers.reduce((n, look) => n + look.misses, 0);
  const strangers = strangersAt(work, track);
  const lines = [
    `${track.name} is missing: ${count(misses, "look")} by ${lookers.map((look) => nameOfAgent(work, look.agentId)).join(" and ")}, who could see, did not see it since ${when(seenMs)}.`,
    ...strangers.map(
      (other) =>
        `Its address ${track.address} is answered by ${other.name}, which is another device${replacing(other, track)}.`,
    ),
    ...(about.lastUser ? [`Last signed in there: ${about.lastUser.name}, ${about.lastUser.at}.`] : []),
    ...(lookers.length === 1 ? ["Only one agent watches this segment."] : []),
  ];
  return {
    kind: "device-missing",
    condition: `device-missing/${track.assetId}`,
    assetId: track.assetId,
    ...(track.agentId !== null && { agentId: track.agentId }),
    title: `${track.name} is missing`,
    summary: lines.join("\n"),
    impact: impactOf(track.deviceType, track.criticality),
    urgency: "high",
    confidence: confidenceOf(track),
    lastSeenMs: seenMs,
    nextStep: nextStepFor(work, track),
    lastKnownPlace: [placeOf(work, track), ...(about.site === undefined ? [] : [about.site])].join(", "),
    evidence: ledgerOf(work, track),
  };
};

const MAX_NAMED = 20;

export const causeFinding = (work: Work, cause: Cause, loss: Track): Finding => {
  const root = cause.assetId === undefined ? undefined : work.memory.track(cause.assetId);
  const others = cause.lost.filter((track) => track.assetId !== cause.assetId);
  const isDown = root !== undefined && cause.lost.some((track) => track.assetId === root.assetId);
  const named = others.slice(0, MAX_NAMED).map((track) => track.name);
  const more = others.length > named.length ? ` and ${others.length - named.length} more` : "";
  const title = isDown
    ? `${cause.name} and ${others.length} behind it are unreachable`
    : `${others.length} devices at ${cause.name} went away together`;
  const impact = impactOfMany(
    root ? impactOf(root.deviceType, root.criticality) : impactOf(loss.deviceType, loss.criticality),
    cause.lost.length,
  );
  return {
    kind: "segment-unreachable",
    condition: `segment-unreachable/${cause.key}`.slice(0, 256),
    ...(cause.assetId !== undefined && { assetId: cause.assetId }),
    title,
    summary: `${title}: ${cause.lost.length} of ${cause.expected} that were there were last seen within one look of ${when(loss.lastSeenMs)}.\nWith it went: ${named.join(", ")}${more}.`,
    impact,
    urgency: "high",
    confidence: isDown ? 0.97 : 0.85,
    lastSeenMs: loss.lastSeenMs,
    nextStep: isDown
      ? `Look at ${cause.name} first: power, uplink, console.`
      : `Look at what the devices at ${cause.name} share: port, cable, power, uplink.`,
    lastKnownPlace: root ? placeOf(work, root) : placeOf(work, loss),
    evidence: [
      {
        at: toTimestamp(work.nowMs),
        observer: { kind: "collector" },
        method: "topology",
        couldSee: "could-see",
        bearing: "for",
        statement: `${cause.lost.length} of ${cause.expected} devices at ${cause.name} were missed by the same looks`,
      },
      ...ledgerOf(work, root && isDown ? root : loss),
    ],
  };
};

export const seenAgainEvidence = (work: Work, track: Track): readonly Evidence[] => [
  {
    at: toTimestamp(lastLifeMs(track, work.view(track).own)),
    observer:
      track.lastBy === null
        ? { kind: "collector" }
        : { kind: "agent", agentId: track.lastBy, name: nameOfAgent(work, track.lastBy) },
    method: track.lastMethod ?? "session",
    couldSee: "could-see",
    bearing: "against",
    statement: `the same device was seen again${track.address === null ? "" : ` at ${track.address}`}`,
  },
];
