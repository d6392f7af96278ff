import { z } from "zod";
import { defineConnector, type TicketContent, type TicketRef } from "./connector.ts";
import { createDesk, finding } from "./desk.ts";
import { createRest } from "./rest.ts";

const configSchema = z.strictObject({
  /** The EU service region has a host of its own. */
  baseUrl: z.url().default("https://events.pagerduty.com"),
  routingKey: z.string().min(1),
});

const SEVERITY = { 1: "critical", 2: "error", 3: "warning", 4: "warning", 5: "info" } as const;

/**
 * PagerDuty Events API v2. Equal dedup keys are one alert there, so every call may be repeated without looking first.
 * A trigger after a resolve opens a new alert: that is how a ticket is reopened.
 */
export const pagerduty = defineConnector({
  name: "pagerduty",
  title: "PagerDuty",
  abilities: ["resolve", "reopen"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const { ask } = createRest(http, config.baseUrl, {}, clock.now);
    const send = async (
      what: string,
      action: "trigger" | "resolve",
      content: TicketContent,
      details: string,
      signal: AbortSignal,
    ): Promise<TicketRef> => {
      const json = {
        routing_key: config.routingKey,
        event_action: action,
        dedup_key: content.key,
        payload: {
          summary: content.subject.slice(0, 1_024),
          source: content.asset?.name ?? "rollcall",
          severity: SEVERITY[content.priority],
          class: content.kind,
          timestamp: content.openedAt,
          custom_details: { text: details.slice(0, 100_000), condition: content.condition },
        },
        ...(content.link ? { client: "Rollcall", client_url: content.link } : {}),
      };
      const answer = await ask(
        what,
        z.object({ status: z.string(), dedup_key: z.string() }),
        { path: "/v2/enqueue", json, signal },
        [202],
      );
      return { id: answer.dedup_key };
    };
    return createDesk("PagerDuty", {
      check: async () => [
        finding(
          config.routingKey.length === 32,
          "the routing key has the usual form",
          "take the integration key of an Events API v2 integration",
        ),
      ],
      create: async (content, signal) => ({ ref: await send("triggering", "trigger", content, content.text, signal) }),
      // More evidence is a further trigger of the open alert; it shows the newest details.
      addNote: async (_ref, content, note, signal) => {
        await send("updating", "trigger", content, note.text, signal);
      },
      change: async (_ref, content, note, state, signal) => {
        await send(
          state === "resolved" ? "resolving" : "reopening",
          state === "resolved" ? "resolve" : "trigger",
          content,
          note.text,
          signal,
        );
      },
    });
  },
});
