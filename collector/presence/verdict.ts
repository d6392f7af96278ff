import type { AgentId } from "../../shared/ids.ts";
import type { Criticality, PresenceState } from "../../shared/model/asset.ts";
import type { LocalTime } from "./local-time.ts";
import type { PresencePolicy } from "./policy.ts";
import { type Look, NEVER, type Track } from "./track.ts";

/** What a judgement is made of, and what all kinds of devices share in it. */

/** How the agent on the device itself stands; its session is the strongest evidence there is. */
export type OwnAgent = {
  /** "unsure": its patience runs, but nothing of it was heard since the collector could hear. */
  readonly state: "connected" | "unsure" | "closed" | "silent" | "said-goodbye" | "gone";
  /** Last time that it, or its host's system by closing the connection, was heard. */
  readonly heardMs: number;
  readonly goodbyeUntilMs: number | null;
  /** Whoever sees the host later than this shows that it did not go, or is back without its agent. */
  readonly leftByMs: number;
};

export type View = {
  readonly nowMs: number;
  readonly policy: PresencePolicy;
  readonly local: LocalTime;
  /** Since when the collector could have heard anything: its own start, jump or wake. */
  readonly hearableSinceMs: number;
  readonly own: OwnAgent | null;
  /** Whether this agent is connected, heard, and in no doubt about itself. */
  readonly canSee: (agentId: AgentId) => boolean;
  /** Whether this agent is not meant to look any more: revoked, removed, unknown. */
  readonly isGone: (agentId: AgentId) => boolean;
  /** End of the maintenance window that holds now, if one does. */
  readonly maintenanceUntilMs: number | null;
};

export type Judgement = {
  readonly state: PresenceState;
  readonly dueMs: number;
  /** "confirm": somebody should look again now; "accuse": it is missing. */
  readonly wants: "confirm" | "accuse" | null;
  readonly reason: string;
};

export const patienceFactor: Record<Criticality, number> = { critical: 0.8, high: 0.9, normal: 1, low: 1.5 };

export const judgement = (
  state: PresenceState,
  dueMs: number,
  reason: string,
  wants: Judgement["wants"] = null,
): Judgement => ({
  state,
  dueMs,
  wants,
  reason,
});

/** When this device was last known to live: seen by others, or heard by itself. */
export const lastLifeMs = (track: Track, own: OwnAgent | null): number => Math.max(track.lastSeenMs, own?.heardMs ?? 0);

/** Nothing has spoken against it: present, then late, then blind, by how long nobody could see. */
export const judgeUnlooked = (active: readonly Look[], intervalMs: number, life: number, view: View): Judgement => {
  const { nowMs, policy } = view;
  const since = Math.max(life, ...active.map((look) => look.lastMs), view.hearableSinceMs);
  const lateMs = since + 1.5 * intervalMs;
  const blindMs = since + (policy.blindAfterIntervals + 0.5) * intervalMs;
  if (nowMs < lateMs) return judgement("present", lateMs, "it was seen within its interval");
  if (nowMs < blindMs) return judgement("late", blindMs, "the next look is overdue");
  return judgement("blind", NEVER, "nobody who could see is looking");
};

export const missesOf = (looks: readonly Look[], life: number): readonly Look[] =>
  looks.filter((look) => look.misses > 0 && (look.missLastMs ?? 0) > life);

export const pendingUntil = (track: Track, nowMs: number): number | null => {
  const open = track.suspicion?.asked.filter((ask) => ask.untilMs > nowMs) ?? [];
  return open.length === 0 ? null : Math.max(...open.map((ask) => ask.untilMs));
};
