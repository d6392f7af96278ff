import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { alertmanager } from "../../collector/tickets/alertmanager.ts";
import type { TicketContent, TicketRef } from "../../collector/tickets/connector.ts";
import { email } from "../../collector/tickets/email.ts";
import { createHttpClient } from "../../collector/tickets/http.ts";
import { redmine } from "../../collector/tickets/redmine.ts";
import { requestTracker } from "../../collector/tickets/request-tracker.ts";
import { systemClock } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import { describeDesk } from "../contracts/desk-suite.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { ticketContent, ticketNote } from "../support/ticket-content.ts";
import { createAlertmanager } from "./alertmanager.ts";
import { createDovecot } from "./dovecot.ts";
import { createExim, type Exim } from "./exim.ts";
import { createRedmine } from "./redmine.ts";
import { createRequestTracker } from "./request-tracker.ts";
import type { Server } from "./server.ts";

const deps = { clock: systemClock, log: silentLog, http: createHttpClient() };
const EVERYTHING = [
  "ticketsWithKey",
  "stateOf",
  "countNotes",
  "subjectOf",
  "takeOver",
  "remove",
  "judgeFalse",
  "merge",
] as const;
const folder = temporaryFolder("desks");
// Exim gives up root and must still reach its folder.
chmodSync(folder, 0o711);
const running: Server[] = [];
afterAll(() => Promise.all(running.map((server) => server.stop())), 30_000);

const started = async <S extends Server>(name: string, create: (folder: string) => Promise<S>): Promise<S> => {
  const own = join(folder, name);
  mkdirSync(own);
  const server = await create(own);
  running.push(server);
  await server.start();
  return server;
};

let requestTrackerServer: ReturnType<typeof createRequestTracker> | undefined;
const startedRequestTracker = () => {
  requestTrackerServer ??= started("rt", createRequestTracker);
  return requestTrackerServer;
};

/** A desk's JSON as it comes: the test looks at what it needs. */
type Json = ReturnType<typeof JSON.parse>;

const json = async (url: string, headers: Record<string, string>, method = "GET", body?: unknown): Promise<Json> => {
  const answer = await fetch(url, {
    method,
    headers: { ...headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.status === 204 ? undefined : await answer.json();
};

describeWith(
  "Request Tracker",
  [{ program: "rt-setup-database-5", package: "request-tracker5 rt5-db-sqlite rt5-standalone" }],
  () => {
    describeDesk("Request Tracker", EVERYTHING, async () => {
      const desk = await startedRequestTracker();
      const api = `${desk.baseUrl}/REST/2.0`;
      const auth = { authorization: `token ${desk.token}` };
      const ticket = (ref: TicketRef) => json(`${api}/ticket/${ref.id}`, auth);
      const history = (ref: TicketRef) => json(`${api}/ticket/${ref.id}/history?fields=Type&per_page=100`, auth);
      return {
        desk: requestTracker.connect(
          requestTracker.configSchema.parse({ baseUrl: desk.baseUrl, token: desk.token, queue: desk.queue }),
          deps,
        ),
        recognisesNotes: true,
        truth: {
          ticketsWithKey: async ({ key }) =>
            (await json(`${api}/tickets?query=${encodeURIComponent(`'CF.{Rollcall Key}'='${key}'`)}`, auth)).total,
          stateOf: async (ref) => ((await ticket(ref)).Status === "resolved" ? "resolved" : "open"),
          subjectOf: async (ref) => (await ticket(ref)).Subject,
          countNotes: async (ref, text) => {
            let count = 0;
            for (const { id } of (await history(ref)).items) {
              for (const attachment of (await json(`${api}/transaction/${id}/attachments`, auth)).items) {
                const { Content } = await json(`${api}/attachment/${attachment.id}`, auth);
                if (Content && Buffer.from(Content, "base64").toString("utf8").includes(text)) count++;
              }
            }
            return count;
          },
          takeOver: async (ref) => {
            await json(`${api}/ticket/${ref.id}`, { authorization: `token ${desk.personToken}` }, "PUT", {
              Owner: "alice",
            });
          },
          remove: async (ref) => {
            await json(`${api}/ticket/${ref.id}`, { authorization: `token ${desk.personToken}` }, "PUT", {
              Status: "deleted",
            });
          },
          judgeFalse: async (ref) => {
            await json(`${api}/ticket/${ref.id}`, { authorization: `token ${desk.personToken}` }, "PUT", {
              Status: "rejected",
            });
          },
          merge: async (ref, into) => {
            await json(`${api}/ticket/${ref.id}`, { authorization: `token ${desk.personToken}` }, "PUT", {
              MergeInto: into.id,
            });
          },
        },
      };
    });
  },
);

describeWith(
  "Request Tracker's assets",
  [{ program: "rt-setup-database-5", package: "request-tracker5 rt5-db-sqlite rt5-standalone" }],
  () => {
    it("are what a ticket refers to, by serial number, where exactly one has it", async () => {
      const server = await startedRequestTracker();
      const api = `${server.baseUrl}/REST/2.0`;
      const auth = { authorization: `token ${server.token}` };
      const add = async (Name: string, serialNumber: string) =>
        (
          await json(`${api}/asset`, auth, "POST", {
            Catalog: "Devices",
            Name,
            CustomFields: { "Serial Number": serialNumber },
          })
        ).id;
      const printer = await add("printer", "S-1");
      for (const name of ["twin", "other twin"]) await add(name, "S-2");
      const settings = { baseUrl: server.baseUrl, token: server.token, queue: server.queue, assetCatalog: "Devices" };
      const connect = (over: object) =>
        requestTracker.connect(requestTracker.configSchema.parse({ ...settings, ...over }), deps);
      const signal = AbortSignal.timeout(60_000);
      const referred = async (serialNumber: string | undefined) => {
        const asset = { assetId: "ast_1", name: "printer", ...(serialNumber === undefined ? {} : { serialNumber }) };
        const opened = await connect({}).open(ticketContent({ asset }), { search: false, signal });
        if (opened.status !== "delivered") throw new Error(opened.reason);
        const { RefersTo } = await json(`${api}/ticket/${opened.ticketRef.id}/`, auth);
        const hyperlinks = (await json(`${api}/ticket/${opened.ticketRef.id}`, auth))._hyperlinks;
        return JSON.stringify([RefersTo, hyperlinks.filter((one: Json) => one.ref === "refers-to")]);
      };
      expect(await referred("S-1")).toContain(`asset`);
      expect(await referred("S-1")).toContain(String(printer));
      for (const unknown of ["S-2", "S-3", "' OR id>0 OR Name='", undefined])
        expect(await referred(unknown)).not.toContain("asset");
      expect((await connect({}).check(signal)).every(({ ok }) => ok)).toBe(true);
      expect((await connect({ assetCatalog: "Nowhere" }).check(signal)).at(-1)).toMatchObject({ ok: false });
    });
  },
);

describeWith("Redmine", [{ program: "bundle", package: "redmine redmine-sqlite puma" }], () => {
  describeDesk("Redmine", EVERYTHING, async () => {
    const desk = await started("redmine", createRedmine);
    const auth = { "x-redmine-api-key": desk.apiKey };
    const issue = async (ref: TicketRef) =>
      (await json(`${desk.baseUrl}/issues/${ref.id}.json?include=journals`, auth)).issue;
    const config = {
      baseUrl: desk.baseUrl,
      apiKey: desk.apiKey,
      project: desk.project,
      keyFieldId: desk.keyFieldId,
      resolvedStatusId: desk.statuses["Closed"],
      openStatusId: desk.statuses["In Progress"],
      falseStatusIds: [desk.statuses["Rejected"]],
    };
    return {
      desk: redmine.connect(redmine.configSchema.parse(config), deps),
      recognisesNotes: true,
      truth: {
        ticketsWithKey: async ({ key }) =>
          (await json(`${desk.baseUrl}/issues.json?status_id=*&cf_${desk.keyFieldId}=${key}`, auth)).total_count,
        stateOf: async (ref) => ((await issue(ref)).status.is_closed ? "resolved" : "open"),
        subjectOf: async (ref) => (await issue(ref)).subject,
        countNotes: async (ref, text) =>
          (await issue(ref)).journals.filter((journal: { notes?: string }) => journal.notes?.includes(text)).length,
        takeOver: async (ref) => {
          await json(`${desk.baseUrl}/issues/${ref.id}.json`, { "x-redmine-api-key": desk.personKey }, "PUT", {
            issue: { assigned_to_id: desk.personId },
          });
        },
        remove: async (ref) => {
          await json(`${desk.baseUrl}/issues/${ref.id}.json`, { "x-redmine-api-key": desk.personKey }, "DELETE");
        },
        judgeFalse: async (ref) => {
          await json(`${desk.baseUrl}/issues/${ref.id}.json`, { "x-redmine-api-key": desk.personKey }, "PUT", {
            issue: { status_id: desk.statuses["Rejected"] },
          });
        },
        merge: async (ref, into) => {
          await json(
            `${desk.baseUrl}/issues/${ref.id}/relations.json`,
            { "x-redmine-api-key": desk.personKey },
            "POST",
            {
              relation: { issue_to_id: into.id, relation_type: "duplicates" },
            },
          );
        },
      },
    };
  });
});

describeWith("Alertmanager", [{ program: "prometheus-alertmanager" }], () => {
  describeDesk("Alertmanager", ["ticketsWithKey", "stateOf", "subjectOf"], async () => {
    const desk = await started("alertmanager", createAlertmanager);
    const alerts = async (
      key: string,
    ): Promise<{ labels: Record<string, string>; annotations: Record<string, string> }[]> =>
      await json(`${desk.baseUrl}/api/v2/alerts?filter=${encodeURIComponent(`rollcall_key="${key}"`)}`, {});
    return {
      desk: alertmanager.connect(alertmanager.configSchema.parse({ baseUrl: desk.baseUrl }), deps),
      recognisesNotes: false,
      truth: {
        ticketsWithKey: async ({ key }: TicketContent) => (await alerts(key)).length,
        // A resolved alert is no longer listed as active.
        stateOf: async (ref) => ((await alerts(ref.number ?? "")).length === 0 ? "resolved" : "open"),
        subjectOf: async (ref) => (await alerts(ref.number ?? ""))[0]?.annotations["summary"] ?? "",
      },
    };
  });
});

describeWith("an Alertmanager that forgets", [{ program: "prometheus-alertmanager" }], () => {
  it("is told again what stands, as the same alert even when the device has another name and priority by now", async () => {
    const server = await started("forgetful", createAlertmanager);
    const desk = alertmanager.connect(alertmanager.configSchema.parse({ baseUrl: server.baseUrl }), deps);
    const alerts = () => json(`${server.baseUrl}/api/v2/alerts`, {});
    const signal = AbortSignal.timeout(60_000);
    const content = ticketContent();
    const opened = await desk.open(content, { search: false, signal });
    if (opened.status !== "delivered") throw new Error(opened.reason);
    const before = await alerts();
    await server.kill();
    await server.start();
    expect(await alerts()).toEqual([]);
    const later = { ...content, priority: 1, asset: { assetId: "ast_1", name: "renamed" } } as const;
    expect((await desk.renew?.(opened.ticketRef, later, signal))?.status).toBe("delivered");
    await desk.comment(opened.ticketRef, later, ticketNote("more"), { search: false, signal });
    expect((await alerts()).map(({ fingerprint }: Json) => fingerprint)).toEqual([before[0].fingerprint]);
    await desk.resolve(opened.ticketRef, later, ticketNote("back"), { search: false, signal });
    expect(await alerts()).toEqual([]);
  });
});

describeWith(
  "E-mail over Exim",
  [{ root: true }, { program: "exim4", package: "exim4-daemon-light" }, { program: "openssl" }],
  () => {
    const connect = (exim: Exim, over: Record<string, unknown>) =>
      email.connect(
        email.configSchema.parse({
          host: "127.0.0.1",
          port: exim.ports.submission,
          user: exim.user,
          password: exim.password,
          ca: exim.ca,
          from: "rollcall@desk.test",
          to: ["devices@desk.test"],
          ...over,
        }),
        deps,
      );
    const signal = AbortSignal.timeout(1_200_000);
    const call = { search: false, signal };
    let exim: Exim;
    const desk = async () => {
      exim ??= await started("exim", createExim);
      return exim;
    };

    it("sends over STARTTLS and over TLS, threaded, marked as automatic, one header a line", async () => {
      const server = await desk();
      for (const over of [{}, { port: server.ports.smtps, security: "tls" }]) {
        const content = ticketContent({ subject: "gone:\r\nBcc: victim@desk.test\r\n\r\nprinter" });
        const connected = connect(server, over);
        expect((await connected.check(signal)).every((finding) => finding.ok)).toBe(true);
        const opened = await connected.open(content, call);
        if (opened.status !== "delivered") throw new Error(opened.reason);
        expect((await connected.resolve(opened.ticketRef, content, ticketNote("it is back"), call)).status).toBe(
          "delivered",
        );
        const mine = () => server.messages().filter((message) => message.includes(`X-Rollcall-Key: ${content.key}`));
        await expect.poll(() => mine().length, { timeout: 60_000 }).toBe(2);
        const [one = "", two = ""] = mine().sort(
          (a, b) => Number(a.includes("In-Reply-To")) - Number(b.includes("In-Reply-To")),
        );
        expect(one).toContain("Auto-Submitted: auto-generated");
        expect(one.slice(0, one.indexOf("\n\n"))).not.toMatch(/^Bcc:/im);
        expect(one).toContain(`Message-ID: ${opened.ticketRef.id}`);
        expect(two).toContain(`In-Reply-To: ${opened.ticketRef.id}`);
      }
    });

    it("tells final refusals from those to try again, and says what is wrong with a login", async () => {
      const server = await desk();
      const content = ticketContent();
      expect(await connect(server, { to: ["never@desk.test"] }).open(content, call)).toMatchObject({
        status: "rejected",
      });
      expect(await connect(server, { to: ["later@desk.test"] }).open(content, call)).toMatchObject({ status: "retry" });
      expect(await connect(server, { password: "wrong" }).open(content, call)).toMatchObject({ status: "retry" });
      expect(await connect(server, { ca: undefined }).open(content, call)).toMatchObject({
        reason: expect.stringMatching(/certificate/i),
      });
      const findings = await connect(server, { password: "wrong" }).check(signal);
      expect(findings[0]).toMatchObject({ ok: false, remedy: expect.stringContaining("password") });
    });

    describeWith("and a mailbox to ask", [{ program: "dovecot", package: "dovecot-imapd" }], () => {
      it("sends nothing again that lies there, whatever became of the answer to it", async () => {
        const server = await desk();
        const box = await started("dovecot", (own) => createDovecot(own, server));
        const mailbox = (over: object) => ({
          ...{ host: "127.0.0.1", port: box.ports.plain, security: "starttls", ca: server.ca },
          ...{ user: box.user, password: box.password, settleMs: 1_000, ...over },
        });
        const tls = { port: box.ports.tls, security: "tls" };
        for (const over of [{}, tls]) {
          const connected = connect(server, { mailbox: mailbox(over) });
          expect(await connected.check(signal)).toMatchObject([{ ok: true }, { ok: true }]);
          const content = ticketContent();
          const note = ticketNote("it is back");
          const count = (id: string) =>
            server.messages().filter((message) => message.includes(`Message-ID: ${id}`)).length;
          const again = { search: true, signal };
          // Not there yet: sent. There already: not sent again, neither the first mail nor a later one.
          const opened = await connected.open(content, again);
          if (opened.status !== "delivered") throw new Error(opened.reason);
          await expect.poll(() => count(opened.ticketRef.id), { timeout: 60_000 }).toBe(1);
          expect(await connected.open(content, again)).toEqual(opened);
          await connected.resolve(opened.ticketRef, content, note, call);
          await connected.resolve(opened.ticketRef, content, note, again);
          const mine = server.messages().filter((message) => message.includes(`X-Rollcall-Key: ${content.key}`));
          expect(mine).toHaveLength(2);
        }
        const shut = connect(server, { mailbox: mailbox({ password: "wrong" }) });
        expect(await shut.check(signal)).toMatchObject([{ ok: true }, { ok: false }]);
        expect(await shut.open(ticketContent(), { search: true, signal })).toMatchObject({ status: "retry" });
        expect(await connect(server, { mailbox: mailbox({ ca: undefined }) }).check(signal)).toMatchObject([
          { ok: true },
          { ok: false, what: expect.stringContaining("not trusted") },
        ]);
      });
    });
  },
);

describe("real desks", () => {
  it("have a suite each", () =>
    expect([requestTracker, redmine, alertmanager, email].every((connector) => connector.tried === "real")).toBe(true));
});
