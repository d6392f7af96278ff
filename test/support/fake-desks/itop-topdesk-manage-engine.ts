import { type FakeAnswer, type FakeRequest, type FakeState, type FakeTicket, refuse, ticketAt } from "./server.ts";

const itopObject = (ticket: FakeTicket) => ({
  code: 0,
  key: String(ticket.id),
  fields: {
    id: String(ticket.id),
    ref: `I-${ticket.id}`,
    status: ticket.state,
    title: ticket.subject,
    description: ticket.body,
    agent_id: ticket.owner ? "17" : ticket.state === "new" ? "0" : "2",
    agent_id_friendlyname: ticket.owner || (ticket.state === "new" ? "" : "Rollcall"),
    resolution_code: ticket.said ?? "",
    parent_incident_id: String(ticket.mergedInto ?? 0),
  },
});
const itopAnswer = (tickets: FakeTicket[]) => ({
  status: 200,
  body: {
    code: 0,
    message: "ok",
    objects: tickets.length ? Object.fromEntries(tickets.map((t) => [`Incident::${t.id}`, itopObject(t)])) : null,
  },
});
const itopFault = (message: string): FakeAnswer => ({ status: 200, body: { code: 100, message } });

/** iTop: always 200, `code` is the result; unknown fields are refused; ev_resolve is refused on a new ticket; nothing found is null. */
export const itopRoutes = ({ path, headers, form }: FakeRequest, state: FakeState): FakeAnswer => {
  if (path !== "/webservices/rest.php") return refuse(404);
  if (!headers.authorization?.startsWith("Basic ")) return { status: 200, body: { code: 1, message: "Invalid login" } };
  const data = JSON.parse(form.get("json_data") ?? "{}");
  if (data.class === "Organization")
    return { status: 200, body: { code: 0, objects: { "Organization::1": { key: "1", fields: { name: "Demo" } } } } };
  if (data.class === "PhysicalDevice") {
    const asked = /serialnumber = "([^"]*)"/.exec(data.key)?.[1];
    const device = { key: "16", fields: { id: "16", serialnumber: "S1" } };
    return { status: 200, body: { code: 0, objects: asked === "S1" ? { "PhysicalDevice::16": device } : null } };
  }
  if (data.operation === "core/create") {
    const allowed = ["org_id", "title", "description", "impact", "urgency", "origin", "functionalcis_list"];
    const unknown = Object.keys(data.fields).find((field) => !allowed.includes(field));
    if (unknown || !data.comment) return itopFault(`Unknown attribute: ${unknown}`);
    const key = /\[(rollcall:[^\]]*)\]/.exec(data.fields.description)?.[1] ?? "";
    const ci = data.fields.functionalcis_list?.[0]?.functionalci_id ?? "none";
    const body = `${data.fields.description}\nCI: ${ci}`;
    return itopAnswer([state.add({ key, subject: data.fields.title, body, state: "new" })]);
  }
  if (data.operation === "core/get" && !/^\d+$/.test(data.key)) {
    if (/\bLIMIT\b/i.test(data.key)) return itopFault("OQL has no LIMIT");
    return itopAnswer(state.search(/\[(rollcall:[^\]]*)\]/.exec(data.key)?.[1] ?? ""));
  }
  const ticket = ticketAt(state, data.key);
  if (!ticket) return data.operation === "core/get" ? itopAnswer([]) : itopFault("no item found");
  if (data.operation === "core/update") ticket.notes.push(data.fields.private_log.add_item.message);
  if (data.operation === "core/apply_stimulus") {
    const next: Record<string, [string, string]> = {
      ev_assign: ["new", "assigned"],
      ev_resolve: ["assigned", "resolved"],
      ev_reopen: ["resolved", "assigned"],
    };
    const [from, to] = next[data.stimulus] ?? ["", ""];
    if (ticket.state !== from)
      return itopFault(`Invalid stimulus: '${data.stimulus}' on the object '${ticket.id}' in state '${ticket.state}'`);
    if (data.fields.solution) ticket.notes.push(data.fields.solution);
    state.change(ticket, to);
  }
  return itopAnswer([ticket]);
};

const topdeskIncident = (ticket: FakeTicket) => ({
  id: `uuid-${ticket.id}`,
  number: `I ${ticket.id}`,
  externalNumber: ticket.key || null,
  briefDescription: ticket.subject,
  completed: ticket.state === "Resolved",
  processingStatus: { name: ticket.state },
  operator: ticket.owner ? { name: ticket.owner } : null,
  closureCode: ticket.said === undefined ? null : { id: "c", name: ticket.said },
  mainIncident:
    ticket.mergedInto === undefined ? null : { id: `uuid-${ticket.mergedInto}`, number: `I ${ticket.mergedInto}` },
});

/** TOPdesk: short subjects (80), names of configured statuses only, 204 for an empty list, 206 for a part of one. */
export const topdeskRoutes = ({ method, path, headers, json, query }: FakeRequest, state: FakeState): FakeAnswer => {
  if (!headers.authorization?.startsWith("Basic ")) return refuse(401);
  const [, id] = /^\/tas\/api\/incidents(?:\/id\/uuid-(\d+))?$/.exec(path) ?? [];
  if (!path.startsWith("/tas/api/incidents")) return refuse(404);
  if (method === "POST") {
    if (json.briefDescription.length > 80 || !json.caller || json.externalNumber.length > 60) return refuse(400);
    return {
      status: 201,
      body: topdeskIncident(
        state.add({
          key: json.externalNumber,
          subject: json.briefDescription,
          body: json.request,
          state: json.processingStatus.name,
        }),
      ),
    };
  }
  if (id === undefined) {
    const hits = state.search(/externalNumber==(.*)$/.exec(query.get("query") ?? "")?.[1] ?? "");
    return hits.length === 0 ? { status: 204 } : { status: 206, body: hits.map(topdeskIncident) };
  }
  const ticket = ticketAt(state, id);
  if (!ticket) return refuse(404);
  if (method === "PATCH") {
    if (json.processingStatus && !["Open", "Resolved"].includes(json.processingStatus.name)) return refuse(400);
    if (json.action) ticket.notes.push(json.action);
    if (json.processingStatus) state.change(ticket, json.processingStatus.name);
  }
  return { status: 200, body: topdeskIncident(ticket) };
};

const sdpRequest = (ticket: FakeTicket) => ({
  id: String(ticket.id),
  display_id: String(ticket.id),
  subject: ticket.subject,
  status: { name: ticket.state },
  technician: ticket.owner ? { name: ticket.owner } : null,
  closure_info: ticket.said === undefined ? null : { closure_code: { name: ticket.said } },
  udf_fields: ticket.key ? { udf_sline_301: ticket.key } : {},
});
const sdpSuccess = (body: Record<string, unknown>): FakeAnswer => ({
  status: 200,
  body: { response_status: { status: "success", status_code: 2000 }, ...body },
});
const sdpFault = (message: string): FakeAnswer => ({
  status: 200,
  body: { response_status: { status: "failed", messages: [{ message, status_code: 4001 }] } },
});

/** ServiceDesk Plus v3: JSON inside a form field, the outcome in response_status even with 200. */
export const manageEngineRoutes = (
  { method, path, headers, form, query }: FakeRequest,
  state: FakeState,
): FakeAnswer => {
  if (!headers["authtoken"]) return refuse(401);
  const input = JSON.parse(form.get("input_data") ?? query.get("input_data") ?? "{}");
  const [, id, rest] = /^\/api\/v3\/requests(?:\/(\d+))?(?:\/(\w+))?$/.exec(path) ?? [];
  if (!path.startsWith("/api/v3/requests")) return refuse(404);
  if (id === undefined && method === "POST") {
    const { subject, description, requester, udf_fields, status } = input.request ?? {};
    if (!subject || !requester?.name) return sdpFault("subject and requester are mandatory");
    return sdpSuccess({
      request: sdpRequest(state.add({ key: udf_fields.udf_sline_301, subject, body: description, state: status.name })),
    });
  }
  if (id === undefined) {
    const criteria = input.list_info?.search_criteria?.[0];
    const hits = criteria ? state.search(criteria.field === "udf_fields.udf_sline_301" ? criteria.values[0] : "") : [];
    return sdpSuccess({ requests: hits.map(sdpRequest) });
  }
  const ticket = ticketAt(state, id);
  if (!ticket) return refuse(404);
  if (rest === "notes") ticket.notes.push(input.request_note.description);
  else if (rest === "resolutions") ticket.notes.push(input.resolution.content);
  else if (method === "PUT") {
    if (!["Open", "Resolved"].includes(input.request.status.name)) return sdpFault("status does not exist");
    state.change(ticket, input.request.status.name);
  }
  return sdpSuccess(rest ? {} : { request: sdpRequest(ticket) });
};
