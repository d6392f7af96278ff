import { setFlagsFromString } from "node:v8";
import type { Command } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { systemClock } from "../shared/clock.ts";
import { describeError, exitCodes, isRollcallError, RollcallError } from "../shared/errors.ts";
import { createFailPoint } from "../shared/fail-point.ts";
import { createJsonLog, type LogLevel, logLevels } from "../shared/json-log.ts";
import { lookup } from "../shared/lookup.ts";
import { systemRandom } from "../shared/random.ts";
import type { CliCommand, CliDeps } from "./cli/deps.ts";
import { leanOptions } from "./lean.ts";
import { SETTINGS_VARIABLE } from "./settings.ts";

type Verb = {
  readonly summary: string;
  readonly hidden?: boolean;
  /** Over in a second: see lean.ts. */
  readonly isShort?: boolean;
  readonly load: () => Promise<CliCommand>;
};

/** A verb's file is imported only when it is asked for: `scan` must not pay for `run`. */
const verbs: Readonly<Record<string, Verb>> = {
  run: { summary: "run the agent", load: async () => (await import("./cli/run.ts")).runCommand },
  scan: { summary: "look at a network once", load: async () => (await import("./cli/scan.ts")).scanCommand },
  inventory: {
    summary: "show this host's inventory",
    isShort: true,
    load: async () => (await import("./cli/inventory.ts")).inventoryCommand,
  },
  snmp: { summary: "read one device by SNMP", load: async () => (await import("./cli/snmp.ts")).snmpCommand },
  enrol: {
    summary: "make keys and enrol at a collector",
    load: async () => (await import("./cli/enrol.ts")).enrolCommand,
  },
  status: {
    summary: "ask the running agent how it is",
    load: async () => (await import("./cli/status.ts")).statusCommand,
  },
  goodbye: {
    summary: "tell the collector that this host sleeps, or that its agent is being removed",
    load: async () => (await import("./cli/goodbye.ts")).goodbyeCommand,
  },
  doctor: {
    summary: "say what leaves this host, what is missing, and what to do",
    load: async () => (await import("./cli/doctor.ts")).doctorCommand,
  },
  round: {
    summary: "one heavy round in a child process of `run`",
    hidden: true,
    load: async () => (await import("./cli/round.ts")).roundCommand,
  },
};

const exitCodeOf = (error: unknown): number => {
  if (!isRollcallError(error)) return exitCodes.software;
  if (error.code.startsWith("config.")) return exitCodes.config;
  if (error.code.startsWith("usage.")) return exitCodes.usage;
  if (error.code.endsWith(".permission")) return exitCodes.noPermission;
  if (error.code.endsWith(".unavailable")) return exitCodes.unavailable;
  return exitCodes.failure;
};

const stopping = new AbortController();
// timeout(1) and some supervisors send SIGTERM twice in one breath; a person who presses Ctrl-C twice means it.
const TWICE_MS = { SIGINT: 0, SIGTERM: 2_000 } as const;
let stoppedAtMs = 0;
for (const [name, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.on(name, () => {
    const nowMs = systemClock.monotonic();
    if (stopping.signal.aborted && nowMs - stoppedAtMs >= TWICE_MS[name]) process.exit(code);
    if (stopping.signal.aborted) return;
    stoppedAtMs = nowMs;
    process.exitCode = code;
    stopping.abort(new RollcallError("signal", `stopped by ${name}`));
  });
}
// A reader that went away (`| head`) is no fault of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.ok);
    throw error;
  });
}

/** Options that make the resting daemon small (systemd/) would make the rounds, its children, slow. */
const forRounds = (option: string): boolean =>
  !/^--(lite-mode|max-lazy|jitless|optimize-for-size|max-semi-space-size=|initial-heap-size=)/.test(option);

const logLevel = (process.env["ROLLCALL_LOG"] ?? "warn") as LogLevel;
const deps: CliDeps = {
  clock: systemClock,
  random: systemRandom,
  log: createJsonLog({
    now: systemClock.now,
    level: logLevels.includes(logLevel) ? logLevel : "warn",
    write: (line) => void process.stderr.write(line),
  }),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stopping.signal,
  platform: process.platform,
  architecture: process.arch,
  pid: process.pid,
  uid: process.geteuid?.(),
  self: [
    process.execPath,
    ...process.execArgv.filter(forRounds),
    ...(process.argv[1] === undefined ? [] : [process.argv[1]]),
  ],
  version: packageJson.version,
  exit: (code) => {
    process.exitCode = code;
  },
  usage: () => {
    const cpu = process.cpuUsage();
    const memory = process.memoryUsage();
    return { rssBytes: memory.rss, heapBytes: memory.heapUsed, cpuMs: (cpu.user + cpu.system) / 1_000 };
  },
  failPoint: createFailPoint(process.env, () => process.kill(process.pid, "SIGKILL")),
};

/** The verbs' own arguments need a library; the daemon, which is `run` itself, is spared it. */
const runVerb = async (args: readonly string[]): Promise<void> => {
  const { Command, CommanderError } = await import("commander");
  const settle = (command: Command, program: Command): Command => {
    command.copyInheritedSettings(program);
    for (const child of command.commands) settle(child, program);
    return command;
  };
  const wanted = args[0] === "help" ? args[1] : args[0];
  if (lookup(verbs, wanted)?.isShort) for (const option of leanOptions) setFlagsFromString(option);
  const program = new Command("rollcall-agent")
    .description("Discovers this host and its network, and tells a Rollcall collector.")
    .version(deps.version)
    .showHelpAfterError("(see --help)")
    .exitOverride();
  for (const [name, verb] of Object.entries(verbs)) {
    const command =
      name === wanted
        ? settle((await verb.load())(deps), program)
        : new Command(name).description(verb.summary).allowUnknownOption();
    program.addCommand(command, { hidden: verb.hidden === true });
  }
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return deps.exit(exitCodes.usage);
  }
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    deps.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
  }
};

const run = async ([verb, ...rest]: readonly string[]): Promise<void> => {
  if (verb !== "run" || process.env[SETTINGS_VARIABLE] !== undefined)
    return runVerb(verb === undefined ? [] : [verb, ...rest]);
  const { runDaemon } = await import("./daemon.ts");
  await runDaemon(rest, deps);
};

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (isRollcallError(error, "signal")) process.exitCode ??= 130;
  else {
    // A RollcallError is told in one line; anything else is a bug, and its stack is what we need.
    const text = isRollcallError(error) ? describeError(error) : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`rollcall-agent: ${text}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
