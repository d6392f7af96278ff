import type { AgentId } from "../../shared/ids.ts";
import type { Goodbye } from "../../shared/protocol/envelope.ts";
import type { AgentRow } from "../store/store.ts";
import type { PresencePolicy } from "./policy.ts";
import type { OwnAgent } from "./verdict.ts";

/** How an agent stands, as presence follows it from beat to beat without touching the store. */
export type Observer = {
  readonly key: ObserverKey;
  readonly agentId: AgentId;
  readonly instance: number;
  readonly row: AgentRow;
  /** Collector's clock: of a beat, or of a close by the host's own system. */
  readonly heardMs: number;
  /** Its own timers came late, or it just woke: until then its misses don't count. */
  readonly doubtUntilMs: number;
  /** Whether a case of its silence may be open; null before anybody looked (after a start). */
  readonly isAlarmed: boolean | null;
  /** Whether a case of its clock is open; null before anybody looked. */
  readonly isClockWrong: boolean | null;
  /** Its case was part of another that has healed: from then on it must speak, or stands for itself. */
  readonly orphanSinceMs: number | null;
  /** By scope: what its looks were worth lately. */
  readonly sights: Readonly<Record<string, Sight>>;
};
export type Sight = {
  readonly lastMs: number;
  readonly intervalMs: number;
  readonly blindSinceMs: number | null;
  /** A case says that this agent sees nothing here. */
  readonly isTold: boolean;
  /** Looks in a row that missed too many at once to be believed. */
  readonly doubts: number;
};

export type ObserverKey = string;
export const observerKey = (agentId: AgentId, instance: number): ObserverKey =>
  instance === 0 ? agentId : `${agentId}#${instance}`;

export const createObserver = (row: AgentRow, nowMs: number): Observer => ({
  key: observerKey(row.agentId, row.instance),
  agentId: row.agentId,
  instance: row.instance,
  row,
  heardMs: Math.min(row.lastHeardAtMs ?? row.enrolledAtMs, nowMs),
  doubtUntilMs: 0,
  isAlarmed: null,
  isClockWrong: null,
  orphanSinceMs: null,
  sights: {},
});

/** ok: heard in time · closed: its host's system hung up and it did not come back · silent · away by its goodbye · gone: not meant to speak. */
export type Standing =
  | { readonly state: "ok" | "said-goodbye"; readonly dueMs: number }
  | { readonly state: "closed" | "silent"; readonly sinceMs: number }
  | { readonly state: "gone" };

/** How long an agent may be silent: some beats, and never less than a moment. */
export const silentPatienceMs = (row: Pick<AgentRow, "heartbeatMs">, policy: PresencePolicy): number =>
  Math.max(policy.silentMinMs, policy.silentAfterBeats * (row.heartbeatMs ?? 30_000));

const goodbyePatienceMs = ({ reason, expectedMs = 0 }: Goodbye, policy: PresencePolicy): number | null =>
  reason === "removed" ? null : Math.max(policy.goodbyeMs[reason], expectedMs);

/**
 * How an agent stands at `nowMs`. All patience is counted from what could have been heard: a collector that was away, slept
 * or changed its clock begins anew at `hearableSinceMs`.
 */
export const standingOf = (
  observer: Pick<Observer, "row" | "heardMs">,
  policy: PresencePolicy,
  hearableSinceMs: number,
  nowMs: number,
): Standing => {
  const { row } = observer;
  const heardMs = Math.min(observer.heardMs, nowMs);
  if (row.state === "revoked" || row.state === "pending" || row.state === "never") return { state: "gone" };
  if (row.state === "said-goodbye") {
    const patienceMs = row.goodbye ? goodbyePatienceMs(row.goodbye, policy) : 0;
    if (patienceMs === null) return { state: "gone" };
    const dueMs = Math.min(row.stateSinceMs, nowMs) + patienceMs;
    const restMs = Math.max(dueMs, hearableSinceMs + silentPatienceMs(row, policy));
    return nowMs < restMs ? { state: "said-goodbye", dueMs: restMs } : { state: "silent", sinceMs: heardMs };
  }
  const byHost = row.state === "closed" && (row.closeKind === "fin" || row.closeKind === "rst");
  const patienceMs = byHost ? policy.closedPatienceMs : silentPatienceMs(row, policy);
  const dueMs = Math.max(heardMs, hearableSinceMs) + patienceMs;
  if (nowMs < dueMs) return { state: "ok", dueMs };
  return byHost ? { state: "closed", sinceMs: heardMs } : { state: "silent", sinceMs: heardMs };
};

/** Its last word stands: it is connected, or its host's own system hung up a moment ago. */
const isHeard = (row: AgentRow): boolean =>
  row.state === "connected" || (row.state === "closed" && (row.closeKind === "fin" || row.closeKind === "rst"));

/** The standing as evidence about the host that the agent lives on. */
export const ownAgentOf = (observer: Observer, standing: Standing, policy: PresencePolicy): OwnAgent => {
  const heardMs = standing.state === "gone" ? 0 : observer.heardMs;
  // An agent that is merely stopped leaves a host that goes on living.
  const isLeaving = standing.state === "said-goodbye" && observer.row.goodbye?.reason !== "service-stop";
  return {
    state: standing.state === "ok" ? (isHeard(observer.row) ? "connected" : "unsure") : standing.state,
    heardMs,
    goodbyeUntilMs: standing.state === "said-goodbye" ? standing.dueMs : null,
    leftByMs: heardMs + (isLeaving ? policy.leavingMs : 0),
  };
};
