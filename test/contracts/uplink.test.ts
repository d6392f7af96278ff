import { describe, expect, it, onTestFinished } from "vitest";
import { createCounts } from "../../agent/conversation.ts";
import type { Identity } from "../../agent/identity.ts";
import { type Link, startLink } from "../../agent/link.ts";
import { rootOf } from "../../agent/messages.ts";
import { createMemorySpool } from "../../agent/spool/memory.ts";
import type { Spool } from "../../agent/spool/spool.ts";
import { createMqttUplink, type MqttUplinkOptions } from "../../agent/uplinks/mqtt.ts";
import type { Uplink } from "../../agent/uplinks/uplink.ts";
import { createWebSocketUplink } from "../../agent/uplinks/websocket.ts";
import { systemClock } from "../../shared/clock.ts";
import { noFailPoint } from "../../shared/fail-point.ts";
import { silentLog } from "../../shared/log.ts";
import type { Command } from "../../shared/protocol/envelope.ts";
import { createSigningKey, encodeFrame } from "../../shared/protocol/frame.ts";
import { downTopic, upTopic } from "../../shared/protocol/topics.ts";
import { systemRandom } from "../../shared/random.ts";
import { agentAcl, type Broker, startAedes, startMosquitto } from "../support/mqtt-broker.ts";
import { describeWith } from "../support/requires.ts";
import { createSmallCollector, type SmallCollector, type SmallSession } from "../support/small-collector.ts";
import { joinBroker } from "../support/small-collector-mqtt.ts";
import { listenWebSocket } from "../support/small-collector-ws.ts";
import { createHost, goodbye } from "../support/spool-content.ts";
import { until } from "../support/until.ts";

type Way = {
  readonly uplink: Uplink;
  readonly sessions: readonly SmallSession[];
  /** Puts octets before the agent as somebody else on the way could. */
  readonly inject: (frame: Uint8Array) => void;
  readonly drop: () => void;
};

/** A real peer on loopback for one enrolled agent. */
type OpenWay = (collector: SmallCollector, identity: Identity) => Promise<Way>;

/** The collector comes back to a broker within 100 ms: a hello said before is heard by nobody, and said again after 5 s. */
const afterTheCollector = { minMs: 600, maxMs: 1_200 };

const describeUplink = (name: string, openWay: OpenWay): void => {
  const setUp = async ({ heartbeatMs = 200 } = {}) => {
    const collector = createSmallCollector({ clock: systemClock });
    const identity = collector.enrol();
    const way = await openWay(collector, identity);
    const limits = { softBytes: 1 << 25, hardBytes: 1 << 27 };
    const spool: Spool = createMemorySpool({ agentId: identity.agentId, limits, clock: systemClock });
    const commands: Command[] = [];
    const counts = createCounts();
    const start = (overrides: Partial<Parameters<typeof startLink>[0]> = {}): Link => {
      const link = startLink({
        ...{
          identity,
          spool,
          counts,
          clock: systemClock,
          random: systemRandom,
          log: silentLog,
          failPoint: noFailPoint,
        },
        uplink: way.uplink,
        readClock: () => ({ wallMs: Date.now(), monotonicMs: Math.round(performance.now()), bootId: "b" }),
        about: { software: { version: "0.1.0", platform: "linux" }, heartbeatMs, scopes: [] },
        condition: () => ({}),
        onCommand: (command) => void commands.push(command),
        onWelcome: () => {},
        backoff: { minMs: 20, maxMs: 100 },
        refusedMs: 200,
        ...overrides,
      });
      onTestFinished(() => link.stop());
      return link;
    };
    return { collector, identity, way, spool, commands, counts, start, host: createHost(spool.baseline) };
  };

  describe(`uplink: ${name}`, () => {
    it("delivers what is kept in order, and settles it", async () => {
      const { collector, spool, start, host } = await setUp();
      spool.append([host.change({ bash: "5.1" })]);
      for (let i = 0; i < 100; i++) spool.append([goodbye(i)]);
      start();
      await until("everything settled", () => spool.counts().messages === 0);
      expect(collector.accepted.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 101 }, (_, i) => i + 1));
      expect(collector.streams.get("local/self")?.get("software")?.items.size).toBe(1);
      expect(collector.dropped).toEqual([]);
    });

    it("says in heartbeats that all is as before, with the root of what the collector holds", async () => {
      const { collector, spool, start, host } = await setUp();
      spool.append([host.change({ bash: "5.1" })]);
      start();
      await until("two beats with a root", () => collector.beats.filter(({ root }) => root !== null).length >= 2);
      expect(collector.beats.at(-1)?.root).toBe(rootOf(spool.baseline));
      expect(collector.accepted).toHaveLength(1);
    });

    it("sends what is noted later at once", async () => {
      const { collector, spool, start } = await setUp({ heartbeatMs: 60_000 });
      const link = start();
      await until("a session", () => link.isOpen());
      spool.append([goodbye(1)]);
      link.nudge();
      await until("accepted", () => collector.accepted.length === 1);
    });

    it("comes back after the connection broke and delivers nothing twice", async () => {
      const { collector, spool, start, way } = await setUp();
      collector.mood.acknowledge = false;
      spool.append(Array.from({ length: 10 }, (_, i) => goodbye(i)));
      start({ backoff: afterTheCollector });
      await until("all accepted, none acknowledged", () => collector.accepted.length === 10);
      collector.mood.acknowledge = true;
      way.drop();
      await until("settled by the next welcome", () => spool.counts().messages === 0, { timeoutMs: 60_000 });
      expect(collector.accepted).toHaveLength(10);
      expect(collector.hellos.length).toBeGreaterThan(1);
    });

    it("repairs a collector that lost its content", async () => {
      const { collector, spool, start, host, way } = await setUp();
      spool.append([host.change({ bash: "5.1", zsh: "5.9" })]);
      start({ backoff: afterTheCollector });
      await until("settled", () => spool.counts().messages === 0);
      (collector.streams as Map<string, unknown>).clear();
      Object.assign(collector.held, { epoch: 9, have: 3, digest: "f".repeat(32) });
      way.drop();
      await until("content is back", () => collector.streams.get("local/self")?.get("software")?.items.size === 2, {
        timeoutMs: 60_000,
      });
      expect(spool.position().epoch).toBe(10);
    });

    it("sends a section whole when a delta does not fit, and the rest stands", async () => {
      const { collector, spool, start, host } = await setUp();
      spool.append([host.change({ bash: "5.1" })]);
      const link = start();
      await until("settled", () => spool.counts().messages === 0);
      (collector.streams.get("local/self") as Map<string, unknown>).clear();
      spool.append([host.change({ bash: "5.2" })]);
      link.nudge();
      await until("repaired", () => collector.streams.get("local/self")?.get("software")?.items.size === 1);
    });

    it("goes on behind a message that the collector can never accept", async () => {
      const { collector, spool, start, counts } = await setUp();
      collector.mood.refuse = ({ sequence }) => sequence === 2;
      spool.append([goodbye(1), goodbye(2), goodbye(3)]);
      start();
      await until("settled", () => spool.counts().messages === 0);
      expect(collector.accepted.map(({ sequence }) => sequence)).toEqual([1, 3]);
      expect(counts.refused).toBe(1);
    });

    it("hands commands down once, and none that the collector did not sign for this session", async () => {
      const { collector, identity, way, start, commands, counts } = await setUp();
      const link = start();
      await until("a session", () => link.isOpen());
      const command: Command = { commandId: "c1", expiresAtMs: Date.now() + 60_000, action: { kind: "inventory" } };
      way.sessions.at(-1)?.say({ kind: "command", command });
      await until("the command", () => commands.length === 1);

      const replay = collector.sentDown.at(-1)!;
      const body = { kind: "command", command: { ...command, commandId: "c2" } };
      const forged = JSON.stringify({
        ...{
          v: 1,
          collectorId: collector.collectorId,
          agentId: identity.agentId,
          instance: 0,
          number: 99,
          session: "s1",
          body,
        },
      });
      way.inject(replay);
      way.inject(encodeFrame(forged).frame);
      way.inject(encodeFrame(forged, { domain: "rollcall/1 down", key: createSigningKey() }).frame);
      // Signed by the collector, but as an agent signs: the domain keeps the two apart.
      way.inject(encodeFrame(forged, { domain: "rollcall/1 up", key: collector.key }).frame);
      way.inject(Buffer.from("garbage"));
      await until("all counted", () => counts.forged + counts.stale >= 5);
      expect(commands.map(({ commandId }) => commandId)).toEqual(["c1"]);
      expect(link.isOpen()).toBe(true);
    });

    it("settles nothing by a forged or foreign acknowledgement", async () => {
      const { collector, identity, spool, way, start, counts } = await setUp();
      collector.mood.acknowledge = false;
      spool.append([goodbye(1)]);
      start();
      await until("accepted", () => collector.accepted.length === 1);
      const body = { kind: "ack", epoch: collector.held.epoch, sequence: 1, digest: collector.held.digest };
      const frame = (number: number, agentId: string, key = createSigningKey()) =>
        encodeFrame(
          JSON.stringify({
            v: 1,
            collectorId: collector.collectorId,
            agentId,
            instance: 0,
            number,
            session: "s1",
            body,
          }),
          {
            ...{ domain: "rollcall/1 down", key },
          },
        ).frame;
      way.inject(frame(90, identity.agentId));
      way.inject(frame(91, `agt_${"1".repeat(26)}`, collector.key));
      await until("both dropped", () => counts.forged === 2);
      expect(spool.counts().messages).toBe(1);
    });

    it("keeps everything while it waits for approval", async () => {
      const { collector, spool, start } = await setUp();
      collector.mood.pending = true;
      spool.append([goodbye(1)]);
      start();
      await until("beats", () => collector.beats.length > 1);
      expect(collector.accepted).toEqual([]);
    });

    it("accounts for each cycle's octets", async () => {
      const { spool, start, host } = await setUp();
      spool.append([host.change({ bash: "5.1" })]);
      const link = start();
      const cycle = await until("an unchanged cycle", () => link.status().lastUnchangedCycle);
      expect(cycle.sentBytes).toBeGreaterThan(100);
      expect(cycle.sentBytes + cycle.receivedBytes).toBeLessThan(1_000);
      expect(link.status().total.sentBytes).toBeGreaterThan(cycle.sentBytes);
    });

    it("calls no cycle unchanged in which a message of before is still to be acknowledged", async () => {
      const { collector, spool, start, host } = await setUp();
      collector.mood.acknowledge = false;
      spool.append([host.change({ bash: "5.1" })]);
      const link = start();
      await until("the message", () => collector.accepted.length > 0);
      const beats = collector.beats.length;
      await until("beats after it", () => collector.beats.length > beats + 3);
      expect(link.status().lastCycle).toMatchObject({ messages: 0 });
      expect(link.status().lastUnchangedCycle).toBeUndefined();
      collector.mood.acknowledge = true;
      link.reconnect("so that it is told again");
      await until("an unchanged cycle", () => link.status().lastUnchangedCycle);
    });

    it("stops in good order while it is still connecting", async () => {
      const { start } = await setUp();
      await start().stop();
    });
  });
};

const mqttWay = async (
  broker: Broker,
  collector: SmallCollector,
  identity: Identity,
  options: Pick<MqttUplinkOptions, "version"> & Partial<MqttUplinkOptions>,
  own: { readonly username?: string; readonly password?: string } = {},
): Promise<Way> => {
  const ca = broker.ca === undefined ? {} : { ca: broker.ca };
  const peer = await joinBroker(collector, identity, { url: broker.url, ...ca, ...own });
  onTestFinished(() => peer.stop());
  const uplink = createMqttUplink({
    ...{ agentId: identity.agentId, url: broker.url, clock: systemClock, ...ca },
    ...{ keepAliveSeconds: 30, sessionExpirySeconds: 600, receiveMaximum: 8, connectTimeoutMs: 5_000 },
    ...options,
  });
  return { uplink, sessions: peer.sessions, inject: peer.inject, drop: () => void broker.drop() };
};

describeUplink("mqtt 3.1.1, Aedes", async (collector, identity) => {
  const broker = await startAedes();
  onTestFinished(() => broker.stop());
  return mqttWay(broker, collector, identity, { version: "3.1.1" });
});

const needed = [
  { program: "mosquitto" },
  { program: "mosquitto_passwd", package: "mosquitto" },
  { program: "openssl" },
];
for (const version of ["3.1.1", "5"] as const)
  describeWith(`mqtt ${version}, Mosquitto`, needed, () => {
    describeUplink(`mqtt ${version}, Mosquitto with TLS and access lists`, async (collector, identity) => {
      const { agentId } = identity;
      const password = "a password of the agent's own";
      const broker = await startMosquitto([
        { name: agentId, password, acl: agentAcl({ up: upTopic(agentId), down: downTopic(agentId) }) },
        {
          name: "collector",
          password: "of the collector",
          acl: ["topic read rollcall/1/up/#", "topic write rollcall/1/down/#"],
        },
      ]);
      onTestFinished(() => broker.stop());
      const own = { username: "collector", password: "of the collector" };
      return mqttWay(broker, collector, identity, { version, username: agentId, password }, own);
    });
  });

describeUplink("websocket", async (collector, identity) => {
  const peer = await listenWebSocket(collector, identity);
  onTestFinished(() => peer.stop());
  const uplink = createWebSocketUplink({
    ...{ url: peer.url, collectorId: identity.collectorId, pingMs: 1_000, connectTimeoutMs: 2_000, clock: systemClock },
  });
  return { uplink, sessions: peer.sessions, drop: peer.drop, inject: (frame) => peer.inject(frame) };
});
