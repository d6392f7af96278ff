import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { IClientOptions, ISubscriptionGrant, MqttClient } from "mqtt";
// The index would bring WebSockets, SOCKS and URL schemes along that this uplink never uses.
import clientModule from "mqtt/lib/client";
import type { Clock } from "../../shared/clock.ts";
import { describeError, RollcallError } from "../../shared/errors.ts";
import { downTopic, upTopic } from "../../shared/protocol/topics.ts";
import type { AgentConfig } from "../config.ts";
import type { Identity } from "../identity.ts";
import {
  MAX_DOWN_FRAME_BYTES,
  type Traffic,
  type Uplink,
  type UplinkSetup,
  type Wire,
  type WireEvents,
} from "./uplink.ts";

type ClientClass = (typeof clientModule)["default"];
/** Node gives this CommonJS module as it is, other loaders (vitest's) what it calls its default. */
const Client = (clientModule as { readonly default?: ClientClass }).default ?? (clientModule as unknown as ClientClass);

export type MqttUplinkOptions = {
  readonly agentId: Identity["agentId"];
  /** mqtts://host:port, or mqtt:// on loopback. */
  readonly url: string;
  readonly version: "3.1.1" | "5";
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly keepAliveSeconds: number;
  readonly sessionExpirySeconds: number;
  readonly receiveMaximum: number;
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
};

export const toMqttOptions = ({
  config,
  identity,
  clock,
  readText,
  readSecret,
}: Omit<UplinkSetup, "pinnedCa">): MqttUplinkOptions => {
  const mqttConfig = config.mqtt as NonNullable<AgentConfig["mqtt"]>;
  const { url, version, username, password, caFile, certFile, keyFile } = mqttConfig;
  const { keepAliveSeconds, sessionExpirySeconds, receiveMaximum } = mqttConfig;
  return {
    ...{ agentId: identity.agentId, url, version, keepAliveSeconds, sessionExpirySeconds, receiveMaximum, clock },
    username: username ?? identity.agentId,
    ...(password !== undefined && { password: readSecret(password) }),
    ...(caFile !== undefined && { ca: readText(caFile) }),
    ...(certFile !== undefined && { cert: readText(certFile) }),
    ...(keyFile !== undefined && { key: readText(keyFile) }),
    connectTimeoutMs: config.collector.connectTimeoutSeconds * 1_000,
  };
};

const createStream = (options: MqttUplinkOptions, onTcp: (socket: Socket) => void): Socket => {
  const { protocol, hostname, port } = new URL(options.url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const tcp = connectTcp({ host, port: Number(port || (protocol === "mqtts:" ? 8_883 : 1_883)), noDelay: true });
  onTcp(tcp);
  if (protocol !== "mqtts:") return tcp;
  const { ca, cert, key } = options;
  return connectTls({
    ...{ socket: tcp, host, minVersion: "TLSv1.2" },
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  });
};

/**
 * A broker ends the session of whoever comes under a name in use. Two copies of one state folder push each other out until the
 * collector has told them apart; from then on each has its own name, and its own session at the broker.
 */
const clientIdOf = ({ agentId }: MqttUplinkOptions, instance: number): string =>
  instance === 0 ? agentId : `${agentId}-${instance}`;

const clientOptions = (options: MqttUplinkOptions, instance: number): IClientOptions => ({
  clientId: clientIdOf(options, instance),
  protocolVersion: options.version === "5" ? 5 : 4,
  // The session outlives the connection: what the collector says meanwhile waits at the broker.
  clean: false,
  ...(options.username !== undefined && { username: options.username }),
  ...(options.password !== undefined && { password: options.password }),
  keepalive: options.keepAliveSeconds,
  connectTimeout: options.connectTimeoutMs,
  // Coming back is the link's work; what was on its way lies in the spool, not in the client's memory.
  reconnectPeriod: 0,
  resubscribe: false,
  queueQoSZero: false,
  // A buffer for each of 65,536 numbers, made beforehand: 8 MiB for the few that we ever write.
  writeCache: false,
  will: { topic: upTopic(options.agentId), payload: Buffer.alloc(0), qos: 1, retain: false },
  ...(options.version === "5" && {
    properties: {
      sessionExpiryInterval: options.sessionExpirySeconds,
      receiveMaximum: options.receiveMaximum,
      maximumPacketSize: MAX_DOWN_FRAME_BYTES + 1_024,
    },
  }),
});

/** The broker's refusals in the words of who has to act. Nothing of user or password is in them. */
const toConnectError = (url: string, cause: unknown): RollcallError => {
  const code = (cause as { code?: number | string } | undefined)?.code;
  const refused = typeof code === "number" && [4, 5, 0x86, 0x87].includes(code);
  return refused
    ? new RollcallError(
        "uplink.refused",
        `broker ${url} refuses this agent's user: check mqtt.username, mqtt.password`,
        {
          remedy: "retry",
          cause,
        },
      )
    : new RollcallError("uplink.connect", `connecting to broker ${url}`, { remedy: "retry", cause });
};

const closedBy = (url: string): RollcallError =>
  new RollcallError("uplink.closed", `broker ${url} closed the connection`, { remedy: "retry" });

const connected = (client: MqttClient, options: MqttUplinkOptions, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const onAbort = () => fail(signal.reason);
    const settle = (done: () => void) => {
      cancel();
      signal.removeEventListener("abort", onAbort);
      done();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const late = new RollcallError("uplink.timeout", `no answer from broker ${options.url}`, { remedy: "retry" });
    const cancel = options.clock.after(options.connectTimeoutMs, () => fail(late));
    signal.addEventListener("abort", onAbort, { once: true });
    client.on("error", (error) => fail(toConnectError(options.url, error)));
    client.once("close", () => fail(closedBy(options.url)));
    client.once("connect", () => settle(resolve));
  });

const subscribe = async (client: MqttClient, { agentId, url }: MqttUplinkOptions): Promise<void> => {
  const topic = downTopic(agentId);
  const refused = (cause?: unknown) =>
    new RollcallError("uplink.refused", `broker ${url} does not let this agent read ${topic}: check its access list`, {
      remedy: "retry",
      ...(cause !== undefined && { cause }),
    });
  let granted: readonly ISubscriptionGrant[];
  try {
    granted = await client.subscribeAsync(topic, { qos: 1 });
  } catch (error) {
    // Pushed out by a copy of ourselves, or the broker went down: nothing that an access list would mend.
    if (!client.connected) throw closedBy(url);
    throw refused(error);
  }
  if (granted.some(({ qos }) => Number(qos) >= 0x80)) throw refused();
};

/** Messages over a broker, MQTT 3.1.1 or 5: what both have, QoS 1, nothing retained, a last will, a lasting session. */
export const createMqttUplink = (options: MqttUplinkOptions): Uplink => ({
  name: `mqtt ${options.version}`,
  signs: "every",
  connect: async (events: WireEvents, signal, instance): Promise<Wire> => {
    let tcp: Socket | undefined;
    let why = "";
    const client = new Client(
      () =>
        createStream(options, (socket) => {
          tcp = socket;
        }),
      clientOptions(options, instance),
    );
    const topic = upTopic(options.agentId);
    // What waited at the broker arrives with the connection, before anybody subscribed to anything.
    client.on("message", (from, payload) => {
      if (from === downTopic(options.agentId) && payload.length <= MAX_DOWN_FRAME_BYTES) events.onFrame(payload);
    });
    try {
      await connected(client, options, signal);
      await subscribe(client, options);
    } catch (error) {
      client.on("error", () => {});
      client.end(true);
      tcp?.destroy();
      throw error;
    }
    client.on("error", (error) => {
      why = describeError(error);
    });
    client.on("disconnect", ({ reasonCode }) => {
      why = `the broker ended the session (reason code ${reasonCode ?? 0})`;
    });
    const closed = new Promise<void>((resolve) =>
      client.once("close", () => {
        resolve();
        events.onClose(why || "the broker closed the connection");
      }),
    );
    const traffic = (): Traffic => ({ sentBytes: tcp?.bytesWritten ?? 0, receivedBytes: tcp?.bytesRead ?? 0 });
    return {
      challenge: "",
      traffic,
      send: async (frame) => {
        await client.publishAsync(topic, Buffer.from(frame), { qos: 1, retain: false });
      },
      close: async () => {
        const cancel = options.clock.after(1_000, () => tcp?.destroy(), { unref: true });
        client.end(false);
        await closed;
        cancel();
      },
    };
  },
});
