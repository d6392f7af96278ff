import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { alertmanager } from "../../collector/tickets/alertmanager.ts";
import type { Desk } from "../../collector/tickets/connector.ts";
import { createHttpClient } from "../../collector/tickets/http.ts";
import { notice } from "../../collector/tickets/notice.ts";
import { redmine } from "../../collector/tickets/redmine.ts";
import * as registry from "../../collector/tickets/registry.ts";
import { requestTracker } from "../../collector/tickets/request-tracker.ts";
import { zammad } from "../../collector/tickets/zammad.ts";
import { deps, products } from "../support/fake-desks/products.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { ticketContent } from "../support/ticket-content.ts";
import { createCertificates } from "../support/tls.ts";

const signal = AbortSignal.timeout(600_000);
const first = { search: false, signal };
const closing: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

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
  const connectors = (baseUrl: string, connectorDeps = deps): readonly Desk[] => [
    ...products.map((product) => product.connect(baseUrl, connectorDeps)),
    redmine.connect(
      redmine.configSchema.parse({
        ...{ baseUrl, apiKey: "k", project: "devices", keyFieldId: 1, resolvedStatusId: 5, openStatusId: 2 },
      }),
      connectorDeps,
    ),
    requestTracker.connect(requestTracker.configSchema.parse({ baseUrl, token: "t", queue: "Devices" }), connectorDeps),
    alertmanager.connect(alertmanager.configSchema.parse({ baseUrl }), connectorDeps),
    notice.connect(notice.configSchema.parse({ form: "slack", url: baseUrl }), connectorDeps),
  ];

  it("covers every connector of the registry but e-mail", () => {
    const names = Object.values(registry).map(({ name }) => name);
    expect(connectors("http://127.0.0.1:9")).toHaveLength(names.length - 1);
    expect(names).toContain("email");
  });

  const GIGABYTE = 1_073_741_824;

  it("reads no answer of a gigabyte: each ends at its bound, and memory stays flat", { timeout: 60_000 }, async () => {
    const part = Buffer.alloc(65_536, 0x20);
    let sent = 0;
    const url = await listen(((_request: unknown, response: import("node:http").ServerResponse) => {
      response.writeHead(201, { "content-type": "application/json", "content-length": GIGABYTE });
      let left = GIGABYTE;
      const more = () => {
        while (left > 0 && !response.destroyed) {
          left -= part.length;
          sent += part.length;
          if (!response.write(part)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    }) as never);
    // As the collector makes it: with the bound that is the default.
    const http = createHttpClient({ timeoutMs: 20_000 });
    const before = process.memoryUsage.rss();
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 5);
    const desks = connectors(url, { ...deps, http });
    const deliveries = await Promise.all(desks.map((desk) => desk.open(ticketContent(), first)));
    clearInterval(watching);
    for (const delivery of deliveries)
      expect(delivery).toMatchObject({
        status: "retry",
        unclear: true,
        reason: expect.stringContaining("larger than"),
      });
    // All at once, each may hold 4 MiB and as much again while a buffer grows; the server's side is in this process too.
    expect(peak - before).toBeLessThan(desks.length * 16 * 1_048_576);
    expect(sent).toBeLessThan(GIGABYTE / 2);
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
      // Some look for the asset first; none follows where it is sent.
      expect(asked).toBeLessThanOrEqual(2);
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

  it("takes a web page that comes with 200 or 201 for no answer of the desk's", async () => {
    let status = 200;
    const url = await listen(((_request: unknown, response: import("node:http").ServerResponse) => {
      response.writeHead(status, { "content-type": "text/html" }).end("<html><h1>Please log in</h1></html>");
    }) as never);
    // ServiceNow's events, Alertmanager, webhooks and notices are told and say nothing back: there any 2xx is a yes.
    const believing = 4;
    for (status of [200, 201]) {
      const deliveries = await Promise.all(connectors(url).map((desk) => desk.open(ticketContent(), first)));
      const waiting = deliveries.filter((delivery) => delivery.status === "retry");
      expect(waiting).toHaveLength(deliveries.length - believing);
      for (const { reason } of waiting) expect(reason).toMatch(/not JSON|login page|never does here/);
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
    const openAll = (baseUrl: string, ca?: string) => {
      const http = createHttpClient({ timeoutMs: 20_000, ...(ca === undefined ? {} : { ca }) });
      return Promise.all(connectors(baseUrl, { ...deps, http }).map((desk) => desk.open(ticketContent(), first)));
    };

    it("sends nothing to a server whose certificate is not trusted, or is for another name, and keeps the ticket", async () => {
      const own = createCertificates(temporaryFolder("desk-tls"));
      const here = await serve("127.0.0.1", own);
      // The certificate is for 127.0.0.1 and localhost only.
      const elsewhere = await serve("127.0.0.2", own);
      const kept = { status: "retry", unclear: false };
      for (const delivery of await openAll(here.baseUrl))
        expect(delivery).toMatchObject({ ...kept, reason: expect.stringContaining("not trusted") });
      for (const delivery of await openAll(elsewhere.baseUrl, own.ca))
        expect(delivery).toMatchObject({ ...kept, reason: expect.stringContaining("for another name") });
      expect(here.asked() + elsewhere.asked()).toBe(0);
      await openAll(here.baseUrl, own.ca);
      expect(here.asked()).toBeGreaterThan(0);
    });
  });
});
