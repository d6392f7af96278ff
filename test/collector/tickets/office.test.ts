import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { createSecretBox, keyPathOf, openSecretBox } from "../../../collector/tickets/secrets.ts";
import { systemClock, toTimestamp } from "../../../shared/clock.ts";
import { createIncidentId, createRecordId, incidentIdSchema } from "../../../shared/ids.ts";
import { createJsonLog } from "../../../shared/json-log.ts";
import type { DeskStatus, DeskTrial } from "../../../shared/model/desk.ts";
import { createSeededRandom, systemRandom } from "../../../shared/random.ts";
import { type ApiClient, createApiClient } from "../../support/api-client.ts";
import { type FakeDesk, startFakeDesk } from "../../support/fake-desks/server.ts";
import { zendeskRoutes } from "../../support/fake-desks/zammad-zendesk-freshservice.ts";
import { startTestCollector, type TestCollector } from "../../support/start-collector.ts";
import { until } from "../../support/until.ts";

const CANARY = "canary-zendesk-token-0123456789";
const incidentId = createIncidentId(systemClock.now(), systemRandom);
const lines: string[] = [];
let fake: FakeDesk;
let parent: string;
let folder: string;
let collector: TestCollector;
let call: ApiClient;

beforeAll(async () => {
  fake = await startFakeDesk(zendeskRoutes);
  parent = mkdtempSync(join(tmpdir(), "rollcall-office-"));
  folder = join(parent, "data");
  const log = createJsonLog({ now: systemClock.now, level: "debug", write: (line: string) => void lines.push(line) });
  const settings = { baseUrl: fake.baseUrl, user: "rollcall@example.org", apiToken: "store:zendesk-token" };
  collector = await startTestCollector({
    dataDirectory: folder,
    log,
    config: { desks: [{ name: "helpdesk", connector: "zendesk", settings }] },
  });
  call = createApiClient(collector.url, collector.apiToken);
});
afterAll(async () => {
  await collector.stop();
  await fake.close();
  rmSync(parent, { recursive: true, force: true });
});

const desk = async (): Promise<DeskStatus | undefined> =>
  ((await call("GET", "/desks")).body as { readonly items: DeskStatus[] }).items[0];

describe("a desk whose secret is not set", () => {
  it("is listed with what to do, and keeps nobody from starting", async () => {
    expect(await desk()).toMatchObject({
      name: "helpdesk",
      tried: "fake",
      findings: [{ ok: false, what: expect.stringContaining("desk secret zendesk-token") }],
    });
    const trial = (await call("POST", "/desks/helpdesk/test")).body as DeskTrial;
    expect(trial).toMatchObject({ ok: false, steps: [{ what: "connect", ok: false }] });
  });

  it("connects once it is set, and the secret is shown to nobody from then on", async () => {
    const put = await call("PUT", "/secrets/zendesk-token", { body: { value: CANARY } });
    expect(put).toMatchObject({ status: 204 });
    expect(await desk()).toMatchObject({ findings: [{ ok: true }], checkedAt: expect.any(String) });
    expect((await call("PUT", "/secrets/No_Such", { body: { value: "x" } })).status).toBe(400);
    const answers = await Promise.all(
      ["/secrets", "/desks", "/audit?limit=1000", "/outbox"].map(async (path) =>
        JSON.stringify((await call("GET", path)).body),
      ),
    );
    expect(answers[0]).toContain('"name":"zendesk-token"');
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
    expect(files.length).toBeGreaterThan(1);
    for (const text of [...lines, ...answers, ...files]) expect(text.includes(CANARY)).toBe(false);
    expect(answers.join()).not.toContain("sealed");
  });

  it("is sealed with a key beside the data folder that only its owner reads", () => {
    const path = keyPathOf({ dataDirectory: folder });
    expect(path.startsWith(`${folder}.`)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe("a desk at work", () => {
  it("is tested with a ticket that is opened, commented and resolved", async () => {
    const trial = (await call("POST", "/desks/helpdesk/test")).body as DeskTrial;
    expect(trial.steps.map(({ what, ok }) => [what, ok])).toEqual([
      ["open", true],
      ["comment", true],
      ["resolve", true],
    ]);
    expect([...fake.tickets.values()].at(-1)).toMatchObject({
      subject: "Rollcall: test, please ignore",
      state: "solved",
    });
    expect((await call("POST", "/desks/nobody/test")).status).toBe(404);
  });

  it("is read at once when its own webhook says that something happened there, whatever that says", async () => {
    const store = openSqliteStore(join(folder, "rollcall.db"));
    const hooked = incidentIdSchema.parse(`inc_${"7".repeat(26)}`);
    const ticket = {
      id: 4_711,
      key: `rollcall:${hooked}`,
      subject: "x",
      body: "x",
      state: "open",
      owner: "Alice",
      notes: [],
    };
    fake.tickets.set(ticket.id, ticket);
    await store.transaction(async (tx) => {
      const openedAt = toTimestamp(systemClock.now());
      await tx.incidents.put({
        ...{ incidentId: hooked, kind: "device-missing", condition: "device-missing/hooked", state: "open", openedAt },
        ...{ title: "scanner is missing", summary: "Nobody has seen it.", impact: "low", urgency: "low", priority: 5 },
        ...{ confidence: 0.9, reopened: 0, children: 0, version: 1 },
      });
      await tx.outbox.putLink({ connector: "helpdesk", key: ticket.key, ticketRef: String(ticket.id) });
    });
    await store.close();
    expect((await createApiClient(collector.url)("POST", "/desks/helpdesk/read", { body: {} })).status).toBe(401);
    const lie = { ticket: { id: ticket.id, status: "solved", tags: ["false-alarm"] } };
    expect((await call("POST", "/desks/helpdesk/read", { body: lie })).body).toEqual({ told: 1 });
    expect((await call("GET", `/incidents/${hooked}`)).body).toMatchObject({
      state: "acknowledged",
      assignee: "agent 9",
    });
    expect((await call("POST", "/desks/nobody/read", { body: {} })).status).toBe(404);
  });

  it("shows what waits for it, since when and why", async () => {
    fake.misbehave("html");
    const nowMs = systemClock.now();
    const store = openSqliteStore(join(folder, "rollcall.db"));
    await store.transaction(async (tx) => {
      await tx.incidents.put({
        incidentId,
        kind: "device-missing",
        condition: `device-missing/${incidentId}`,
        state: "open",
        title: "printer is missing",
        summary: "Nobody has seen it.",
        impact: "medium",
        urgency: "medium",
        priority: 3,
        confidence: 0.9,
        openedAt: toTimestamp(nowMs),
        reopened: 0,
        children: 0,
        version: 1,
      });
      for (const action of ["open", "comment"] as const)
        await tx.outbox.put({
          outboxId: createRecordId("out", nowMs, systemRandom),
          connector: "helpdesk",
          key: `rollcall:${incidentId}`,
          action,
          text: "news",
          attempts: 0,
          dueMs: 0,
        });
    });
    await store.close();
    const waiting = await until("the first failure", async () => {
      const { body } = await call("GET", "/outbox");
      const { items, total } = body as { readonly items: Record<string, unknown>[]; readonly total: number };
      return items[0]?.["lastError"] ? { items, total } : undefined;
    });
    expect(waiting.total).toBe(2);
    expect(waiting.items[0]).toMatchObject({
      desk: "helpdesk",
      incidentId,
      title: "printer is missing",
      action: "open",
      since: toTimestamp(nowMs),
      isFirst: true,
      lastError: expect.stringMatching(/not JSON/),
    });
    expect(waiting.items[1]).toMatchObject({ action: "comment", isFirst: false, attempts: 0 });
    expect(await desk()).toMatchObject({
      waiting: 2,
      failuresInRow: expect.any(Number),
      lastError: expect.stringMatching(/not JSON/),
    });
  });

  it("shows beforehand what it would be told", async () => {
    const { status, body } = await call("GET", `/desks/helpdesk/preview?incidentId=${incidentId}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ subject: expect.stringContaining("Device missing: printer is missing") });
    const missing = createIncidentId(1, createSeededRandom(9));
    expect((await call("GET", `/desks/helpdesk/preview?incidentId=${missing}`)).status).toBe(404);
  });

  it("is compared with us ticket by ticket", async () => {
    fake.misbehave();
    const store = openSqliteStore(join(folder, "rollcall.db"));
    const ticket = [...fake.tickets.values()][0];
    await store.transaction((tx) =>
      tx.outbox.putLink({ connector: "helpdesk", key: `rollcall:${incidentId}`, ticketRef: String(ticket?.id) }),
    );
    await store.close();
    // The test's own ticket there is solved, the incident here is open.
    expect((await call("GET", "/desks/parity")).body).toMatchObject({
      compared: 2,
      differences: [{ desk: "helpdesk", what: "state", ours: "open", theirs: "resolved" }],
    });
  });
});

describe("a configuration of desks that can't work", () => {
  it("keeps the collector from starting, with every desk's fault at once", async () => {
    const desks = [
      { name: "one", connector: "zendesk", settings: { baseUrl: "nonsense", user: "a@example.org", apiToken: "t" } },
      { name: "two", connector: "redmine", settings: {} },
    ];
    await expect(startTestCollector({ config: { desks } })).rejects.toThrow(
      /desks\.one\.settings\.baseUrl.*desks\.two\.settings\.apiKey/s,
    );
  });
});

describe("a sealed secret", () => {
  const random = createSeededRandom(1);
  const box = createSecretBox(random.bytes(32), random);

  it("opens under its own name only, with its own key only, and not when it was touched", () => {
    const sealed = box.seal("one", "välue");
    expect(box.open("one", sealed)).toBe("välue");
    expect(box.seal("one", "välue")).not.toBe(sealed);
    const other = createSecretBox(random.bytes(32), random);
    const flipped = `${sealed.slice(0, -2)}${sealed.endsWith("AA") ? "BB" : "AA"}`;
    for (const [name, text, by] of [
      ["two", sealed, box],
      ["one", flipped, box],
      ["one", "v0.a.b.c", box],
      ["one", "", box],
      ["one", sealed, other],
    ] as const)
      expect(() => by.open(name, text)).toThrow(/can't be opened/);
  });

  it("has a key from a credential where there is one, refuses one that others may read, and says what is missing", async () => {
    const { chmodSync, mkdirSync, writeFileSync } = await import("node:fs");
    const here = join(parent, "keys");
    mkdirSync(here);
    const places = { dataDirectory: join(here, "data") };
    expect(() => openSecretBox(places, random, { create: false })).toThrow(/no key file/);
    const made = openSecretBox(places, random, { create: true });
    expect(openSecretBox(places, random, { create: false }).open("a", made.seal("a", "b"))).toBe("b");
    chmodSync(keyPathOf(places), 0o644);
    expect(() => openSecretBox(places, random, { create: false })).toThrow(/chmod 600/);
    writeFileSync(join(here, "rollcall-secrets-key"), Buffer.alloc(32, 7).toString("base64"), { mode: 0o440 });
    const given = openSecretBox({ ...places, credentials: here }, random, { create: false });
    expect(given.open("a", given.seal("a", "c"))).toBe("c");
    writeFileSync(join(here, "rollcall-secrets-key"), "short");
  });
});
