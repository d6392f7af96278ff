import { afterAll, describe, expect, it } from "vitest";
import type { ConnectorDeps, TicketRef } from "../../collector/tickets/connector.ts";
import { createDesk, type DeskOperations } from "../../collector/tickets/desk.ts";
import type { HttpAnswer, HttpClient } from "../../collector/tickets/http.ts";
import { notice } from "../../collector/tickets/notice.ts";
import { noticeRoutes } from "../support/fake-desks/alerting.ts";
import { deps, type Product, products } from "../support/fake-desks/products.ts";
import { type FakeDesk, startFakeDesk } from "../support/fake-desks/server.ts";
import { ticketContent, ticketNote } from "../support/ticket-content.ts";
import { type DeskUnderTest, describeDesk, deskChecks } from "./desk-suite.ts";

const signal = AbortSignal.timeout(600_000);
const first = { search: false, signal };
const again = { search: true, signal };
const closing: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

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
    ...(product.said === undefined
      ? {}
      : {
          judgeFalse: async (ref: TicketRef) => {
            const ticket = behind(fake, ref);
            if (ticket) Object.assign(ticket, { said: product.said, state: product.resolved[0] });
          },
        }),
    ...(product.merges
      ? {
          merge: async (ref: TicketRef, into: TicketRef) => {
            const [ticket, survivor] = [behind(fake, ref), behind(fake, into)];
            if (ticket && survivor) ticket.mergedInto = survivor.id;
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

const shows = ({ searchable, owned, said, merges }: Product) => [
  ...(["ticketsWithKey", "stateOf", "subjectOf"] as const),
  ...(searchable ? (["countNotes", "remove"] as const) : []),
  ...(owned ? (["takeOver"] as const) : []),
  ...(said === undefined ? [] : (["judgeFalse"] as const)),
  ...(merges ? (["merge"] as const) : []),
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

describe("the asset's own record at the desk", () => {
  it.each([
    ["ServiceNow", "ci-1"],
    ["iTop", "16"],
  ])("is what a ticket of %s is linked with, where exactly one has its serial number", async (name, ci) => {
    const product = products.find((one) => one.name === name);
    if (!product) throw new Error(`no product ${name}`);
    const { fake, under } = await start(product);
    const linked = async (asset: Record<string, string>) => {
      const content = ticketContent({ asset: { assetId: "ast_1", name: "printer", ...asset } });
      await under.desk.open(content, first);
      return /CI: (\S+)/.exec([...fake.tickets.values()].at(-1)?.body ?? "")?.[1];
    };
    expect(await linked({ serialNumber: "S1" })).toBe(ci);
    expect(await linked({ serialNumber: "TWIN" })).toBe("none");
    expect(await linked({ serialNumber: 'S9" OR 1=1' })).toBe("none");
    expect(await linked({})).toBe("none");
    expect(await linked({ serialNumber: "S1", ciRef: "given" })).toBe("given");
    fake.misbehave("ignores-filters");
    expect(await linked({ serialNumber: "S9" })).toBe("none");
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
