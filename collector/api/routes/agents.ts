import { z } from "zod";
import { agentIdSchema } from "../../../shared/ids.ts";
import { agentSchema, sweepSummarySchema } from "../../../shared/model/agent.ts";
import { bodies } from "../../../shared/model/bodies.ts";
import { pageOf } from "../../../shared/model/page.ts";
import { enrolRequestSchema, enrolResponseSchema } from "../../../shared/protocol/envelope.ts";
import { ProblemError } from "../problem.ts";
import { applyFor, defineRoute, found, paging, present, search } from "../route.ts";

const tag = "Agents";
const params = z.object({ agentId: agentIdSchema });
/** All instances of one agent key: several only where copies of its state were seen alive at once. */
const instancesSchema = z.object({ items: z.array(agentSchema) });

export const listAgents = defineRoute({
  method: "GET",
  path: "/agents",
  role: "viewer",
  tag,
  summary: "Agents: state, version, when last heard, what they may look at",
  query: z.strictObject(paging),
  response: pageOf(agentSchema),
  handler: ({ query, deps }) => deps.reads.agents(query),
});

export const getAgent = defineRoute({
  method: "GET",
  path: "/agents/:agentId",
  role: "viewer",
  tag,
  summary: "One agent, with every live copy of its key",
  params,
  response: instancesSchema,
  handler: async ({ params: { agentId }, deps }) => {
    const items = await deps.reads.agent(agentId);
    return { items: found(items.length > 0 ? items : undefined, `agent ${agentId}`) };
  },
});

export const approveAgent = defineRoute({
  method: "POST",
  path: "/agents/:agentId/approve",
  role: "administrator",
  tag,
  summary: "Let an agent in that enrolled with a token that needs approval",
  params,
  response: instancesSchema,
  handler: async ({ params: { agentId }, who, deps }) => {
    await applyFor<"agent.approve">(deps, who, { kind: "agent.approve", agentId });
    return { items: await deps.reads.agent(agentId) };
  },
});

export const revokeAgent = defineRoute({
  method: "POST",
  path: "/agents/:agentId/revoke",
  role: "administrator",
  tag,
  summary: "Shut an agent out at once; what only it observed becomes unobserved, not missing",
  params,
  body: bodies.revokeAgent,
  response: instancesSchema,
  handler: async ({ params: { agentId }, body, who, deps }) => {
    await applyFor<"agent.revoke">(deps, who, { kind: "agent.revoke", agentId, ...body });
    return { items: await deps.reads.agent(agentId) };
  },
});

export const commandAgent = defineRoute({
  method: "POST",
  path: "/agents/:agentId/commands",
  role: "administrator",
  tag,
  summary: "Ask an agent to look now; its own file says what it may be asked",
  params,
  body: bodies.commandAgent,
  response: z.object({ commandId: z.string() }),
  handler: ({ params: { agentId }, body: { instance, action, withinSeconds }, who, deps }) =>
    applyFor<"agent.command">(deps, who, {
      kind: "agent.command",
      agentId,
      instance,
      action,
      withinMs: withinSeconds * 1_000,
    }),
});

export const listCoverage = defineRoute({
  method: "GET",
  path: "/coverage",
  role: "viewer",
  tag,
  summary: "Latest sweeps: what was looked at, and whether the observer could see",
  query: z.strictObject({ ...paging, realm: search, agentId: z.exactOptional(agentIdSchema) }),
  response: pageOf(sweepSummarySchema),
  handler: ({ query, deps }) => deps.reads.coverage(present({ ...query, realm: query.realm })),
});

export const enrol = defineRoute({
  method: "POST",
  path: "/enrol",
  role: "public",
  tag,
  summary: "An agent hands in its public key with an enrolment token",
  body: enrolRequestSchema,
  response: enrolResponseSchema,
  perMinute: 120,
  handler: async ({ body, request, deps }) => {
    const outcome = await deps.apply<"agent.enrol">(
      { kind: "agent.enrol", token: body.token, publicKey: body.publicKey, name: body.name, remote: request.ip },
      { name: body.name, role: "agent" },
    );
    if (outcome.status === "refused")
      throw new ProblemError(
        outcome.code === "forbidden" || outcome.code === "not-found" ? "auth.invalid" : outcome.code,
        outcome.reason,
      );
    return enrolResponseSchema.parse({ ...outcome.result, websocketPath: deps.websocketPath });
  },
});
