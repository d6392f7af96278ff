import { z } from "zod";
import { defineConnector, type TicketRef } from "./connector.ts";
import { createDesk, expectStatus, finding, parseAnswer } from "./desk.ts";
import { createRest } from "./rest.ts";
import { verdictBy } from "./verdict.ts";

const configSchema = z.strictObject({
  baseUrl: z.url().default("https://api.opsgenie.com"),
  apiKey: z.string().min(1),
  /** Teams to notify, by name. */
  teams: z.array(z.string()).default([]),
  /** Tags by which people say that there was nothing, or that it was planned. */
  falseTags: z.array(z.string().min(1)).default(["false-alarm"]),
  plannedTags: z.array(z.string().min(1)).default(["planned"]),
});

const alertSchema = z.object({
  data: z.object({
    status: z.string(),
    acknowledged: z.boolean().nullish(),
    owner: z.string().nullish(),
    tags: z.array(z.string()).nullish(),
    updatedAt: z.string().nullish(),
  }),
});

const PRIORITY = { 1: "P1", 2: "P2", 3: "P3", 4: "P4", 5: "P5" } as const;
const taken = z.object({ requestId: z.string() });

/** Opsgenie's alert API (which ends on 2027-04-05). One open alert for each alias; it answers 202 before anything is done. */
export const opsgenie = defineConnector({
  name: "opsgenie",
  title: "Opsgenie",
  abilities: ["comment", "resolve", "reopen", "read", "assignee", "verdict"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const { ask, call } = createRest(
      http,
      `${config.baseUrl}/v2/alerts`,
      { authorization: `GenieKey ${config.apiKey}` },
      clock.now,
    );
    const onAlias = (ref: TicketRef, action: string, note: string, signal: AbortSignal) =>
      ask(
        action,
        taken,
        {
          path: `/${encodeURIComponent(ref.id)}/${action}`,
          query: { identifierType: "alias" },
          json: { note: note.slice(0, 25_000), source: "rollcall" },
          signal,
        },
        [202],
      );
    const create = async (content: Parameters<Parameters<typeof createDesk>[1]["create"]>[0], signal: AbortSignal) => {
      const json = {
        message: content.subject.slice(0, 130),
        alias: content.key,
        description: content.text.slice(0, 15_000),
        priority: PRIORITY[content.priority],
        source: "rollcall",
        tags: [content.kind],
        details: { condition: content.condition, ...(content.link ? { link: content.link } : {}) },
        ...(config.teams.length > 0 ? { responders: config.teams.map((name) => ({ type: "team", name })) } : {}),
      };
      await ask("creating", taken, { path: "", json, signal }, [202]);
      return { ref: { id: content.key } };
    };
    return createDesk("Opsgenie", {
      check: async (signal) => [
        finding(
          (await call({ path: "/count", signal })).status === 200,
          "the API key is accepted",
          "make an API integration with read and create rights and take its key",
        ),
      ],
      create,
      read: async (ref, signal) => {
        const path = `/${encodeURIComponent(ref.id)}`;
        const answer = await call({ path, query: { identifierType: "alias" }, signal });
        if (answer.status === 404) return { state: "gone" };
        const { data } = parseAnswer(alertSchema, expectStatus(answer, [200], "reading", clock.now()), "reading");
        const owner = data.owner || undefined;
        return {
          state: data.status === "closed" ? "resolved" : data.acknowledged === true || owner ? "taken" : "open",
          ...(owner === undefined ? {} : { assignee: owner }),
          ...verdictBy(data.tags ?? [], { isFalse: config.falseTags, isPlanned: config.plannedTags }),
          ...(data.updatedAt ? { updatedAt: data.updatedAt } : {}),
        };
      },
      addNote: async (ref, _content, note, signal) => {
        await onAlias(ref, "notes", note.text, signal);
      },
      change: async (ref, content, note, state, signal) => {
        if (state === "resolved") await onAlias(ref, "close", note.text, signal);
        else await create(content, signal);
      },
    });
  },
});
