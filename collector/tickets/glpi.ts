import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { checked, createDesk, DeskError, finding } from "./desk.ts";
import { createRest, type RestCall } from "./rest.ts";
import { verdictBy } from "./verdict.ts";

const configSchema = z.strictObject({
  baseUrl: z.url(),
  userToken: z.string().min(1),
  appToken: z.string().optional(),
  entityId: z.int().min(0).optional(),
  /** Ids of solution types by which people say that there was nothing, or that it was planned. */
  falseSolutionTypes: z.array(z.int().positive()).default([]),
  plannedSolutionTypes: z.array(z.int().positive()).default([]),
});

const ticketSchema = z.object({
  id: z.int(),
  status: z.int(),
  externalid: z.string().nullish(),
  date_mod: z.string().nullish(),
  users_id_recipient: z.int().nullish(),
});
const LEVEL = { high: 4, medium: 3, low: 2 } as const;
/** Roles of a person in a ticket, and kinds of link between two (CommonITILActor, Ticket_Ticket). */
const ASSIGNED = 2;
const DUPLICATES = 2;
const STATUS = { new: 1, assigned: 2, solved: 5, closed: 6 } as const;

/** GLPI 9.1 and later over the legacy REST API: a session token for each round, made anew when GLPI has forgotten it. */
export const glpi = defineConnector({
  name: "glpi",
  title: "GLPI (REST API v1)",
  abilities: ["comment", "resolve", "reopen", "find", "read", "linksAsset", "assignee", "verdict", "merges"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const app: Record<string, string> = config.appToken ? { "app-token": config.appToken } : {};
    const { ask, call } = createRest(http, `${config.baseUrl}/apirest.php`, app, clock.now);
    let session: string | undefined;

    const startSession = async (signal: AbortSignal): Promise<string> => {
      const headers = { authorization: `user_token ${config.userToken}` };
      const { session_token } = await ask("starting a session", z.object({ session_token: z.string() }), {
        path: "/initSession",
        headers,
        signal,
      });
      session = session_token;
      return session_token;
    };
    const within = async <S extends z.ZodType>(
      what: string,
      schema: S,
      request: RestCall,
      wanted = [200, 201, 206, 207],
    ): Promise<z.infer<S>> => {
      const run = async (token: string) =>
        ask(what, schema, { ...request, headers: { "session-token": token } }, wanted);
      const known = session;
      if (known === undefined) return run(await startSession(request.signal));
      try {
        return await run(known);
      } catch (error) {
        // 401 ERROR_SESSION_TOKEN_INVALID: the session lapsed; anything else stands.
        if (!(error instanceof DeskError) || !error.message.includes("401")) throw error;
        return run(await startSession(request.signal));
      }
    };
    const refOf = (id: number | string): TicketRef => ({
      id: String(id),
      number: String(id),
      url: `${config.baseUrl}/front/ticket.form.php?id=${id}`,
    });
    const readTicket = (id: string, signal: AbortSignal) =>
      within("reading", ticketSchema, { path: `/Ticket/${id}`, signal });
    const add = (what: string, itemtype: string, input: Record<string, unknown>, signal: AbortSignal) =>
      within(what, z.object({ id: z.int() }), { path: `/${itemtype}`, json: { input }, signal });
    const keyFieldSchema = z.record(z.string(), z.union([z.string(), z.object({ field: z.string().optional() })]));
    let keyFieldNumber: string | undefined;
    const keyField = async (signal: AbortSignal): Promise<string | undefined> => {
      const options = await within("listing search options", keyFieldSchema, {
        path: "/listSearchOptions/Ticket",
        signal,
      });
      keyFieldNumber ??= Object.entries(options).find(
        ([, option]) => typeof option === "object" && option.field === "externalid",
      )?.[0];
      return keyFieldNumber;
    };

    /** Rows that hang on a ticket; where the user may not see them, there are none. */
    const hanging = <S extends z.ZodType>(id: string, itemtype: string, row: S, signal: AbortSignal, names = false) =>
      within(`reading ${itemtype}`, z.array(row), {
        path: `/Ticket/${id}/${itemtype}`,
        ...(names ? { query: { expand_dropdowns: "true" } } : {}),
        signal,
      });
    const assigneeOf = async (id: string, signal: AbortSignal): Promise<string | undefined> => {
      const row = z.object({ users_id: z.union([z.string(), z.int()]), type: z.int() });
      const people = await hanging(id, "Ticket_User", row, signal, true);
      const found = people.find(({ type }) => type === ASSIGNED)?.users_id;
      return found === undefined ? undefined : String(found);
    };
    const originalOf = async (id: string, signal: AbortSignal): Promise<number | undefined> => {
      const row = z.object({ tickets_id_1: z.int(), tickets_id_2: z.int(), link: z.int() });
      const links = await hanging(id, "Ticket_Ticket", row, signal);
      return links.find(({ link, tickets_id_1 }) => link === DUPLICATES && tickets_id_1 === Number(id))?.tickets_id_2;
    };
    const solutionsOf = async (id: string, signal: AbortSignal): Promise<number[]> => {
      const solutions = await hanging(id, "ITILSolution", z.object({ solutiontypes_id: z.int().nullish() }), signal);
      return solutions.map(({ solutiontypes_id }) => solutiontypes_id ?? 0);
    };

    return createDesk("GLPI", {
      check: (signal) =>
        checked(signal, [
          async () =>
            finding(
              (await startSession(signal)) !== "",
              "the user token is accepted",
              "enable the API, take the user token from the user's settings",
            ),
          async () =>
            finding(
              (await keyField(signal)) !== undefined,
              "tickets have an external id to search by",
              "update GLPI, or expect a search by title",
            ),
        ]),
      find: async (content, signal) => {
        const field = await keyField(signal);
        const criteria = {
          "criteria[0][field]": field ?? "1",
          "criteria[0][searchtype]": "contains",
          "criteria[0][value]": field ? content.key : content.subject,
        };
        const schema = z.object({
          totalcount: z.int().optional(),
          data: z.array(z.record(z.string(), z.unknown())).optional(),
        });
        const query = { ...criteria, "forcedisplay[0]": "2", range: "0-49" };
        const { data = [] } = await within("searching", schema, { path: "/search/Ticket", query, signal });
        const ids = data.map((row) => String(row["2"] ?? "")).filter((id) => /^\d+$/.test(id));
        const tickets = await Promise.all(ids.slice(0, 20).map((id) => readTicket(id, signal)));
        return tickets
          .filter((ticket) => ticket.externalid === content.key)
          .sort((a, b) => a.id - b.id)
          .map((ticket) => refOf(ticket.id));
      },
      create: async (content, signal) => {
        const input = {
          name: content.subject.slice(0, 255),
          content: content.html,
          type: 1,
          urgency: LEVEL[content.urgency],
          impact: LEVEL[content.impact],
          externalid: content.key,
          ...(config.entityId === undefined ? {} : { entities_id: config.entityId }),
        };
        const { id } = await add("creating", "Ticket", input, signal);
        const kept = await readTicket(String(id), signal);
        const [itemtype, itemId] = content.asset?.ciRef?.split("/") ?? [];
        if (itemtype && itemId)
          await add("linking the asset", "Item_Ticket", { tickets_id: id, itemtype, items_id: Number(itemId) }, signal);
        return {
          ref: refOf(id),
          ...(kept.externalid === content.key ? {} : { remark: "GLPI did not keep the external id" }),
        };
      },
      read: async (ref, signal) => {
        const token = session ?? (await startSession(signal));
        const answer = await call({ path: `/Ticket/${ref.id}`, headers: { "session-token": token }, signal });
        if (answer.status === 404) return { state: "gone" };
        const ticket = await readTicket(ref.id, signal);
        const resolved = ticket.status === STATUS.solved || ticket.status === STATUS.closed;
        const assignee = await assigneeOf(ref.id, signal);
        const original = await originalOf(ref.id, signal);
        const said = resolved ? await solutionsOf(ref.id, signal) : [];
        return {
          state: resolved ? "resolved" : ticket.status === STATUS.new && assignee === undefined ? "open" : "taken",
          ...(assignee === undefined ? {} : { assignee }),
          ...verdictBy(said, { isFalse: config.falseSolutionTypes, isPlanned: config.plannedSolutionTypes }),
          ...(original === undefined ? {} : { mergedInto: refOf(original) }),
          ...(ticket.date_mod ? { updatedAt: ticket.date_mod } : {}),
        };
      },
      addNote: async (ref, _content, note, signal) => {
        await add(
          "commenting",
          "ITILFollowup",
          { itemtype: "Ticket", items_id: Number(ref.id), content: note.html, is_private: 1 },
          signal,
        );
      },
      setState: async (ref, _content, note, state, signal) => {
        const about = { itemtype: "Ticket", items_id: Number(ref.id), content: note.html };
        if (state === "resolved") await add("resolving", "ITILSolution", about, signal);
        else {
          await within("reopening", z.unknown(), {
            method: "PUT",
            path: `/Ticket/${ref.id}`,
            json: { input: { status: STATUS.new } },
            signal,
          });
          await add("commenting", "ITILFollowup", { ...about, is_private: 1 }, signal);
        }
      },
    });
  },
});
