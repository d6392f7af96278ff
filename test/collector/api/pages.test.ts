import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-console-"));
  mkdirSync(join(folder, "static"));
  writeFileSync(join(folder, "index.html"), '<!doctype html><script type="module" src="/static/a.js"></script>');
  writeFileSync(join(folder, "static", "a.js"), "export {};");
  writeFileSync(join(folder, "icon.svg"), "<svg/>");
  writeFileSync(join(folder, "secret.txt"), "not to be served");
  site = await startTestSite({ count: 20, config: { consoleDirectory: folder } });
});
afterAll(async () => {
  await site.stop();
  rmSync(folder, { recursive: true, force: true });
});

const html = { accept: "text/html" };

describe("pages of the console", () => {
  it("are one page under every address, with a policy that allows nothing inline and nothing foreign", async () => {
    for (const path of ["/", "/assets", "/assets/ast_1?tab=facts", "/sign-in"]) {
      const response = await fetch(site.url + path, { headers: html });
      const policy = response.headers.get("content-security-policy") ?? "";
      const nonce = /style-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1];
      expect(response.status).toBe(200);
      expect(await response.text()).toContain(`<script nonce="${nonce}"`);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("referrer-policy")).toBe("no-referrer");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it("get a new nonce each time", async () => {
    const policies = await Promise.all(
      [1, 2].map(async () => (await fetch(site.url, { headers: html })).headers.get("content-security-policy")),
    );
    expect(policies[0]).not.toBe(policies[1]);
  });

  it("bring files that are kept for a year, since their names change with them", async () => {
    const response = await fetch(`${site.url}/static/a.js`);
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(response.headers.get("content-type")).toContain("javascript");
  });

  it("never answer the API's addresses, nor files outside their folder", async () => {
    const api = await fetch(`${site.url}/api/v1/nothing`, { headers: html });
    expect([api.status, ((await api.json()) as { code: string }).code]).toEqual([404, "not-found"]);
    // fetch would tidy the paths up before sending them.
    const raw = (path: string) =>
      new Promise<string>((resolve, reject) => {
        const { hostname, port } = new URL(site.url);
        request({ hostname, port, path }, (response) => {
          let text = "";
          response.on("data", (chunk) => {
            text += chunk;
          });
          response.on("end", () => resolve(`${response.statusCode} ${text}`));
        })
          .on("error", reject)
          .end();
      });
    for (const path of [
      "/static/../secret.txt",
      "/static/%2e%2e/secret.txt",
      "/static/..%2fsecret.txt",
      "//secret.txt",
    ])
      expect(await raw(path)).toMatch(/^40\d /);
  });

  it("say what to do where the console was not built", async () => {
    const bare = await startTestSite({ count: 20 });
    const response = await fetch(bare.url, { headers: html });
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("npm run console");
    await bare.stop();
  });
});

describe("metrics", () => {
  it("are for this machine and for tokens, not for who comes through a proxy", async () => {
    expect((await fetch(`${site.url}/metrics`)).status).toBe(200);
    const forwarded = { "x-forwarded-for": "203.0.113.7" };
    expect((await fetch(`${site.url}/metrics`, { headers: forwarded })).status).toBe(401);
    const authorised = { ...forwarded, authorization: `Bearer ${site.apiToken}` };
    expect((await fetch(`${site.url}/metrics`, { headers: authorised })).status).toBe(200);
  });
});
