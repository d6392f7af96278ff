import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { createIncidentId } from "../../../shared/ids.ts";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import { bookFields } from "../../../shared/model/book.ts";
import type { AssetThen, Comparison } from "../../../shared/model/then.ts";
import { systemRandom } from "../../../shared/random.ts";
import { type ApiClient, createApiClient, readAll } from "../../support/api-client.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const clock = createVirtualClock(Date.UTC(2026, 0, 5, 8));
let site: TestSite;
let call: ApiClient;
let path: string;
let before: string;

const written = {
  owner: `<img src=x onerror=alert(1)> "O'Hara" {{key}}`,
  location: "Berlin, 2nd floor, rack 7",
  inventoryNumber: "IT-000123",
  costCentre: "4711",
  supplier: "ACME",
  orderNumber: "PO-2025-17",
  contract: "M-9",
  purchasedOn: "2025-02-28",
  price: "1299.00 EUR",
  warrantyUntil: "2026-01-20",
  note: "first line\nsecond line",
};

const patch = (body: object) => call("PATCH", path, { body });
const get = async <T>(of: string): Promise<T> => {
  const { status, body } = await call("GET", of);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as T;
};

beforeAll(async () => {
  site = await startTestSite({ clock, count: 20 });
  call = createApiClient(site.url, site.apiToken);
  path = `/assets/${site.site.host}`;
  before = new Date(clock.now()).toISOString();
  await clock.advance(60_000);
  expect((await patch({ set: written })).status).toBe(200);
  await clock.advance(60_000);
});
afterAll(() => site.stop());

describe("what people write of an asset", () => {
  it("is all kept as it was written, in the asset and in the list", async () => {
    expect(Object.keys(written).sort()).toEqual([...bookFields].sort());
    expect(await get<AssetDetail>(path)).toMatchObject({ ...written, locked: Object.keys(written).sort() });
    expect(await get("/assets?q=inventory:it-000123")).toMatchObject({ items: [written] });
  });

  it("is facts with who said so and when, above what devices say of it", async () => {
    const { items } = await get<{ items: { path: string; value: unknown; source: object; hides?: unknown[] }[] }>(
      `${path}/facts`,
    );
    expect(items.find((fact) => fact.path === "asset/owner")).toMatchObject({
      value: written.owner,
      source: { kind: "person", name: "test" },
      locked: true,
    });
    expect(items.filter((fact) => fact.path.startsWith("asset/"))).toHaveLength(bookFields.length);
  });

  it("is known of the past, and compared", async () => {
    const then = await get<AssetThen>(`${path}?at=${before}`);
    expect(then.locked).toEqual([]);
    expect(bookFields.filter((field) => field in then)).toEqual([]);
    const { items } = await get<Comparison>(`/compare?left=${site.site.host}@${before}&right=${site.site.host}`);
    expect(items.find(({ field }) => field === "price")).toMatchObject({ right: written.price, weight: "normal" });
    expect(items.filter(({ section, itemKey }) => section === "notes" && itemKey === "asset")).toHaveLength(
      bookFields.length,
    );
  });

  it("is changed and emptied again, with before and after in the history", async () => {
    await patch({ set: { owner: "Kim" }, release: ["contract", "note"] });
    const asset = await get<AssetDetail>(path);
    expect(asset.owner).toBe("Kim");
    expect([asset.locked.includes("contract"), "contract" in asset, "note" in asset]).toEqual([false, false, false]);
    const changes = await readAll<{ field?: string; before?: unknown; after?: unknown }>(call, `${path}/changes`, 100);
    const lastOf = (name: string) => changes.find(({ field }) => field === name);
    expect(lastOf("owner")).toMatchObject({ before: written.owner, after: "Kim" });
    expect(lastOf("contract")).toMatchObject({ before: "M-9" });
    expect(lastOf("contract")).not.toHaveProperty("after");
  });

  it("is no change when it is written once more, and refused to who saw another version", async () => {
    const { version } = await get<AssetDetail>(path);
    const count = (await readAll(call, `${path}/changes`, 100)).length;
    const again = { set: { supplier: "ACME" } };
    const headers = { "if-match": `"${version}"` };
    expect((await call("PATCH", path, { body: again, headers })).status).toBe(200);
    expect(await readAll(call, `${path}/changes`, 100)).toHaveLength(count);
    expect(await call("PATCH", path, { body: again, headers })).toMatchObject({ status: 412 });
  });

  it.each([
    ["owner", ""],
    ["owner", "   "],
    ["owner", "two\nlines"],
    ["owner", "bell\u0007"],
    ["owner", "two\u2028lines"],
    ["owner", "x".repeat(257)],
    ["owner", 7],
    ["note", "x".repeat(2_001)],
    ["warrantyUntil", "2026-02-30"],
    ["warrantyUntil", "31.03.2027"],
    ["warrantyUntil", "2026-03-01T00:00:00Z"],
    ["warrantyUntil", "0026-03-01"],
    ["purchasedOn", "yesterday"],
    ["price", "1299"],
    ["price", "1.299,00 EUR"],
    ["price", "-1 EUR"],
    ["price", "12 eur"],
    ["price", "1e9 EUR"],
    ["colour", "blue"],
  ])("refuses %s that is %j, and names it", async (field, value) => {
    const answer = await patch({ set: { [field]: value } });
    expect(answer).toMatchObject({ status: 400 });
    expect(JSON.stringify(answer.body)).toContain(field);
  });

  it.each([
    ["warranty<30d", 1],
    ["warranty<10d", 0],
    ["warranty>=0d warranty<16d", 1],
    ["warranty>15d", 1],
    ["warranty:2026-01", 1],
    ["warranty<2026-01-20", 0],
    ["warranty<=2026-01-20", 1],
    ["purchased>300d", 1],
    ["purchased:2025-02-28", 1],
    ["price>=1299 price<1300", 1],
    ['location~"rack 7"', 1],
    ["place:berlin*", 1],
    ["owner:kim", 1],
    ["owner:smith", 0],
    ["locked:warrantyUntil", 1],
    ["locked:note", 0],
    ["booked:yes", 1],
    ["IT-000123", 1],
    ["PO-2025", 1],
  ])("answers %s", async (query, found) => {
    expect(await get(`/assets/count?q=${encodeURIComponent(query)}`)).toEqual({ count: found });
  });

  it("is told with an incident as it was when that was opened", async () => {
    const assetId = site.site.host;
    const of = async (set: object) => {
      expect((await call("PATCH", path, { body: { set } })).status).toBe(200);
      await clock.advance(60_000);
    };
    await of({ owner: "Kim", location: "rack 7" });
    const store = openSqliteStore(join(site.dataDirectory, "rollcall.db"));
    const incidentId = await store.transaction(async (tx) => {
      const [first] = await tx.incidents.open(1);
      if (!first) throw new Error("no incident");
      const incidentId = createIncidentId(clock.now(), systemRandom);
      const opened = { ...first, incidentId, assetId, condition: `device-missing/${incidentId}` };
      await tx.incidents.put({ ...opened, openedAt: new Date(clock.now()).toISOString() });
      return opened.incidentId;
    });
    await store.close();
    await clock.advance(60_000);
    await of({ owner: "Jo" });
    expect(await get(`/incidents/${incidentId}`)).toMatchObject({ book: { owner: "Kim", location: "rack 7" } });
    expect(await get<object>(`/incidents/${site.site.incidents[0]}`)).not.toHaveProperty("book");
    await of({ owner: "Kim", location: written.location });
  });

  it("is described field by field to who writes programs", async () => {
    const document = await get<{ paths: Record<string, Record<string, { requestBody?: object }>> }>("/openapi.json");
    const edit = JSON.stringify(document.paths["/api/v1/assets/{assetId}"]?.["patch"]?.requestBody ?? document.paths);
    for (const field of bookFields) expect(edit).toContain(`"${field}"`);
    expect(edit).toContain("Last day of its warranty");
  });

  it("is written by asset managers only", async () => {
    const viewer = createApiClient(site.url, await site.token("service-desk"));
    expect(await viewer("PATCH", path, { body: { set: { owner: "Eve" } } })).toMatchObject({ status: 403 });
  });
});
