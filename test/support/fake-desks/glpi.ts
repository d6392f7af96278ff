import { type FakeAnswer, type FakeRequest, type FakeState, type FakeTicket, refuse, ticketAt } from "./server.ts";

const toTicket = (ticket: FakeTicket) => ({
  id: ticket.id,
  name: ticket.subject,
  status: Number(ticket.state),
  externalid: ticket.key || null,
});

/** Sub-items of a ticket: persons with their role (2 is assigned), links (2 is a duplicate), solutions with their type. Names only where they are asked for. */
const hangingOn = (ticket: FakeTicket, itemtype: string, names: boolean): FakeAnswer => {
  const requester = { users_id: names ? "rollcall" : 7, type: 1 };
  const rows: Record<string, object[]> = {
    Ticket_User: ticket.owner === "" ? [requester] : [requester, { users_id: names ? ticket.owner : 5, type: 2 }],
    Ticket_Ticket:
      ticket.mergedInto === undefined
        ? [{ tickets_id_1: 1, tickets_id_2: ticket.id, link: 2 }]
        : [{ tickets_id_1: ticket.id, tickets_id_2: ticket.mergedInto, link: 2 }],
    ITILSolution: ticket.state === "5" ? [{ content: "", solutiontypes_id: Number(ticket.said ?? 0) }] : [],
  };
  const found = rows[itemtype];
  return found === undefined
    ? refuse(400, ["ERROR_RESOURCE_NOT_FOUND_NOR_COMMONDBTM", ""])
    : { status: 200, body: found };
};

/** GLPI's legacy REST API: a session first, input wrapped, states by number, a solution sets "solved", lists answer 206 when more follow. */
export const glpiRoutes = ({ method, path, headers, json, query, body }: FakeRequest, state: FakeState): FakeAnswer => {
  const route = path.replace(/^\/apirest\.php/, "");
  if (method === "GET" && body !== "") return refuse(400);
  if (route === "/initSession")
    return headers.authorization?.startsWith("user_token ")
      ? { status: 200, body: { session_token: "s1" } }
      : refuse(401);
  if (headers["session-token"] !== "s1") return refuse(401, ["ERROR_SESSION_TOKEN_INVALID", ""]);
  if (route === "/listSearchOptions/Ticket")
    return { status: 200, body: { common: "Characteristics", "1": { field: "name" }, "77": { field: "externalid" } } };
  if (route === "/search/Ticket") {
    if (query.get("criteria[0][field]") !== "77") return refuse(400);
    const hits = state.search(query.get("criteria[0][value]") ?? "");
    return { status: 206, body: { totalcount: hits.length, data: hits.map((t) => ({ "2": t.id })) } };
  }
  if (method === "POST" && json?.input === undefined) return refuse(400, ["ERROR_BAD_ARRAY", ""]);
  if (route === "/Ticket" && method === "POST") {
    const { name, content, externalid, urgency, impact } = json.input;
    if (![1, 2, 3, 4, 5].includes(urgency) || ![1, 2, 3, 4, 5].includes(impact)) return refuse(400);
    return { status: 201, body: { id: state.add({ key: externalid, subject: name, body: content, state: "1" }).id } };
  }
  if (route === "/ITILFollowup" || route === "/ITILSolution") {
    const ticket = ticketAt(state, json.input.items_id);
    if (!ticket || json.input.itemtype !== "Ticket") return refuse(400);
    ticket.notes.push(json.input.content);
    if (route === "/ITILSolution") state.change(ticket, "5");
    return { status: 201, body: { id: 1 } };
  }
  const [, id, hanging] = /^\/Ticket\/(\d+)(?:\/(\w+))?$/.exec(route) ?? [];
  const ticket = ticketAt(state, id);
  if (!ticket) return refuse(404, ["ERROR_ITEM_NOT_FOUND", ""]);
  if (hanging !== undefined) return hangingOn(ticket, hanging, query.get("expand_dropdowns") === "true");
  if (method === "PUT") {
    state.change(ticket, String(json.input.status));
    return { status: 200, body: [{ [ticket.id]: true }] };
  }
  return { status: 200, body: toTicket(ticket) };
};

const toTicketV2 = (ticket: FakeTicket) => ({
  id: ticket.id,
  name: ticket.subject,
  status: { id: Number(ticket.state) },
  external_id: ticket.key || null,
});

/** GLPI 11's high-level API: OAuth password grant with scope api, RSQL filters, timeline resources. */
export const glpiV2Routes = (
  { method, path, headers, json, form, query }: FakeRequest,
  state: FakeState,
): FakeAnswer => {
  if (path === "/api.php/token") {
    return form.get("grant_type") === "password" && form.get("scope") === "api"
      ? { status: 200, body: { access_token: "t1", expires_in: 3600 } }
      : refuse(400);
  }
  if (headers.authorization !== "Bearer t1") return refuse(401);
  const [, id, timeline] =
    /^\/api\.php\/v2\/Assistance\/Ticket(?:\/(\d+))?(?:\/(?:Timeline\/)?(\w+))?$/.exec(path) ?? [];
  if (!path.startsWith("/api.php/v2/Assistance/Ticket")) return refuse(404);
  if (id === undefined && method === "POST") {
    return {
      status: 201,
      body: { id: state.add({ key: json.external_id, subject: json.name, body: json.content, state: "1" }).id },
    };
  }
  if (id === undefined)
    return {
      status: 200,
      body: state.search(/external_id=="([^"]*)"/.exec(query.get("filter") ?? "")?.[1] ?? "").map(toTicketV2),
    };
  const ticket = ticketAt(state, id);
  if (!ticket) return refuse(404);
  if (timeline === "TeamMember")
    return {
      status: 200,
      body: [
        { role: "requester", name: "rollcall" },
        ...(ticket.owner === "" ? [] : [{ role: "assigned", name: "alice", display_name: ticket.owner }]),
      ],
    };
  if (timeline === "Solution" && method === "GET")
    return { status: 200, body: ticket.state === "5" ? [{ type: { id: Number(ticket.said ?? 0) } }] : [] };
  if (timeline) {
    ticket.notes.push(json.content);
    if (timeline === "Solution") state.change(ticket, "5");
    return { status: 201, body: { id: 1 } };
  }
  if (method === "PATCH") state.change(ticket, String(json.status));
  return { status: 200, body: toTicketV2(ticket) };
};
