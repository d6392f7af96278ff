import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../shared/clock.ts";
import { createJsonLog } from "../../../shared/json-log.ts";
import { createApiClient } from "../../support/api-client.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
const lines: string[] = [];

beforeAll(async () => {
  const log = createJsonLog({ now: systemClock.now, level: "debug", write: (line: string) => void lines.push(line) });
  site = await startTestSite({ count: 20, log });
});
afterAll(() => site.stop());

/** Every file of the data folder but the collector's own key, as bytes. */
const filesOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith("rollcall.db"))
    .map((name) => readFileSync(join(folder, name), "latin1"));

describe("canary secrets", () => {
  it("stand in no log, no database and no answer but the one that tells them", async () => {
    const call = createApiClient(site.url, site.apiToken);
    const open = createApiClient(site.url);
    const link = await site.signInLink();
    const code = link.split("#")[1] ?? "";
    const password = "canary-password-0123456789";
    const signedIn = await open("POST", "/session", { body: { code } });
    const cookie = /=([^;]+)/.exec(signedIn.headers.get("set-cookie") ?? "")?.[1] ?? "";
    await call("POST", "/users", { body: { name: "canary", role: "viewer", password } });
    await open("POST", "/session", { body: { name: "canary", password: `${password}-wrong` } });
    const made = await call("POST", "/tokens", { body: { kind: "enrol", name: "canary", maxUses: 1 } });
    const { secret: enrolSecret } = made.body as { secret: string };
    await open("POST", "/enrol", { body: { token: enrolSecret, publicKey: "A".repeat(43), name: "canary" } });
    await open("POST", "/enrol", { body: { token: `${enrolSecret}x`, publicKey: "nonsense", name: "canary" } });

    const secrets = { code, cookie, password, enrolSecret, apiToken: site.apiToken };
    for (const [name, secret] of Object.entries(secrets)) expect([name, secret.length > 20]).toEqual([name, true]);
    const headers = { cookie: `rollcall=${cookie}` };
    const told = [
      ...lines,
      ...filesOf(site.dataDirectory),
      ...(await Promise.all(
        ["/tokens", "/users", "/audit?limit=1000", "/me", `/assets/nonsense?token=${site.apiToken}`].map(async (path) =>
          JSON.stringify((await call("GET", path)).body),
        ),
      )),
      JSON.stringify((await open("GET", "/me", { headers })).body),
      await (await fetch(site.url, { headers: { ...headers, accept: "text/html" } })).text(),
      await (await fetch(`${site.url}/metrics`)).text(),
    ];
    const leaks = Object.entries(secrets).filter(([, secret]) => told.some((text) => text.includes(secret)));
    expect(leaks.map(([name]) => name)).toEqual([]);
    expect(told.length).toBeGreaterThan(8);
  });
});
