import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { assetSchema } from "../../../shared/model/asset.ts";
import { changeRowSchema } from "../../../shared/model/asset-detail.ts";
import { type ApiClient, createApiClient, readAll } from "../../support/api-client.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let call: ApiClient;

beforeAll(async () => {
  site = await startTestSite({ count: 150 });
  call = createApiClient(site.url, site.apiToken);
});
afterAll(() => site.stop());

type Row = Record<string, unknown> & { readonly assetId: string };
/** What a search would find that reads every text, as far as the list itself shows it. */
const shown = (row: Row): string =>
  ["name", "manufacturer", "model", "serialNumber", "osName", "site", "primaryAddress", "primaryMac"]
    .map((field) => String(row[field] ?? ""))
    .join("\n")
    .toLowerCase();

describe("words of one and two letters", () => {
  it("find every asset that shows them anywhere, in any field, at its end too, and only such that hold them", async () => {
    const all = (await readAll(call, "/assets", 1_000)) as Row[];
    const texts = new Map(all.map((row) => [row.assetId, shown(row)]));
    const ends = all.slice(0, 40).map((row) => String(row["primaryMac"] ?? row["name"]).slice(-2));
    const words = new Set(["nb", "10", "zq", "7", "x", "é", "*", '"', "th", "0.", ...ends]);
    for (const word of words) {
      const quoted = `"${word.replace('"', '\\"')}"`;
      const found = (await readAll(call, `/assets?q=${encodeURIComponent(quoted)}`, 1_000)) as Row[];
      const ids = new Set(found.map(({ assetId }) => assetId));
      const missed = all.filter(({ assetId }) => texts.get(assetId)?.includes(word.toLowerCase()) && !ids.has(assetId));
      expect([word, missed.map((row) => row["name"])]).toEqual([word, []]);
      // What is found beyond that holds the word in an identity key, which the list does not show.
      for (const row of found.filter(({ assetId }) => !texts.get(assetId)?.includes(word.toLowerCase())).slice(0, 5)) {
        const { body } = await call("GET", `/assets/${row.assetId}`);
        expect([word, JSON.stringify(body).toLowerCase().includes(word.toLowerCase())]).toEqual([word, true]);
      }
    }
  });

  it("find none where no text holds them", async () => {
    expect((await call("GET", "/assets?q=%C3%9F%C3%9F")).body).toEqual({ items: [] });
  });
});

describe("lists that are answered as text", () => {
  it("fit their published schemas, with nothing beside", async () => {
    for (const [path, schema] of [
      ["/assets", assetSchema],
      ["/changes", changeRowSchema],
    ] as const) {
      const answer = await call("GET", `${path}?limit=200`);
      expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
      const { items } = answer.body as { readonly items: readonly object[] };
      expect(items.length).toBeGreaterThan(50);
      z.array(z.strictObject(schema.shape)).parse(items);
    }
  });
});
