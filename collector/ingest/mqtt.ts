import { readFileSync } from "node:fs";
import mqtt from "mqtt";
import { seconds } from "../../shared/clock.ts";
import { describeError, isRollcallError, RollcallError } from "../../shared/errors.ts";
import { type AgentId, agentIdSchema } from "../../shared/ids.ts";
import { agentIdOfTopic, downTopic, upFilter } from "../../shared/protocol/topics.ts";
import type { CollectorConfig } from "../config.ts";
import { createConversation, type IngestDeps } from "./conversation.ts";
import { limits } from "./limits.ts";
import type { Conversation } from "./line.ts";
import type { Listener } from "./listener.ts";
import { type Opened, openMessage } from "./parse.ts";
import { createRuns } from "./runs.ts";

export type MqttListenerOptions = {
  readonly url: string;
  readonly version: "3.1.1" | "5";
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Agents spoken with at once; frames of more are dropped. */
  readonly maxAgents: number;
};

const readPem = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new RollcallError("config.certificate", `reading ${path}`, { cause });
  }
};

/** @throws RollcallError `config.*` */
export const toMqttListenerOptions = (
  config: NonNullable<CollectorConfig["mqtt"]>,
  collectorId: string,
  readSecret: (reference: string) => string,
  maxAgents: number,
): MqttListenerOptions => {
  const { url, version, clientId = collectorId, username, password, caFile, certFile, keyFile } = config;
  return {
    ...{ url, version, clientId, maxAgents },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: readSecret(password) }),
    ...(caFile === undefined ? {} : { ca: readPem(caFile) }),
    ...(certFile === undefined ? {} : { cert: readPem(certFile) }),
    ...(keyFile === undefined ? {} : { key: readPem(keyFile) }),
  };
};

/** An agent is given up after so many heartbeats without a word. */
const SILENT_BEATS = 2.5;
/** After a last will, which anybody on the broker can write, an agent has so many heartbeats to say that it lives. */
const WILL_BEATS = 1.25;
const CHECK_EVERY_MS = seconds(5);
/** A conversation that never came to a hello is forgotten after this. */
const STRANGER_MS = seconds(30);

/** One copy of an agent. */
type Peer = {
  readonly agentId: AgentId;
  readonly conversation: Conversation;
  willAtMs: number | undefined;
};

const keyOf = (agentId: string, instance: number): string => `${agentId}#${instance}`;

/**
 * Agents over a broker, MQTT 3.1.1 or 5. Nobody on it is believed: every frame carries its agent's signature, every answer
 * ours. The session at the broker is lasting, so that what agents say while we are away waits there.
 */
export const startMqttListener = (options: MqttListenerOptions, deps: IngestDeps): Listener => {
  const { clock, log, counts } = deps;
  const peers = new Map<string, Peer>();
  const runs = createRuns();
  /** Messages whose receipt the broker waits for, while too much is on its way to the disk. */
  const held: (() => void)[] = [];
  let pausedLines = 0;
  let stopping = false;

  const client = connect(options);

  const drop = (code: string) => {
    counts.rejected[code] = (counts.rejected[code] ?? 0) + 1;
  };

  const createPeer = (agentId: AgentId): Peer => {
    let paused = false;
    const conversation = createConversation(
      {
        uplink: "mqtt",
        signs: "every",
        remote: new URL(options.url).host,
        challenge: "",
        send: (frame) => {
          client.publish(downTopic(agentId), Buffer.from(frame), { qos: 1, retain: false }, (error) => {
            if (error) log.debug("answer could not be published", { agentId, error: describeError(error) });
          });
        },
        // There is no connection of its own to end: what it says from now on is answered anew.
        close: () => {},
        setPaused: (pause) => {
          if (pause === paused) return;
          paused = pause;
          pausedLines += pause ? 1 : -1;
          if (pausedLines === 0) for (const go of held.splice(0)) go();
        },
        // A hello after a reconnect is the rule here; two copies show themselves by their runs, or by their sequences.
        isAlive: async () => false,
        judge: runs.judge,
      },
      deps,
    );
    return { agentId, conversation, willAtMs: undefined };
  };

  /** Each hello begins a conversation of its own; it takes the place of the one before, of the copy it proves to be. */
  const greet = async (agentId: AgentId, opened: Opened): Promise<void> => {
    const peer = createPeer(agentId);
    await peer.conversation.take(opened);
    const instance = peer.conversation.instance();
    if (instance === undefined) return;
    if (opened.message.kind === "hello") runs.note(opened.message, instance);
    const key = keyOf(agentId, instance);
    const before = peers.get(key);
    peers.set(key, peer);
    if (before) await before.conversation.closed("replaced");
  };

  const hear = async (agentId: AgentId, payload: Buffer): Promise<void> => {
    counts.frames++;
    counts.bytes += payload.length;
    const opened = openMessage(payload, deps.lists);
    const { message } = opened;
    if (message.agentId !== agentId) return drop("agent.foreign");
    if (message.kind === "hello") return greet(agentId, opened);
    const key = keyOf(agentId, message.instance);
    let peer = peers.get(key);
    if (!peer) {
      if (peers.size >= options.maxAgents) return drop("mqtt.bounds");
      peer = createPeer(agentId);
      peers.set(key, peer);
    }
    await peer.conversation.take(opened);
  };

  const receive = async (topic: string, payload: Buffer): Promise<void> => {
    const agentId = agentIdSchema.safeParse(agentIdOfTopic(topic));
    if (!agentId.success) return drop("mqtt.topic");
    if (payload.length > limits.maxFrameBytes) return drop("mqtt.bounds");
    if (payload.length === 0) {
      for (const peer of peers.values()) if (peer.agentId === agentId.data) peer.willAtMs ??= clock.monotonic();
      return;
    }
    try {
      await hear(agentId.data, payload);
    } catch (error) {
      // Whoever sent it has proven nothing yet, so that nobody is answered.
      drop(isRollcallError(error) ? error.code : "internal");
      log.debug("frame dropped", { agentId: agentId.data, error: describeError(error) });
    }
  };

  let last: Promise<void> = Promise.resolve();
  // The broker gets its receipt when there is room again: until then it keeps what comes, and not we.
  client.handleMessage = (packet, callback) => {
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    // One after the other: an agent's messages keep their order, and a goodbye is not overtaken.
    last = last.then(() => receive(packet.topic, payload));
    if (pausedLines === 0) callback();
    else held.push(() => callback());
  };

  client.on("connect", () => {
    client.subscribe(upFilter(), { qos: 1 }, (error, granted) => {
      const refused = granted?.some(({ qos }) => Number(qos) >= 0x80) ?? false;
      if (error || refused)
        log.error("the broker does not let us read what agents say: check its access list", {
          url: options.url,
          topic: upFilter(),
          ...(error ? { error: describeError(error) } : {}),
        });
      else log.info("listening at the broker", { url: options.url });
    });
  });
  client.on("error", (error) =>
    log.error("broker connection failed", { url: options.url, error: describeError(error) }),
  );
  client.on("offline", () => {
    if (!stopping) log.warn("the broker is away", { url: options.url });
  });

  const leave = (key: string, { conversation }: Peer, how: "lost" | "ours") => {
    peers.delete(key);
    return conversation.closed(how).catch((error: unknown) => log.error("closing a session failed", { error }));
  };

  /** While the broker is away nobody can be heard: that is our blindness, and no agent's silence. */
  const check = () => {
    const now = clock.monotonic();
    for (const [key, peer] of peers) {
      const { atMs, everyMs } = peer.conversation.heard();
      if (peer.willAtMs !== undefined && atMs > peer.willAtMs) peer.willAtMs = undefined;
      const silentMs = now - atMs;
      const isLeft = peer.willAtMs !== undefined && now - peer.willAtMs > everyMs * WILL_BEATS;
      if (!peer.conversation.isOpen()) {
        if (silentMs > STRANGER_MS) void leave(key, peer, "ours");
      } else if (client.connected && (isLeft || silentMs > everyMs * SILENT_BEATS + seconds(5)))
        void leave(key, peer, "lost");
    }
    cancelCheck = clock.after(CHECK_EVERY_MS, check, { unref: true });
  };
  let cancelCheck = clock.after(CHECK_EVERY_MS, check, { unref: true });

  return {
    name: "mqtt",
    connections: () => peers.size,
    stop: async () => {
      stopping = true;
      cancelCheck();
      await client.endAsync(false);
      for (const go of held.splice(0)) go();
      await last;
      await Promise.all([...peers].map(([key, peer]) => leave(key, peer, "ours")));
    },
  };
};

const connect = (options: MqttListenerOptions): mqtt.MqttClient =>
  mqtt.connect(options.url, {
    clientId: options.clientId,
    protocolVersion: options.version === "5" ? 5 : 4,
    clean: false,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.cert === undefined ? {} : { cert: options.cert }),
    ...(options.key === undefined ? {} : { key: options.key }),
    reconnectPeriod: seconds(2),
    connectTimeout: seconds(15),
    resubscribe: false,
    ...(options.version === "5"
      ? {
          properties: {
            sessionExpiryInterval: 86_400,
            receiveMaximum: 512,
            maximumPacketSize: limits.maxFrameBytes + 1_024,
          },
        }
      : {}),
  });
