import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as routes from "../../../collector/api/routes/registry.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;

beforeAll(async () => {
  site = await startTestSite({ count: 20 });
});
afterAll(() => site.stop());

const names = [
  "q",
  "type",
  "presence",
  "cursor",
  "limit",
  "sort",
  "order",
  "section",
  "kind",
  "weight",
  "since",
  "state",
  "realm",
];
const nasty = fc.constantFrom(
  "",
  "\0",
  "%",
  "'",
  '"',
  "*",
  "[",
  "]",
  "\\",
  "‮",
  "💥",
  "-1",
  "1e99",
  "NaN",
  "null",
  "[]",
  "{}",
  "../..",
  "a".repeat(3_000),
);
const text = fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 40 }));
const query = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), text), text), { maxLength: 5 });
const body = fc.oneof(fc.json(), fc.json({ depthSize: "large" }), text, fc.constant("[".repeat(10_000)));

/** A real id in its place often enough for the handlers to be reached, anything else as well. */
const segment = () =>
  fc.oneof(text, fc.constantFrom(site.site.host as string, site.site.incidents[0] as string, "1", "software"));

describe("anything sent", () => {
  it("is answered, and never by a failure of ours", async () => {
    // Signing in costs a real password hash each time, and is limited: its own tests cover it.
    const all = Object.values(routes).filter(({ path }) => path !== "/session");
    const request = fc.record({
      route: fc.constantFrom(...all),
      parts: fc.array(segment(), { minLength: 2, maxLength: 2 }),
      query,
      body,
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ route, parts, query: pairs, body: sent }) => {
        let i = 0;
        const path = route.path.replace(/:\w+/g, () =>
          encodeURIComponent((parts[i++ % parts.length] ?? "").toWellFormed()),
        );
        const search = new URLSearchParams(pairs.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]));
        const hasBody = route.method !== "GET";
        const response = await fetch(`${site.url}/api/v1${path}?${search}`, {
          method: route.method,
          headers: {
            authorization: `Bearer ${site.apiToken}`,
            ...(hasBody && { "content-type": "application/json" }),
          },
          ...(hasBody && { body: sent }),
        });
        const answer = await response.text();
        expect([route.method, path, response.status < 500, answer.slice(0, 300)]).toEqual([
          route.method,
          path,
          true,
          answer.slice(0, 300),
        ]);
      }),
      { numRuns: 400, seed: 20_261_121 },
    );
  }, 60_000);
});
