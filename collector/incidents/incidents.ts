import { toTimestamp } from "../../shared/clock.ts";
import type { AgentId, AssetId, IncidentId } from "../../shared/ids.ts";
import type { Evidence, Incident, IncidentKind } from "../../shared/model/incident.ts";
import { type Level, priorityOf } from "./priority.ts";

/** What somebody found to be the case; an incident is one episode of it. */
export type Finding = {
  readonly kind: IncidentKind;
  readonly condition: string;
  readonly assetId?: AssetId;
  readonly agentId?: AgentId;
  readonly title: string;
  readonly summary: string;
  readonly impact: Level;
  readonly urgency: Level;
  /** 0 to 1. */
  readonly confidence: number;
  readonly lastSeenMs?: number;
  readonly nextStep?: string;
  readonly lastKnownPlace?: string;
  readonly evidence: readonly Evidence[];
};

export type Opening =
  | { readonly kind: "opened" | "reopened"; readonly incident: Incident }
  /** The episode goes on; a word was added to it at most. */
  | { readonly kind: "continued"; readonly incident: Incident };

const clip = (text: string, limit: number): string => (text.length <= limit ? text : `${text.slice(0, limit - 1)}…`);

/**
 * One episode per condition: what is open goes on, what was resolved a moment ago is opened again, all else is new.
 * A case that a person has judged (true, false, planned) is not opened again: they were done with it.
 */
export const openIncident = (
  finding: Finding,
  latest: Incident | undefined,
  nowMs: number,
  reopenWithinMs: number,
  createId: () => IncidentId,
): Opening => {
  if (latest && latest.state !== "resolved") return { kind: "continued", incident: latest };
  const { evidence: _evidence, title, summary, nextStep, lastKnownPlace, lastSeenMs, ...fields } = finding;
  const told = {
    ...fields,
    title: clip(title, 256),
    summary: clip(summary, 4_096),
    ...(lastSeenMs !== undefined && { lastSeenAt: toTimestamp(lastSeenMs) }),
    ...(nextStep !== undefined && { nextStep: clip(nextStep, 4_096) }),
    ...(lastKnownPlace !== undefined && { lastKnownPlace: clip(lastKnownPlace, 4_096) }),
    priority: priorityOf(finding.impact, finding.urgency),
  };
  const isRecent = latest?.resolvedAt !== undefined && nowMs - Date.parse(latest.resolvedAt) <= reopenWithinMs;
  if (latest && isRecent && latest.verdict === undefined) {
    const { resolvedAt: _at, resolution: _why, parentId: _parent, ...kept } = latest;
    return {
      kind: "reopened",
      incident: { ...kept, ...told, state: "open", reopened: latest.reopened + 1, version: latest.version + 1 },
    };
  }
  return {
    kind: "opened",
    incident: {
      ...told,
      incidentId: createId(),
      state: "open",
      openedAt: toTimestamp(nowMs),
      reopened: 0,
      children: 0,
      version: 1,
    },
  };
};

export const resolveIncident = (incident: Incident, nowMs: number, resolution: string): Incident => ({
  ...incident,
  state: "resolved",
  resolvedAt: toTimestamp(nowMs),
  resolution: clip(resolution, 256),
  version: incident.version + 1,
});

/** Becomes a child: its own ticket ends, the parent speaks for it. */
export const foldIncident = (incident: Incident, parentId: IncidentId): Incident => ({
  ...incident,
  state: "part-of",
  parentId,
  version: incident.version + 1,
});

/** A child that stays gone after its parent healed stands for itself. */
export const promoteIncident = (incident: Incident): Incident => {
  const { parentId: _parent, ...rest } = incident;
  return { ...rest, state: "open", version: incident.version + 1 };
};
