import { z } from "zod";
import { assetIdSchema } from "../../../shared/ids.ts";
import { bodies } from "../../../shared/model/bodies.ts";
import { ticketStateSchema } from "../../../shared/model/incident.ts";
import { ticketDetailSchema, ticketRowSchema } from "../../../shared/model/incident-detail.ts";
import { pageOf } from "../../../shared/model/page.ts";
import type { Operation } from "../../engine/operations.ts";
import type { ApiDeps } from "../deps.ts";
import { applyFor, defineRoute, found, paging, present, search, several, toList } from "../route.ts";

const tag = "Tickets";
const params = z.object({
  number: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31),
});

const readTicket = async ({ reads }: ApiDeps, number: number) => {
  const { ticket, assetName, timeline } = found(await reads.ticket(number), `ticket ${number}`);
  return present({ ...ticket, assetName, timeline });
};

export const listTickets = defineRoute({
  method: "GET",
  path: "/tickets",
  role: "viewer",
  tag,
  summary: "Tickets of the built-in queue, newest first",
  query: z.strictObject({
    ...paging,
    q: search,
    state: several(ticketStateSchema),
    assetId: z.exactOptional(assetIdSchema),
  }),
  response: pageOf(ticketRowSchema),
  handler: ({ query: { q, state, ...query }, deps }) =>
    deps.reads.tickets(present({ ...query, search: q, state: toList(state) })),
});

export const getTicket = defineRoute({
  method: "GET",
  path: "/tickets/:number",
  role: "viewer",
  tag,
  summary: "One ticket with its timeline",
  params,
  response: ticketDetailSchema,
  handler: ({ params: { number }, deps }) => readTicket(deps, number),
});

type TicketOperation = Extract<Operation, { kind: `ticket.${string}` }>;

const write = <B extends z.ZodType>(
  path: string,
  summary: string,
  body: B,
  toOperation: (body: z.output<B>, number: number) => TicketOperation,
) =>
  defineRoute({
    method: "POST",
    path: `/tickets/:number/${path}`,
    role: "service-desk",
    tag,
    summary,
    params,
    body,
    response: ticketDetailSchema,
    handler: async ({ params: { number }, body: given, who, deps }) => {
      await applyFor<TicketOperation["kind"]>(deps, who, toOperation(given, number));
      return readTicket(deps, number);
    },
  });

export const commentTicket = write("comments", "Add to a ticket's timeline", bodies.comment, (body, number) => ({
  kind: "ticket.comment",
  number,
  ...body,
}));
export const setTicketState = write("state", "Move a ticket on", bodies.ticketState, (body, number) => ({
  kind: "ticket.state",
  number,
  ...body,
}));
export const assignTicket = write(
  "assign",
  "Give a ticket to somebody, or to nobody",
  bodies.assign,
  (body, number) => ({
    kind: "ticket.assign",
    number,
    ...body,
  }),
);
