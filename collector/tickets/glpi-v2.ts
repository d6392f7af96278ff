import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { checked, createDesk, finding } from "./desk.ts";
import { createRest, type RestCall } from "./rest.ts";
import { verdictBy } from "./verdict.ts";

const configSchema = z.strictObject({
  baseUrl: z.url(),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  user: z.string().min(1),
  password: z.string().min(1),
  /** Ids of solution types by which people say that there was nothing, or that it was planned. */
  falseSolutionTypes: z.array(z.int().positive()).default([]),
  plannedSolutionTypes: z.array(z.int().positive()).default([]),
});

const ticketSchema = z.object({
  id: z.int(),
  external_id: z.string().nullish(),
  status: z.union([z.int(), z.object({ id: z.int() })]).nullish(),
  date_mod: z.string().nullish(),
});
const LEVEL = { high: 4, medium: 3, low: 2 } as const;
const SOLVED = [5, 6];

/** GLPI 11's high-level API. Timeline writes are refused by 11.0.5 whatever the rights (mended in 11.0.6). */
export const glpiV2 = defineConnector({
  name: "glpi-v2",
  title: "GLPI 11 (high-level API v2)",
  abilities: ["comment", "resolve", "reopen", "find", "read", "assignee", "verdict"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const { ask, call } = createRest(http, `${config.baseUrl}/api.php`, {}, clock.now);
    let token: { readonly value: string; readonly untilMs: number } | undefined;
    const bearer = async (signal: AbortSignal): Promise<Record<string, string>> => {
      if (!token || token.untilMs <= clock.now()) {
        const form = {
          grant_type: "password",
          client_id: config.clientId,
          client_secret: config.clientSecret,
          username: config.user,
          password: config.password,
          scope: "api",
        };
        const schema = z.object({ access_token: z.string(), expires_in: z.number().default(3_600) });
        const { access_token, expires_in } = await ask("getting a token", schema, { path: "/token", form, signal });
        token = { value: access_token, untilMs: clock.now() + (expires_in - 60) * 1_000 };
      }
      return { authorization: `Bearer ${token.value}` };
    };
    const within = async <S extends z.ZodType>(what: string, schema: S, request: RestCall): Promise<z.infer<S>> =>
      ask(
        what,
        schema,
        { ...request, path: `/v2${request.path}`, headers: await bearer(request.signal) },
        [200, 201, 206],
      );
    const refOf = (id: number): TicketRef => ({
      id: String(id),
      number: String(id),
      url: `${config.baseUrl}/front/ticket.form.php?id=${id}`,
    });
    const timeline = (kind: "Followup" | "Solution", what: string, ref: TicketRef, html: string, signal: AbortSignal) =>
      within(what, z.unknown(), {
        path: `/Assistance/Ticket/${ref.id}/Timeline/${kind}`,
        json: { content: html, ...(kind === "Followup" ? { is_private: true } : {}) },
        signal,
      });

    const solutionsOf = async (ref: TicketRef, signal: AbortSignal): Promise<number[]> => {
      const solution = z.object({ type: z.union([z.int(), z.object({ id: z.int() })]).nullish() });
      const path = `/Assistance/Ticket/${ref.id}/Timeline/Solution`;
      const solutions = await within("reading the solutions", z.array(solution), { path, signal });
      return solutions.map(({ type }) => (typeof type === "object" ? (type?.id ?? 0) : (type ?? 0)));
    };
    const assigneeOf = async (ref: TicketRef, signal: AbortSignal): Promise<string | undefined> => {
      const member = z.object({ role: z.string(), name: z.string().nullish(), display_name: z.string().nullish() });
      const path = `/Assistance/Ticket/${ref.id}/TeamMember`;
      const found = (await within("reading the team", z.array(member), { path, signal })).find(
        ({ role }) => role === "assigned",
      );
      return found?.display_name ?? found?.name ?? undefined;
    };

    return createDesk("GLPI 11", {
      check: (signal) =>
        checked(signal, [
          async () =>
            finding(
              (await bearer(signal))["authorization"] !== undefined,
              "the OAuth client is accepted",
              "make an OAuth client with the password grant and scope api (setup, OAuth clients)",
            ),
        ]),
      find: async ({ key }, signal) => {
        const hits = await within("searching", z.array(ticketSchema), {
          path: "/Assistance/Ticket",
          query: { filter: `external_id=="${key}"`, limit: "100" },
          signal,
        });
        return hits
          .filter((ticket) => ticket.external_id === key)
          .sort((a, b) => a.id - b.id)
          .map((ticket) => refOf(ticket.id));
      },
      create: async (content, signal) => {
        const json = {
          name: content.subject.slice(0, 255),
          content: content.html,
          type: 1,
          urgency: LEVEL[content.urgency],
          impact: LEVEL[content.impact],
          external_id: content.key,
        };
        const { id } = await within("creating", z.object({ id: z.int() }), {
          path: "/Assistance/Ticket",
          json,
          signal,
        });
        const kept = await within("reading", ticketSchema, { path: `/Assistance/Ticket/${id}`, signal });
        return {
          ref: refOf(id),
          ...(kept.external_id === content.key ? {} : { remark: "GLPI did not keep the external id" }),
        };
      },
      read: async (ref, signal) => {
        const answer = await call({ path: `/v2/Assistance/Ticket/${ref.id}`, headers: await bearer(signal), signal });
        if (answer.status === 404) return { state: "gone" };
        const ticket = await within("reading", ticketSchema, { path: `/Assistance/Ticket/${ref.id}`, signal });
        const status = typeof ticket.status === "object" ? ticket.status?.id : ticket.status;
        const resolved = SOLVED.includes(status ?? 0);
        const assignee = await assigneeOf(ref, signal);
        const said = resolved ? await solutionsOf(ref, signal) : [];
        return {
          state: resolved ? "resolved" : status === 1 && assignee === undefined ? "open" : "taken",
          ...(assignee === undefined ? {} : { assignee }),
          ...verdictBy(said, { isFalse: config.falseSolutionTypes, isPlanned: config.plannedSolutionTypes }),
          ...(ticket.date_mod ? { updatedAt: ticket.date_mod } : {}),
        };
      },
      addNote: async (ref, _content, note, signal) => {
        await timeline("Followup", "commenting", ref, note.html, signal);
      },
      setState: async (ref, _content, note, state, signal) => {
        if (state === "resolved") return void (await timeline("Solution", "resolving", ref, note.html, signal));
        await within("reopening", z.unknown(), {
          method: "PATCH",
          path: `/Assistance/Ticket/${ref.id}`,
          json: { status: 1 },
          signal,
        });
        await timeline("Followup", "commenting", ref, note.html, signal);
      },
    });
  },
});
