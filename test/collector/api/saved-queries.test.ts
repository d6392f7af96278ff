import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import type { SavedQuery } from "../../../shared/model/query.ts";
import { type ApiClient, createApiClient } from "../../support/api-client.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let admin: ApiClient;
let viewer: ApiClient;
let desk: ApiClient;

beforeAll(async () => {
  site = await startTestSite({ count: 20 });
  admin = createApiClient(site.url, site.apiToken);
  viewer = createApiClient(site.url, await site.token("viewer"));
  desk = createApiClient(site.url, await site.token("service-desk"));
});
afterAll(() => site.stop());

const listed = async (call: ApiClient) =>
  ((await call("GET", "/queries")).body as { items: SavedQuery[] }).items.map(({ name }) => name);
const save = (call: ApiClient, name: string, text = "type:printer", shared = false) =>
  call("POST", "/queries", { body: { name, text, shared } });

describe("saved queries", () => {
  it("are kept, shown with a tag, changed by who saw them last, and removed", async () => {
    const made = await save(desk, "Printers");
    expect(made).toMatchObject({ status: 200, body: { name: "Printers", mine: true, shared: false, version: 1 } });
    const path = `/queries/${(made.body as SavedQuery).queryId}`;
    const read = await desk("GET", path);
    const tag = read.headers.get("etag") ?? "";
    expect(read.body).toEqual(made.body);
    expect((await desk("GET", path, { headers: { "if-none-match": tag } })).status).toBe(304);

    const change = { name: "Silent printers", text: "type:printer seen>7d", shared: false };
    const changed = await desk("PUT", path, { body: change, headers: { "if-match": tag } });
    expect(changed).toMatchObject({ status: 200, body: { ...change, version: 2 } });
    const stale = await desk("PUT", path, { body: { ...change, name: "x" }, headers: { "if-match": tag } });
    expect(stale).toMatchObject({ status: 412, body: { code: "request.version" } });
    expect((await desk("DELETE", path, { headers: { "if-match": tag } })).status).toBe(412);
    expect((await desk("DELETE", path)).status).toBe(204);
    expect((await desk("GET", path)).status).toBe(404);
    const audit = JSON.stringify((await admin("GET", "/audit")).body);
    for (const action of ["query.create", "query.change", "query.remove"]) expect(audit).toContain(action);
  });

  it("are their owner's alone until shared; others then see and may not change them, administrators may", async () => {
    const mine = (await save(desk, "Mine")).body as SavedQuery;
    const shared = (await save(desk, "Ours", "not source:snmp", true)).body as SavedQuery;
    expect(await listed(desk)).toEqual(["Mine", "Ours"]);
    expect(await listed(viewer)).toEqual(["Ours"]);
    for (const call of [viewer, admin]) {
      expect((await call("GET", `/queries/${mine.queryId}`)).status).toBe(404);
      expect((await call("DELETE", `/queries/${mine.queryId}`)).status).toBe(404);
    }
    const body = { name: "Ours", text: "not source:arp", shared: true };
    expect((await viewer("PUT", `/queries/${shared.queryId}`, { body })).status).toBe(403);
    expect(await admin("PUT", `/queries/${shared.queryId}`, { body })).toMatchObject({
      status: 200,
      body: { text: "not source:arp", owner: shared.owner, mine: false },
    });
    expect((await save(viewer, "Everybody's", "", true)).status).toBe(403);
    expect((await save(viewer, "A viewer's")).status).toBe(200);
  });

  it("are refused with a text that can't be read, a name that is taken, and what does not belong there", async () => {
    expect(await save(desk, "Wrong", "serail:x")).toMatchObject({
      status: 400,
      body: { code: "query.invalid", position: 0, length: 6 },
    });
    expect((await save(desk, "ours", "")).status).toBe(409);
    expect((await save(desk, " ", "")).status).toBe(400);
    expect((await save(desk, "x".repeat(65), "")).status).toBe(400);
    expect((await desk("POST", "/queries", { body: { name: "a", text: "b", owner: "admin" } })).status).toBe(400);
  });

  it("say so when they can't be asked any more", async () => {
    const store = openSqliteStore(join(site.dataDirectory, "rollcall.db"));
    await store.transaction((tx) =>
      tx.queries.put({
        ...{ queryId: "qry_old", name: "Of an older version", text: "colour:red", owner: "somebody", shared: true },
        ...{ createdAtMs: 1, updatedAtMs: 1, version: 1 },
      }),
    );
    await store.close();
    const { body } = await viewer("GET", "/queries/qry_old");
    expect((body as SavedQuery).fault).toContain("unknown field `colour`");
  });
});
