import { z } from "zod";
import { bodies } from "../../../shared/model/bodies.ts";
import { incidentKinds } from "../../../shared/model/incident.ts";
import { policyInForceSchema } from "../../../shared/model/policy.ts";
import { proposalSchema } from "../../../shared/model/proposal.ts";
import { type Policy, policyInForce } from "../../incidents/learning.ts";
import { handlingOf } from "../../incidents/policy.ts";
import type { ApiDeps } from "../deps.ts";
import { ProblemError } from "../problem.ts";
import { applyFor, defineRoute, found } from "../route.ts";

const tag = "Policy";

export const listProposals = defineRoute({
  method: "GET",
  path: "/proposals",
  role: "viewer",
  tag,
  summary: "Changes of the policy that verdicts speak for, newest first, with the incidents for and against each",
  response: z.object({ items: z.array(proposalSchema) }),
  handler: async ({ deps }) => ({ items: await deps.reads.proposals() }),
});

const decide = (verb: "accept" | "reject" | "undo", summary: string) =>
  defineRoute({
    method: "POST",
    path: `/proposals/:proposalId/${verb}`,
    role: "administrator",
    tag,
    summary,
    params: z.object({ proposalId: z.string().max(128) }),
    body: bodies.decideProposal,
    response: proposalSchema,
    handler: async ({ params: { proposalId }, body, who, deps }) => {
      await applyFor<"proposal.accept" | "proposal.reject" | "proposal.undo">(deps, who, {
        kind: `proposal.${verb}`,
        proposalId,
        ...body,
      });
      const proposals = await deps.reads.proposals();
      return found(
        proposals.find((one) => one.proposalId === proposalId),
        `proposal ${proposalId}`,
      );
    },
  });

export const acceptProposal = decide("accept", "Put a proposal in force: it holds until it is undone");
export const rejectProposal = decide("reject", "Leave the policy as it is: only later verdicts ask again");
export const undoProposal = decide("undo", "Take an accepted proposal out of force");

const readSetting = (policy: Policy, setting: string): number | string => {
  const kind = incidentKinds.find((one) => setting === `incidents.handling.${one}`);
  if (kind !== undefined) return handlingOf(policy.incidents, kind);
  let value: unknown = policy;
  for (const part of setting.split(".")) value = (value as Record<string, unknown> | undefined)?.[part];
  return typeof value === "number" || typeof value === "string" ? value : "default";
};

const readPolicy = async ({ policy: configured, reads }: ApiDeps) => {
  if (!configured) throw new ProblemError("not-found", "This collector was started without a policy");
  const accepted = (await reads.proposals())
    .filter(({ state }) => state === "accepted")
    .sort((a, b) => ((a.decidedAt ?? "") < (b.decidedAt ?? "") ? -1 : 1));
  const policy = policyInForce(configured, accepted);
  const latest = new Map(accepted.map((proposal) => [proposal.setting, proposal]));
  const learned = [...latest.values()].flatMap(({ setting, proposalId }) => {
    const [value, before] = [readSetting(policy, setting), readSetting(configured, setting)];
    return value === before ? [] : [{ setting, value, configured: before, proposalId }];
  });
  const handling = Object.fromEntries(incidentKinds.map((kind) => [kind, handlingOf(policy.incidents, kind)]));
  return { presence: { ...policy.presence }, incidents: { ...policy.incidents, handling }, learned };
};

export const getPolicy = defineRoute({
  method: "GET",
  path: "/policy",
  role: "viewer",
  tag,
  summary: "The policy in force: as configured, with what was accepted of proposals; maintenance windows among it",
  response: policyInForceSchema,
  handler: ({ deps }) => readPolicy(deps),
});
