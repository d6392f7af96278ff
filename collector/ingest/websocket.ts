import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { seconds } from "../../shared/clock.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import type { CloseKind } from "../store/store.ts";
import { createConversation, type IngestDeps } from "./conversation.ts";
import { limits } from "./limits.ts";
import type { Conversation } from "./line.ts";
import type { Listener } from "./listener.ts";

export const WEBSOCKET_PATH = "/api/v1/agents/ws";

/** How long an older connection of the same agent has to prove that it is alive. */
const ALIVE_WITHIN_MS = seconds(3);
/** A connection is given up after so many heartbeats without a word. */
const SILENT_BEATS = 2.5;
const CHECK_EVERY_MS = seconds(5);

type Connection = {
  readonly conversation: Conversation;
  readonly socket: WebSocket;
  readonly since: number;
  /** Ends it without a close handshake; `how` is what is told to the engine. */
  readonly drop: (how: CloseKind) => void;
};

/** Agents on the API's own port, by `upgrade`. */
export const startWebSocketListener = (
  server: Pick<Server, "on" | "off">,
  deps: IngestDeps,
  { maxConnections }: { readonly maxConnections: number },
): Listener => {
  const { clock, log, random } = deps;
  const connections = new Set<Connection>();
  const wss = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.maxFrameBytes,
    clientTracking: false,
    skipUTF8Validation: true,
  });
  let stopping = false;

  /** Connections that have not said hello; those that have since, or are gone, leave when they are counted. */
  const unproven = new Set<Connection>();
  const countStrangers = (): number => {
    for (const connection of unproven)
      if (connection.conversation.isOpen() || !connections.has(connection)) unproven.delete(connection);
    return unproven.size;
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node leaves an upgrading socket to whoever listens here: nobody else would hear its errors, or end it.
    socket.on("error", (error) => log.debug("upgrade failed", { error: error.message }));
    const refuse = (status: string) =>
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    if (request.url?.split("?")[0] !== WEBSOCKET_PATH) return refuse("404 Not Found");
    // A browser's page must not speak here with what its user's network can reach.
    if (request.headers.origin !== undefined) return refuse("403 Forbidden");
    if (stopping || connections.size >= maxConnections || countStrangers() >= limits.maxStrangers)
      return refuse("503 Service Unavailable");
    wss.handleUpgrade(request, socket, head, (ws) => accept(ws, socket as Socket, request.socket.remoteAddress ?? ""));
  };

  const accept = (ws: WebSocket, tcp: Socket, remote: string) => {
    const nonce = Buffer.from(random.bytes(24)).toString("base64url");
    let how: CloseKind | undefined;
    const drop = (why: CloseKind) => {
      how ??= why;
      ws.terminate();
    };
    const conversation = createConversation(
      {
        uplink: "websocket",
        signs: "hello",
        remote,
        challenge: nonce,
        send: (frame) => ws.readyState === ws.OPEN && ws.send(frame, { binary: true }),
        close: (code, reason) => {
          how ??= code === "session.replaced" ? "replaced" : "ours";
          ws.close(1008, `${code}: ${reason}`.slice(0, 120));
          clock.after(seconds(2), () => ws.terminate(), { unref: true });
        },
        setPaused: (paused) => {
          if (ws.readyState !== ws.OPEN || ws.isPaused === paused) return;
          if (paused) ws.pause();
          else ws.resume();
        },
        isAlive: () => answersPing(ws),
      },
      deps,
    );
    const connection: Connection = { conversation, socket: ws, since: clock.monotonic(), drop };
    connections.add(connection);
    unproven.add(connection);

    let bytes = 0;
    tcp.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limits.maxStrangerBytes && !conversation.isOpen()) drop("ours");
    });
    // What the other end's system did, while it lived: FIN and RST are its words, a time-out is nobody's.
    tcp.on("end", () => {
      how ??= stopping ? "ours" : "fin";
    });
    tcp.on("error", (error: NodeJS.ErrnoException) => {
      how ??= error.code === "ECONNRESET" || error.code === "EPIPE" ? "rst" : "lost";
    });
    ws.on("error", (error) => log.debug("websocket failed", { remote, error: error.message }));
    ws.on("message", (data: RawData, isBinary: boolean) => {
      if (isBinary) conversation.receive(toBytes(data));
      else drop("ours");
    });
    ws.on("close", (code) => {
      connections.delete(connection);
      how ??= stopping ? "ours" : code === 1000 || code === 1001 ? "fin" : "lost";
      conversation.closed(how).catch((error: unknown) => log.error("closing a session failed", { error }));
    });
    ws.send(JSON.stringify({ v: PROTOCOL_VERSION, kind: "challenge", collectorId: deps.collectorId, nonce }));
  };

  const answersPing = (ws: WebSocket): Promise<boolean> =>
    new Promise((resolve) => {
      if (ws.readyState !== ws.OPEN) return resolve(false);
      const onPong = () => done(true);
      const onClose = () => done(false);
      const cancel = clock.after(ALIVE_WITHIN_MS, () => done(false), { unref: true });
      const done = (alive: boolean) => {
        cancel();
        ws.off("pong", onPong);
        ws.off("close", onClose);
        resolve(alive);
      };
      ws.on("pong", onPong);
      ws.on("close", onClose);
      ws.ping();
    });

  /** Drops who never said hello in time, and who has been silent for too long: their socket will not tell. */
  const check = () => {
    const now = clock.monotonic();
    for (const { conversation, since, drop } of connections) {
      const { atMs, everyMs } = conversation.heard();
      if (!conversation.isOpen() && now - since > limits.helloTimeoutMs) drop("ours");
      else if (conversation.isOpen() && now - atMs > everyMs * SILENT_BEATS + seconds(5)) drop("lost");
    }
    cancelCheck = clock.after(CHECK_EVERY_MS, check, { unref: true });
  };
  let cancelCheck = clock.after(CHECK_EVERY_MS, check, { unref: true });

  server.on("upgrade", onUpgrade);
  return {
    name: "websocket",
    connections: () => connections.size,
    stop: async () => {
      stopping = true;
      cancelCheck();
      server.off("upgrade", onUpgrade);
      const closed = [...connections].map(
        ({ socket, drop }) =>
          new Promise<void>((resolve) => {
            socket.once("close", () => resolve());
            // Going away: agents come back with a wait, and nobody is called silent.
            socket.close(1001, "the collector stops");
            clock.after(seconds(1), () => drop("ours"), { unref: true });
          }),
      );
      await Promise.all(closed);
    },
  };
};

const toBytes = (data: RawData): Uint8Array =>
  Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? new Uint8Array(data) : data;
