import { type FakeAnswer, type FakeRequest, type FakeState, type FakeTicket, refuse, ticketAt } from "./server.ts";

const FIELDS = [
  "short_description",
  "description",
  "impact",
  "urgency",
  "correlation_id",
  "correlation_display",
  "caller_id",
  "assignment_group",
  "cmdb_ci",
];
const row = (ticket: FakeTicket) => ({
  sys_id: String(ticket.id),
  number: `INC${ticket.id}`,
  state: ticket.state,
  correlation_id: ticket.key,
  assigned_to: ticket.owner,
  close_code: ticket.said ?? "",
  parent_incident: ticket.mergedInto === undefined ? "" : String(ticket.mergedInto),
  short_description: ticket.subject,
});

/** Table API: priority is read-only (from impact and urgency), resolving needs close_code and close_notes, an unknown query field matches all. */
export const servicenowRoutes = ({ method, path, query, headers, json }: FakeRequest, state: FakeState): FakeAnswer => {
  if (!headers.authorization?.startsWith("Basic ") && !headers["x-sn-apikey"]) return refuse(401);
  if (path === "/api/now/table/cmdb_ci") {
    // An unknown field would match all; a row comes only for what is asked, and twice for what is there twice.
    const asked = /^serial_number=(.*)$/.exec(query.get("sysparm_query") ?? "")?.[1] ?? "";
    const cis = [
      { sys_id: "ci-1", serial_number: "S1" },
      { sys_id: "ci-2", serial_number: "TWIN" },
      { sys_id: "ci-3", serial_number: "TWIN" },
    ];
    return {
      status: 200,
      body: { result: state.isOn("ignores-filters") ? cis : cis.filter((ci) => ci.serial_number === asked) },
    };
  }
  const [, id] = /^\/api\/now\/table\/incident(?:\/(\w+))?$/.exec(path) ?? [];
  if (!path.startsWith("/api/now/table/incident")) return refuse(404);
  if (method === "POST") {
    if (
      Object.keys(json).some((field) => !FIELDS.includes(field)) ||
      !/^[123]$/.test(json.impact) ||
      !/^[123]$/.test(json.urgency)
    )
      return refuse(400);
    return {
      status: 201,
      body: {
        result: row(
          state.add({
            ...{ key: json.correlation_id, subject: json.short_description, state: "1" },
            body: `${json.description}\nCI: ${json.cmdb_ci ?? "none"}`,
          }),
        ),
      },
    };
  }
  if (id === undefined) {
    const key = /(?:^|\^)correlation_id=([^^]*)/.exec(query.get("sysparm_query") ?? "")?.[1];
    return {
      status: 200,
      body: { result: (key === undefined ? [...state.tickets.values()] : state.search(key)).map(row) },
    };
  }
  const ticket = ticketAt(state, id);
  if (!ticket) return refuse(404, { error: { message: "No Record found" } });
  if (method === "PATCH") {
    if (json.state === "6" && !(json.close_code && json.close_notes))
      return refuse(403, { error: { message: "Data Policy Exception: close_code, close_notes" } });
    if (json.work_notes) ticket.notes.push(json.work_notes);
    if (json.close_notes) ticket.notes.push(json.close_notes);
    if (json.state) state.change(ticket, json.state);
  }
  return { status: 200, body: { result: row(ticket) } };
};

/** Event Management: records in an array, severity as text 0 to 5, additional_info a JSON string, time without a zone. */
export const servicenowEventRoutes = ({ path, headers, json }: FakeRequest, state: FakeState): FakeAnswer => {
  if (!headers.authorization?.startsWith("Basic ")) return refuse(401);
  if (path !== "/api/global/em/jsonv2") return refuse(404);
  for (const record of json.records) {
    JSON.parse(record.additional_info);
    if (!/^[0-5]$/.test(record.severity) || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(record.time_of_event))
      return refuse(400);
    const known = [...state.tickets.values()].find((ticket) => ticket.key === record.message_key);
    const ticket =
      known ??
      state.add({ key: record.message_key, subject: record.description, body: record.description, state: "open" });
    ticket.state = record.severity === "0" ? "resolved" : "open";
  }
  return { status: 200, body: { result: "ok" } };
};
