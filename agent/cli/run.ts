import { Command } from "commander";
import { describeError, exitCodes } from "../../shared/errors.ts";
import { createJsonLog } from "../../shared/json-log.ts";
import { startAgent } from "../agent.ts";
import { directoriesOf } from "../directories.ts";
import { createClockReader, minuteOfDay, stopReason } from "../host.ts";
import type { CliDeps } from "./deps.ts";
import { type ConfigOptions, readConfig, withConfigOptions } from "./options.ts";

/** Until the process is told to end, or finds that it can't go on. */
const untilStopped = (signal: AbortSignal, fatal: Promise<unknown>): Promise<unknown> =>
  Promise.race([
    fatal,
    new Promise<undefined>((resolve) => {
      if (signal.aborted) return resolve(undefined);
      signal.addEventListener("abort", () => resolve(undefined), { once: true });
    }),
  ]);

const run = async (options: ConfigOptions, deps: CliDeps): Promise<void> => {
  const { config } = readConfig(options, deps);
  const { clock, random, env, self, pid, version, platform, architecture, failPoint, usage } = deps;
  const log = createJsonLog({
    now: clock.now,
    level: config.log.level,
    write: (line) => void deps.stderr.write(line),
  });
  const fatal = Promise.withResolvers<unknown>();
  const agent = await startAgent(config, directoriesOf(config, env), {
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

/** `rollcall-agent run`: the daemon. A clean end after SIGTERM or SIGINT is exit code 0. */
export const runCommand = (deps: CliDeps): Command =>
  withConfigOptions(
    new Command("run").description("Run the agent: inventories, sweeps of the scopes, heartbeats, until SIGTERM."),
  )
    .addHelpText(
      "after",
      "\nExit codes: 0 stopped, 74 state damaged (start again), 77 no permission, 78 configuration or enrolment.",
    )
    .action((options: ConfigOptions) => run(options, deps));
