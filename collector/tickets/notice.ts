import { z } from "zod";
import { defineConnector, type TicketContent, type TicketNote } from "./connector.ts";
import { createDesk, expectStatus, finding } from "./desk.ts";
import { escapeJsonText, fillTemplate, templateSchema, templateValues } from "./template.ts";

/** Bodies for what people chat with. ntfy takes JSON at its root address with the topic inside. */
const forms = {
  slack: '{"text":"{{event}}: {{subject}}\\n{{link}}"}',
  teams:
    '{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{"type":"AdaptiveCard","version":"1.4","body":[{"type":"TextBlock","weight":"Bolder","wrap":true,"text":"{{event}}: {{subject}}"},{"type":"TextBlock","wrap":true,"text":"{{text}}"}]}}]}',
  ntfy: '{"topic":"{{topic}}","title":"{{event}}: {{subject}}","message":"{{text}}","click":"{{link}}"}',
} as const;

const configSchema = z.strictObject({
  form: z.enum(["slack", "teams", "ntfy"]),
  /** The incoming webhook's address; it is a secret. */
  url: z.url(),
  /** For ntfy. */
  topic: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  bearerToken: z.string().optional(),
  /** JSON text with {{fields}} in place of the form's own. */
  template: templateSchema.optional(),
});

/** One-way notices to Slack, Teams or ntfy: told when an incident opens, changes, ends; nothing comes back. */
export const notice = defineConnector({
  name: "notice",
  title: "Notice (Slack, Teams, ntfy)",
  abilities: ["comment", "resolve", "reopen"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const template = (config.template ?? forms[config.form]).replace("{{topic}}", config.topic ?? "rollcall");
    const post = async (event: string, content: TicketContent, note: TicketNote | undefined, signal: AbortSignal) => {
      const body = fillTemplate(template, templateValues(event, content, note), escapeJsonText);
      const headers = {
        "content-type": "application/json",
        ...(config.bearerToken ? { authorization: `Bearer ${config.bearerToken}` } : {}),
      };
      const answer = await http({ method: "POST", url: config.url, headers, body, signal });
      if (answer.status < 200 || answer.status > 299) expectStatus(answer, [], "sending the notice", clock.now());
    };
    return createDesk("Notice", {
      check: async () => [
        finding(
          config.form !== "ntfy" || config.topic !== undefined,
          "the topic is set where one is needed",
          "give ntfy a topic",
        ),
      ],
      create: async (content, signal) => {
        await post("Opened", content, undefined, signal);
        return { ref: { id: content.key } };
      },
      addNote: (_ref, content, note, signal) => post("News", content, note, signal),
      change: (_ref, content, note, state, signal) =>
        post(state === "resolved" ? "Over" : "Again", content, note, signal),
    });
  },
});
