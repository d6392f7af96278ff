import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { afterAll, describe, expect, it } from "vitest";
import type { ConnectorDeps, Desk, TicketRef } from "../../collector/tickets/connector.ts";
import { createDesk, type DeskOperations } from "../../collector/tickets/desk.ts";
import { freshservice } from "../../collector/tickets/freshservice.ts";
import { glpi } from "../../collector/tickets/glpi.ts";
import { glpiV2 } from "../../collector/tickets/glpi-v2.ts";
import { createHttpClient } from "../../collector/tickets/http.ts";
import { itop } from "../../collector/tickets/itop.ts";
import { jiraServiceManagement } from "../../collector/tickets/jira-service-management.ts";
import { manageEngine } from "../../collector/tickets/manage-engine.ts";
import { notice } from "../../collector/tickets/notice.ts";
import { opsgenie } from "../../collector/tickets/opsgenie.ts";
import { pagerduty } from "../../collector/tickets/pagerduty.ts";
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
import { ticketContent, ticketNote } from "../support/ticket-content.ts";
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
  readonly connect: (baseUrl: string) => Desk;
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
    connect: (baseUrl) =>
      servicenow.connect(servicenow.configSchema.parse({ baseUrl, user: "u", password: "p" }), deps),
    resolved: ["6", "7"],
    searchable: true,
    owned: false,
  },
  {
    name: "Jira Service Management",
    routes: jiraRoutes,
    connect: (baseUrl) =>
      jiraServiceManagement.connect(
        jiraServiceManagement.configSchema.parse({
          baseUrl,
          ...user,
          serviceDeskId: "1",
          requestTypeId: "2",
          project: "DEV",
        }),
        deps,
      ),
    resolved: ["resolved"],
    searchable: true,
    owned: true,
  },
  {
    name: "GLPI",
    routes: glpiRoutes,
    connect: (baseUrl) => glpi.connect(glpi.configSchema.parse({ baseUrl, userToken: "t" }), deps),
    resolved: ["5", "6"],
    searchable: true,
    owned: false,
  },
  {
    name: "GLPI 11",
    routes: glpiV2Routes,
    connect: (baseUrl) =>
      glpiV2.connect(
        glpiV2.configSchema.parse({ baseUrl, clientId: "c", clientSecret: "s", user: "u", password: "p" }),
        deps,
      ),
    resolved: ["5", "6"],
    searchable: true,
    owned: false,
  },
  {
    name: "Zammad",
    routes: zammadRoutes,
    connect: (baseUrl) =>
      zammad.connect(
        zammad.configSchema.parse({ baseUrl, token: "t", group: "Users", customer: "rollcall@example.org" }),
        deps,
      ),
    resolved: ["closed"],
    searchable: true,
    owned: true,
  },
  {
    name: "Zendesk",
    routes: zendeskRoutes,
    connect: (baseUrl) => zendesk.connect(zendesk.configSchema.parse({ baseUrl, ...user }), deps),
    resolved: ["solved"],
    searchable: true,
    owned: false,
  },
  {
    name: "Freshservice",
    routes: freshserviceRoutes,
    connect: (baseUrl) =>
      freshservice.connect(
        freshservice.configSchema.parse({ baseUrl, apiKey: "k", email: "rollcall@example.org" }),
        deps,
      ),
    resolved: ["4", "5"],
    searchable: true,
    owned: true,
  },
  {
    name: "iTop",
    routes: itopRoutes,
    connect: (baseUrl) =>
      itop.connect(
        itop.configSchema.parse({ baseUrl, user: "u", password: "p", organisation: "Demo", teamId: "1", agentId: "2" }),
        deps,
      ),
    resolved: ["resolved"],
    searchable: true,
    owned: false,
  },
  {
    name: "TOPdesk",
    routes: topdeskRoutes,
    connect: (baseUrl) =>
      topdesk.connect(
        topdesk.configSchema.parse({
          baseUrl,
          login: "u",
          applicationPassword: "p",
          resolvedStatus: "Resolved",
          openStatus: "Open",
        }),
        deps,
      ),
    resolved: ["Resolved"],
    searchable: true,
    owned: true,
  },
  {
    name: "ServiceDesk Plus",
    routes: manageEngineRoutes,
    connect: (baseUrl) =>
      manageEngine.connect(
        manageEngine.configSchema.parse({ baseUrl, authToken: "t", requester: "rollcall", keyField: "udf_sline_301" }),
        deps,
      ),
    resolved: ["Resolved"],
    searchable: true,
    owned: true,
  },
  {
    name: "ServiceNow events",
    routes: servicenowEventRoutes,
    connect: (baseUrl) =>
      servicenowEvents.connect(servicenowEvents.configSchema.parse({ baseUrl, user: "u", password: "p" }), deps),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
  },
  {
    name: "PagerDuty",
    routes: pagerdutyRoutes,
    connect: (baseUrl) =>
      pagerduty.connect(pagerduty.configSchema.parse({ baseUrl, routingKey: "r".repeat(32) }), deps),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
  },
  {
    name: "Opsgenie",
    routes: opsgenieRoutes,
    connect: (baseUrl) => opsgenie.connect(opsgenie.configSchema.parse({ baseUrl, apiKey: "k" }), deps),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
  },
  {
    name: "Signed webhook",
    routes: createWebhookRoutes(),
    connect: (baseUrl) =>
      webhook.connect(webhook.configSchema.parse({ url: `${baseUrl}/hook`, secrets: [WEBHOOK_SECRET] }), deps),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
  },
]; // biome format: keep as a table

/** The ticket behind a reference: by number in it, or by key where the key is the reference. */
const behind = (fake: FakeDesk, ref: TicketRef) =>
  fake.tickets.get(Number(/\d{4}$/.exec(ref.id)?.[0])) ??
  [...fake.tickets.values()].find((ticket) => ticket.key === ref.id);

const start = async (product: Product): Promise<{ fake: FakeDesk; under: DeskUnderTest }> => {
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
  return { fake, under: { desk: product.connect(fake.baseUrl), truth, recognisesNotes: false } };
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

  it("stops reading an endless answer", async () => {
    const url = await listen(((_request: unknown, response: import("node:http").ServerResponse) => {
      response.writeHead(201);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    }) as never);
    expect(await open(url)).toMatchObject({ status: "rejected", reason: expect.stringContaining("larger than") });
  });

  it("follows no redirect, and says where the fault is", async () => {
    let asked = 0;
    const url = await listen(((_request: unknown, response: import("node:http").ServerResponse) => {
      asked++;
      response.writeHead(302, { location: "/again" }).end();
    }) as never);
    expect(await open(url)).toMatchObject({ status: "rejected", reason: expect.stringContaining("redirects") });
    expect(asked).toBe(1);
  });

  it("ends a slow drip", async () => {
    const url = await listen(((_request: unknown, response: import("node:http").ServerResponse) => {
      response.writeHead(201);
      const timer = setInterval(() => response.write(" "), 100);
      response.on("close", () => clearInterval(timer));
    }) as never);
    expect(await open(url)).toMatchObject({ status: "retry", unclear: true });
  });

  it("tells a desk that is not there from one that may have done it", async () => {
    const refused = await open("http://127.0.0.1:9");
    expect(refused).toMatchObject({ status: "retry", unclear: false });
  });

  it("sends nothing to a server whose certificate is not trusted", async () => {
    const server = createTlsServer({}, () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(async () => void server.close());
    const address = server.address();
    const delivery = await open(`https://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`);
    expect(delivery.status).not.toBe("delivered");
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
