import { z } from "zod";
import { defineConnector, type TicketContent } from "./connector.ts";
import { createDesk, finding } from "./desk.ts";
import { basicAuth, createRest } from "./rest.ts";

const configSchema = z.strictObject({
  baseUrl: z.url(),
  user: z.string().min(1),
  password: z.string().min(1),
});

/** "yyyy-MM-dd HH:mm:ss", GMT. */
const eventTime = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 19).replace("T", " ");

/** ServiceNow Event Management: message_key joins our events to one alert there, so every call may be repeated. Severity 0 clears. */
export const servicenowEvents = defineConnector({
  name: "servicenow-events",
  title: "ServiceNow Event Management",
  abilities: ["comment", "resolve", "reopen", "linksAsset"],
  tried: "fake",
  configSchema,
  connect: (config, { http, clock }) => {
    const { tell } = createRest(
      http,
      `${config.baseUrl}/api/global/em/jsonv2`,
      { authorization: basicAuth(config.user, config.password) },
      clock.now,
    );
    const send = (what: string, content: TicketContent, text: string, severity: number, signal: AbortSignal) => {
      const record = {
        source: "Rollcall",
        event_class: "Rollcall collector",
        node: content.asset?.name ?? "rollcall",
        type: content.kind,
        resource: content.asset?.assetId ?? "",
        metric_name: "presence",
        message_key: content.key,
        severity: String(severity),
        description: text.slice(0, 4_000),
        additional_info: JSON.stringify({
          condition: content.condition,
          link: content.link ?? "",
          serial: content.asset?.serialNumber ?? "",
        }),
        time_of_event: eventTime(clock.now()),
      };
      return tell(what, { path: "", json: { records: [record] }, signal });
    };
    return createDesk("ServiceNow events", {
      check: async () => [
        finding(true, "events carry user and password", "give the user the role evt_mgmt_integration"),
      ],
      create: async (content, signal) => {
        await send("sending", content, `${content.subject}\n\n${content.text}`, content.priority, signal);
        return { ref: { id: content.key } };
      },
      addNote: (_ref, content, note, signal) => send("updating", content, note.text, content.priority, signal),
      change: (_ref, content, note, state, signal) =>
        send("changing the state", content, note.text, state === "resolved" ? 0 : content.priority, signal),
    });
  },
});
