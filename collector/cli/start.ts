import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { minutes, seconds } from "../../shared/clock.ts";
import { RollcallError } from "../../shared/errors.ts";
import type { Collector } from "../collector.ts";
import { type ConfigOptions, readConfig, readNamedFile, withConfigOptions } from "./config-options.ts";
import { CONSOLE_MISSING, findConsole } from "./console-folder.ts";
import type { CliIo, DefineVerb } from "./io.ts";

type StartOptions = ConfigOptions & { readonly port?: string };

const SIGN_IN_MS = minutes(10);
const FIRST_ASSET_WITHIN_MS = minutes(2);
/** How long the agent may take for its goodbye. */
const AGENT_STOP_MS = seconds(10);

/**
 * `npm start`: a collector and an enrolled agent of this host, as two processes, on loopback. No packet leaves the host:
 * the agent reads the kernel's own neighbour table and has no scope to look at.
 */
export const start: DefineVerb = (program, io) => {
  withConfigOptions(program.command("start").description("try it: a collector and an agent of this host, on loopback"))
    .option("--port <number>", "port of console and API")
    .action((options: StartOptions) => runBoth(options, io));
};

const runBoth = async (options: StartOptions, io: CliIo): Promise<void> => {
  const begunAt = io.clock.monotonic();
  const set = options.port === undefined ? options.set : [...options.set, `listen.port=${options.port}`];
  const config = await readConfig({ ...options, set: ["log.level=warn", ...set] }, io);
  if (!/^(localhost|127\.|\[?::1)/.test(config.listen.host))
    throw new RollcallError("usage.loopback", "start is for loopback only: rollcall-collector run listens elsewhere");
  const console = findConsole(config, io);
  if (console.consoleDirectory === undefined) io.err(`warning: ${CONSOLE_MISSING}\n`);
  const collector = await startHere({ ...config, ...console }, io);
  const agent = startAgent(collector, config.dataDirectory, io);
  try {
    io.out(`\nRollcall is at ${collector.url}\n`);
    await tellSignIn(collector, config.dataDirectory, io);
    const enrolled = await agent.enrol();
    agent.run();
    io.out(`Agent ${enrolled ? "enrolled" : "started"}; its own process, its state in ${agent.folder}\n`);
    void tellFirstAsset(collector, begunAt, io);
    io.out("Ctrl-C stops both.\n");
    await Promise.race([untilAborted(io.stopSignal), agent.failed]);
  } finally {
    // The agent first, so that its goodbye is heard.
    await agent.stop();
    await collector.stop();
    io.out("stopped\n");
  }
};

const startHere = async (config: Awaited<ReturnType<typeof readConfig>>, io: CliIo): Promise<Collector> => {
  const [{ startCollector }, { readSecret }, { threadParts }] = await Promise.all([
    import("../collector.ts"),
    import("../../shared/secret.ts"),
    import("../engine/threads.ts"),
  ]);
  const { clock, random, startThread, version, pid } = io;
  const log = io.createLog(config.log.level).child({ component: "collector" });
  return startCollector(config, {
    ...{ clock, random, log, version, pid },
    parts: threadParts(startThread, io.die),
    readSecret: (reference) => readSecret(reference, io.env, readNamedFile),
    credentials: io.env["CREDENTIALS_DIRECTORY"],
  });
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** The code is in the fragment, which no server sees; to a terminal, or to a file that only its owner reads, never to a log. */
const tellSignIn = async (collector: Collector, dataDirectory: string, io: CliIo): Promise<void> => {
  const outcome = await collector.engine.apply(
    { kind: "sign-in.create", user: "admin", role: "administrator", withinMs: SIGN_IN_MS },
    { name: "npm start", role: "system" },
  );
  if (outcome.status === "refused") return io.err(`warning: no sign-in link: ${outcome.reason}\n`);
  const link = `${collector.url}/sign-in#${outcome.result.code}`;
  if (io.isTerminal) return io.out(`Sign in once, within 10 minutes: ${link}\n`);
  const path = join(dataDirectory, "sign-in-link");
  writeFileSync(path, `${link}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  io.out(`Sign in once, within 10 minutes, by the link in ${path}\n`);
};

const tellFirstAsset = async ({ reads }: Collector, begunAt: number, io: CliIo): Promise<void> => {
  while (!io.stopSignal.aborted && io.clock.monotonic() - begunAt < FIRST_ASSET_WITHIN_MS) {
    const { items } = await reads.assets({ limit: 1, hasAgent: true });
    const asset = items[0];
    if (asset !== undefined && (asset.softwareCount !== undefined || asset.osName !== undefined)) {
      const took = ((io.clock.monotonic() - begunAt) / 1_000).toFixed(1);
      return io.out(`First asset after ${took} s: ${asset.name} (${asset.osName ?? "?"} ${asset.osVersion ?? ""})\n`);
    }
    await io.clock.sleep(100, io.stopSignal).catch(() => {});
  }
};

/** In the tree, beside the bundled collector, or in the tree's own bundle. */
const findAgent = ({ programFolder }: CliIo): string => {
  const places = ["../agent/rollcall-agent.mjs", "rollcall-agent.mjs", "../../agent/dist/rollcall-agent.mjs"];
  const found = places.map((place) => join(programFolder, place)).find((path) => existsSync(path));
  if (found === undefined) throw new RollcallError("start.agent", `no rollcall-agent.mjs near ${programFolder}`);
  return found;
};

/** The agent as a process of its own, in a process group of its own: Ctrl-C reaches us, and we end it in order. */
const startAgent = (collector: Collector, dataDirectory: string, io: CliIo) => {
  const folder = join(dataDirectory, "agent");
  const program = findAgent(io);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configPath = join(folder, "agent.yaml");
  if (!existsSync(configPath)) writeFileSync(configPath, EXAMPLE_CONFIG, { mode: 0o600 });
  const common = ["--config", configPath, "--set", `stateDirectory=${JSON.stringify(folder)}`];
  const { ROLLCALL_FAIL_POINT: _, ...env } = io.env;
  const launch = (args: readonly string[], extra: Readonly<Record<string, string>> = {}) =>
    spawn(io.execPath, [program, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...env, ...extra },
      detached: true,
    });
  let running: ChildProcess | undefined;
  let stopping = false;
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});

  return {
    folder,
    failed,
    /** Whether it had to be done: a folder that is enrolled here keeps its identity. */
    enrol: async (): Promise<boolean> => {
      if (existsSync(join(folder, "identity.json"))) return false;
      const token = await collector.engine.apply(
        {
          kind: "token.create",
          token: { kind: "enrol", name: "npm start", maxUses: 1, approval: false },
          expiresInMs: SIGN_IN_MS,
        },
        { name: "npm start", role: "system" },
      );
      if (token.status === "refused") throw new RollcallError("start.enrol", token.reason);
      const args = ["enrol", ...common, "--url", collector.url, "--token", "env:ROLLCALL_ENROL_TOKEN"];
      const { code, lastWords } = await ended(launch(args, { ROLLCALL_ENROL_TOKEN: token.result.secret }));
      if (code !== 0) throw new RollcallError("start.enrol", `the agent could not enrol: ${lastWords}`);
      return true;
    },
    run: (): void => {
      running = launch(["run", ...common, "--set", `collector.url=${collector.url}`, "--set", "log.level=warn"]);
      running.stderr?.on("data", (chunk: Buffer) => io.err(chunk.toString()));
      const child = running;
      void ended(child).then(({ code, lastWords }) => {
        if (stopping) return;
        // Whoever kills the agent wants to see what the collector makes of it.
        if (child.signalCode !== null)
          return io.out(
            `The agent was killed (${child.signalCode}); the collector goes on. Start again to have it back.\n`,
          );
        reject(new RollcallError("start.agent", `the agent ended with ${code}: ${lastWords}`));
      });
    },
    stop: async (): Promise<void> => {
      stopping = true;
      if (running === undefined || running.exitCode !== null) return;
      const child = running;
      const exit = ended(child);
      child.kill("SIGTERM");
      const cancel = io.clock.after(AGENT_STOP_MS, () => child.kill("SIGKILL"));
      await exit;
      cancel();
    },
  };
};

const ended = (child: ChildProcess): Promise<{ readonly code: number; readonly lastWords: string }> => {
  let words = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2_000);
  });
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null)
      return resolve({ code: child.exitCode ?? 1, lastWords: words });
    child.once("error", (error) => resolve({ code: 1, lastWords: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, lastWords: words.trim().split("\n").at(-1) ?? "" }));
  });
};

const EXAMPLE_CONFIG = `# The agent that npm start runs on this host. Every option: npm run -s agent -- doctor --help, agent/README.md.
heartbeatSeconds: 10
inventory:
  intervalMinutes: 5
`;
