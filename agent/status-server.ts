import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import type { Clock } from "../shared/clock.ts";
import { RollcallError } from "../shared/errors.ts";

/** The socket over which a running agent tells how it is: one JSON value, then the end. For its own user only. */
export const statusSocketPath = (runtimeDirectory: string): string => join(runtimeDirectory, "agent.sock");

/** sun_path holds 108 octets with the closing zero (unix(7)). */
const MAX_PATH = 107;
const MAX_ANSWER = 4 << 20;

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });

/**
 * Answers status requests until stopped. Whoever holds the state folder's lock may take over a socket that a killed
 * agent left.
 * @throws RollcallError `config.runtime`
 */
export const startStatusServer = async (
  runtimeDirectory: string,
  read: () => unknown,
): Promise<() => Promise<void>> => {
  const path = statusSocketPath(runtimeDirectory);
  if (Buffer.byteLength(path) > MAX_PATH)
    throw new RollcallError(
      "config.runtime",
      `runtime folder ${runtimeDirectory} has too long a name for a socket: set runtimeDirectory`,
    );
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end(`${JSON.stringify(read())}\n`);
  });
  server.maxConnections = 8;
  try {
    mkdirSync(runtimeDirectory, { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
    await listen(server, path);
    chmodSync(path, 0o600);
  } catch (cause) {
    throw new RollcallError("config.runtime", `making the status socket ${path}`, { cause });
  }
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
};

/** Asks a running agent. @throws RollcallError `status.unavailable`, `status.permission` */
export const askStatus = (runtimeDirectory: string, clock: Clock, timeoutMs = 5_000): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const path = statusSocketPath(runtimeDirectory);
    const socket = connect(path);
    let text = "";
    const fail = (code: string, message: string, cause?: unknown) => {
      cancel();
      socket.destroy();
      reject(new RollcallError(code, message, cause === undefined ? {} : { cause }));
    };
    const cancel = clock.after(timeoutMs, () => fail("status.unavailable", `the agent at ${path} does not answer`));
    socket.on("data", (chunk) => {
      text += String(chunk);
      if (text.length > MAX_ANSWER) fail("status.unavailable", `the answer of ${path} is too long`);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EACCES" || error.code === "EPERM")
        return fail("status.permission", `${path} is for the agent's own user: run this as that user`);
      fail("status.unavailable", `no agent is running here (nobody listens at ${path})`);
    });
    socket.on("end", () => {
      cancel();
      try {
        resolve(JSON.parse(text));
      } catch (cause) {
        fail("status.unavailable", `the answer of ${path} is no status`, cause);
      }
    });
  });
