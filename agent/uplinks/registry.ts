import type { AgentConfig } from "../config.ts";
import type { Uplink, UplinkSetup } from "./uplink.ts";

type CreateUplink = (setup: UplinkSetup) => Promise<Uplink>;

/** http://host/base becomes ws://host/base + the path that enrolment named. */
export const toWebSocketUrl = (collectorUrl: string, path: string): string => {
  const url = new URL(collectorUrl);
  url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
  url.pathname = url.pathname.replace(/\/$/, "") + path;
  url.search = "";
  url.hash = "";
  return url.toString();
};

const websocket: CreateUplink = async ({ config, identity, clock, readText, pinnedCa }) => {
  const { createWebSocketUplink } = await import("./websocket.ts");
  const { caFile, connectTimeoutSeconds } = config.collector;
  const ca = caFile === undefined ? pinnedCa : readText(caFile);
  return createWebSocketUplink({
    url: toWebSocketUrl(config.collector.url ?? identity.file.collectorUrl, identity.file.websocketPath),
    ...(ca !== undefined && { ca }),
    collectorId: identity.collectorId,
    pingMs: Math.max(5_000, config.heartbeatSeconds * 1_000),
    connectTimeoutMs: connectTimeoutSeconds * 1_000,
    clock,
  });
};

/** By the value of `uplink` in the configuration. Only the chosen one is loaded: each brings its library's memory. */
export const uplinks: Readonly<Record<AgentConfig["uplink"], CreateUplink>> = {
  websocket,
  mqtt: async ({ config, identity, clock, readText, readSecret }) => {
    const { createMqttUplink, toMqttOptions } = await import("./mqtt.ts");
    return createMqttUplink(toMqttOptions({ config, identity, clock, readText, readSecret }));
  },
};
