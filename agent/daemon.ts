import { spawn } from "node:child_process";
import { describeError, exitCodes } from "../shared/errors.ts";
import { createJsonLog } from "../shared/json-log.ts";
import { startAgent } from "./agent.ts";
import type { CliDeps } from "./cli/deps.ts";
import { createClockReader, minuteOfDay, stopReason } from "./host.ts";
import { type AgentSettings, SETTINGS_FD, SETTINGS_VARIABLE } from "./settings.ts";

const MAX_SETTINGS = 16 << 20;

/** Reads and checks everything in a child process, which talks to the terminal itself; undefined when there is nothing to run. */
const readSettings = (args: readonly string[], { self, env, exit }: CliDeps): Promise<AgentSettings | undefined> =>
  new Promise((resolve, reject) => {
    const [program, ...rest] = self;
    const child = spawn(program, [...rest, "run", ...args], {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
      env: { ...env, [SETTINGS_VARIABLE]: String(SETTINGS_FD) },
    });
    let text = "";
    child.stdio[SETTINGS_FD]?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.length > MAX_SETTINGS) child.kill("SIGKILL");
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0 || text === "") {
        exit(code ?? exitCodes.software);
        return resolve(undefined);
      }
      resolve(JSON.parse(text) as AgentSettings);
    });
  });

/** Until the process is told to end, or finds that it can't go on. */
const untilStopped = (signal: AbortSignal, fatal: Promise<unknown>): Promise<unknown> =>
  Promise.race([
    fatal,
    new Promise<undefined>((resolve) => {
      if (signal.aborted) return resolve(undefined);
      signal.addEventListener("abort", () => resolve(undefined), { once: true });
    }),
  ]);

/** The process of `rollcall-agent run` that stays. It imports neither zod nor commander nor yaml: see README, "At rest". */
export const runDaemon = async (args: readonly string[], deps: CliDeps): Promise<void> => {
  const settings = await readSettings(args, deps);
  if (settings === undefined) return;
  const { clock, random, env, self, pid, version, platform, architecture, failPoint, usage } = deps;
  const { level } = settings.config.log;
  const log = createJsonLog({ now: clock.now, level, write: (line) => void deps.stderr.write(line) });
  const fatal = Promise.withResolvers<unknown>();
  const agent = await startAgent(settings, {
    ...{ clock, random, log, env, self, pid, version, platform, architecture, failPoint, usage, minuteOfDay },
    readClock: createClockReader(clock),
    onFatal: fatal.resolve,
  });
  log.info("agent started", { version, pid });
  const error = await untilStopped(deps.signal, fatal.promise);
  await agent.stop(error === undefined ? await stopReason() : "service-stop");
  if (error === undefined) return deps.exit(exitCodes.ok);
  log.error("ended, to begin anew", { error: describeError(error) });
  deps.exit(exitCodes.ioError);
};
