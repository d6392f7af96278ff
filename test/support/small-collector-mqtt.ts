import mqtt from "mqtt";
import type { Identity } from "../../agent/identity.ts";
import { downTopic, upTopic } from "../../shared/protocol/topics.ts";
import type { SmallCollector, SmallSession } from "./small-collector.ts";

export type OverMqtt = {
  readonly sessions: SmallSession[];
  readonly inject: (frame: Uint8Array) => void;
  readonly stop: () => Promise<void>;
};

/** The small collector as a client of a broker, for one agent. Comes back by itself when the broker was away. */
export const joinBroker = async (
  collector: SmallCollector,
  agent: Pick<Identity, "agentId">,
  options: { readonly url: string; readonly username?: string; readonly password?: string; readonly ca?: string },
): Promise<OverMqtt> => {
  const { url, username, password, ca } = options;
  const client = await mqtt.connectAsync(url, {
    ...{ reconnectPeriod: 100, clientId: "collector", clean: false },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca }),
  });
  client.on("error", () => {});
  const publish = (frame: Uint8Array) =>
    void client.publishAsync(downTopic(agent.agentId), Buffer.from(frame), { qos: 1 }).catch(() => {});
  const sessions = [collector.session(agent, publish, { everySigned: true })];
  client.on("message", (_topic, payload) => {
    // An empty one is the agent's last will.
    if (payload.length > 0) sessions[0]?.receive(payload);
  });
  await client.subscribeAsync(upTopic(agent.agentId), { qos: 1 });
  client.on("connect", () => void client.subscribeAsync(upTopic(agent.agentId), { qos: 1 }).catch(() => {}));
  return { sessions, inject: publish, stop: () => client.endAsync(true) };
};
