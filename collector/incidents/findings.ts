import { toTimestamp } from "../../shared/clock.ts";
import type { Evidence } from "../../shared/model/incident.ts";
import type { Track } from "../presence/track.ts";
import { lastLifeMs } from "../presence/verdict.ts";
import type { Work } from "../presence/work.ts";
import type { Cause } from "./causes.ts";
import type { Finding } from "./incidents.ts";
import { impactOf, impactOfMany } from "./priority.ts";

/** What incidents say: title, first line, ledger, next step. A person reads nothing else before going there. */

export const when = (ms: number): string =>
  toTimestamp(ms)
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");

export const nameOfAgent = (work: Work, agentId: string): string =>
  [...work.memory.observers.values()].find((o) => o.agentId === agentId)?.row.name ?? agentId;

export const placeOf = (work: Work, track: Track): string => {
  const parent = track.parentId === null ? undefined : work.memory.track(track.parentId);
  const at = parent ? `${parent.name}${track.port === null ? "" : ` port ${track.port}`}` : undefined;
  return [at, track.address ?? undefined, track.mac ?? undefined, track.realm]
    .filter((part) => part !== undefined)
    .join(", ");
};

/** Who looked, how, and what came of it: one line per observer, and the strangers at its address. */
const ledgerOf = (work: Work, track: Track): Evidence[] => {
  const out: Evidence[] = [];
  if (track.lastBy !== null)
    out.push({
      at: toTimestamp(track.lastSeenMs),
      observer: { kind: "agent", agentId: track.lastBy, name: nameOfAgent(work, track.lastBy) },
      method: track.lastMethod ?? "session",
      couldSee: "could-see",
      bearing: "against",
      statement: `last seen then${track.address === null ? "" : ` at ${track.address}`}`,
    });
  for (const look of track.looks) {
    if (look.misses === 0) continue;
    out.push({
      at: toTimestamp(look.missLastMs ?? work.nowMs),
      observer: { kind: "agent", agentId: look.agentId, name: nameOfAgent(work, look.agentId) },
      method: "arp",
      couldSee: "could-see",
      bearing: "for",
      statement: `looked ${look.misses} times since ${when(look.missFirstMs ?? work.nowMs)} and did not see it; its control targets answered`,
    });
  }
  for (const ask of track.suspicion?.asked ?? [])
    if (!track.looks.some((look) => look.agentId === ask.agentId && look.misses > 0))
      out.push({
        at: toTimestamp(Math.min(work.nowMs, ask.untilMs)),
        observer: { kind: "agent", agentId: ask.agentId, name: nameOfAgent(work, ask.agentId) },
        method: "connection",
        couldSee: "blind",
        bearing: "neither",
        statement: "was asked to look again and did not answer in time",
      });
  for (const other of strangersAt(work, track))
    out.push({
      at: toTimestamp(other.lastSeenMs),
      observer: { kind: "collector" },
      method: "arp",
      couldSee: "could-see",
      bearing: "neither",
      statement: `${other.name}${other.mac === null ? "" : ` (${other.mac})`} answers at its address ${track.address}: the address is in use, this device was not seen`,
    });
  const own = work.view(track).own;
  if (own !== null && own.state !== "gone")
    out.push({
      at: toTimestamp(own.heardMs),
      observer: { kind: "collector" },
      method: "connection",
      couldSee: "partly",
      bearing: "neither",
      statement: `its own agent was last heard then (${own.state})`,
    });
  return out;
};

const strangersAt = (work: Work, track: Track): readonly Track[] =>
  track.addressKey === null
    ? []
    : work.memory
        .atAddress(track.realm, track.addressKey)
        .filter((other) => other.assetId !== track.assetId && other.lastSeenMs > track.lastSeenMs);

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
const confidenceOf = (track: Track): number => {
  const accusers = track.looks.filter((look) => look.misses > 0);
  const misses = accusers.reduce((n, look) => n + look.misses, 0);
  return Math.min(0.99, 1 - 0.3 ** Math.max(1, accusers.length) * 0.6 ** Math.max(0, misses - 1));
};

export const missingFinding = (work: Work, track: Track): Finding => {
  const seenMs = lastLifeMs(track, work.view(track).own);
  const lookers = track.looks.filter((look) => look.misses > 0);
  const misses = lookers.reduce((n, look) => n + look.misses, 0);
  const strangers = strangersAt(work, track);
  const lines = [
    `${track.name} is missing: ${misses} looks by ${lookers.map((look) => nameOfAgent(work, look.agentId)).join(" and ")}, who could see, did not see it since ${when(seenMs)}.`,
    ...strangers.map((other) => `Its address ${track.address} is answered by ${other.name}, which is another device.`),
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
    lastKnownPlace: placeOf(work, track),
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
