import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import WebSocket from "ws";
import type { Clock } from "../../shared/clock.ts";
import { describeError, RollcallError } from "../../shared/errors.ts";
import { type Challenge, parseChallenge } from "../down-words.ts";
import { MAX_DOWN_FRAME_BYTES, type Traffic, type Uplink, type Wire, type WireEvents } from "./uplink.ts";

export type WebSocketUplinkOptions = {
  /** wss://…/api/v1/agents/ws, or ws:// on loopback. */
  readonly url: string;
  /** PEM of the only authorities believed; without it the system's. */
  readonly ca?: string;
  readonly collectorId: string;
  /** Between pings; a connection whose last ping was not answered by the next is dead. */
  readonly pingMs: number;
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
};

type Opening = { readonly socket: WebSocket; readonly traffic: () => Traffic };

/** The TCP socket is made here and not by `ws`, so that what is counted is what the network carries: TLS records included. */
const openSocket = ({ url, ca }: WebSocketUplinkOptions, signal: AbortSignal): Opening => {
  let tcp: Socket | undefined;
  const createConnection = (options: ConnectionOptions): Socket => {
    tcp = connectTcp({ host: String(options.host), port: Number(options.port), noDelay: true, signal });
    if (!url.startsWith("wss:")) return tcp;
    const host = String(options.host);
    return connectTls({
      ...(ca !== undefined && { ca }),
      ...(isIP(host) === 0 && { servername: host }),
      ...{ socket: tcp, host, minVersion: "TLSv1.2", ALPNProtocols: ["http/1.1"] },
    });
  };
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: MAX_DOWN_FRAME_BYTES,
    followRedirects: false,
    createConnection: createConnection as NonNullable<WebSocket.ClientOptions["createConnection"]>,
  });
  return {
    socket,
    traffic: () => ({ sentBytes: tcp?.bytesWritten ?? 0, receivedBytes: tcp?.bytesRead ?? 0 }),
  };
};

/** Errors of a handshake in the words of who has to act. The URL holds no secret: enrolment has taken place already. */
const toConnectError = (url: string, error: unknown): RollcallError => {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  if (/CERT|SELF_SIGNED|ALTNAME|ISSUER/.test(code))
    return new RollcallError("uplink.certificate", `the certificate of ${url} is not trusted (set collector.caFile)`, {
      remedy: "retry",
      cause: error,
    });
  return new RollcallError("uplink.connect", `connecting to ${url}`, { remedy: "retry", cause: error });
};

const asBytes = (data: WebSocket.RawData): Uint8Array =>
  Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? new Uint8Array(data) : data;

const nonceOf = (text: string, collectorId: string): string => {
  let challenge: Challenge | undefined;
  try {
    challenge = parseChallenge(JSON.parse(text));
  } catch (cause) {
    throw new RollcallError("uplink.protocol", "reading the collector's challenge", { remedy: "retry", cause });
  }
  if (challenge === undefined)
    throw new RollcallError("uplink.protocol", "the other end is no collector", { remedy: "retry" });
  if (challenge.collectorId !== collectorId)
    throw new RollcallError(
      "uplink.refused",
      `another collector (${challenge.collectorId}) answers at this address: enrol again if that is meant`,
      { remedy: "retry" },
    );
  return challenge.nonce;
};

/** Waits for the challenge, which is the collector's first word; gives its nonce. */
const handshake = (socket: WebSocket, options: WebSocketUplinkOptions, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const { url, clock, collectorId, connectTimeoutMs } = options;
    const give = (settle: () => void) => {
      cancel();
      signal.removeEventListener("abort", onAbort);
      settle();
    };
    const fail = (error: unknown) => give(() => reject(error));
    const onAbort = () => fail(signal.reason);
    const cancel = clock.after(connectTimeoutMs, () =>
      fail(
        new RollcallError("uplink.timeout", `no challenge from ${url} in ${connectTimeoutMs} ms`, { remedy: "retry" }),
      ),
    );
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("unexpected-response", (request, response) => {
      const status = response.statusCode ?? 0;
      request.destroy();
      const code = [401, 403, 404, 426].includes(status) ? "uplink.refused" : "uplink.connect";
      fail(new RollcallError(code, `${url} answered ${status} instead of a WebSocket`, { remedy: "retry" }));
    });
    socket.on("error", (error) => fail(toConnectError(url, error)));
    socket.once("close", (code, reason) =>
      fail(new RollcallError("uplink.closed", `${url} closed the connection (${code} ${reason})`, { remedy: "retry" })),
    );
    socket.once("message", (data, isBinary) => {
      if (isBinary) return fail(new RollcallError("uplink.protocol", "no challenge came first", { remedy: "retry" }));
      try {
        const nonce = nonceOf(asBytes(data).toString(), collectorId);
        give(() => resolve(nonce));
      } catch (error) {
        fail(error);
      }
    });
  });

/** Pings, so that a peer that vanished without a close is noticed although an unchanged cycle gets no answer. */
const keepAlive = (socket: WebSocket, { clock, pingMs }: WebSocketUplinkOptions): (() => void) => {
  let answered = true;
  let cancel = (): void => {};
  const ping = () => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
    cancel = clock.after(pingMs, ping, { unref: true });
  };
  socket.on("pong", () => {
    answered = true;
  });
  cancel = clock.after(pingMs, ping, { unref: true });
  return () => cancel();
};

export const createWebSocketUplink = (options: WebSocketUplinkOptions): Uplink => ({
  name: "websocket",
  signs: "hello",
  connect: async (events: WireEvents, signal): Promise<Wire> => {
    const { socket, traffic } = openSocket(options, signal);
    let challenge: string;
    // Frames can follow the challenge in the same packet: they wait until the conversation is there to hear them.
    const early: Uint8Array[] = [];
    let hear = (frame: Uint8Array): void => void early.push(frame);
    socket.on("message", (data, isBinary) => {
      if (isBinary) hear(asBytes(data));
    });
    try {
      challenge = await handshake(socket, options, signal);
    } catch (error) {
      socket.on("error", () => {});
      socket.terminate();
      throw error;
    }
    const stopPings = keepAlive(socket, options);
    let why = "";
    socket.on("error", (error) => {
      why = describeError(error);
    });
    const closed = new Promise<void>((resolve) =>
      socket.once("close", (code, reason) => {
        stopPings();
        resolve();
        events.onClose(why || `closed (${code}${reason.length > 0 ? ` ${reason}` : ""})`);
      }),
    );
    for (const frame of early.splice(0)) events.onFrame(frame);
    hear = events.onFrame;
    return {
      challenge,
      traffic,
      send: (frame) =>
        new Promise((resolve, reject) =>
          socket.send(frame, { binary: true }, (error) => (error ? reject(error) : resolve())),
        ),
      close: async () => {
        socket.close(1000);
        const cancel = options.clock.after(1_000, () => socket.terminate(), { unref: true });
        await closed;
        cancel();
      },
    };
  },
});
