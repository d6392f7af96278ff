import { writeSync } from "node:fs";
import { Command } from "commander";
import { RollcallError } from "../../shared/errors.ts";
import { directoriesOf } from "../directories.ts";
import { readIdentityFile } from "../identity-file.ts";
import { type AgentSettings, SETTINGS_FD } from "../settings.ts";
import type { CliDeps } from "./deps.ts";
import { type ConfigOptions, readConfig, withConfigOptions } from "./options.ts";

/** Everything the daemon needs to know, checked; goes to it over a pipe, so that no secret meets an argument list or a file. */
const handOver = (options: ConfigOptions, deps: CliDeps): void => {
  const { config } = readConfig(options, deps);
  const directories = directoriesOf(config, deps.env);
  const settings: AgentSettings = { config, directories, identity: readIdentityFile(directories.state) };
  try {
    // A pipe takes what fits; the daemon reads at the other end.
    let rest: Uint8Array = Buffer.from(JSON.stringify(settings));
    while (rest.length > 0) rest = rest.subarray(writeSync(SETTINGS_FD, rest));
  } catch (cause) {
    throw new RollcallError("usage.run", "this part of run is started by the agent itself", { cause });
  }
};

/**
 * `rollcall-agent run`: the daemon. Reading arguments and configuration takes libraries that would stay in memory for as long as
 * the agent runs, so it happens in a process of its own, which is this one; `daemon.ts` is the one that stays.
 */
export const runCommand = (deps: CliDeps): Command =>
  withConfigOptions(
    new Command("run").description("Run the agent: inventories, sweeps of the scopes, heartbeats, until SIGTERM."),
  )
    .addHelpText(
      "after",
      "\nExit codes: 0 stopped, 69 another agent runs here, 74 state damaged (start again), 77 no permission, 78 configuration or enrolment.",
    )
    .action((options: ConfigOptions) => handOver(options, deps));
