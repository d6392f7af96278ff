import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";
import type { Identity } from "../../agent/identity.ts";
import type { SmallCollector, SmallSession } from "./small-collector.ts";

export type Listening = {
  readonly url: string;
  readonly sessions: SmallSession[];
  /** Sends octets to every connected agent. */
  readonly inject: (frame: Uint8Array) => void;
  /** Ends all connections as a killed collector does. */
  readonly drop: () => void;
  readonly stop: () => Promise<void>;
};

/** The small collector behind a WebSocket, for one agent. With `tls`, behind that certificate. */
export const listenWebSocket = async (
  collector: SmallCollector,
  agent: Pick<Identity, "agentId">,
  { tls, port = 0 }: { readonly tls?: { readonly key: string; readonly cert: string }; readonly port?: number } = {},
): Promise<Listening> => {
  const http: Server = tls === undefined ? createServer() : createTlsServer(tls);
  const server = new WebSocketServer({ server: http, path: "/api/v1/agents/ws", perMessageDeflate: false });
  const sessions: SmallSession[] = [];
  const sockets = new Set<Socket>();
  http.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  let connections = 0;
  server.on("connection", (socket) => {
    const challenge = `challenge-${++connections}`;
    const session = collector.session(agent, (frame) => socket.send(frame), { challenge });
    sessions.push(session);
    socket.on("message", (data) => session.receive(data as Buffer));
    socket.on("error", () => {});
    socket.send(JSON.stringify({ v: 1, kind: "challenge", collectorId: collector.collectorId, nonce: challenge }));
  });
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  const { port: bound } = http.address() as AddressInfo;
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `${tls === undefined ? "ws" : "wss"}://127.0.0.1:${bound}/api/v1/agents/ws`,
    sessions,
    inject: (frame) => {
      for (const socket of server.clients) socket.send(frame);
    },
    drop,
    stop: () =>
      new Promise((resolve) => {
        drop();
        server.close();
        http.close(() => resolve());
      }),
  };
};
