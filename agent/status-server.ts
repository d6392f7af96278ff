import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Clock } from "../shared/clock.ts";
import { RollcallError } from "../shared/errors.ts";

/** The socket over which a running agent tells how it is: one JSON value, then the end. For its own user only. */
export const statusSocketPath = (runtimeDirectory: string): string => join(runtimeDirectory, "agent.sock");

/** What the running agent may be asked: how it is, or to say that its host goes to sleep. One word, one line. */
export type Request = "status" | "sleep";
type Answers = Readonly<Record<Request, () => unknown>>;

/** Whoever connects and says nothing for so long, ms, is told the status. */
const SILENCE_MS = 200;
const MAX_REQUEST = 64;

/** sun_path holds 108 octets with the closing zero (unix(7)). */
const MAX_PATH = 107;
const MAX_ANSWER = 4 << 20;

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });

/** Reads one word and answers it. */
const serve = (socket: Socket, answers: Answers, clock: Clock): void => {
  let text = "";
  const answer = async () => {
    cancel();
    socket.removeAllListeners("data");
    const word = text.trim() === "" ? "status" : text.trim();
    const result = Object.hasOwn(answers, word)
      ? await answers[word as Request]()
      : { error: "expected status or sleep" };
    socket.end(`${JSON.stringify(result)}\n`);
  };
  const cancel = clock.after(SILENCE_MS, () => void answer());
  socket.on("error", cancel);
  socket.on("close", cancel);
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    if (text.includes("\n") || text.length > MAX_REQUEST) void answer();
  });
};

/**
 * Answers requests until stopped. Whoever holds the state folder's lock may take over a socket that a killed
 * agent left.
 * @throws RollcallError `config.runtime`
 */
export const startStatusServer = async (
  runtimeDirectory: string,
  answers: Answers,
  clock: Clock,
): Promise<() => Promise<void>> => {
  const path = statusSocketPath(runtimeDirectory);
  if (Buffer.byteLength(path) > MAX_PATH)
    throw new RollcallError(
      "config.runtime",
      `runtime folder ${runtimeDirectory} has too long a name for a socket: set runtimeDirectory`,
    );
  const server = createServer((socket) => serve(socket, answers, clock));
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
export const askAgent = (
  runtimeDirectory: string,
  clock: Clock,
  request: Request = "status",
  timeoutMs = 5_000,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const path = statusSocketPath(runtimeDirectory);
    const socket = connect(path, () => void socket.write(`${request}\n`));
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
