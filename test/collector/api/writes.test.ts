import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import type { IncidentDetail, TicketDetail } from "../../../shared/model/incident-detail.ts";
import { type ApiClient, createApiClient, readAll } from "../../support/api-client.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let call: ApiClient;

beforeAll(async () => {
  site = await startTestSite({ count: 60 });
  call = createApiClient(site.url, site.apiToken);
});
afterAll(() => site.stop());

const incident = async (index: number) => {
  const answer = await call("GET", `/incidents/${site.site.incidents[index]}`);
  return { ...answer, incident: answer.body as IncidentDetail };
};

describe("incidents", () => {
  it("shows one with its evidence, its ticket and its timeline", async () => {
    const { status, headers, incident: one } = await incident(0);
    expect(status).toBe(200);
    expect(headers.get("etag")).toMatch(new RegExp(`^"${one.version}\\.[\\w-]{12}"$`));
    expect(one.evidence.length).toBeGreaterThan(3);
    expect(one).toMatchObject({ ticketNumber: 1, timeline: [{ kind: "opened" }], tickets: [{ connector: "queue" }] });
  });

  it("is taken, commented, judged and resolved; ticket and timeline follow", async () => {
    const path = `/incidents/${site.site.incidents[0]}`;
    const taken = await call("POST", `${path}/acknowledge`, { body: { assignee: "kim", note: "on my way" } });
    expect(taken).toMatchObject({ status: 200, body: { state: "acknowledged", assignee: "kim" } });
    await call("POST", `${path}/comments`, { body: { text: "  the <b>cable</b> was out  " } });
    await call("POST", `${path}/verdict`, { body: { verdict: "true" } });
    const done = await call("POST", `${path}/resolve`, { body: { resolution: "plugged in again" } });
    expect(done).toMatchObject({ status: 200, body: { state: "resolved", verdict: "true" } });
    const ticket = (await call("GET", "/tickets/1")).body as TicketDetail;
    expect(ticket.state).toBe("resolved");
    expect(ticket.timeline.map(({ text }) => text)).toContain("the <b>cable</b> was out");
    const again = await call("POST", `${path}/resolve`, { body: { resolution: "twice" } });
    expect(again).toMatchObject({ status: 409, body: { code: "conflict" } });
  });

  it("refuses a write that saw another version, and applies nothing of it", async () => {
    const { incident: before } = await incident(1);
    const path = `/incidents/${before.incidentId}/assign`;
    const stale = await call("POST", path, {
      body: { assignee: "eve" },
      headers: { "if-match": `"${before.version - 1}"` },
    });
    expect(stale).toMatchObject({ status: 412, body: { code: "request.version" } });
    expect((await incident(1)).incident.assignee).toBe(before.assignee);
    const fresh = await call("POST", path, {
      body: { assignee: "kim" },
      headers: { "if-match": `"${before.version}"` },
    });
    expect(fresh).toMatchObject({ status: 200, body: { assignee: "kim" } });
    expect((fresh.body as IncidentDetail).version).toBeGreaterThan(before.version);
  });

  it("answers 304 to who has the present version", async () => {
    const { headers } = await incident(2);
    const etag = headers.get("etag") ?? "";
    const path = `/incidents/${site.site.incidents[2]}`;
    expect((await call("GET", path, { headers: { "if-none-match": etag } })).status).toBe(304);
    expect((await call("GET", path, { headers: { "if-none-match": '"999"' } })).status).toBe(200);
    // A comment leaves the record as it is, and makes another answer of it.
    await call("POST", `${path}/comments`, { body: { text: "news" } });
    expect((await call("GET", path, { headers: { "if-none-match": etag } })).status).toBe(200);
  });
});

describe("tickets", () => {
  it("are commented, given and moved on", async () => {
    await call("POST", "/tickets/4/assign", { body: { assignee: "kim" } });
    await call("POST", "/tickets/4/comments", { body: { text: "waiting for the user" } });
    const moved = await call("POST", "/tickets/4/state", { body: { state: "in-progress" } });
    const ticket = moved.body as TicketDetail;
    expect(moved).toMatchObject({ status: 200, body: { state: "in-progress", assignee: "kim" } });
    expect(ticket.timeline.map(({ kind }) => kind)).toEqual(["opened", "assigned", "comment", "state"]);
    expect(await call("POST", "/tickets/4711/comments", { body: { text: "x" } })).toMatchObject({ status: 404 });
  });
});

describe("assets", () => {
  it("keep what a person set, show it as locked and as a change, and refuse who saw another version", async () => {
    const path = `/assets/${site.site.host}`;
    const before = (await call("GET", path)).body as AssetDetail;
    const headers = { "if-match": `"${before.version}"` };
    const edit = { set: { criticality: "critical", site: "Rack 7" } };
    const edited = await call("PATCH", path, { body: edit, headers });
    expect(edited).toMatchObject({ status: 200, body: { criticality: "critical", locked: ["criticality", "site"] } });
    expect(await call("PATCH", path, { body: edit, headers })).toMatchObject({
      status: 412,
      body: { code: "request.version" },
    });
    const changes = await readAll<{ field?: string; actor: object }>(call, `${path}/changes`, 100);
    expect(changes.slice(0, 2).map(({ field, actor }) => [field, actor])).toEqual(
      expect.arrayContaining([["criticality", { kind: "person", name: "test" }]]),
    );
    const released = await call("PATCH", path, { body: { set: {}, release: ["site"] } });
    expect(released).toMatchObject({ body: { locked: ["criticality"] } });
  });
});

describe("agents", () => {
  const byName = async (name: string) => {
    const agents = await readAll<{ agentId: string; name: string; state: string }>(call, "/agents", 3);
    return agents.find((agent) => agent.name === name);
  };

  it("are let in, and shut out for good", async () => {
    const path = `/agents/${(await byName("pc-new-17"))?.agentId}`;
    expect(await call("POST", `${path}/approve`)).toMatchObject({ status: 200, body: { items: [{ state: "never" }] } });
    const revoked = await call("POST", `${path}/revoke`, { body: { reason: "stolen" } });
    expect(revoked).toMatchObject({ status: 200, body: { items: [{ state: "revoked" }] } });
    expect(await call("POST", `${path}/approve`)).toMatchObject({ status: 409, body: { code: "conflict" } });
  });

  it("enrol by a token, once for a single-use one, and are told where to go on", async () => {
    const token = await site.enrolToken();
    const publicKey = (n: number) => Buffer.alloc(32, n).toString("base64url");
    const open = createApiClient(site.url);
    const enrolled = await open("POST", "/enrol", { body: { token, publicKey: publicKey(7), name: "new" } });
    expect(enrolled).toMatchObject({ status: 200, body: { status: "approved", websocketPath: expect.any(String) } });
    const second = await open("POST", "/enrol", { body: { token, publicKey: publicKey(8), name: "other" } });
    expect(second).toMatchObject({ status: 410, body: { code: "used-up" } });
    const guessed = { token: "rce_guessed", publicKey: publicKey(9), name: "third" };
    expect(await open("POST", "/enrol", { body: guessed })).toMatchObject({
      status: 401,
      body: { code: "auth.invalid" },
    });
  });
});

describe("audit log", () => {
  it("has a line for every write, with who and what", async () => {
    const entries = await readAll<{ actor: string; action: string; target: string }>(call, "/audit", 20);
    const actions = new Set(entries.map(({ action }) => action));
    const expected = [
      "incident.acknowledge",
      "incident.comment",
      "incident.verdict",
      "incident.resolve",
      "incident.assign",
      "ticket.comment",
      "ticket.state",
      "ticket.assign",
      "asset.edit",
      "agent.approve",
      "agent.revoke",
      "agent.enrol",
      "token.create",
    ];
    expect(expected.filter((action) => !actions.has(action))).toEqual([]);
    expect(entries.find(({ action }) => action === "asset.edit")).toMatchObject({
      actor: "test",
      target: site.site.host,
    });
  });
});
