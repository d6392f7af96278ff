import { toTimestamp } from "../../shared/clock.ts";
import type { Evidence } from "../../shared/model/incident.ts";
import type { Look, LookSight, Track } from "../presence/track.ts";
import type { Work } from "../presence/work.ts";
import { companyOf } from "./causes.ts";
import { count, nameOfAgent, when } from "./words.ts";

/** The evidence ledger of a loss: who looked, when, how, what they saw, whether they could see, and what else went. */

/** Who looked, how, and what came of it: one line per observer, and the strangers at its address. */
export const ledgerOf = (work: Work, track: Track): Evidence[] => {
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
  for (const look of track.looks) if (look.misses > 0) out.push(lookLine(work, look));
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
  out.push(companyLine(work, track));
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

/** What one observer's looks came to. */
export const lookLine = (work: Work, look: Look): Evidence => ({
  at: toTimestamp(look.missLastMs ?? work.nowMs),
  observer: { kind: "agent", agentId: look.agentId, name: nameOfAgent(work, look.agentId) },
  method: look.sight?.methods[0] ?? "arp",
  couldSee: "could-see",
  bearing: "for",
  statement: `looked ${count(look.misses, "time")} since ${when(look.missFirstMs ?? work.nowMs)} and did not see it${sightWords(look.sight)}`,
});

export const strangersAt = (work: Work, track: Track): readonly Track[] =>
  track.addressKey === null
    ? []
    : work.memory
        .atAddress(track.realm, track.addressKey)
        .filter((other) => other.assetId !== track.assetId && other.lastSeenMs > track.lastSeenMs);

/** How it looked last, and what tells that it could see. */
const sightWords = (sight: LookSight | undefined): string => {
  if (!sight) return "; its control targets answered";
  const { methods, asks, seen, controls, loss } = sight;
  const how = methods.length === 0 ? "" : `, the last time by ${methods.join(", ")} and ${count(asks, "ask")}`;
  const proof = controls.of === 0 ? "" : `, ${controls.seen} of ${controls.of} control targets`;
  const lost = loss > 0 ? `, ${Math.round(loss * 1_000) / 10} % of the asks lost` : "";
  return `${how}; it could see: ${count(seen, "device")} answered it${proof}${lost}`;
};

const MAX_NAMED = 10;

/** What else went at the same time, or that nothing did. */
const companyLine = (work: Work, track: Track): Evidence => {
  const { lost, there, where } = companyOf(track, {
    nowMs: work.nowMs,
    track: work.memory.track,
    behind: work.memory.behind,
    neighboursOf: work.neighboursOf,
  });
  const names = lost.slice(0, MAX_NAMED).map(({ name }) => name);
  const more = lost.length > names.length ? ` and ${lost.length - names.length} more` : "";
  return {
    at: toTimestamp(work.nowMs),
    observer: { kind: "collector" },
    method: "topology",
    couldSee: there === 0 ? "partly" : "could-see",
    bearing: "neither",
    statement:
      lost.length > 0
        ? `went at the same time (${where}): ${names.join(", ")}${more}`
        : `nothing else went at the same time of ${count(there, "other device")} (${where}) that were there`,
  };
};
