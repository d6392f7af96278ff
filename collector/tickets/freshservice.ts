import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { checked, createDesk, finding } from "./desk.ts";
import { basicAuth, createRest } from "./rest.ts";
import { verdictBy } from "./verdict.ts";

const configSchema = z.strictObject({
  /** "https://example.freshservice.com" */
  baseUrl: z.url(),
  apiKey: z.string().min(1),
  /** Requester of our tickets. */
  email: z.email(),
  /** Custom ticket field (single-line text) that holds our key. */
  keyField: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .default("rollcall_key"),
  /** Tags by which people say that there was nothing, or that it was planned. */
  falseTags: z.array(z.string().min(1)).default(["false-alarm"]),
  plannedTags: z.array(z.string().min(1)).default(["planned"]),
});

const ticketSchema = z.object({
  id: z.int(),
  status: z.int(),
  responder_id: z.int().nullish(),
  updated_at: z.string().nullish(),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
  tags: z.array(z.string()).nullish(),
});
const one = z.object({ ticket: ticketSchema });
const PRIORITY = { 1: 4, 2: 3, 3: 2, 4: 2, 5: 1 } as const;
const OPEN = 2;
const RESOLVED = 4;
const CLOSED = 5;

/** Freshservice API v2. Failed calls count against an account-wide limit, so nothing is probed that need not be. */
export const freshservice = defineConnector({
  name: "freshservice",
  title: "Freshservice",
  abilities: ["comment", "resolve", "reopen", "find", "read", "linksAsset", "assignee", "verdict"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const { ask, call, tell } = createRest(
      http,
      `${config.baseUrl}/api/v2`,
      { authorization: basicAuth(config.apiKey, "X") },
      clock.now,
    );
    const refOf = ({ id }: { id: number }): TicketRef => ({
      id: String(id),
      number: `INC-${id}`,
      url: `${config.baseUrl}/a/tickets/${id}`,
    });
    const holdsKey = (ticket: z.infer<typeof ticketSchema>, key: string) =>
      ticket.custom_fields?.[config.keyField] === key;

    return createDesk("Freshservice", {
      check: (signal) =>
        checked(signal, [
          async () =>
            finding(
              (await call({ path: "/tickets", query: { per_page: "1" }, signal })).status === 200,
              "tickets can be read",
              "take the API key from an agent's profile settings",
            ),
        ]),
      find: async ({ key }, signal) => {
        const query = { query: `"cf_${config.keyField}:'${key}'"` };
        const { tickets } = await ask("searching", z.object({ tickets: z.array(ticketSchema) }), {
          path: "/tickets/filter",
          query,
          signal,
        });
        return tickets
          .filter((ticket) => holdsKey(ticket, key))
          .sort((a, b) => a.id - b.id)
          .map(refOf);
      },
      create: async (content, signal) => {
        const ciRef = Number(content.asset?.ciRef);
        const json = {
          email: config.email,
          subject: content.subject,
          description: content.html,
          status: OPEN,
          priority: PRIORITY[content.priority],
          source: 2,
          custom_fields: { [config.keyField]: content.key },
          ...(Number.isInteger(ciRef) ? { assets: [{ display_id: ciRef }] } : {}),
        };
        const { ticket } = await ask("creating", one, { path: "/tickets", json, signal });
        return {
          ref: refOf(ticket),
          ...(holdsKey(ticket, content.key)
            ? {}
            : { remark: `Freshservice did not keep the key: field ${config.keyField} is missing` }),
        };
      },
      read: async (ref, signal) => {
        const answer = await call({ path: `/tickets/${ref.id}`, signal });
        if (answer.status === 404) return { state: "gone" };
        const { ticket } = await ask("reading", one, { path: `/tickets/${ref.id}`, signal });
        const state =
          ticket.status === RESOLVED || ticket.status === CLOSED
            ? "resolved"
            : ticket.status === OPEN && !ticket.responder_id
              ? "open"
              : "taken";
        return {
          state,
          ...verdictBy(ticket.tags ?? [], { isFalse: config.falseTags, isPlanned: config.plannedTags }),
          ...(ticket.responder_id ? { assignee: `agent ${ticket.responder_id}` } : {}),
          ...(ticket.updated_at ? { updatedAt: ticket.updated_at } : {}),
        };
      },
      addNote: (ref, _content, note, signal) =>
        tell("commenting", { path: `/tickets/${ref.id}/notes`, json: { body: note.html, private: true }, signal }),
      setState: async (ref, _content, note, state, signal) => {
        await tell("commenting", {
          path: `/tickets/${ref.id}/notes`,
          json: { body: note.html, private: true },
          signal,
        });
        await tell("changing the state", {
          method: "PUT",
          path: `/tickets/${ref.id}`,
          json: { status: state === "resolved" ? RESOLVED : OPEN },
          signal,
        });
      },
    });
  },
});
