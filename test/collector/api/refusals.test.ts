import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiClient, createApiClient } from "../../support/api-client.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let call: ApiClient;
let comments = "";

beforeAll(async () => {
  site = await startTestSite({ count: 20 });
  call = createApiClient(site.url, site.apiToken);
  comments = `/incidents/${site.site.incidents[0]}/comments`;
});
afterAll(() => site.stop());

const nested = (depth: number): string => `${'{"text":'.repeat(depth)}1${"}".repeat(depth)}`;

describe("bad requests", () => {
  it.each<[string, number, string, () => ReturnType<ApiClient>]>([
    ["not JSON", 400, "request.invalid", () => call("POST", comments, { body: "{nope" })],
    [
      "an empty body",
      400,
      "request.invalid",
      () => call("POST", comments, { headers: { "content-type": "application/json" } }),
    ],
    [
      "another media type",
      415,
      "request.media-type",
      () => call("POST", comments, { body: "<text/>", headers: { "content-type": "text/xml" } }),
    ],
    ["a field nobody knows", 400, "request.invalid", () => call("POST", comments, { body: { text: "x", txt: "y" } })],
    ["an empty text", 400, "request.invalid", () => call("POST", comments, { body: { text: "   " } })],
    ["a text too long", 400, "request.invalid", () => call("POST", comments, { body: { text: "x".repeat(4_001) } })],
    [
      "a body too large",
      413,
      "request.too-large",
      () => call("POST", comments, { body: { text: "x".repeat(70_000) } }),
    ],
    ["deep nesting", 400, "request.invalid", () => call("POST", comments, { body: nested(5_000) })],
    [
      "__proto__",
      400,
      "request.invalid",
      () => call("POST", comments, { body: '{"text":"x","__proto__":{"admin":true}}' }),
    ],
    ["an id of another kind", 400, "request.invalid", () => call("GET", "/assets/inc_01m7zp4vsk8a39seen6aw3ve6m")],
    ["an id that is no id", 400, "request.invalid", () => call("GET", "/assets/..%2f..%2fetc%2fpasswd")],
    ["an unknown section", 400, "request.invalid", () => call("GET", `/assets/${site.site.host}/sections/passwords`)],
    ["an unknown filter", 400, "request.invalid", () => call("GET", "/assets?colour=red")],
    ["an unknown value", 400, "request.invalid", () => call("GET", "/assets?type=toaster")],
    ["a limit too high", 400, "request.invalid", () => call("GET", "/assets?limit=100000")],
    ["a limit that is none", 400, "request.invalid", () => call("GET", "/assets?limit=-1")],
    ["no such asset", 404, "not-found", () => call("GET", "/assets/ast_00000000000000000000000000")],
    ["no such ticket", 404, "not-found", () => call("GET", "/tickets/99999")],
    ["no such address", 404, "not-found", () => call("GET", "/toasters")],
    ["no such method", 404, "not-found", () => call("PUT", "/assets")],
    [
      "an If-Match that names nothing",
      412,
      "request.version",
      () => call("POST", comments, { body: { text: "x" }, headers: { "if-match": "abc" } }),
    ],
  ])("%s: %i %s, as a problem with a remedy", async (_, status, code, send) => {
    const answer = await send();
    expect(answer).toMatchObject({ status, body: { status, code, remedy: expect.stringMatching(/\w/) } });
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:\d|SQL|sqlite/i);
  });

  it("names each fault of a body with its place", async () => {
    const { body } = await call("POST", "/tokens", { body: { kind: "api", name: "", role: "king" } });
    const { errors } = body as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path).toSorted()).toEqual(["body.name", "body.role"]);
  });

  it("still works after all of that", async () => {
    expect((await call("GET", "/health")).body).toEqual({ status: "ok" });
  });
});
