import { createServer, type IncomingHttpHeaders } from "node:http";

/** One request as a fake desk sees it; `json` and `form` are the body in the form it claims to have. */
export type FakeRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly json: ReturnType<typeof JSON.parse>;
  readonly form: URLSearchParams;
};

export type FakeAnswer = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
};

/** What real desks do wrong (`connectors.md` of our notes, and the vendors' documents): switched on for a test, off again after. */
export type Misbehaviour =
  | "slow-down"
  | "fails-after-doing"
  | "ignores-filters"
  | "drops-key"
  | "ignores-changes"
  | "html";

export type FakeTicket = {
  readonly id: number;
  key: string;
  subject: string;
  body: string;
  state: string;
  owner: string;
  /** How people closed it, in the product's own word: a close code, a resolution, a tag. */
  said?: string;
  /** The ticket that people made it part of. */
  mergedInto?: number;
  readonly notes: string[];
};

export type FakeDesk = {
  readonly baseUrl: string;
  readonly tickets: Map<number, FakeTicket>;
  readonly misbehave: (how?: Misbehaviour) => void;
  readonly isOn: (how: Misbehaviour) => boolean;
  readonly close: () => Promise<void>;
};

/** What the routes of a product work with. */
export type FakeState = {
  readonly tickets: Map<number, FakeTicket>;
  readonly isOn: (how: Misbehaviour) => boolean;
  /** A new ticket, without its key where the desk drops it. */
  readonly add: (fields: { key: string; subject: string; body: string; state: string }) => FakeTicket;
  /** A state change, unless the desk ignores those. */
  readonly change: (ticket: FakeTicket, state: string) => void;
  /** Tickets that a filter on the key gives: all of them where filters are ignored. */
  readonly search: (key: string) => FakeTicket[];
};

export const refuse = (status: number, body: unknown = { error: "refused" }): FakeAnswer => ({ status, body });

/** A strict fake of one product on loopback: what its documents refuse is refused, so that a wrong client fails. */
export const startFakeDesk = async (
  route: (request: FakeRequest, state: FakeState) => FakeAnswer,
): Promise<FakeDesk> => {
  const tickets = new Map<number, FakeTicket>();
  let behaviour: Misbehaviour | undefined;
  const isOn = (how: Misbehaviour) => behaviour === how;
  const state: FakeState = {
    tickets,
    isOn,
    add: ({ key, ...fields }) => {
      const ticket = {
        id: 1_000 + tickets.size + 1,
        key: isOn("drops-key") ? "" : key,
        owner: "",
        notes: [],
        ...fields,
      };
      tickets.set(ticket.id, ticket);
      return ticket;
    },
    change: (ticket, to) => {
      if (!isOn("ignores-changes")) ticket.state = to;
    },
    search: (key) => [...tickets.values()].filter((ticket) => isOn("ignores-filters") || ticket.key === key),
  };

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://fake");
      const body = Buffer.concat(parts).toString();
      const send = ({ status, body: answer, headers = {}, text }: FakeAnswer) => {
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(text ?? (answer === undefined ? "" : JSON.stringify(answer)));
      };
      if (isOn("slow-down")) return send({ status: 429, headers: { "retry-after": "7" }, body: {} });
      if (isOn("html"))
        return send({
          status: 200,
          headers: { "content-type": "text/html" },
          text: "<html><h1>Welcome, please log in</h1></html>",
        });
      const asked: FakeRequest = {
        method: request.method ?? "GET",
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body,
        json: request.headers["content-type"]?.startsWith("application/json") ? JSON.parse(body || "null") : undefined,
        form: new URLSearchParams(request.headers["content-type"]?.includes("form-urlencoded") ? body : ""),
      };
      const before = tickets.size;
      const answer = route(asked, state);
      if (isOn("fails-after-doing") && tickets.size > before) return send({ status: 502, text: "bad gateway" });
      send(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    baseUrl: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    tickets,
    isOn,
    misbehave: (how) => {
      behaviour = how;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

/** The last part of a path as a ticket's number. */
export const ticketAt = (state: FakeState, id: string | undefined): FakeTicket | undefined =>
  state.tickets.get(Number(id));
