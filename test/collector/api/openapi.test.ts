import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as routes from "../../../collector/api/routes/registry.ts";
import { createApiClient } from "../../support/api-client.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

type Operation = { summary?: string; tags?: string[]; responses?: Record<string, unknown>; security?: unknown[] };
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};

let site: TestSite;
let document: Document;

beforeAll(async () => {
  site = await startTestSite({ count: 20 });
  document = (await createApiClient(site.url)("GET", "/openapi.json")).body as Document;
});
afterAll(() => site.stop());

const toTemplate = (path: string): string => `/api/v1${path.replace(/:(\w+)/g, "{$1}")}`;

const refsIn = (value: unknown): string[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([key, one]) => (key === "$ref" ? [String(one)] : refsIn(one)));

describe("OpenAPI document", () => {
  it("is of version 3.1 and has every route with its summary, answers and security", () => {
    expect(document.openapi).toBe("3.1.0");
    for (const route of Object.values(routes)) {
      const operation = document.paths[toTemplate(route.path)]?.[route.method.toLowerCase()];
      expect(operation, `${route.method} ${route.path}`).toMatchObject({ summary: route.summary, tags: [route.tag] });
      expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(["4XX", "5XX"]));
      expect((operation?.security ?? []).length > 0).toBe(route.role !== "public");
    }
  });

  it("names its schemas once, and refers to none that it does not have", () => {
    const refs = new Set(refsIn(document));
    expect(refs.size).toBeGreaterThan(10);
    for (const ref of refs) {
      const name = ref.replace("#/components/schemas/", "");
      expect(document.components.schemas[name], ref).toBeDefined();
    }
  });

  it("describes parameters and bodies, so that a client can be made from it", () => {
    const list = document.paths["/api/v1/assets"]?.["get"] as { parameters: { name: string; in: string }[] };
    expect(list.parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(["q", "type", "cursor", "limit"]));
    const text = JSON.stringify(document.paths["/api/v1/incidents/{incidentId}/comments"]);
    expect(text).toContain('"maxLength":4000');
  });
});
