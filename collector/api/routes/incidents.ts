import { z } from "zod";
import { agentIdSchema, assetIdSchema, type IncidentId, incidentIdSchema } from "../../../shared/ids.ts";
import { bodies } from "../../../shared/model/bodies.ts";
import { incidentKindSchema, incidentStateSchema } from "../../../shared/model/incident.ts";
import { incidentDetailSchema, incidentRowSchema } from "../../../shared/model/incident-detail.ts";
import { pageOf } from "../../../shared/model/page.ts";
import type { Operation } from "../../engine/operations.ts";
import type { Who } from "../auth.ts";
import type { ApiDeps } from "../deps.ts";
import {
  applyFor,
  defineRoute,
  expectVersion,
  found,
  paging,
  present,
  search,
  several,
  toList,
  versioned,
} from "../route.ts";

const tag = "Incidents";
const params = z.object({ incidentId: incidentIdSchema });

/** An incident with its evidence, its children, and the timeline of its ticket in the built-in queue. */
const readIncident = async ({ reads }: ApiDeps, incidentId: IncidentId) => {
  const detail = found(await reads.incident(incidentId), `incident ${incidentId}`);
  const number = detail.tickets.find((ticket) => ticket.number !== undefined)?.number;
  const ticket = number === undefined ? undefined : await reads.ticket(number);
  return present({
    ...detail.incident,
    assetName: detail.assetName,
    book: detail.book,
    ticketNumber: number,
    evidence: detail.evidence,
    childIncidents: detail.children,
    tickets: detail.tickets,
    timeline: ticket?.timeline ?? [],
  });
};

type IncidentOperation = Extract<Operation, { kind: `incident.${string}` }>;

/** Checks the version that the writer saw, applies, and answers with the incident as it is now. */
const change = async (
  operation: IncidentOperation,
  { who, ifMatch, deps }: { readonly who: Who; readonly ifMatch: number | undefined; readonly deps: ApiDeps },
) => {
  const before = found(await deps.reads.incident(operation.incidentId), `incident ${operation.incidentId}`);
  expectVersion(ifMatch, before.incident.version);
  await applyFor<IncidentOperation["kind"]>(deps, who, operation);
  return readIncident(deps, operation.incidentId);
};

export const listIncidents = defineRoute({
  method: "GET",
  path: "/incidents",
  role: "viewer",
  tag,
  summary: "Incidents, the most urgent and newest first",
  query: z.strictObject({
    ...paging,
    q: search,
    state: several(incidentStateSchema),
    kind: several(incidentKindSchema),
    assetId: z.exactOptional(assetIdSchema),
    agentId: z.exactOptional(agentIdSchema),
  }),
  response: pageOf(incidentRowSchema),
  handler: ({ query: { q, state, kind, ...query }, deps }) =>
    deps.reads.incidents(present({ ...query, search: q, state: toList(state), kind: toList(kind) })),
});

export const getIncident = defineRoute({
  method: "GET",
  path: "/incidents/:incidentId",
  role: "viewer",
  tag,
  summary: "One incident with its evidence ledger, children, tickets and timeline",
  params,
  response: incidentDetailSchema,
  handler: async ({ params: { incidentId }, reply, deps }) => versioned(await readIncident(deps, incidentId), reply),
});

const write = <B extends z.ZodType>(
  path: string,
  summary: string,
  body: B,
  toOperation: (body: z.output<B>, incidentId: IncidentId) => IncidentOperation,
) =>
  defineRoute({
    method: "POST",
    path: `/incidents/:incidentId/${path}`,
    role: "service-desk",
    tag,
    summary,
    params,
    body,
    response: incidentDetailSchema,
    handler: async ({ params: { incidentId }, body: given, who, ifMatch, reply, deps }) =>
      versioned(await change(toOperation(given, incidentId), { who, ifMatch, deps }), reply),
  });

export const acknowledgeIncident = write(
  "acknowledge",
  "Take an incident: somebody works on it",
  bodies.acknowledge,
  (body, incidentId) => ({ kind: "incident.acknowledge", incidentId, ...body }),
);
export const assignIncident = write(
  "assign",
  "Give an incident to somebody, or to nobody",
  bodies.assign,
  (body, incidentId) => ({
    kind: "incident.assign",
    incidentId,
    ...body,
  }),
);
export const commentIncident = write(
  "comments",
  "Add to an incident's timeline",
  bodies.comment,
  (body, incidentId) => ({
    kind: "incident.comment",
    incidentId,
    ...body,
  }),
);
export const judgeIncident = write(
  "verdict",
  "Say whether it was true, false or planned; what is learned from is this",
  bodies.verdict,
  (body, incidentId) => ({ kind: "incident.verdict", incidentId, ...body }),
);
export const resolveIncident = write("resolve", "Close an incident by hand", bodies.resolve, (body, incidentId) => ({
  kind: "incident.resolve",
  incidentId,
  ...body,
}));
