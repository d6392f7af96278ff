import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { checked, createDesk, finding } from "./desk.ts";
import { basicAuth, createRest } from "./rest.ts";
import { verdictBy } from "./verdict.ts";

const configSchema = z.strictObject({
  /** "https://example.zendesk.com" */
  baseUrl: z.url(),
  user: z.email(),
  apiToken: z.string().min(1),
  /** Tags by which people say that there was nothing, or that it was planned. */
  falseTags: z.array(z.string().min(1)).default(["false-alarm"]),
  plannedTags: z.array(z.string().min(1)).default(["planned"]),
});

const ticketSchema = z.object({
  id: z.int(),
  status: z.string(),
  external_id: z.string().nullish(),
  assignee_id: z.int().nullish(),
  updated_at: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
});
const one = z.object({ ticket: ticketSchema });
const PRIORITY = { 1: "urgent", 2: "high", 3: "normal", 4: "normal", 5: "low" } as const;

/** Zendesk Support. Our key is external_id; creating carries it as Idempotency-Key too, which lapses after hours, so the search stays. */
export const zendesk = defineConnector({
  name: "zendesk",
  title: "Zendesk",
  abilities: ["comment", "resolve", "reopen", "find", "read", "assignee", "verdict"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const auth = { authorization: basicAuth(`${config.user}/token`, config.apiToken) };
    const { ask, call } = createRest(http, `${config.baseUrl}/api/v2`, auth, clock.now);
    const refOf = ({ id }: { id: number }): TicketRef => ({
      id: String(id),
      number: `#${id}`,
      url: `${config.baseUrl}/agent/tickets/${id}`,
    });
    const comment = (content: { text: string }) => ({ body: content.text, public: false });
    const put = (what: string, ref: TicketRef, ticket: Record<string, unknown>, signal: AbortSignal) =>
      ask(what, one, { method: "PUT", path: `/tickets/${ref.id}`, json: { ticket }, signal });

    return createDesk("Zendesk", {
      check: (signal) =>
        checked(signal, [
          async () => {
            const me = await ask("asking who we are", z.object({ user: z.object({ role: z.string().nullish() }) }), {
              path: "/users/me",
              signal,
            });
            return finding(
              ["agent", "admin"].includes(me.user.role ?? ""),
              "the token belongs to an agent",
              "use an agent's address with an API token (admin centre, APIs)",
            );
          },
        ]),
      find: async ({ key }, signal) => {
        const { tickets } = await ask("searching", z.object({ tickets: z.array(ticketSchema) }), {
          path: "/tickets",
          query: { external_id: key },
          signal,
        });
        return tickets
          .filter((ticket) => ticket.external_id === key)
          .sort((a, b) => a.id - b.id)
          .map(refOf);
      },
      create: async (content, signal) => {
        const ticket = {
          subject: content.subject,
          comment: comment(content),
          priority: PRIORITY[content.priority],
          type: "incident",
          external_id: content.key,
        };
        const made = await ask("creating", one, {
          path: "/tickets",
          json: { ticket },
          headers: { "idempotency-key": content.key },
          signal,
        });
        return {
          ref: refOf(made.ticket),
          ...(made.ticket.external_id === content.key ? {} : { remark: "Zendesk did not keep external_id" }),
        };
      },
      read: async (ref, signal) => {
        const answer = await call({ path: `/tickets/${ref.id}`, signal });
        if (answer.status === 404) return { state: "gone" };
        const { ticket } = await ask("reading", one, { path: `/tickets/${ref.id}`, signal });
        // "closed" is final and can't be written: a person's or an automation's word.
        const state =
          ticket.status === "solved"
            ? "resolved"
            : (ticket.status === "new" || ticket.status === "open") && !ticket.assignee_id
              ? "open"
              : "taken";
        return {
          state,
          ...verdictBy(ticket.tags ?? [], { isFalse: config.falseTags, isPlanned: config.plannedTags }),
          ...(ticket.assignee_id ? { assignee: `agent ${ticket.assignee_id}` } : {}),
          ...(ticket.updated_at ? { updatedAt: ticket.updated_at } : {}),
        };
      },
      addNote: async (ref, _content, note, signal) => {
        await put("commenting", ref, { comment: comment(note) }, signal);
      },
      setState: async (ref, _content, note, state, signal) => {
        await put(
          "changing the state",
          ref,
          { status: state === "resolved" ? "solved" : "open", comment: comment(note) },
          signal,
        );
      },
    });
  },
});
