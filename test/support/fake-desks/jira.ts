import { type FakeAnswer, type FakeRequest, type FakeState, type FakeTicket, refuse } from "./server.ts";

const CATEGORY: Record<string, string> = { open: "new", progress: "indeterminate", resolved: "done" };
const issue = (ticket: FakeTicket) => ({
  id: String(ticket.id),
  key: `DEV-${ticket.id}`,
  fields: {
    summary: ticket.subject,
    labels: ticket.key ? [ticket.key] : [],
    status: { statusCategory: { key: CATEGORY[ticket.state] } },
    assignee: ticket.owner ? { displayName: ticket.owner } : null,
    resolution: ticket.said === undefined ? null : { name: ticket.said },
    issuelinks:
      ticket.mergedInto === undefined
        ? [{ type: { outward: "blocks" }, outwardIssue: { key: "DEV-1" } }]
        : [{ type: { outward: "duplicates" }, outwardIssue: { key: `DEV-${ticket.mergedInto}` } }],
  },
});

/** Jira Service Management Cloud: the old search is gone (410), labels hold no spaces, a status changes by a transition of the moment only. */
export const jiraRoutes = ({ method, path, headers, json, query }: FakeRequest, state: FakeState): FakeAnswer => {
  if (!headers.authorization?.startsWith("Basic ")) return refuse(401);
  if (path === "/rest/api/3/myself") return { status: 200, body: { accountId: "1" } };
  if (path === "/rest/api/3/search") return refuse(410);
  if (/\/requesttype\/\d+\/field$/.test(path))
    return {
      status: 200,
      body: {
        requestTypeFields: [
          { fieldId: "summary", required: true },
          { fieldId: "description", required: false },
        ],
      },
    };
  if (path === "/rest/servicedeskapi/request" && method === "POST") {
    const { summary, description } = json.requestFieldValues ?? {};
    if (
      !json.serviceDeskId ||
      !json.requestTypeId ||
      !summary ||
      /\n/.test(summary) ||
      Object.keys(json.requestFieldValues).length > 2
    )
      return refuse(400);
    return {
      status: 201,
      body: { issueKey: issue(state.add({ key: "", subject: summary, body: description, state: "open" })).key },
    };
  }
  if (path === "/rest/api/3/search/jql") {
    const label = /labels = "([^"]*)"/.exec(json.jql)?.[1] ?? "";
    // Without `fields` only ids come back.
    return {
      status: 200,
      body: { issues: state.search(label).map((t) => (json.fields ? issue(t) : { id: String(t.id) })), isLast: true },
    };
  }
  const [, key, rest] = /\/(?:issue|request)\/DEV-(\d+)(\/\w+)?$/.exec(path) ?? [];
  const ticket = state.tickets.get(Number(key));
  if (!ticket) return refuse(404);
  if (rest === "/comment") {
    ticket.notes.push(json.body);
    return { status: 201, body: {} };
  }
  if (rest === "/transitions" && method === "GET") {
    const to = ticket.state === "resolved" ? ["progress"] : ["progress", "resolved"];
    return {
      status: 200,
      body: {
        transitions: to.map((t) => ({ id: `${ticket.state}-${t}`, to: { statusCategory: { key: CATEGORY[t] } } })),
      },
    };
  }
  if (rest === "/transitions") {
    const [from, to = ""] = String(json.transition?.id).split("-");
    const document = json.update?.comment?.[0]?.add?.body;
    if (from !== ticket.state || document?.type !== "doc") return refuse(400);
    ticket.notes.push(JSON.stringify(document));
    state.change(ticket, to);
    return { status: 204 };
  }
  if (method === "PUT") {
    const label: string = json.update.labels[0].add;
    if (/\s/.test(label) || label.length > 255) return refuse(400);
    if (state.isOn("drops-key")) return refuse(403);
    ticket.key = label;
    return { status: 204 };
  }
  return query.get("fields") ? { status: 200, body: issue(ticket) } : refuse(400);
};
