import { z } from "zod";
import { defineConnector, type TicketContent } from "./connector.ts";
import { createDesk, finding } from "./desk.ts";
import { createRest } from "./rest.ts";

const configSchema = z.strictObject({
  baseUrl: z.url(),
  /** Labels to add, for Alertmanager's routes. */
  labels: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string()).default({}),
  /** Until when an alert stands without renewal. The outbox renews what is open; longer than that, and short enough to end by itself when we are gone. */
  holdMs: z.int().positive().default(3_600_000),
  bearerToken: z.string().optional(),
});

const SEVERITY = { 1: "critical", 2: "critical", 3: "warning", 4: "warning", 5: "info" } as const;

/** Prometheus Alertmanager. An alert is its labels, nothing else: the same labels are the same alert, an end in the past resolves it. */
export const alertmanager = defineConnector({
  name: "alertmanager",
  title: "Prometheus Alertmanager",
  abilities: { comment: false, resolve: true, reopen: true, find: false, read: false, linksAsset: false },
  tried: "real",
  configSchema,
  connect: (config, { http, clock }) => {
    const headers: Record<string, string> = config.bearerToken ? { authorization: `Bearer ${config.bearerToken}` } : {};
    const { call, tell } = createRest(http, config.baseUrl, headers, clock.now);
    const post = (what: string, content: TicketContent, text: string, endsAtMs: number, signal: AbortSignal) => {
      const alert = {
        labels: {
          ...config.labels,
          alertname: "Rollcall",
          rollcall_key: content.key,
          kind: content.kind,
          severity: SEVERITY[content.priority],
          ...(content.asset ? { device: content.asset.name } : {}),
        },
        annotations: { summary: content.subject, description: text.slice(0, 30_000) },
        startsAt: content.openedAt,
        endsAt: new Date(endsAtMs).toISOString(),
        ...(content.link ? { generatorURL: content.link } : {}),
      };
      return tell(what, { path: "/api/v2/alerts", json: [alert], signal });
    };
    return createDesk("Alertmanager", {
      check: async (signal) => [
        finding(
          (await call({ path: "/-/ready", signal })).status === 200,
          "Alertmanager is ready",
          "check its address",
        ),
      ],
      create: async (content, signal) => {
        await post("firing", content, content.text, clock.now() + config.holdMs, signal);
        return { ref: { id: content.key } };
      },
      addNote: (_ref, content, note, signal) =>
        post("renewing", content, note.text, clock.now() + config.holdMs, signal),
      change: (_ref, content, note, state, signal) =>
        post(
          "changing the state",
          content,
          note.text,
          state === "resolved" ? clock.now() : clock.now() + config.holdMs,
          signal,
        ),
    });
  },
});
