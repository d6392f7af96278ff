import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import type { AssetIdentity } from "../../../shared/model/identity.ts";
import { type ApiClient, createApiClient } from "../../support/api-client.ts";
import { hostileNames } from "../../support/site.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let call: ApiClient;
let id: string;
let other: string;
beforeAll(async () => {
  site = await startTestSite({ count: 20 });
  call = createApiClient(site.url, site.apiToken);
  id = site.site.host;
  other = site.site.assets.find((one) => one !== id) as string;
});
afterAll(() => site.stop());

type Call = readonly [method: "GET" | "POST" | "PATCH" | "PUT", path: string, body?: unknown];
/** Every route over assets, facts, changes and identity, with a body that it would take. */
const routes = (): readonly Call[] => [
  ["GET", "/assets"],
  ["GET", `/assets/${id}`],
  ["PATCH", `/assets/${id}`, { set: { site: "Hall" } }],
  ["GET", `/assets/${id}/facts`],
  ["GET", `/assets/${id}/sections/software`],
  ["GET", `/assets/${id}/changes`],
  ["GET", "/changes"],
  ["GET", `/assets/${id}/identity`],
  ["POST", `/assets/${id}/merge`, { otherAssetId: other }],
  ["POST", `/assets/${id}/split`, { keys: [{ kind: "mac", value: "00:1b:21:0a:00:01" }] }],
  ["GET", `/assets/${id}/places`],
  ["GET", `/assets/${id}/relations`],
  ["GET", `/compare?left=${id}&right=${other}`],
];
const isProblem = (status: number) => ({
  status,
  body: { status, code: expect.any(String), remedy: expect.stringMatching(/\w/) },
});
const isWrite = ([method]: Call) => method !== "GET";
const withQuery = (path: string, query: string) => `${path}${path.includes("?") ? "&" : "?"}${query}`;

describe("what the routes over assets refuse", () => {
  it("a body of 10 MB, at once and before it is read to its end", async () => {
    const big = JSON.stringify({ set: { name: "x".repeat(10 << 20) } });
    for (const [method, path] of routes().filter(isWrite))
      expect(
        await call(method, path, { body: big, headers: { "content-type": "application/json" } }),
        path,
      ).toMatchObject(isProblem(413));
    expect((await call("GET", "/health")).body).toEqual({ status: "ok" });
  });

  it("a field nobody knows, in a body, beside a body's fields and in a query", async () => {
    for (const [method, path, body] of routes()) {
      const answer =
        body === undefined
          ? await call(method, withQuery(path, "colour=red"))
          : await call(method, path, { body: { ...(body as object), colour: "red" } });
      // A route without a query of its own takes no notice of one.
      if (answer.status === 200) expect(path).toMatch(/identity|places|relations/);
      else expect(answer, path).toMatchObject(isProblem(400));
    }
    expect(await call("PATCH", `/assets/${id}`, { body: { set: { serialNumber: "1" } } })).toMatchObject(
      isProblem(400),
    );
    expect(await call("PATCH", `/assets/${id}`, { body: { set: {}, release: ["model"] } })).toMatchObject(
      isProblem(400),
    );
  });

  it.each(["yesterday", "2026-13-01T00:00:00Z", "2026-01-01", "1e9", "2026-01-01T25:00:00Z", "' OR 1=1 --", "%00"])(
    "the date %s",
    async (date) => {
      for (const name of ["since", "until"])
        for (const path of ["/changes", `/assets/${id}/changes`])
          expect(await call("GET", `${path}?${name}=${encodeURIComponent(date)}`)).toMatchObject(isProblem(400));
      for (const path of [`/assets/${id}`, `/assets/${id}/facts`, `/assets/${id}/sections/os`])
        expect(await call("GET", `${path}?at=${encodeURIComponent(date)}`)).toMatchObject(isProblem(400));
    },
  );

  it("a merge of an asset with itself, with one that is not there, and one into what was merged", async () => {
    const merge = (into: string, from: unknown) =>
      call("POST", `/assets/${into}/merge`, { body: { otherAssetId: from } });
    expect(await merge(id, id)).toMatchObject({
      ...isProblem(422),
      body: { detail: expect.stringContaining("itself") },
    });
    expect(await merge(id, "ast_00000000000000000000000000")).toMatchObject(isProblem(404));
    expect(await merge(id, "x'); DROP TABLE assets; --")).toMatchObject(isProblem(400));
    const [a, b, c] = site.site.assets.filter((one) => one !== id && one !== site.site.hostile).slice(-3) as string[];
    expect(await merge(a ?? "", b)).toMatchObject({ status: 200 });
    expect(await merge(c ?? "", b)).toMatchObject(isProblem(409));
    expect(await merge(b ?? "", c)).toMatchObject(isProblem(409));
    expect((await call("GET", `/assets/${b}`)).body).toMatchObject({ assetId: a });
  });

  it("an edit of what was seen before somebody else's edit (412), and nothing is changed by it", async () => {
    const { headers, body } = await call("GET", `/assets/${id}`);
    const seen = headers.get("etag") ?? "";
    const edit = (name: string, etag: string) =>
      call("PATCH", `/assets/${id}`, { body: { set: { name } }, headers: { "if-match": etag } });
    expect(await edit("till 1", seen)).toMatchObject({ status: 200 });
    expect(await edit("till 2", seen)).toMatchObject({ ...isProblem(412), body: { code: "request.version" } });
    expect((await call("GET", `/assets/${id}`)).body).toMatchObject({ name: "till 1" });
    const { version } = body as AssetDetail;
    expect(await edit("till 3", `"${version}"`)).toMatchObject(isProblem(412));
    for (const nonsense of ["abc", '"-1"', '"1; DROP TABLE assets"'])
      expect(await edit("till 4", nonsense)).toMatchObject(isProblem(412));
    const now = (await call("GET", `/assets/${id}`)).headers.get("etag") ?? "";
    expect(await edit("till 5", now)).toMatchObject({ status: 200 });
  });
});

describe("what somebody writes to be run", () => {
  const strings = [
    ...Object.values(hostileNames),
    "' OR '1'='1",
    `"; DELETE FROM changes; --`,
    "*?[a-z]*",
    "%_%",
    "\\\"\\'",
    "{{7*7}}<%= 7*7 %>",
    "\u{1F5A8}\u0000hidden",
    "=cmd|'/c calc'!A1",
  ];
  it.each(strings)("is kept and told as the text it is: %j", async (text) => {
    const shown = text.trim().replaceAll("\0", "\ufffd");
    const set = await call("PATCH", `/assets/${id}`, { body: { set: { name: text, site: text } } });
    expect(set).toMatchObject({ status: 200, body: { name: shown, site: shown } });
    expect(set.headers.get("content-type")).toMatch(/^application\/json/);
    const { body } = await call("GET", `/assets/${id}/changes?limit=5&q=${encodeURIComponent(shown.slice(0, 20))}`);
    expect((body as { items: { after: string }[] }).items.some(({ after }) => after === shown)).toBe(true);
    const facts = (await call("GET", `/assets/${id}/facts`)).body as { items: { path: string; value: unknown }[] };
    expect(facts.items.find(({ path }) => path === "asset/name")?.value).toBe(shown);
    for (const path of [
      `/assets?q=${encodeURIComponent(JSON.stringify(shown))}`,
      `/changes?q=${encodeURIComponent(text)}`,
      `/assets/${id}/sections/software?q=${encodeURIComponent(text)}`,
    ])
      expect([path, (await call("GET", path)).status]).toEqual([path, 200]);
    for (const path of [`/assets/${encodeURIComponent(text)}`, `/assets/${id}/sections/${encodeURIComponent(text)}`])
      expect([400, 404]).toContain((await call("GET", path)).status);
    const split = await call("POST", `/assets/${id}/split`, {
      body: { keys: [{ kind: "serial", value: text, vendor: text }] },
    });
    expect(split).toMatchObject(isProblem(422));
    const identity = (await call("GET", `/assets/${id}/identity`)).body as AssetIdentity;
    expect(identity.keys.some(({ value }) => value === text)).toBe(false);
  });

  it("has harmed nothing", async () => {
    expect((await call("GET", "/changes?limit=1000")).status).toBe(200);
    expect(((await call("GET", "/assets?limit=1000")).body as { items: unknown[] }).items.length).toBeGreaterThan(15);
  });
});
