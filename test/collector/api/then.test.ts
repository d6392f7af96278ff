import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AssetId } from "../../../shared/ids.ts";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import type { AssetThen, Comparison } from "../../../shared/model/then.ts";
import { type ApiClient, createApiClient } from "../../support/api-client.ts";
import { hostileNames } from "../../support/site.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const clock = createVirtualClock(Date.UTC(2026, 0, 5, 8));
const later = (minutes: number) => clock.advance(minutes * 60_000);
const nowText = () => new Date(clock.now()).toISOString();
let site: TestSite;
let call: ApiClient;
let host: AssetId;
let other: AssetId;
/** Before and after the host was renamed. */
let before: string;
let after: string;

beforeAll(async () => {
  site = await startTestSite({ clock, count: 20 });
  call = createApiClient(site.url, site.apiToken);
  host = site.site.host;
  other = site.site.hostile;
  before = nowText();
  await later(5);
  await call("PATCH", `/assets/${host}`, { body: { set: { name: "till 7", lifecycle: "in-repair" } } });
  await later(5);
  after = nowText();
});
afterAll(() => site.stop());

const get = async <T>(path: string): Promise<T> => {
  const { status, body } = await call("GET", path);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as T;
};

describe("an asset as it was", () => {
  it("is told with its fields, facts and sections of then", async () => {
    const now = await get<AssetDetail>(`/assets/${host}`);
    const then = await get<AssetThen>(`/assets/${host}?at=${before}`);
    expect(now).toMatchObject({ name: "till 7", lifecycle: "in-repair", locked: ["lifecycle", "name"] });
    expect(then).toMatchObject({ name: "nb-001", lifecycle: "in-use", locked: [], at: before });
    expect(then.sections.map(({ section, itemCount }) => [section, itemCount])).toEqual(
      now.sections.map(({ section, itemCount }) => [section, itemCount]),
    );
    expect(then.facts.find(({ path }) => path === "os/name")).toMatchObject({
      value: "Ubuntu",
      source: { kind: "agent" },
      since: expect.stringMatching(/Z$/),
      goodUntil: expect.stringMatching(/Z$/),
    });
    expect("version" in then).toBe(false);
  });

  it("gives the items of a section as they were, in pages", async () => {
    const page = await get<{ items: unknown[]; total: number; next: string }>(
      `/assets/${host}/sections/software?at=${before}&limit=10`,
    );
    expect(page.items).toHaveLength(10);
    expect(page.total).toBeGreaterThan(64);
    const next = await get<{ items: unknown[] }>(
      `/assets/${host}/sections/software?at=${before}&limit=10&cursor=${page.next}`,
    );
    expect(next.items[0]).not.toEqual(page.items[0]);
  });

  it("says of a field that a person set what the sources say beneath, until it is released", async () => {
    const facts = async (at: string) => (await get<AssetThen>(`/assets/${host}?at=${at}`)).facts;
    const name = (await facts(after)).find(({ path }) => path === "asset/name");
    expect(name).toMatchObject({ value: "till 7", locked: true, source: { kind: "person", name: "test" } });
    expect(name?.hides?.map(({ path, value }) => [path, value])).toEqual([
      ["os/hostname", "nb-001"],
      ["os/fqdn", "nb-001.example.org"],
    ]);
    expect((await facts(before)).some(({ locked }) => locked)).toBe(false);
    const { items } = await get<{ items: AssetThen["facts"] }>(`/assets/${host}/facts`);
    expect(items.find(({ path }) => path === "asset/name")).toMatchObject({ value: "till 7", locked: true });
    await later(5);
    await call("PATCH", `/assets/${host}`, { body: { set: {}, release: ["name"] } });
    expect(await get<AssetDetail>(`/assets/${host}`)).toMatchObject({ name: "nb-001", locked: ["lifecycle"] });
    expect(await get<AssetThen>(`/assets/${host}?at=${after}`)).toMatchObject({ name: "till 7" });
    const { items: rows } = await get<{ items: { field: string; after: unknown }[] }>(
      `/assets/${host}/changes?limit=1`,
    );
    expect(rows[0]).toMatchObject({ field: "name", before: "till 7", after: "nb-001" });
  });

  it("takes an offset for what it is", async () => {
    const east = new Date(Date.parse(before) + 7_200_000).toISOString().replace("Z", "%2B02:00");
    expect(await get<AssetThen>(`/assets/${host}?at=${east}`)).toMatchObject({ at: before, name: "nb-001" });
  });

  it.each([
    ["what is still to come", () => new Date(clock.now() + 60_000).toISOString(), 422, /still to come.*up to now/],
    ["before the first sight", () => "2001-01-01T00:00:00Z", 422, /first seen at 2025.*ask for that time/],
    ["no time", () => "yesterday", 400, /at: Invalid ISO datetime/],
    ["a day that is none", () => "2026-02-30T00:00:00Z", 400, /at: Invalid ISO datetime/],
    ["a day alone", () => "2026-01-05", 400, /at: Invalid ISO datetime/],
  ])("refuses %s, and says what to ask for", async (_, at, status, detail) => {
    for (const path of ["", "/facts", "/sections/software"]) {
      const answer = await call("GET", `/assets/${host}${path}?at=${at()}`);
      expect(answer).toMatchObject({ status, body: { detail: expect.stringMatching(detail) } });
      expect((answer.body as { remedy: string }).remedy).toMatch(/\w/);
    }
  });
});

describe("comparing", () => {
  const compare = (left: string, right: string, more = "") =>
    get<Comparison>(`/compare?left=${left}&right=${right}${more}`);

  it("tells what differs between two times of one asset", async () => {
    const { items, left, right, total } = await compare(`${host}@${before}`, `${host}@${after}`);
    expect(items).toEqual([
      {
        kind: "changed",
        section: "notes",
        itemKey: "asset",
        field: "name",
        left: "nb-001",
        right: "till 7",
        weight: "normal",
      },
      {
        kind: "changed",
        section: "notes",
        itemKey: "asset",
        field: "lifecycle",
        left: "in-use",
        right: "in-repair",
        weight: "high",
      },
    ]);
    expect([left.at, right.at, total]).toEqual([before, after, 2]);
    expect((await compare(`${host}@${after}`, `${host}@${after}`)).total).toBe(0);
  });

  it("tells what differs between two assets, in pages that keep to their time", async () => {
    const whole = await compare(host, other, "&limit=1000");
    expect(whole.total).toBe(whole.items.length);
    expect(whole.items.some(({ section, kind }) => section === "software" && kind === "removed")).toBe(true);
    const first = await compare(host, other, "&limit=40");
    await later(5);
    await call("PATCH", `/assets/${host}`, { body: { set: { site: "Annex" } } });
    const rows = [...first.items];
    for (let next = first.next; next !== undefined; ) {
      const page = await compare(host, other, `&limit=40&cursor=${next}`);
      expect(page.left.at).toBe(first.left.at);
      rows.push(...page.items);
      next = page.next;
    }
    expect(rows).toEqual(whole.items);
    const only = await compare(host, other, "&section=os");
    expect(new Set(only.items.map(({ section }) => section))).toEqual(new Set(["os"]));
  });

  it("shows what devices call themselves as text", async () => {
    const { right } = await compare(host, other);
    expect(right.name).toBe(hostileNames.name);
  });

  it.each([
    ["one side alone", () => `/compare?left=${host}`, 400],
    ["an id that is none", () => `/compare?left=${host}&right=ast_x`, 400],
    ["a time that is none", () => `/compare?left=${host}&right=${host}@tomorrow`, 400],
    ["a time to come", () => `/compare?left=${host}&right=${host}@2030-01-01T00:00:00Z`, 422],
    ["a time before the first sight", () => `/compare?left=${host}&right=${host}@2001-01-01T00:00:00Z`, 422],
    ["an asset that is not there", () => `/compare?left=${host}&right=ast_00000000000000000000000000`, 404],
    ["a field nobody knows", () => `/compare?left=${host}&right=${other}&colour=red`, 400],
    ["another list's cursor", () => `/compare?left=${host}&right=${other}&cursor=W10`, 400],
    ["a section nobody knows", () => `/compare?left=${host}&right=${other}&section=passwords`, 400],
  ])("refuses %s", async (_, path, status) => {
    expect(await call("GET", path())).toMatchObject({ status, body: { remedy: expect.stringMatching(/\w/) } });
  });
});
