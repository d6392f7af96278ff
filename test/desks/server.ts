import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type ServerSpec = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly logFile: string;
  /** Resolves to whether the server answers. */
  readonly isReady: () => Promise<boolean>;
  readonly deadlineMs: number;
};

export type Server = {
  readonly start: () => Promise<void>;
  /** SIGKILL to the whole process group: what a power cut leaves. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** SIGSTOP and SIGCONT: a desk that hangs. */
  readonly freeze: () => void;
  readonly thaw: () => void;
};

/** A real server as a child in a process group of its own, startable again after each end. */
export const createServerProcess = (spec: ServerSpec): Server => {
  let child: ChildProcess | undefined;
  const signal = (name: NodeJS.Signals) => {
    if (child?.pid === undefined) return;
    try {
      process.kill(-child.pid, name);
    } catch {
      // gone already
    }
  };
  const ended = async () => {
    const dying = child;
    if (dying && dying.exitCode === null && dying.signalCode === null)
      await new Promise((resolve) => dying.once("exit", resolve));
    child = undefined;
  };
  return {
    start: async () => {
      const log = openSync(spec.logFile, "a");
      child = spawn(spec.command, [...spec.args], {
        cwd: spec.cwd,
        env: spec.env,
        detached: true,
        stdio: ["ignore", log, log],
      });
      const until = Date.now() + spec.deadlineMs;
      while (Date.now() < until) {
        if (await spec.isReady().catch(() => false)) return;
        if (child.exitCode !== null) break;
        await sleep(200);
      }
      throw new Error(`${spec.name} did not start:\n${readFileSync(spec.logFile, "utf8").slice(-2_000)}`);
    },
    kill: async () => {
      signal("SIGKILL");
      await ended();
    },
    stop: async () => {
      signal("SIGTERM");
      const timer = setTimeout(() => signal("SIGKILL"), 5_000);
      await ended();
      clearTimeout(timer);
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
  };
};

/** Whether a server of a line protocol says hello in these words. */
export const greets = (port: number, words: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.setTimeout(3_000, () => socket.destroy());
    socket.once("data", (line) => {
      resolve(line.toString().startsWith(words));
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });

export const answersHttp = async (url: string): Promise<boolean> =>
  (await fetch(url, { signal: AbortSignal.timeout(20_000) })).status < 500;

/** Runs a set-up step to its end; its output is the error's text when it fails. */
export const runStep = (
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): void => {
  try {
    execFileSync(command, [...args], { ...options, stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 * 1_048_576 });
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: Buffer; stdout?: Buffer };
    throw new Error(`${command} ${args[0] ?? ""} failed:\n${`${stdout ?? ""}${stderr ?? ""}`.slice(-2_000)}`);
  }
};
