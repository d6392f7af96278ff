import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createAlertmanager } from "../desks/alertmanager.ts";
import { createDovecot } from "../desks/dovecot.ts";
import { createExim, type Exim } from "../desks/exim.ts";
import { createRedmine } from "../desks/redmine.ts";
import { createRequestTracker } from "../desks/request-tracker.ts";
import type { Server } from "../desks/server.ts";
import { type ChaosDesk, endure, type Stand, standsOf } from "../support/desk-chaos.ts";
import type { Json } from "../support/processes.ts";
import { describeWith, type Requirement } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

/** Every real desk at the same time, each with a collector of its own: one ticket an incident, in the right state, none missing. */

const INCIDENTS = Number(process.env["ROLLCALL_CHAOS_INCIDENTS"] ?? 200);
const KILLS = Number(process.env["ROLLCALL_CHAOS_KILLS"] ?? 50);
const TIMEOUT_MS = 1_200_000;

const get = async (url: string, headers: Record<string, string> = {}): Promise<Json> =>
  (await fetch(url, { headers })).json();

const requestTracker = async (folder: string): Promise<ChaosDesk> => {
  const server = await createRequestTracker(folder);
  const { baseUrl, token, queue } = server;
  return {
    server,
    config: { connector: "request-tracker", settings: { baseUrl, token, queue } },
    stands: async () => {
      const found: { key: string; resolved: boolean }[] = [];
      for (let page = 1; ; page++) {
        const query = `query=${encodeURIComponent("id>0")}&fields=Status,CustomFields&per_page=100&page=${page}`;
        const { items } = await get(`${baseUrl}/REST/2.0/tickets?${query}`, { authorization: `token ${token}` });
        for (const { Status, CustomFields } of items) {
          const key = CustomFields.find((field: Json) => field.name === "Rollcall Key")?.values[0] ?? "";
          found.push({ key, resolved: Status === "resolved" });
        }
        if (items.length < 100) return standsOf(found);
      }
    },
  };
};

const redmine = async (folder: string): Promise<ChaosDesk> => {
  const server = await createRedmine(folder);
  const { baseUrl, apiKey, project, keyFieldId, statuses } = server;
  const states = { resolvedStatusId: statuses["Closed"], openStatusId: statuses["In Progress"] };
  return {
    server,
    config: { connector: "redmine", settings: { baseUrl, apiKey, project, keyFieldId, ...states } },
    stands: async () => {
      const found: { key: string; resolved: boolean }[] = [];
      for (let offset = 0; ; offset += 100) {
        const query = `status_id=*&limit=100&offset=${offset}&sort=id`;
        const { issues } = await get(`${baseUrl}/issues.json?${query}`, { "x-redmine-api-key": apiKey });
        for (const { status, custom_fields } of issues) {
          const key = custom_fields.find((field: Json) => field.id === keyFieldId)?.value ?? "";
          found.push({ key, resolved: status.is_closed });
        }
        if (issues.length < 100) return standsOf(found);
      }
    },
  };
};

const alertmanager = async (folder: string): Promise<ChaosDesk> => {
  const server = await createAlertmanager(folder);
  const { baseUrl } = server;
  return {
    server,
    config: { connector: "alertmanager", settings: { baseUrl } },
    // What is resolved is listed no longer: an incident that is over is right when no alert stands for it.
    stands: async () => {
      const alerts: Json[] = await get(`${baseUrl}/api/v2/alerts`);
      const standing = standsOf(alerts.map(({ labels }) => ({ key: labels.rollcall_key, resolved: false })));
      const known = new Set(standing.map(({ key }) => key));
      const over = Array.from(
        { length: INCIDENTS / 2 },
        (_, i) => `rollcall:inc_${String(2 * i + 2).padStart(26, "0")}`,
      );
      return [
        ...standing,
        ...over.flatMap((key) => (known.has(key) ? [] : [{ key, tickets: 1, resolved: true, copies: 0 }])),
      ];
    },
  };
};

const header = (message: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*)$`, "im").exec(message.slice(0, message.indexOf("\n\n")))?.[1];

/** Threads of the mailbox by our key: a root is a message that answers none. A copy has the Message-ID of another. */
const threadsOf = (messages: readonly string[]): Stand[] => {
  const byKey = Map.groupBy(messages, (message) => header(message, "X-Rollcall-Key") ?? "");
  return [...byKey].map(([key, mine]) => {
    const ids = new Set(mine.map((message) => header(message, "Message-ID")));
    const roots = new Set(
      mine.filter((message) => !header(message, "In-Reply-To")).map((message) => header(message, "Message-ID")),
    );
    const strays = mine.filter((message) => {
      const answers = header(message, "In-Reply-To");
      return answers !== undefined && !roots.has(answers);
    });
    return {
      ...{ key, tickets: roots.size + strays.length, copies: mine.length - ids.size },
      resolved: mine.some((message) => header(message, "Subject")?.startsWith("Over:")),
    };
  });
};

/** The mailbox is asked once all that the server took has come there. */
const mailboxOf = async ({ messages, queued }: Exim): Promise<readonly Stand[]> => {
  await until("the mail server's queue is empty", () => queued() === 0, { timeoutMs: 120_000, everyMs: 500 });
  return threadsOf(messages());
};

const mailSettings = ({ ports, user, password, ca }: Exim) => ({
  ...{ host: "127.0.0.1", port: ports.submission, user, password, ca },
  ...{ from: "rollcall@desk.test", to: ["devices@desk.test"] },
});

const mail = async (folder: string): Promise<ChaosDesk> => {
  const server = await createExim(folder);
  return {
    server,
    config: { connector: "email", settings: mailSettings(server) },
    stands: () => mailboxOf(server),
  };
};

const mailWithMailbox = async (folder: string): Promise<ChaosDesk> => {
  const exim = await createExim(folder);
  const own = join(folder, "dovecot");
  mkdirSync(own);
  const dovecot = await createDovecot(own, exim);
  const { ports, user, password } = dovecot;
  const mailbox = { host: "127.0.0.1", port: ports.tls, user, password, ca: exim.ca, settleMs: 3_000 };
  let isUp = false;
  const server: Server = {
    ...exim,
    start: async () => {
      if (!isUp) await dovecot.start();
      isUp = true;
      await exim.start();
    },
  };
  return {
    server,
    config: { connector: "email", settings: { ...mailSettings(exim), mailbox } },
    stands: () => mailboxOf(exim),
    stop: dovecot.stop,
  };
};

type Case = {
  readonly name: string;
  readonly needs: readonly Requirement[];
  readonly create: (folder: string) => Promise<ChaosDesk>;
  /** Whether one and the same message may lie there twice: SMTP can't rule that out. */
  readonly mayCopy?: boolean;
};

const exim: readonly Requirement[] = [{ root: true }, { program: "exim4", package: "exim4-daemon-light" }];
const cases: readonly Case[] = [
  {
    name: "Request Tracker",
    needs: [{ program: "rt-setup-database-5", package: "request-tracker5 rt5-db-sqlite rt5-standalone" }],
    create: requestTracker,
  },
  { name: "Redmine", needs: [{ program: "bundle", package: "redmine redmine-sqlite puma" }], create: redmine },
  { name: "Alertmanager", needs: [{ program: "prometheus-alertmanager" }], create: alertmanager },
  { name: "e-mail", needs: exim, create: mail, mayCopy: true },
  {
    name: "e-mail with a mailbox to ask",
    needs: [...exim, { program: "dovecot", package: "dovecot-imapd" }],
    create: mailWithMailbox,
  },
];

describe.concurrent("chaos at every desk", () => {
  const folder = temporaryFolder("chaos");
  // Exim gives up root and must still reach its folder.
  chmodSync(folder, 0o711);
  for (const [i, { name, needs, create, mayCopy = false }] of cases.entries())
    describeWith(`chaos at ${name}`, needs, () => {
      it("leaves one ticket an incident", { timeout: TIMEOUT_MS }, async () => {
        const own = join(folder, String(i));
        mkdirSync(own);
        const desk = await create(own);
        const report = await endure(join(own, "collector"), desk, { incidents: INCIDENTS, kills: KILLS, seed: 11 + i });
        const { keys, missing, doubled, wrong, copies, seconds } = report;
        console.log(
          `${name}: ${KILLS} kills: ${keys} keys of ${INCIDENTS} incidents, ${missing.length} missing, ${doubled.length} doubled, ${wrong.length} in a wrong state, ${copies} copies of one message; ${seconds} s`,
        );
        expect({ keys, missing, doubled, wrong }).toEqual({ keys: INCIDENTS, missing: [], doubled: [], wrong: [] });
        if (!mayCopy) expect(copies).toBe(0);
      });
    });
});
