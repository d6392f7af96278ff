import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { systemClock } from "../shared/clock.ts";
import { describeError, exitCodes, isRollcallError } from "../shared/errors.ts";
import { createFailPoint } from "../shared/fail-point.ts";
import { createJsonLog, type LogLevel } from "../shared/json-log.ts";
import { systemRandom } from "../shared/random.ts";
import type { CliIo } from "./cli/io.ts";
import type { ThreadData } from "./engine/threads.ts";

const createLog = (level: LogLevel) =>
  createJsonLog({ now: systemClock.now, level, write: (line) => void process.stderr.write(line) });
const failPoint = createFailPoint(process.env, () => process.kill(process.pid, "SIGKILL"));

/** Exit code of an expected failure: configuration 78, everything of the surroundings 69 to 77, as sysexits(3). */
const exitCodeOf = (error: unknown): number => {
  if (!isRollcallError(error)) return exitCodes.software;
  if (error.code.startsWith("config.")) return exitCodes.config;
  if (error.code.endsWith(".permission")) return exitCodes.noPermission;
  if (error.code === "store.corrupt" || error.code === "store.version" || error.code === "data.damaged")
    return exitCodes.dataError;
  if (error.code === "store.full" || error.code === "store.io") return exitCodes.ioError;
  if (error.code.startsWith("data.") || error.code.startsWith("listen.")) return exitCodes.unavailable;
  return error.code.startsWith("usage.") ? exitCodes.usage : exitCodes.failure;
};

/** A RollcallError is told in one line; anything else is a bug, and its stack is what we need. */
const tell = (error: unknown): void => {
  const text = isRollcallError(error) ? describeError(error) : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`rollcall-collector: ${text}\n`);
};

const die = (error: Error): void => {
  tell(error);
  process.exit(exitCodeOf(error));
};

const createIo = (): CliIo => {
  const stop = new AbortController();
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.on(signal, () => {
      // The second one means it: whoever is stuck in stopping is left behind.
      if (stop.signal.aborted) process.exit(code);
      stop.abort();
    });
  }
  // A reader that went away (`| head`) is no fault of ours.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(exitCodes.ok);
      throw error;
    });
  return {
    env: process.env,
    cwd: process.cwd(),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isTerminal: process.stdout.isTTY === true,
    clock: systemClock,
    random: systemRandom,
    createLog,
    stopSignal: stop.signal,
    die,
    setExitCode: (code) => {
      process.exitCode = code;
    },
    // Every thread starts from this same file, also when it is bundled into one.
    startThread: (data) => new Worker(new URL(import.meta.url), { workerData: data, name: data.thread }),
    failPoint,
    execPath: process.execPath,
    programFolder: import.meta.dirname,
    pid: process.pid,
    version: packageJson.version,
  };
};

const runProgram = async (): Promise<void> => {
  const verbs = await import("./cli/registry.ts");
  const program = new Command("rollcall-collector")
    .description("Receives what agents see, keeps assets and their history, says what is missing.")
    .version(packageJson.version)
    .exitOverride()
    .showHelpAfterError("(see --help)");
  const io = createIo();
  for (const define of Object.values(verbs)) define(program, io);
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    else {
      process.exitCode = exitCodeOf(error);
      tell(error);
    }
  }
};

if (isMainThread) await runProgram();
else {
  const data = workerData as ThreadData;
  const log = createLog(data.thread === "engine" ? data.logLevel : "warn").child({ component: data.thread });
  const [{ runThread }, { toPort }] = await Promise.all([import("./engine/threads.ts"), import("./engine/calls.ts")]);
  if (parentPort)
    await runThread(data, toPort(parentPort), { clock: systemClock, random: systemRandom, log, failPoint });
}
