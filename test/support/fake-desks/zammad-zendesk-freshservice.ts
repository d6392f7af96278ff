import { type FakeAnswer, type FakeRequest, type FakeState, type FakeTicket, refuse, ticketAt } from "./server.ts";

const zammadTicket = (ticket: FakeTicket) => ({
  id: ticket.id,
  number: `7${ticket.id}`,
  title: ticket.subject,
  state: ticket.mergedInto === undefined ? ticket.state : "merged",
  owner_id: ticket.owner ? 5 : 1,
  owner: ticket.owner || "-",
  ...(ticket.key ? { rollcall_key: ticket.key } : {}),
});

/** Zammad: token header with its own word, an article is needed on create and appended on update, unknown states are refused. */
export const zammadRoutes = ({ method, path, headers, json, query }: FakeRequest, state: FakeState): FakeAnswer => {
  if (!headers.authorization?.startsWith("Token token=")) return refuse(401);
  if (path === "/api/v1/users/me") return { status: 200, body: { id: 3 } };
  if (path === "/api/v1/tickets/search")
    return {
      status: 200,
      body: state.search(/rollcall_key:"([^"]*)"/.exec(query.get("query") ?? "")?.[1] ?? "").map(zammadTicket),
    };
  if (path === "/api/v1/tickets" && method === "POST") {
    if (
      !json.title ||
      !json.group ||
      !json.customer_id ||
      !json.article?.body ||
      !/^[123] (low|normal|high)$/.test(json.priority)
    )
      return refuse(422);
    return {
      status: 201,
      body: zammadTicket(
        state.add({ key: json.rollcall_key, subject: json.title, body: json.article.body, state: "new" }),
      ),
    };
  }
  if (path === "/api/v1/tags") {
    const said = ticketAt(state, query.get("o_id") ?? "")?.said;
    return query.get("object") === "Ticket"
      ? { status: 200, body: { tags: said === undefined ? [] : [said] } }
      : refuse(422);
  }
  if (path === "/api/v1/links") {
    const into = ticketAt(state, query.get("link_object_value") ?? "")?.mergedInto;
    const related = { link_type: "normal", link_object: "Ticket", link_object_value: 1 };
    const parent = { link_type: "parent", link_object: "Ticket", link_object_value: into };
    return { status: 200, body: { links: into === undefined ? [related] : [related, parent], assets: {} } };
  }
  const ticket = ticketAt(state, /^\/api\/v1\/tickets\/(\d+)$/.exec(path)?.[1]);
  if (!ticket) return refuse(404);
  if (method === "PUT") {
    if (json.article) ticket.notes.push(json.article.body);
    if (json.state && !["new", "open", "closed", "pending reminder"].includes(json.state)) return refuse(422);
    if (json.state) state.change(ticket, json.state);
  }
  return { status: 200, body: zammadTicket(ticket) };
};

const zendeskTicket = (ticket: FakeTicket) => ({
  id: ticket.id,
  subject: ticket.subject,
  status: ticket.state,
  external_id: ticket.key || null,
  assignee_id: ticket.owner ? 9 : null,
  tags: ticket.said === undefined ? [] : [ticket.said],
});

/** Zendesk: Basic with "/token" behind the address, tickets wrapped, an idempotency key gives the first answer again, closed is final. */
export const zendeskRoutes = ({ method, path, headers, json, query }: FakeRequest, state: FakeState): FakeAnswer => {
  const login = Buffer.from(headers.authorization?.replace("Basic ", "") ?? "", "base64").toString();
  if (!login.includes("/token:")) return refuse(401);
  if (path === "/api/v2/users/me") return { status: 200, body: { user: { role: "agent" } } };
  if (path === "/api/v2/tickets" && method === "POST") {
    const { subject, comment, external_id, priority } = json.ticket;
    if (!comment?.body || !["urgent", "high", "normal", "low"].includes(priority)) return refuse(422);
    const repeated = [...state.tickets.values()].find((ticket) => ticket.key === headers["idempotency-key"]);
    return {
      status: 201,
      body: {
        ticket: zendeskTicket(repeated ?? state.add({ key: external_id, subject, body: comment.body, state: "new" })),
      },
    };
  }
  if (path === "/api/v2/tickets")
    return { status: 200, body: { tickets: state.search(query.get("external_id") ?? "").map(zendeskTicket) } };
  const ticket = ticketAt(state, /^\/api\/v2\/tickets\/(\d+)$/.exec(path)?.[1]);
  if (!ticket) return refuse(404, { error: "RecordNotFound" });
  if (method === "PUT") {
    if (ticket.state === "closed") return refuse(422);
    if (json.ticket.comment) ticket.notes.push(json.ticket.comment.body);
    if (json.ticket.status) state.change(ticket, json.ticket.status);
  }
  return { status: 200, body: { ticket: zendeskTicket(ticket) } };
};

const freshTicket = (ticket: FakeTicket) => ({
  id: ticket.id,
  subject: ticket.subject,
  status: Number(ticket.state),
  responder_id: ticket.owner ? 4 : null,
  tags: ticket.said === undefined ? [] : [ticket.said],
  custom_fields: ticket.key ? { rollcall_key: ticket.key } : {},
});

/** Freshservice: requester, subject, description, status and priority are needed; notes are a resource of their own. */
export const freshserviceRoutes = (
  { method, path, headers, json, query }: FakeRequest,
  state: FakeState,
): FakeAnswer => {
  if (
    !Buffer.from(headers.authorization?.replace("Basic ", "") ?? "", "base64")
      .toString()
      .endsWith(":X")
  )
    return refuse(401);
  if (path === "/api/v2/tickets/filter") {
    const key = /^"cf_rollcall_key:'([^']*)'"$/.exec(query.get("query") ?? "")?.[1];
    return key === undefined ? refuse(400) : { status: 200, body: { tickets: state.search(key).map(freshTicket) } };
  }
  if (path === "/api/v2/tickets" && method === "GET") return { status: 200, body: { tickets: [] } };
  if (path === "/api/v2/tickets") {
    if (
      !json.email ||
      !json.subject ||
      !json.description ||
      ![2, 3, 4, 5].includes(json.status) ||
      ![1, 2, 3, 4].includes(json.priority)
    )
      return refuse(400);
    return {
      status: 201,
      body: {
        ticket: freshTicket(
          state.add({
            key: json.custom_fields.rollcall_key,
            subject: json.subject,
            body: json.description,
            state: String(json.status),
          }),
        ),
      },
    };
  }
  const [, id, notes] = /^\/api\/v2\/tickets\/(\d+)(\/notes)?$/.exec(path) ?? [];
  const ticket = ticketAt(state, id);
  if (!ticket) return refuse(404);
  if (notes) {
    ticket.notes.push(json.body);
    return { status: 201, body: { conversation: { id: 1 } } };
  }
  if (method === "PUT") state.change(ticket, String(json.status));
  return { status: 200, body: { ticket: freshTicket(ticket) } };
};
