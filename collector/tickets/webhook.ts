import { createHash, createHmac } from "node:crypto";
import { z } from "zod";
import { defineConnector, type TicketContent, type TicketNote } from "./connector.ts";
import { createDesk, expectStatus, finding } from "./desk.ts";
import { escapeJsonText, fillTemplate, templateSchema, templateValues } from "./template.ts";

const configSchema = z.strictObject({
  url: z.url(),
  /** "whsec_" and base64; several while a secret is being changed: the body is signed with each. */
  secrets: z
    .array(z.string().regex(/^whsec_[A-Za-z0-9+/]+=*$/))
    .min(1)
    .max(4),
  headers: z.record(z.string(), z.string()).default({}),
  /** JSON text with {{fields}}; without one, the whole incident is sent. */
  template: templateSchema.optional(),
});

/**
 * A signed webhook as Standard Webhooks has it: `webhook-id` is the same on every try of one event, so that the receiver
 * can drop repeats; the signature covers id, time of the try, and the body exactly as sent.
 */
export const webhook = defineConnector({
  name: "webhook",
  title: "Signed webhook",
  abilities: ["comment", "resolve", "reopen"],
  tried: "real",
  configSchema,
  connect: (config, { http, clock }) => {
    const post = async (event: string, content: TicketContent, note: TicketNote | undefined, signal: AbortSignal) => {
      const body = config.template
        ? fillTemplate(config.template, templateValues(event, content, note), escapeJsonText)
        : JSON.stringify({
            type: `incident.${event}`,
            timestamp: content.openedAt,
            data: { ...content, ...(note ? { note } : {}) },
          });
      const id = `msg_${createHash("sha256")
        .update(`${content.key}\0${event}\0${note?.id ?? ""}`)
        .digest("hex")
        .slice(0, 32)}`;
      const seconds = Math.floor(clock.now() / 1_000);
      const signatures = config.secrets.map((secret) => {
        const key = Buffer.from(secret.slice("whsec_".length), "base64");
        return `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`;
      });
      const headers = {
        ...config.headers,
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(seconds),
        "webhook-signature": signatures.join(" "),
      };
      const answer = await http({ method: "POST", url: config.url, headers, body, signal });
      if (answer.status < 200 || answer.status > 299) expectStatus(answer, [], `telling "${event}"`, clock.now());
    };
    return createDesk("Webhook", {
      check: async () => [
        finding(
          config.url.startsWith("https:") || /^http:\/\/(127\.|localhost|\[::1\])/.test(config.url),
          "the address is encrypted",
          "use https: the body names devices and people",
        ),
      ],
      create: async (content, signal) => {
        await post("opened", content, undefined, signal);
        return { ref: { id: content.key } };
      },
      addNote: (_ref, content, note, signal) => post("commented", content, note, signal),
      change: (_ref, content, note, state, signal) =>
        post(state === "resolved" ? "resolved" : "reopened", content, note, signal),
    });
  },
});
