import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roles } from "../../../collector/store/store.ts";
import { minutes, systemClock } from "../../../shared/clock.ts";
import { requester, resultOf } from "../../support/start-collector.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
let aheadMs = 0;
const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };

beforeAll(async () => {
  site = await startTestSite({ clock, count: 20 });
});
afterAll(() => site.stop());

type Init = RequestInit & { readonly token?: string };
const call = (path: string, { token, headers, ...init }: Init = {}) =>
  fetch(`${site.url}/api/v1${path}`, {
    ...init,
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
  });
const post = (path: string, body: unknown, init: Init = {}) =>
  call(path, {
    method: "POST",
    body: JSON.stringify(body),
    ...init,
    headers: { "content-type": "application/json", ...init.headers },
  });
const codeOf = async (response: Response): Promise<string> => {
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  return ((await response.json()) as { code: string }).code;
};

describe("bearer tokens", () => {
  it("refuses who has none, or one that is none", async () => {
    const none = await call("/assets");
    expect([none.status, none.headers.get("www-authenticate"), await codeOf(none)]).toEqual([
      401,
      'Bearer realm="rollcall"',
      "auth.missing",
    ]);
    for (const token of ["x", `rca_${"A".repeat(43)}`, "a b", "é".repeat(40)]) {
      const response = await fetch(`${site.url}/api/v1/assets`, {
        headers: { authorization: `Bearer ${encodeURI(token)}` },
      });
      expect([response.status, await codeOf(response)]).toEqual([401, "auth.invalid"]);
    }
  });

  it("lets each role do what it may and nothing above", async () => {
    const [incidentId] = site.site.incidents;
    const allowed: Record<string, number[]> = {};
    for (const role of roles) {
      const token = await site.token(role);
      const asset = { method: "PATCH", body: JSON.stringify({ set: { site: "Lab" } }) };
      const answers = await Promise.all([
        call("/assets", { token }),
        post(`/incidents/${incidentId}/comments`, { text: "seen" }, { token }),
        call(`/assets/${site.site.host}`, { ...asset, token, headers: { "content-type": "application/json" } }),
        call("/tokens", { token }),
      ]);
      allowed[role] = answers.map(({ status }) => status);
    }
    expect(allowed).toEqual({
      viewer: [200, 403, 403, 403],
      "service-desk": [200, 200, 403, 403],
      "asset-manager": [200, 200, 200, 403],
      administrator: [200, 200, 200, 200],
    });
  });

  it("ends a revoked token at once, and an expired one at its time", async () => {
    const made = await post("/tokens", { kind: "api", name: "short", role: "viewer" }, { token: site.apiToken });
    const { tokenId, secret } = (await made.json()) as { tokenId: string; secret: string };
    expect(made.headers.get("cache-control")).toBe("no-store");
    expect((await call("/me", { token: secret })).status).toBe(200);
    expect((await call(`/tokens/${tokenId}`, { method: "DELETE", token: site.apiToken })).status).toBe(204);
    expect((await call("/me", { token: secret })).status).toBe(401);

    const token = { kind: "api", name: "an hour", role: "viewer" } as const;
    const outcome = await site.engine.apply({ kind: "token.create", token, expiresInMs: minutes(60) }, requester);
    const hourly = resultOf<"token.create">(outcome).secret;
    expect((await call("/me", { token: hourly })).status).toBe(200);
    aheadMs += minutes(61);
    expect((await call("/me", { token: hourly })).status).toBe(401);
  });

  it("tells a secret once: neither lists, nor the audit log, nor the database hold it", async () => {
    const made = await post("/tokens", { kind: "api", name: "canary", role: "viewer" }, { token: site.apiToken });
    const { secret } = (await made.json()) as { secret: string };
    const answers = await Promise.all(
      ["/tokens", "/audit?limit=1000"].map((path) => call(path, { token: site.apiToken })),
    );
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(texts[0]).toContain("canary");
    expect(texts[1]).toContain("canary");
    const files = ["rollcall.db", "rollcall.db-wal"].map((name) =>
      readFileSync(join(site.dataDirectory, name), "latin1"),
    );
    for (const text of [...texts, ...files]) expect(text.includes(secret)).toBe(false);
  });
});

/** Follows a sign-in link as the console does. */
const signIn = async (link: string) => {
  const response = await post("/session", { code: link.split("#")[1] });
  const setCookie = response.headers.get("set-cookie") ?? "";
  const cookie = setCookie.split(";")[0] ?? "";
  const me = response.ok
    ? ((await (await call("/me", { headers: { cookie } })).json()) as { csrf: string })
    : { csrf: "" };
  return { response, setCookie, cookie, csrf: me.csrf };
};

describe("sessions", () => {
  it("exchanges the link's code once, for a cookie that scripts and other sites can't use", async () => {
    const link = await site.signInLink();
    const { response, setCookie } = await signIn(link);
    expect(response.status).toBe(200);
    for (const flag of ["HttpOnly", "SameSite=Strict", "Path=/"]) expect(setCookie).toContain(flag);
    const again = await signIn(link);
    expect([again.response.status, again.setCookie, await codeOf(again.response)]).toEqual([410, "", "auth.code"]);
  });

  it("refuses a link after ten minutes, and codes that were never given out", async () => {
    const link = await site.signInLink();
    aheadMs += minutes(10) + 1;
    expect((await signIn(link)).response.status).toBe(410);
    expect((await signIn("/sign-in#rcl_guessed_guessed_guessed")).response.status).toBe(410);
  });

  it("takes a write by cookie only from its own page: token, origin and site must agree", async () => {
    const { cookie, csrf } = await signIn(await site.signInLink());
    const [incidentId] = site.site.incidents;
    const write = (headers: Record<string, string>) =>
      post(`/incidents/${incidentId}/comments`, { text: "by cookie" }, { headers: { cookie, ...headers } });
    const statuses = await Promise.all([
      write({}),
      write({ "x-csrf-token": `${csrf}x` }),
      write({ "x-csrf-token": csrf, origin: "https://elsewhere.example" }),
      write({ "x-csrf-token": csrf, origin: "null" }),
      write({ "x-csrf-token": csrf, "sec-fetch-site": "cross-site" }),
      write({ "x-csrf-token": csrf, "sec-fetch-site": "same-site" }),
      write({ "x-csrf-token": csrf, origin: site.url, "sec-fetch-site": "same-origin" }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403, 200]);
  });

  it("ends a session when its person signs out, at its time, and when the person is shut out", async () => {
    const first = await signIn(await site.signInLink());
    const headers = { cookie: first.cookie, "x-csrf-token": first.csrf };
    const out = await call("/session", { method: "DELETE", headers });
    expect([out.status, /rollcall=;/.test(out.headers.get("set-cookie") ?? "")]).toEqual([204, true]);
    expect((await call("/me", { headers: { cookie: first.cookie } })).status).toBe(401);

    const second = await signIn(await site.signInLink({ user: "eve", role: "viewer" }));
    const users = (await (await call("/users", { token: site.apiToken })).json()) as {
      items: { userId: string; name: string }[];
    };
    const eve = users.items.find(({ name }) => name === "eve")?.userId;
    const change = { method: "PATCH", body: '{"disabled":true}', headers: { "content-type": "application/json" } };
    expect((await call(`/users/${eve}`, { ...change, token: site.apiToken })).status).toBe(204);
    expect((await call("/me", { headers: { cookie: second.cookie } })).status).toBe(401);

    const third = await signIn(await site.signInLink());
    aheadMs += minutes(13 * 60);
    expect((await call("/me", { headers: { cookie: third.cookie } })).status).toBe(401);
  });
});

describe("passwords", () => {
  // The limit counts per address: this part starts with a fresh one.
  beforeAll(async () => {
    await site.stop();
    site = await startTestSite({ clock, count: 20 });
  });

  it("signs in by name and password, kept as argon2id, and tells no stranger which of both was wrong", async () => {
    const password = "correct horse battery staple";
    const created = await post("/users", { name: "kim", role: "service-desk", password }, { token: site.apiToken });
    expect(created.status).toBe(200);
    const right = await post("/session", { name: "kim", password });
    expect([right.status, (await right.json()) as object]).toEqual([
      200,
      { name: "kim", role: "service-desk", via: "session" },
    ]);
    const wrong = await post("/session", { name: "kim", password: "correct horse battery stable" });
    const unknown = await post("/session", { name: "nobody", password });
    expect([wrong.status, await wrong.text()]).toEqual([401, await unknown.text()]);
    const files = ["rollcall.db", "rollcall.db-wal"].map((name) =>
      readFileSync(join(site.dataDirectory, name), "latin1"),
    );
    expect(files.some((text) => text.includes("$argon2id$v=19$m=65536,t=3,p=1$"))).toBe(true);
    expect(files.some((text) => text.includes(password))).toBe(false);
  });

  it("counts sign-ins: after twenty in a minute an address has to wait", async () => {
    let last = await post("/session", { code: "rcl_guessed_guessed" });
    for (let i = 0; i < 22 && last.status !== 429; i++) last = await post("/session", { code: "rcl_guessed_guessed" });
    expect([last.status, await codeOf(last), Number(last.headers.get("retry-after")) > 0]).toEqual([
      429,
      "request.rate",
      true,
    ]);
  });
});
