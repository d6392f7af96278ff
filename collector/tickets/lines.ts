import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Clock } from "../../shared/clock.ts";
import { RollcallError } from "../../shared/errors.ts";
import { isTlsFault, tlsFaultOf } from "./http.ts";

/** Where a server of a line protocol (SMTP, IMAP) is, and how the way there is guarded. */
export type LineServer = {
  readonly host: string;
  readonly port: number;
  /** "tls" from the first byte; "starttls": plain until `upgrade`, which the protocol's client must ask for; "none". */
  readonly security: "tls" | "starttls" | "none";
  /** PEM of an authority of one's own. */
  readonly ca?: string | undefined;
};

/** A conversation in lines with a server that may be hostile: whatever it sends, memory and time stay bounded. */
export type Lines = {
  /** The next line, without its end. @throws RollcallError `desk.lines` (retry) when the server breaks off, is too slow or too long */
  readonly read: () => Promise<string>;
  readonly write: (data: string | Buffer) => void;
  /** From here on TLS. What the server said before in clear must have been read: the rest could be an attacker's. */
  readonly upgrade: () => Promise<void>;
  /** Own address, as servers are told it. */
  readonly localAddress: string;
  readonly close: () => void;
};

export type LinesOptions = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The longest line; RFC 5321 allows replies of 512 bytes, IMAP servers say more. */
  readonly maxLineBytes?: number;
  /** All that may come in one conversation. */
  readonly maxBytes?: number;
};

const fault = (what: string, cause?: unknown): RollcallError =>
  new RollcallError("desk.lines", what, { remedy: "retry", cause });

const connectFault = (server: LineServer, cause: NodeJS.ErrnoException): RollcallError => {
  const place = `${server.host}:${server.port}`;
  return isTlsFault(cause)
    ? new RollcallError("desk.tls", `${place}: ${tlsFaultOf(cause)}`, { remedy: "retry", cause })
    : new RollcallError("desk.refused", `${place}: not reachable (${cause.code ?? cause.message})`, {
        remedy: "retry",
        cause,
      });
};

/**
 * Connects, and with "tls" checks the server's name.
 * @throws RollcallError `desk.refused`, `desk.tls` (both: nothing was said, to be tried again)
 */
export const openLines = async (
  server: LineServer,
  { signal, maxLineBytes = 4_096, maxBytes = 262_144 }: LinesOptions,
): Promise<Lines> => {
  signal.throwIfAborted();
  const tls = {
    ...(server.ca === undefined ? {} : { ca: server.ca }),
    servername: isName(server.host) ? server.host : "",
  };
  let socket: Socket | TLSSocket;
  /** What came and was not read; at most a line's length and one packet of it is held. */
  let pending: Buffer = Buffer.alloc(0);
  let received = 0;
  let ended: Error | undefined;
  let wake = () => {};

  const end = (error: Error) => {
    ended ??= error;
    socket.destroy();
    wake();
  };
  const onData = (part: Buffer) => {
    received += part.length;
    if (received > maxBytes) return end(fault(`the server says more than ${maxBytes} bytes`));
    pending = pending.length === 0 ? part : Buffer.concat([pending, part]);
    if (pending.length > maxLineBytes) socket.pause();
    wake();
  };
  const listen = () => {
    socket.on("data", onData);
    socket.on("error", (cause) => end(fault("the connection broke", cause)));
    socket.on("close", () => end(fault("the server hung up")));
  };
  const onAbort = () => end(fault("the server is too slow", signal.reason));
  signal.addEventListener("abort", onAbort, { once: true });

  const ready = (what: "connect" | "secureConnect"): Promise<void> =>
    new Promise((resolve, reject) => {
      const stop = () => {
        socket.destroy();
        refuse(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
      };
      const refuse = (cause: Error) => {
        signal.removeEventListener("abort", stop);
        reject(connectFault(server, cause as NodeJS.ErrnoException));
      };
      const broken = () => refuse(new Error("it hung up"));
      signal.addEventListener("abort", stop, { once: true });
      socket.once("error", refuse);
      socket.once("close", broken);
      socket.once(what, () => {
        signal.removeEventListener("abort", stop);
        socket.off("error", refuse);
        socket.off("close", broken);
        resolve();
      });
    });

  const { host, port } = server;
  if (server.security === "tls") {
    socket = connectTls({ host, port, ...tls });
    await ready("secureConnect");
  } else {
    socket = connectPlain({ host, port });
    await ready("connect");
  }
  listen();

  const takeLine = (): string | undefined => {
    const at = pending.indexOf(10);
    if (at < 0 ? pending.length > maxLineBytes : at > maxLineBytes)
      throw fault(`the server sends a line of more than ${maxLineBytes} bytes`);
    if (at < 0) return undefined;
    const line = pending.subarray(0, at).toString("latin1").replace(/\r$/, "");
    pending = pending.subarray(at + 1);
    if (pending.length <= maxLineBytes) socket.resume();
    return line;
  };
  return {
    read: async () => {
      for (;;) {
        const line = takeLine();
        if (line !== undefined) return line;
        if (ended) throw ended;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    write: (data) => void socket.write(data),
    upgrade: async () => {
      if (pending.length > 0) throw fault("the server spoke before TLS was agreed");
      socket.removeAllListeners();
      socket = connectTls({ socket, host, ...tls });
      await ready("secureConnect");
      listen();
    },
    localAddress: socket.localAddress ?? "127.0.0.1",
    close: () => {
      signal.removeEventListener("abort", onAbort);
      ended ??= fault("closed");
      socket.destroy();
    },
  };
};

/** A name can be sent as SNI, an address can't. */
const isName = (host: string): boolean => !/^[\d.]+$|:/.test(host);
