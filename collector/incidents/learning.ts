import { z } from "zod";
import type { Incident, IncidentKind } from "../../shared/model/incident.ts";
import type { Proposal, ProposalCase } from "../../shared/model/proposal.ts";
import { type PresencePolicy, presencePolicySchema } from "../presence/policy.ts";
import { handlingOf, type IncidentPolicy, incidentPolicySchema } from "./policy.ts";

/** What people's verdicts may come to change: the same two parts as in the configuration. */
export type Policy = { readonly presence: PresencePolicy; readonly incidents: IncidentPolicy };

export type Suggestion = Pick<Proposal, "setting" | "from" | "to" | "why">;

const MAX_BEATS = 20;
const MAX_MISSES = 6;
const MAX_CLOCK_WRONG_MS = 3_600_000;

const round = (value: number): number => Math.round(value * 100) / 100;

/**
 * One step of more patience for a kind that was raised falsely; undefined where there is no such step, or no room for one.
 * Small on purpose: a step too few asks a person again, a step too many lets real losses wait.
 */
export const suggestFor = (kind: IncidentKind, { presence, incidents }: Policy): Suggestion | undefined => {
  switch (kind) {
    case "device-missing": {
      const from = presence.patienceIntervals;
      const to = Math.min(round(from * 1.25), presence.blindAfterIntervals);
      return to <= from
        ? undefined
        : {
            ...{ setting: "presence.patienceIntervals", from, to },
            why: `a device is accused after ${to} looking intervals without a sign of it, instead of ${from}`,
          };
    }
    case "agent-silent": {
      const from = presence.silentAfterBeats;
      const to = Math.min(round(from * 1.5), MAX_BEATS);
      return to <= from
        ? undefined
        : {
            ...{ setting: "presence.silentAfterBeats", from, to },
            why: `an agent counts as silent after ${to} lost heartbeats, instead of ${from}`,
          };
    }
    case "segment-unreachable": {
      const from = presence.missesToAccuse;
      return from >= MAX_MISSES
        ? undefined
        : {
            ...{ setting: "presence.missesToAccuse", from, to: from + 1 },
            why: `${from + 1} looks must have missed a steady device before it is accused, instead of ${from}`,
          };
    }
    case "clock-wrong": {
      const from = presence.clockWrongMs;
      const to = Math.min(from * 2, MAX_CLOCK_WRONG_MS);
      return to <= from
        ? undefined
        : {
            ...{ setting: "presence.clockWrongMs", from, to },
            why: `an agent's clock may be off by ${to / 1_000} s before that is a case, instead of ${from / 1_000} s`,
          };
    }
    default:
      return handlingOf(incidents, kind) === "ticket"
        ? {
            ...{ setting: `incidents.handling.${kind}`, from: "ticket", to: "notice" },
            why: "it is listed and makes no ticket",
          }
        : undefined;
  }
};

/** Incidents that speak for more patience, and against it; "planned" speaks of neither. */
export const casesOf = (judged: readonly Incident[]): ProposalCase[] =>
  judged.flatMap(({ incidentId, title, verdict, openedAt }) =>
    verdict === "true" || verdict === "false" ? [{ incidentId, title, verdict, openedAt }] : [],
  );

const policySchema = z.object({ presence: presencePolicySchema, incidents: incidentPolicySchema });

const withSetting = (policy: Policy, { setting, to }: Pick<Proposal, "setting" | "to">): unknown => {
  const [part = "", name = "", kind] = setting.split(".");
  const section = policy[part as keyof Policy] as Record<string, unknown> | undefined;
  const value = kind === undefined ? to : { ...(section?.[name] as object | undefined), [kind]: to };
  return { ...policy, [part]: { ...section, [name]: value } };
};

/** The policy with one proposal in force, or why it can't be. */
export const applyProposal = (
  policy: Policy,
  proposal: Pick<Proposal, "setting" | "to">,
): { readonly policy: Policy } | { readonly fault: string } => {
  const parsed = policySchema.safeParse(withSetting(policy, proposal));
  if (parsed.success) return { policy: parsed.data };
  const issue = parsed.error.issues[0];
  return { fault: `${issue?.path.join(".") ?? proposal.setting}: ${issue?.message ?? "does not fit"}` };
};

/**
 * The configured policy with all that was accepted, in that order. What no longer fits the configuration is left out: the
 * file is the administrator's word, and may have changed since.
 */
export const policyInForce = (configured: Policy, accepted: readonly Proposal[]): Policy =>
  accepted.reduce((policy, proposal) => {
    const applied = applyProposal(policy, proposal);
    return "policy" in applied ? applied.policy : policy;
  }, configured);
