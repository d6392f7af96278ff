import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { alertmanager } from "../../collector/tickets/alertmanager.ts";
import type { ConnectorDeps, Desk, TicketRef } from "../../collector/tickets/connector.ts";
import { createDesk, type DeskOperations } from "../../collector/tickets/desk.ts";
import { freshservice } from "../../collector/tickets/freshservice.ts";
import { glpi } from "../../collector/tickets/glpi.ts";
import { glpiV2 } from "../../collector/tickets/glpi-v2.ts";
import { createHttpClient, type HttpAnswer, type HttpClient } from "../../collector/tickets/http.ts";
import { itop } from "../../collector/tickets/itop.ts";
import { jiraServiceManagement } from "../../collector/tickets/jira-service-management.ts";
import { manageEngine } from "../../collector/tickets/manage-engine.ts";
import { notice } from "../../collector/tickets/notice.ts";
import { opsgenie } from "../../collector/tickets/opsgenie.ts";
import { pagerduty } from "../../collector/tickets/pagerduty.ts";
import { redmine } from "../../collector/tickets/redmine.ts";
import * as registry from "../../collector/tickets/registry.ts";
import { requestTracker } from "../../collector/tickets/request-tracker.ts";
import { servicenow } from "../../collector/tickets/servicenow.ts";
import { servicenowEvents } from "../../collector/tickets/servicenow-events.ts";
import { topdesk } from "../../collector/tickets/topdesk.ts";
import { webhook } from "../../collector/tickets/webhook.ts";
import { zammad } from "../../collector/tickets/zammad.ts";
import { zendesk } from "../../collector/tickets/zendesk.ts";
import { systemClock } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import {
  createWebhookRoutes,
  noticeRoutes,
  opsgenieRoutes,
  pagerdutyRoutes,
  WEBHOOK_SECRET,
} from "../support/fake-desks/alerting.ts";
import { glpiRoutes, glpiV2Routes } from "../support/fake-desks/glpi.ts";
import { itopRoutes, manageEngineRoutes, topdeskRoutes } from "../support/fake-desks/itop-topdesk-manage-engine.ts";
import { jiraRoutes } from "../support/fake-desks/jira.ts";
import { type FakeDesk, startFakeDesk } from "../support/fake-desks/server.ts";
import { servicenowEventRoutes, servicenowRoutes } from "../support/fake-desks/servicenow.ts";
import { freshserviceRoutes, zammadRoutes, zendeskRoutes } from "../support/fake-desks/zammad-zendesk-freshservice.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { ticketContent, ticketNote } from "../support/ticket-content.ts";
import { createCertificates } from "../support/tls.ts";
import { type DeskUnderTest, describeDesk, deskChecks } from "./desk-suite.ts";

const deps: ConnectorDeps = {
  clock: systemClock,
  log: silentLog,
  http: createHttpClient({ timeoutMs: 3_000, maxBytes: 1_048_576 }),
};
const signal = AbortSignal.timeout(600_000);
const first = { search: false, signal };
const again = { search: true, signal };
const closing: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

type Product = {
  readonly name: string;
  readonly routes: Parameters<typeof startFakeDesk>[0];
  readonly connect: (baseUrl: string, connectorDeps?: ConnectorDeps) => Desk;
  /** The states of the product that mean "resolved". */
  readonly resolved: readonly string[];
  readonly searchable: boolean;
  readonly owned: boolean;
};

const user = { user: "rollcall@example.org", apiToken: "t" };
const products: readonly Product[] = [
  {
    name: "ServiceNow",
    routes: servicenowRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      servicenow.connect(servicenow.configSchema.parse({ baseUrl, user: "u", password: "p" }), connectorDeps),
    resolved: ["6", "7"],
    searchable: true,
    owned: false,
  },
  {
    name: "Jira Service Management",
    routes: jiraRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      jiraServiceManagement.connect(
        jiraServiceManagement.configSchema.parse({
          baseUrl,
          ...user,
          serviceDeskId: "1",
          requestTypeId: "2",
          project: "DEV",
        }),
        connectorDeps,
      ),
    resolved: ["resolved"],
    searchable: true,
    owned: true,
  },
  {
    name: "GLPI",
    routes: glpiRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      glpi.connect(glpi.configSchema.parse({ baseUrl, userToken: "t" }), connectorDeps),
    resolved: ["5", "6"],
    searchable: true,
    owned: false,
  },
  {
    name: "GLPI 11",
    routes: glpiV2Routes,
    connect: (baseUrl, connectorDeps = deps) =>
      glpiV2.connect(
        glpiV2.configSchema.parse({ baseUrl, clientId: "c", clientSecret: "s", user: "u", password: "p" }),
        connectorDeps,
      ),
    resolved: ["5", "6"],
    searchable: true,
    owned: false,
  },
  {
    name: "Zammad",
    routes: zammadRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      zammad.connect(
        zammad.configSchema.parse({ baseUrl, token: "t", group: "Users", customer: "rollcall@example.org" }),
        connectorDeps,
      ),
    resolved: ["closed"],
    searchable: true,
    owned: true,
  },
  {
    name: "Zendesk",
    routes: zendeskRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      zendesk.connect(zendesk.configSchema.parse({ baseUrl, ...user }), connectorDeps),
    resolved: ["solved"],
    searchable: true,
    owned: false,
  },
  {
    name: "Freshservice",
    routes: freshserviceRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      freshservice.connect(
        freshservice.configSchema.parse({ baseUrl, apiKey: "k", email: "rollcall@example.org" }),
        connectorDeps,
      ),
    resolved: ["4", "5"],
    searchable: true,
    owned: true,
  },
  {
    name: "iTop",
    routes: itopRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      itop.connect(
        itop.configSchema.parse({ baseUrl, user: "u", password: "p", organisation: "Demo", teamId: "1", agentId: "2" }),
        connectorDeps,
      ),
    resolved: ["resolved"],
    searchable: true,
    owned: false,
  },
  {
    name: "TOPdesk",
    routes: topdeskRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      topdesk.connect(
        topdesk.configSchema.parse({
          baseUrl,
          login: "u",
          applicationPassword: "p",
          resolvedStatus: "Resolved",
          openStatus: "Open",
        }),
        connectorDeps,
      ),
    resolved: ["Resolved"],
    searchable: true,
    owned: true,
  },
  {
    name: "ServiceDesk Plus",
    routes: manageEngineRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      manageEngine.connect(
        manageEngine.configSchema.parse({ baseUrl, authToken: "t", requester: "rollcall", keyField: "udf_sline_301" }),
        connectorDeps,
      ),
    resolved: ["Resolved"],
    searchable: true,
    owned: true,
  },
  {
    name: "ServiceNow events",
    routes: servicenowEventRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      servicenowEvents.connect(
        servicenowEvents.configSchema.parse({ baseUrl, user: "u", password: "p" }),
        connectorDeps,
      ),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
  },
  {
    name: "PagerDuty",
    routes: pagerdutyRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      pagerduty.connect(pagerduty.configSchema.parse({ baseUrl, routingKey: "r".repeat(32) }), connectorDeps),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
  },
  {
    name: "Opsgenie",
    routes: opsgenieRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      opsgenie.connect(opsgenie.configSchema.parse({ baseUrl, apiKey: "k" }), connectorDeps),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
  },
  {
    name: "Signed webhook",
    routes: createWebhookRoutes(),
    connect: (baseUrl, connectorDeps = deps) =>
      webhook.connect(webhook.configSchema.parse({ url: `${baseUrl}/hook`, secrets: [WEBHOOK_SECRET] }), connectorDeps),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
  },
]; // biome format: keep as a table

/** The ticket behind a reference: by number in it, or by key where the key is the reference. */
const behind = (fake: FakeDesk, ref: TicketRef) =>
  fake.tickets.get(Number(/\d{4}$/.exec(ref.id)?.[0])) ??
  [...fake.tickets.values()].find((ticket) => ticket.key === ref.id);

const start = async (
  product: Product,
  connectorDeps: ConnectorDeps = deps,
): Promise<{ fake: FakeDesk; under: DeskUnderTest }> => {
  const fake = await startFakeDesk(product.routes);
  closing.push(fake.close);
  const truth: DeskUnderTest["truth"] = {
    ticketsWithKey: async ({ key }) => [...fake.tickets.values()].filter((ticket) => ticket.key === key).length,
    stateOf: async (ref) => (product.resolved.includes(behind(fake, ref)?.state ?? "") ? "resolved" : "open"),
    subjectOf: async (ref) => behind(fake, ref)?.subject ?? "",
    ...(product.searchable
      ? {
          countNotes: async (ref: TicketRef, text: string) =>
            (behind(fake, ref)?.notes ?? []).filter((note) => note.includes(text)).length,
        }
      : {}),
    ...(product.owned
      ? {
          takeOver: async (ref: TicketRef) => {
            const ticket = behind(fake, ref);
            if (ticket) ticket.owner = "Alice";
          },
        }
      : {}),
    ...(product.searchable
      ? {
          remove: async (ref: TicketRef) => {
            const ticket = behind(fake, ref);
            if (ticket) fake.tickets.delete(ticket.id);
          },
        }
      : {}),
  };
  return { fake, under: { desk: product.connect(fake.baseUrl, connectorDeps), truth, recognisesNotes: false } };
};

const shows = ({ searchable, owned }: Product) => [
  ...(["ticketsWithKey", "stateOf", "subjectOf"] as const),
  ...(searchable ? (["countNotes", "remove"] as const) : []),
  ...(owned ? (["takeOver"] as const) : []),
];

for (const product of products) describeDesk(product.name, shows(product), async () => (await start(product)).under);

describe.each(products.map((product) => ({ product, name: product.name })))("desk misbehaves: $name", ({ product }) => {
  it("waits as long as it is asked to", async () => {
    const { fake, under } = await start(product);
    fake.misbehave("slow-down");
    expect(await under.desk.open(ticketContent(), first)).toMatchObject({ status: "retry", afterMs: 7_000 });
  });

  it("makes no second ticket after an answer that was lost", async () => {
    const { fake, under } = await start(product);
    const content = ticketContent();
    fake.misbehave("fails-after-doing");
    expect(await under.desk.open(content, first)).toMatchObject({ status: "retry", unclear: true });
    fake.misbehave();
    expect(await under.desk.open(content, again)).toMatchObject({ status: "delivered" });
    // Jira's request form can't carry the key: a ticket whose answer was lost there has none yet. All others join by it.
    expect(await under.truth.ticketsWithKey(content)).toBe(1);
    if (product.name !== "Jira Service Management") expect(fake.tickets.size).toBe(1);
  });

  it("calls a web page no answer", async () => {
    const { fake, under } = await start(product);
    fake.misbehave("html");
    const delivery = await under.desk.open(ticketContent(), first);
    if (["Signed webhook", "ServiceNow events"].includes(product.name)) return; // these answers carry nothing to read
    expect(delivery).toMatchObject({ status: "retry", reason: expect.stringMatching(/not JSON|login page/) });
  });

  if (product.searchable)
    it("never takes a stranger's ticket for its own when filters are ignored", async () => {
      const { fake, under } = await start(product);
      await under.desk.open(ticketContent(), first);
      fake.misbehave("ignores-filters");
      const content = ticketContent();
      await under.desk.open(content, again);
      expect(await under.truth.ticketsWithKey(content)).toBe(1);
    });

  if (product.searchable && product.name !== "iTop")
    it("says so when the desk drops the key", async () => {
      const { fake, under } = await start(product);
      fake.misbehave("drops-key");
      expect(await under.desk.open(ticketContent(), first)).toMatchObject({
        status: "delivered",
        remark: expect.stringMatching(/key|correlation_id|external|udf/i),
      });
    });

  if (product.searchable)
    it("does not believe a change that changed nothing", async () => {
      const { fake, under } = await start(product);
      const content = ticketContent();
      const opened = await under.desk.open(content, first);
      if (opened.status !== "delivered") throw new Error(opened.reason);
      fake.misbehave("ignores-changes");
      expect((await under.desk.resolve(opened.ticketRef, content, ticketNote("back"), first)).status).not.toBe(
        "delivered",
      );
    });
});

describe("what people said at a desk", () => {
  it.each([
    {
      product: "ServiceNow",
      said: "Not Solved (Not Reproducible)",
      connect: (baseUrl: string) =>
        servicenow.connect(
          servicenow.configSchema.parse({
            ...{ baseUrl, user: "u", password: "p" },
            falseCloseCodes: ["Not Solved (Not Reproducible)"],
          }),
          deps,
        ),
    },
    { product: "Jira Service Management", said: "Won't Do" },
    { product: "Zendesk", said: "false-alarm" },
  ])("comes back from $product as a verdict, and only then", async ({ product: name, said, connect }) => {
    const product = products.find((one) => one.name === name);
    if (!product) throw new Error(`no product ${name}`);
    const { fake } = await start(product);
    const desk = (connect ?? product.connect)(fake.baseUrl);
    const opened = await desk.open(ticketContent(), first);
    if (opened.status !== "delivered") throw new Error(opened.reason);
    expect((await desk.read?.(opened.ticketRef, signal))?.verdict).toBeUndefined();
    const ticket = behind(fake, opened.ticketRef);
    if (!ticket) throw new Error("no ticket");
    Object.assign(ticket, { said, state: product.resolved[0] });
    expect(await desk.read?.(opened.ticketRef, signal)).toMatchObject({ state: "resolved", verdict: "false" });
  });
});

describe("a client broken on purpose fails the contract", () => {
  const tickets = new Map<string, { key: string; state: "open" | "resolved"; owner?: string; notes: string[] }>();
  const sound: DeskOperations = {
    check: async () => [],
    find: async ({ key }) => [...tickets].filter(([, ticket]) => ticket.key === key).map(([id]) => ({ id })),
    create: async ({ key }) => {
      const id = String(tickets.size + 1);
      tickets.set(id, { key, state: "open", notes: [] });
      return { ref: { id } };
    },
    read: async ({ id }) => {
      const ticket = tickets.get(id);
      if (!ticket) return { state: "gone" };
      return ticket.owner ? { state: "taken", assignee: ticket.owner } : { state: ticket.state };
    },
    addNote: async ({ id }, _content, note) => void tickets.get(id)?.notes.push(note.text),
    hasNote: async ({ id }, note) => tickets.get(id)?.notes.includes(note.text) ?? false,
    setState: async ({ id }, _content, _note, state) => {
      const ticket = tickets.get(id);
      if (ticket) ticket.state = state;
    },
  };
  const truth: DeskUnderTest["truth"] = {
    ticketsWithKey: async ({ key }) => [...tickets.values()].filter((ticket) => ticket.key === key).length,
    stateOf: async ({ id }) => tickets.get(id)?.state ?? "resolved",
    countNotes: async ({ id }, text) => tickets.get(id)?.notes.filter((note) => note === text).length ?? 0,
    takeOver: async ({ id }) => {
      const ticket = tickets.get(id);
      if (ticket) ticket.owner = "Alice";
    },
    remove: async ({ id }) => void tickets.delete(id),
  };
  const faults = async (operations: DeskOperations): Promise<string[]> => {
    const under: DeskUnderTest = { desk: createDesk("Broken", operations), truth, recognisesNotes: true };
    const failed: string[] = [];
    for (const check of deskChecks.filter(({ needs }) => needs === undefined || truth[needs] !== undefined)) {
      tickets.clear();
      await check.run(under).catch(() => failed.push(check.name));
    }
    return failed;
  };

  it("and a sound one does not", async () => expect(await faults(sound)).toEqual([]));
  it.each<[string, Partial<DeskOperations>]>([
    ["creates without searching", { find: async () => [] }],
    [
      "takes the first hit of a search that ignores its filter",
      { find: async () => [...tickets.keys()].map((id) => ({ id })) },
    ],
    ["overrules a person", { read: async ({ id }) => ({ state: tickets.get(id)?.state ?? "gone" }) }],
    ["writes a note twice", { hasNote: async () => false }],
    ["believes that a change took effect", { setState: async () => {}, read: async () => ({ state: "resolved" }) }],
    [
      "takes a deleted ticket for an open one",
      {
        read: async ({ id }) =>
          tickets.get(id)?.owner ? { state: "taken" } : { state: tickets.get(id)?.state ?? "resolved" },
      },
    ],
  ])("one that %s", async (_name, broken) => expect(await faults({ ...sound, ...broken })).not.toEqual([]));
});

/** Ways to break any client, below its own code: what it says or believes is falsified on its way. */
const breakages: readonly {
  readonly name: string;
  readonly wrap: (http: HttpClient) => HttpClient;
  /** Desks where it does no harm, because they join what carries one key, or can't be searched. */
  readonly harmless: (product: Product) => boolean;
}[] = [
  {
    name: "loses the key",
    wrap: (http) => (request) =>
      http({
        ...request,
        url: request.url.replace(/rollcall(?::|%3A)inc_\w+/gi, "x"),
        ...(request.body === undefined ? {} : { body: request.body.replace(/rollcall(?::|%3A)inc_\w+/gi, "x") }),
      }),
    harmless: () => false,
  },
  {
    name: "writes everything twice",
    wrap: (http) => async (request) => {
      if (request.method !== "GET") await http(request);
      return http(request);
    },
    harmless: ({ searchable, name }) => !searchable || name === "Zendesk",
  },
  {
    name: "never sends a change",
    wrap: (http) => {
      const creating = /printer|initSession|token/;
      return async (request) =>
        request.method === "GET" || (request.method === "POST" && creating.test(`${request.url}${request.body ?? ""}`))
          ? http(request)
          : { status: 200, headers: {}, text: "{}", json: () => ({}) };
    },
    harmless: ({ searchable }) => !searchable,
  },
  {
    name: "escapes what it sends",
    wrap: (http) => (request) =>
      http({
        ...request,
        ...(request.body === undefined
          ? {}
          : { body: request.body.replaceAll("<b>", "&lt;b&gt;").replaceAll("%3Cb%3E", "%26lt%3Bb%26gt%3B") }),
      }),
    harmless: () => false,
  },
  {
    name: "believes a desk that answers from yesterday",
    wrap: (http) => {
      const known = new Map<string, Promise<HttpAnswer>>();
      return (request) => {
        if (request.method !== "GET") return http(request);
        const answer = known.get(request.url) ?? http(request);
        known.set(request.url, answer);
        return answer;
      };
    },
    // Nothing is read there, or all is read by POST.
    harmless: ({ searchable, name }) => !searchable || name === "iTop",
  },
];

describe.each(products.map((product) => ({ product, name: product.name })))(
  "a client of $name that is broken on purpose fails the contract",
  ({ product }) => {
    it.each(breakages.filter(({ harmless }) => !harmless(product)))("when it $name", async ({ wrap }) => {
      const { under } = await start(product, { ...deps, http: wrap(deps.http) });
      const failed: string[] = [];
      for (const check of deskChecks.filter(({ needs }) => needs === undefined || under.truth[needs] !== undefined))
        await check.run(under).catch(() => failed.push(check.name));
      expect(failed).not.toEqual([]);
    });
  },
);

describe("hostile desks", () => {
  const listen = async (handler: Parameters<typeof createServer>[1]) => {
    const server = createServer(handler as never);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  };
  const open = (baseUrl: string) =>
    zammad
      .connect(zammad.configSchema.parse({ baseUrl, token: "t", group: "g", customer: "a@example.org" }), deps)
      .open(ticketContent(), first);

  /** Every connector that speaks HTTP, at one address. */
  const connectors = (baseUrl: string): readonly Desk[] => [
    ...products.map((product) => product.connect(baseUrl)),
    redmine.connect(
      redmine.configSchema.parse({
        ...{ baseUrl, apiKey: "k", project: "devices", keyFieldId: 1, resolvedStatusId: 5, openStatusId: 2 },
      }),
      deps,
    ),
    requestTracker.connect(requestTracker.configSchema.parse({ baseUrl, token: "t", queue: "Devices" }), deps),
    alertmanager.connect(alertmanager.configSchema.parse({ baseUrl }), deps),
    notice.connect(notice.configSchema.parse({ form: "slack", url: baseUrl }), deps),
  ];

  it("covers every connector of the registry but e-mail", () => {
    const names = Object.values(registry).map(({ name }) => name);
    expect(connectors("http://127.0.0.1:9")).toHaveLength(names.length - 1);
    expect(names).toContain("email");
  });

  it("stops reading an endless answer", async () => {
    const url = await listen(((_request: unknown, response: import("node:http").ServerResponse) => {
      response.writeHead(201);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    }) as never);
    const deliveries = await Promise.all(connectors(url).map((desk) => desk.open(ticketContent(), first)));
    for (const delivery of deliveries)
      expect(delivery).toMatchObject({
        status: "retry",
        unclear: true,
        reason: expect.stringContaining("larger than"),
      });
  });

  it("follows no redirect, and says where the fault is", async () => {
    let asked = 0;
    const url = await listen(((_request: unknown, response: import("node:http").ServerResponse) => {
      asked++;
      response.writeHead(302, { location: "/again" }).end();
    }) as never);
    for (const desk of connectors(url)) {
      asked = 0;
      expect(await desk.open(ticketContent(), first)).toMatchObject({
        status: "retry",
        reason: expect.stringContaining("redirects"),
        afterMs: 300_000,
      });
      expect(asked).toBe(1);
    }
  });

  it("ends a slow drip", async () => {
    const url = await listen(((_request: unknown, response: import("node:http").ServerResponse) => {
      response.writeHead(201);
      const timer = setInterval(() => response.write(" "), 100);
      response.on("close", () => clearInterval(timer));
    }) as never);
    const deliveries = await Promise.all(connectors(url).map((desk) => desk.open(ticketContent(), first)));
    for (const delivery of deliveries) expect(delivery).toMatchObject({ status: "retry", unclear: true });
  });

  it("waits for a desk that answers 500, whatever it is asked", async () => {
    let asked = 0;
    const url = await listen(((_request: unknown, response: import("node:http").ServerResponse) => {
      asked++;
      response.writeHead(500).end("<h1>oops</h1>");
    }) as never);
    for (const desk of connectors(url)) {
      expect(await desk.open(ticketContent(), first)).toMatchObject({ status: "retry" });
      asked = 0;
      // Some checks look at the configuration alone, since asking would already raise something there.
      expect((await desk.check(signal)).every(({ ok }) => ok)).toBe(asked === 0);
    }
  });

  it("tells a desk that is not there from one that may have done it", async () => {
    const refused = await open("http://127.0.0.1:9");
    expect(refused).toMatchObject({ status: "retry", unclear: false });
  });

  describeWith("hostile desks over TLS", [{ program: "openssl" }], () => {
    const serve = async (host: string, { cert, key }: { readonly cert: string; readonly key: string }) => {
      let asked = 0;
      const server = createTlsServer({ cert, key }, (_request, response) => {
        asked++;
        response.end("{}");
      });
      await new Promise<void>((resolve) => server.listen(0, host, resolve));
      closing.push(async () => {
        server.closeAllConnections();
        server.close();
      });
      const { port } = server.address() as AddressInfo;
      return { baseUrl: `https://${host}:${port}`, asked: () => asked };
    };
    const openAt = (baseUrl: string, ca?: string) =>
      zammad
        .connect(zammad.configSchema.parse({ baseUrl, token: "t", group: "g", customer: "a@example.org" }), {
          ...deps,
          http: createHttpClient({ timeoutMs: 3_000, ...(ca === undefined ? {} : { ca }) }),
        })
        .open(ticketContent(), first);

    it("sends nothing to a server whose certificate is not trusted, or is for another name, and keeps the ticket", async () => {
      const own = createCertificates(temporaryFolder("desk-tls"));
      const here = await serve("127.0.0.1", own);
      const kept = { status: "retry", unclear: false };
      expect(await openAt(here.baseUrl)).toMatchObject({ ...kept, reason: expect.stringContaining("not trusted") });
      // The certificate is for 127.0.0.1 and localhost only.
      const elsewhere = await serve("127.0.0.2", own);
      expect(await openAt(elsewhere.baseUrl, own.ca)).toMatchObject({
        ...kept,
        reason: expect.stringContaining("for another name"),
      });
      expect(here.asked() + elsewhere.asked()).toBe(0);
      expect((await openAt(here.baseUrl, own.ca)).status).not.toBe("delivered");
      expect(here.asked()).toBeGreaterThan(0);
    });
  });
});

describe("notices", () => {
  it.each(["slack", "teams", "ntfy"] as const)("tells %s in words, once a step", async (form) => {
    const fake = await startFakeDesk(noticeRoutes);
    closing.push(fake.close);
    const desk = notice.connect(notice.configSchema.parse({ form, url: fake.baseUrl, topic: "devices" }), deps);
    const content = ticketContent();
    expect((await desk.open(content, first)).status).toBe("delivered");
    expect([...fake.tickets.values()][0]?.subject).toContain(`Opened: ${content.subject}`);
  });

  it("refuses a template that names what does not exist", () => {
    expect(() =>
      notice.configSchema.parse({ form: "slack", url: "http://127.0.0.1", template: "{{constructor}}" }),
    ).toThrow(/does not exist/);
  });
});
