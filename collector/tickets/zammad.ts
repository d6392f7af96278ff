import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { checked, createDesk, finding } from "./desk.ts";
import { createRest } from "./rest.ts";
import { verdictBy } from "./verdict.ts";

const configSchema = z.strictObject({
  baseUrl: z.url(),
  token: z.string().min(1),
  group: z.string().min(1),
  /** Whose ticket it is: an e-mail address, made a customer if unknown. */
  customer: z.email(),
  /** Name of the ticket attribute (object manager, text) that holds our key. */
  keyAttribute: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .default("rollcall_key"),
  /** Tags by which people say that there was nothing, or that it was planned. */
  falseTags: z.array(z.string().min(1)).default(["false-alarm"]),
  plannedTags: z.array(z.string().min(1)).default(["planned"]),
});

const ticketSchema = z.looseObject({
  id: z.int(),
  number: z.string(),
  state_id: z.int().optional(),
  state: z.string().optional(),
  owner_id: z.int().optional(),
  owner: z.string().optional(),
  updated_at: z.string().optional(),
});
const PRIORITY = { 1: "3 high", 2: "3 high", 3: "2 normal", 4: "2 normal", 5: "1 low" } as const;

/** Zammad's REST API. Its search runs on an index that lags, and needs Elasticsearch for fields: our own record of key and ticket comes first. */
export const zammad = defineConnector({
  name: "zammad",
  title: "Zammad",
  abilities: ["comment", "resolve", "reopen", "find", "read", "assignee", "verdict", "merges"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const { ask, call } = createRest(
      http,
      `${config.baseUrl}/api/v1`,
      { authorization: `Token token=${config.token}` },
      clock.now,
    );
    const refOf = (ticket: z.infer<typeof ticketSchema>): TicketRef => ({
      id: String(ticket.id),
      number: ticket.number,
      url: `${config.baseUrl}/#ticket/zoom/${ticket.id}`,
    });
    const article = (subject: string, body: string) => ({
      subject,
      body,
      type: "note",
      internal: true,
      content_type: "text/plain",
    });
    const put = (what: string, ref: TicketRef, json: Record<string, unknown>, signal: AbortSignal) =>
      ask(what, ticketSchema, { method: "PUT", path: `/tickets/${ref.id}`, json, signal });

    const tagsOf = async (ref: TicketRef, signal: AbortSignal): Promise<string[]> => {
      const query = { object: "Ticket", o_id: ref.id };
      return (await ask("reading the tags", z.object({ tags: z.array(z.string()) }), { path: "/tags", query, signal }))
        .tags;
    };
    /** A merged ticket is linked to the one that it became part of. */
    const survivorOf = async (ref: TicketRef, signal: AbortSignal): Promise<TicketRef | undefined> => {
      const link = z.object({ link_type: z.string(), link_object: z.string(), link_object_value: z.int() });
      const query = { link_object: "Ticket", link_object_value: ref.id };
      const { links } = await ask("reading the links", z.object({ links: z.array(link) }), {
        path: "/links",
        query,
        signal,
      });
      const found = links.find(({ link_type, link_object }) => link_type === "parent" && link_object === "Ticket");
      return found === undefined
        ? undefined
        : refOf(
            await ask("reading", ticketSchema, {
              path: `/tickets/${found.link_object_value}`,
              query: { expand: "true" },
              signal,
            }),
          );
    };

    return createDesk("Zammad", {
      check: (signal) =>
        checked(signal, [
          async () =>
            finding(
              (await call({ path: "/users/me", signal })).status === 200,
              "the token is accepted",
              "make an access token with ticket.agent in the user's profile",
            ),
        ]),
      find: async ({ key }, signal) => {
        const query = {
          query: `${config.keyAttribute}:"${key}"`,
          expand: "true",
          limit: "100",
          sort_by: "created_at",
          order_by: "asc",
        };
        const hits = await ask("searching", z.array(ticketSchema), { path: "/tickets/search", query, signal });
        return hits.filter((ticket) => ticket[config.keyAttribute] === key).map(refOf);
      },
      create: async (content, signal) => {
        const json = {
          title: content.subject.slice(0, 250),
          group: config.group,
          customer_id: `guess:${config.customer}`,
          priority: PRIORITY[content.priority],
          [config.keyAttribute]: content.key,
          article: article(content.subject, content.text),
        };
        const ticket = await ask("creating", ticketSchema, { path: "/tickets", json, signal });
        return ticket[config.keyAttribute] === content.key
          ? { ref: refOf(ticket) }
          : {
              ref: refOf(ticket),
              remark: `Zammad dropped the key: ticket attribute ${config.keyAttribute} does not exist`,
            };
      },
      read: async (ref, signal) => {
        const answer = await call({ path: `/tickets/${ref.id}`, query: { expand: "true" }, signal });
        if (answer.status === 404) return { state: "gone" };
        const ticket = await ask("reading", ticketSchema, {
          path: `/tickets/${ref.id}`,
          query: { expand: "true" },
          signal,
        });
        // owner_id 1 is Zammad's "nobody".
        const owned = ticket.owner_id !== undefined && ticket.owner_id > 1;
        const state =
          ticket.state === "closed"
            ? "resolved"
            : (ticket.state === "new" || ticket.state === "open") && !owned
              ? "open"
              : "taken";
        const survivor = ticket.state === "merged" ? await survivorOf(ref, signal) : undefined;
        return {
          state,
          ...verdictBy(await tagsOf(ref, signal), { isFalse: config.falseTags, isPlanned: config.plannedTags }),
          ...(survivor === undefined ? {} : { mergedInto: survivor }),
          ...(owned && ticket.owner ? { assignee: ticket.owner } : {}),
          ...(ticket.updated_at ? { updatedAt: ticket.updated_at } : {}),
        };
      },
      addNote: async (ref, content, note, signal) => {
        await put("commenting", ref, { article: article(content.subject, note.text) }, signal);
      },
      setState: async (ref, content, note, state, signal) => {
        const json = { state: state === "resolved" ? "closed" : "open", article: article(content.subject, note.text) };
        await put("changing the state", ref, json, signal);
      },
    });
  },
});
