import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let token: string;
beforeAll(async () => {
  site = await startTestSite({ count: 40 });
  token = await site.token("viewer");
}, 60_000);
afterAll(() => site.stop());

const get = async (path: string) => {
  const answer = await fetch(`${site.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
type Row = { readonly assetId: string; readonly name: string; readonly version: string; readonly hosts: number };

it("tells the dictionary, and who has a version of a package, as the hosts' own lists have it", async () => {
  const { body } = await get("/software?limit=1000&manager=dpkg");
  const rows = (body["items"] as Row[]).filter(({ hosts }) => hosts > 0);
  expect(rows.length).toBeGreaterThan(10);
  const one = rows.reduce((a, b) => (b.hosts > a.hosts ? b : a));
  const who = await get(
    `/software/installations?name=${encodeURIComponent(one.name)}&from=${encodeURIComponent(one.version)}&through=${encodeURIComponent(one.version)}`,
  );
  expect(who.status).toBe(200);
  expect(who.body["total"]).toBe(one.hosts);
  for (const { assetId } of who.body["items"] as Row[]) {
    const list = await get(`/assets/${assetId}/sections/software?limit=10&q=${encodeURIComponent(one.name)}`);
    expect(list.body["items"]).toContainEqual(
      expect.objectContaining({ item: expect.objectContaining({ name: one.name, version: one.version }) }),
    );
  }
});

it("refuses what is no question, and knows nothing of what is nowhere", async () => {
  expect((await get("/software/installations")).status).toBe(400);
  expect((await get("/software/installations?source=openssl&below=3")).body).toEqual({ items: [], total: 0 });
  expect((await get("/software?source=openssl")).body["items"]).toEqual([]);
  expect((await get("/software/installations?name=a&below=")).status).toBe(400);
  expect((await get("/software/installations?name=a&since=1")).status).toBe(400);
  expect((await get("/software/installations?name=a&cursor=x")).status).toBe(400);
  const hostile = encodeURIComponent("'; DROP TABLE software; --");
  expect((await get(`/software/installations?name=${hostile}&below=${hostile}`)).body).toEqual({ items: [], total: 0 });
  expect((await get(`/software?q=${encodeURIComponent("*[?")}`)).body["items"]).toEqual([]);
});
