import { createHmac } from "node:crypto";
import { type FakeAnswer, type FakeRequest, type FakeState, refuse } from "./server.ts";

const byKey = (state: FakeState, key: string) => [...state.tickets.values()].find((ticket) => ticket.key === key);

/** PagerDuty Events v2: bounded fields, 202; a resolve with nothing open is dropped without a word. */
export const pagerdutyRoutes = ({ method, path, json }: FakeRequest, state: FakeState): FakeAnswer => {
  if (method !== "POST" || path !== "/v2/enqueue") return refuse(404);
  const { routing_key, event_action, dedup_key, payload } = json;
  if (routing_key.length !== 32 || dedup_key.length > 255) return refuse(400);
  if (payload.summary.length > 1_024 || !["critical", "error", "warning", "info"].includes(payload.severity))
    return refuse(400);
  const open = byKey(state, dedup_key);
  if (event_action === "trigger")
    (open ?? state.add({ key: dedup_key, subject: payload.summary, body: "", state: "open" })).state = "open";
  else if (event_action === "resolve" && open) open.state = "resolved";
  else if (event_action !== "resolve") return refuse(400);
  return { status: 202, body: { status: "success", message: "Event processed", dedup_key } };
};

/** Opsgenie: 202 with a request id; one open alert an alias; message at most 130 characters. */
export const opsgenieRoutes = ({ method, path, headers, json, query }: FakeRequest, state: FakeState): FakeAnswer => {
  if (!headers.authorization?.startsWith("GenieKey ")) return refuse(401);
  if (path === "/v2/alerts/count") return { status: 200, body: { data: { count: 0 } } };
  const taken = { status: 202, body: { result: "Request will be processed", requestId: "r1" } };
  if (method === "POST" && path === "/v2/alerts") {
    if (json.message.length > 130 || json.alias.length > 512 || !/^P[1-5]$/.test(json.priority)) return refuse(422);
    (
      byKey(state, json.alias) ??
      state.add({ key: json.alias, subject: json.message, body: json.description, state: "open" })
    ).state = "open";
    return taken;
  }
  const [, alias = "", action] = /^\/v2\/alerts\/([^/]+)(?:\/(close|notes))?$/.exec(path) ?? [];
  const ticket = byKey(state, decodeURIComponent(alias));
  if (!ticket || query.get("identifierType") !== "alias") return refuse(404);
  if (action === undefined)
    return method === "GET"
      ? {
          status: 200,
          body: {
            data: {
              status: ticket.state === "resolved" ? "closed" : "open",
              acknowledged: ticket.owner !== "",
              owner: ticket.owner,
              tags: ticket.said === undefined ? [] : [ticket.said],
            },
          },
        }
      : refuse(422);
  if (action === "close") ticket.state = "resolved";
  else ticket.notes.push(json.note);
  return taken;
};

export const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret of twenty-four bytes").toString("base64")}`;

/** A receiver as Standard Webhooks asks for one: checks signature and time, drops repeats of an id. */
export const createWebhookRoutes = () => {
  const seen = new Set<string>();
  return ({ headers, body, json }: FakeRequest, state: FakeState): FakeAnswer => {
    const [id, time, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) =>
      String(headers[name]),
    );
    const key = Buffer.from(WEBHOOK_SECRET.slice(6), "base64");
    const expected = `v1,${createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64")}`;
    if (!signatures?.split(" ").includes(expected) || Math.abs(Date.now() / 1_000 - Number(time)) > 300)
      return refuse(401);
    if (seen.has(String(id))) return { status: 204 };
    seen.add(String(id));
    const ticket =
      byKey(state, json.data.key) ??
      state.add({ key: json.data.key, subject: json.data.subject, body: json.data.text, state: "open" });
    if (json.data.note) ticket.notes.push(json.data.note.text);
    ticket.state = json.type === "incident.resolved" ? "resolved" : "open";
    return { status: 204 };
  };
};

/** Incoming webhooks of Slack and Teams, ntfy's JSON form: nothing but text is taken. */
export const noticeRoutes = ({ json }: FakeRequest, state: FakeState): FakeAnswer => {
  const words = json.text ?? json.title ?? json.attachments?.[0]?.content?.body?.[0]?.text;
  if (typeof words !== "string") return refuse(400);
  state.add({ key: words, subject: words, body: JSON.stringify(json), state: "open" });
  return { status: 200, text: "ok" };
};
