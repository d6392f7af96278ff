import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expectIdentical } from "./start-collector.ts";
import { until } from "./until.ts";

/** Agents and collectors as processes of their own, to be killed and started again over the same folders. */

const program = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const collectorProgram = program("collector/rollcall-collector.mjs");
const agentProgram = program("agent/rollcall-agent.mjs");

export type Restartable = {
  /** Both for this start only: `env` for fail points, `under` a program that runs it (strace and its options). */
  readonly start: (env?: Readonly<Record<string, string>>, under?: readonly string[]) => void;
  /** SIGKILL; resolves when it is gone. Harmless when it already is. */
  readonly kill: () => Promise<void>;
  readonly terminate: () => Promise<void>;
  readonly isRunning: () => boolean;
  readonly pid: () => number | undefined;
  /** Everything it wrote to stderr, over all its lives. */
  readonly stderr: () => string;
};

const createRestartable = (script: string, args: readonly string[], logFile: string): Restartable => {
  let child: ChildProcess | undefined;
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals) => {
    const dying = child;
    if (!dying || !isRunning()) return;
    const gone = new Promise((resolve) => dying.once("exit", resolve));
    dying.kill(signal);
    await gone;
  };
  return {
    start: (env = {}, under = []) => {
      if (isRunning()) return;
      const log = openSync(logFile, "a");
      const [command = process.execPath, ...before] = [...under, process.execPath];
      child = spawn(command, [...before, script, ...args], {
        env: { ...process.env, ...env },
        stdio: ["ignore", log, log],
      });
    },
    kill: () => end("SIGKILL"),
    terminate: () => end("SIGTERM"),
    isRunning,
    pid: () => child?.pid,
    stderr: () => readFileSync(logFile, "utf8"),
  };
};

export type Json = ReturnType<typeof JSON.parse>;

export type CollectorProcess = Restartable & {
  readonly url: string;
  readonly dataFolder: string;
  /** GET below /api/v1, as an administrator. */
  readonly get: (path: string) => Promise<Json>;
  readonly enrolToken: () => string;
  /** What `rebuild --check` says of its data folder. */
  readonly rebuildCheck: () => string;
  /** Terminates it where a story ends: what is stored must be what was kept of it. @throws with the rows that differ */
  readonly end: () => Promise<void>;
  /** @throws when it ended instead. */
  readonly untilReady: () => Promise<void>;
};

export type CollectorProcessOptions = {
  readonly folder: string;
  readonly port: number;
  readonly set?: readonly string[];
  /** Beside `run`: `["--record", FILE]`. */
  readonly options?: readonly string[];
};

const run = (script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string =>
  execFileSync(process.execPath, [script, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });

/** Not started yet: its tokens are made first, as an administrator would on the command line. */
export const createCollectorProcess = ({
  folder,
  port,
  set = [],
  options: beside = [],
}: CollectorProcessOptions): CollectorProcess => {
  const dataFolder = join(folder, "data");
  mkdirSync(folder, { recursive: true });
  const options = ["--data", dataFolder, ...set.flatMap((one) => ["--set", one])];
  const token = run(collectorProgram, ["token", "create", "--role", "administrator", "--data", dataFolder]).trim();
  const url = `http://127.0.0.1:${port}`;
  const process_ = createRestartable(
    collectorProgram,
    ["run", ...options, ...beside, "--port", String(port)],
    join(folder, "collector.log"),
  );
  const get = async (path: string) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(30_000),
    });
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  return {
    ...process_,
    end: async () => {
      await process_.terminate();
      expectIdentical(dataFolder);
    },
    url,
    dataFolder,
    get,
    enrolToken: () =>
      run(collectorProgram, [
        "token",
        "create",
        "--enrol",
        "--uses",
        "many",
        "--no-approve",
        "--data",
        dataFolder,
      ]).trim(),
    rebuildCheck: () => run(collectorProgram, ["rebuild", "--check", "--data", dataFolder]),
    untilReady: async () => {
      const answers = async () => {
        if (!process_.isRunning()) throw new Error("the collector ended before it was ready");
        return get("/health").then(
          () => true,
          () => false,
        );
      };
      await until("the collector answers", answers, { timeoutMs: 60_000, everyMs: 50 });
    },
  };
};

export type AgentProcess = Restartable & {
  readonly folder: string;
  readonly agentId: string;
  readonly status: () => Json;
};

export type AgentProcessOptions = {
  readonly folder: string;
  readonly name: string;
  readonly set?: readonly string[];
} & (
  | { readonly collectorUrl: string; readonly token: string }
  /** Its folder is a copy of an enrolled one. */
  | { readonly agentId: string }
);

/** Enrolled, not started. */
export const createAgentProcess = ({ folder, name, set = [], ...identity }: AgentProcessOptions): AgentProcess => {
  mkdirSync(folder, { recursive: true });
  const options = [`stateDirectory=${folder}`, `name=${name}`, ...set].flatMap((one) => ["--set", one]);
  const enrol = (url: string, token: string): string =>
    JSON.parse(
      run(agentProgram, ["enrol", "--url", url, "--token", "env:ENROL_TOKEN", "--json", ...options], {
        ENROL_TOKEN: token,
      }),
    ).agentId;
  return {
    ...createRestartable(agentProgram, ["run", ...options], join(folder, "agent.log")),
    folder,
    agentId: "agentId" in identity ? identity.agentId : enrol(identity.collectorUrl, identity.token),
    status: () => JSON.parse(run(agentProgram, ["status", "--json", ...options])),
  };
};
