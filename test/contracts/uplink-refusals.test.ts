import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { createMqttUplink } from "../../agent/uplinks/mqtt.ts";
import { toWebSocketUrl } from "../../agent/uplinks/registry.ts";
import type { Uplink, Wire } from "../../agent/uplinks/uplink.ts";
import { createWebSocketUplink, type WebSocketUplinkOptions } from "../../agent/uplinks/websocket.ts";
import { systemClock } from "../../shared/clock.ts";
import { agentIdSchema } from "../../shared/ids.ts";
import { downTopic, upTopic } from "../../shared/protocol/topics.ts";
import { agentAcl, startMosquitto } from "../support/mqtt-broker.ts";
import { describeWith } from "../support/requires.ts";
import { createSmallCollector } from "../support/small-collector.ts";
import { listenWebSocket } from "../support/small-collector-ws.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { createCertificates } from "../support/tls.ts";

const connect = async (uplink: Uplink): Promise<Wire> => {
  const wire = await uplink.connect({ onFrame: () => {}, onClose: () => {} }, new AbortController().signal, 0);
  onTestFinished(() => wire.close());
  return wire;
};

const collectorId = `col_${"0".repeat(26)}`;
const overWebSocket = (url: string, more: Partial<WebSocketUplinkOptions> = {}): Uplink =>
  createWebSocketUplink({ url, collectorId, pingMs: 1_000, connectTimeoutMs: 1_000, clock: systemClock, ...more });

/** A server that does with an upgrade what a test wants. */
const serve = async (onSocket?: (server: WebSocketServer) => void): Promise<string> => {
  const http = createServer((_request, response) => response.writeHead(404).end());
  if (onSocket !== undefined) onSocket(new WebSocketServer({ server: http }));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}/api/v1/agents/ws`;
};

const greeting = (text: string) => (server: WebSocketServer) =>
  void server.on("connection", (socket) => socket.send(text));

describe("a WebSocket that leads to no collector", () => {
  it.each<[string, ((server: WebSocketServer) => void) | undefined, string, RegExp]>([
    ["is no WebSocket", undefined, "uplink.refused", /answered 404/],
    ["says nothing", () => {}, "uplink.timeout", /no challenge/],
    ["says nonsense", greeting("hello"), "uplink.protocol", /reading the collector's challenge/],
    ["says something else first", greeting('{"kind":"ad"}'), "uplink.protocol", /is no collector/],
    [
      "is another collector",
      greeting(JSON.stringify({ v: 1, kind: "challenge", collectorId: `col_${"1".repeat(26)}`, nonce: "n" })),
      "uplink.refused",
      /another collector/,
    ],
    [
      "closes at once",
      (server) => void server.on("connection", (socket) => socket.close(1013, "busy")),
      "uplink.closed",
      /1013 busy/,
    ],
  ])("is told apart when it %s", async (_, onSocket, code, message) => {
    const attempt = connect(overWebSocket(await serve(onSocket)));
    await expect(attempt).rejects.toMatchObject({ code, remedy: "retry", message: expect.stringMatching(message) });
  });

  it("is told apart when nobody listens", async () => {
    await expect(connect(overWebSocket("ws://127.0.0.1:1/x"))).rejects.toMatchObject({ code: "uplink.connect" });
  });

  it("gives up at once when the agent stops", async () => {
    const stopping = new AbortController();
    const attempt = overWebSocket(await serve(() => {})).connect(
      { onFrame: () => {}, onClose: () => {} },
      stopping.signal,
      0,
    );
    stopping.abort(new Error("stopped"));
    await expect(attempt).rejects.toThrow("stopped");
  });

  it("is noticed when it falls silent without a close", async () => {
    const silent = await serve((server) => {
      server.options.autoPong = false;
      greeting(JSON.stringify({ v: 1, kind: "challenge", collectorId, nonce: "n" }))(server);
    });
    const closed = Promise.withResolvers<string>();
    await overWebSocket(silent, { pingMs: 100 }).connect(
      { onFrame: () => {}, onClose: closed.resolve },
      new AbortController().signal,
      0,
    );
    expect(await closed.promise).toMatch(/closed/);
  });
});

describe("addresses of the WebSocket", () => {
  it.each([
    ["https://c.example", "wss://c.example/api/v1/agents/ws"],
    ["https://c.example:8443/base/", "wss://c.example:8443/base/api/v1/agents/ws"],
    ["http://127.0.0.1:7717", "ws://127.0.0.1:7717/api/v1/agents/ws"],
  ])("%s is %s", (url, expected) => {
    expect(toWebSocketUrl(url, "/api/v1/agents/ws")).toBe(expected);
  });
});

describeWith("a WebSocket over TLS", [{ program: "openssl" }], () => {
  const folder = temporaryFolder("tls");
  const setUp = async () => {
    const certificates = createCertificates(folder);
    const collector = createSmallCollector({ clock: systemClock });
    const identity = collector.enrol();
    const peer = await listenWebSocket(collector, identity, { tls: certificates });
    onTestFinished(() => peer.stop());
    return { certificates, peer, collectorId: collector.collectorId };
  };

  it("is believed with the pinned authority, and its octets are those of the network", async () => {
    const { certificates, peer, collectorId: id } = await setUp();
    const wire = await connect(overWebSocket(peer.url, { ca: certificates.ca, collectorId: id }));
    expect(wire.challenge).toBe("challenge-1");
    const before = wire.traffic();
    await wire.send(Buffer.alloc(1_000));
    // Frame header 8, mask included, and a TLS 1.3 record's 22: what plain accounting would miss.
    const sent = wire.traffic().sentBytes - before.sentBytes;
    expect(sent).toBeGreaterThanOrEqual(1_000 + 8 + 22);
    expect(sent).toBeLessThan(1_100);
  });

  it("is not believed without it", async () => {
    const { peer, collectorId: id } = await setUp();
    await expect(connect(overWebSocket(peer.url, { collectorId: id }))).rejects.toMatchObject({
      ...{ code: "uplink.certificate", message: expect.stringMatching(/not trusted .*collector\.caFile/) },
    });
  });
});

describeWith(
  "a broker that does not want this agent",
  [{ program: "mosquitto" }, { program: "mosquitto_passwd", package: "mosquitto" }, { program: "openssl" }],
  () => {
    const agentId = agentIdSchema.parse(`agt_${"0".repeat(26)}`);
    const stranger = agentIdSchema.parse(`agt_${"1".repeat(26)}`);
    const setUp = async (version: "3.1.1" | "5") => {
      const own = { up: upTopic(agentId), down: downTopic(agentId) };
      const broker = await startMosquitto([
        { name: agentId, password: "right", acl: agentAcl(own) },
        { name: stranger, password: "right", acl: agentAcl(own) },
      ]);
      onTestFinished(() => broker.stop());
      return (username: string, password: string, ca = broker.ca ?? "") =>
        createMqttUplink({
          ...{
            agentId: agentIdSchema.parse(username),
            url: broker.url,
            version,
            username,
            password,
            ca,
            clock: systemClock,
          },
          ...{ keepAliveSeconds: 30, sessionExpirySeconds: 60, receiveMaximum: 8, connectTimeoutMs: 3_000 },
        });
    };

    it.each(["3.1.1", "5"] as const)("is told with the remedy, MQTT %s", async (version) => {
      const uplink = await setUp(version);
      await expect(connect(uplink(agentId, "wrong"))).rejects.toMatchObject({
        ...{ code: "uplink.refused", message: expect.stringMatching(/check mqtt\.username, mqtt\.password/) },
      });
      // Its list allows another agent's topics only. With 3.1.1 a broker can't say so: no welcome will come.
      if (version === "5")
        await expect((await connect(uplink(stranger, "right"))).send(Buffer.from([0, 1]))).rejects.toThrow(
          /not authorized/i,
        );
      const wire = await connect(uplink(agentId, "right"));
      expect(wire.challenge).toBe("");
    });

    it("is not believed under another authority", async () => {
      const uplink = await setUp("5");
      const other = createCertificates(temporaryFolder("other"));
      await expect(connect(uplink(agentId, "right", other.ca))).rejects.toMatchObject({ code: "uplink.connect" });
    });
  },
);
