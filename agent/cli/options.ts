import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { RollcallError } from "../../shared/errors.ts";
import { agentConfigFile, type LoadedConfig } from "../config-file.ts";
import type { CliDeps } from "./deps.ts";

/** Options of every verb that needs the agent's configuration. */
export type ConfigOptions = { readonly config?: string; readonly set: readonly string[] };

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export const withConfigOptions = (command: Command): Command =>
  command
    .option("-c, --config <file>", "configuration file (default: /etc/rollcall/agent.yaml, where there is one)")
    .addOption(
      new Option("--set <path=value>", "one option, e.g. --set heartbeatSeconds=10; may be repeated")
        .argParser(collect)
        .default([], "none"),
    );

const defaultPaths = (env: CliDeps["env"]): string[] => [
  ...(env["XDG_CONFIG_HOME"] || env["HOME"]
    ? [join(env["XDG_CONFIG_HOME"] ?? join(env["HOME"] ?? "/", ".config"), "rollcall/agent.yaml")]
    : []),
  "/etc/rollcall/agent.yaml",
];

/** @throws RollcallError `config.file`, `config.invalid` */
export const readConfig = ({ config: given, set }: ConfigOptions, { env, stderr }: CliDeps): LoadedConfig => {
  const path = given ?? env["ROLLCALL_AGENT_CONFIG"] ?? defaultPaths(env).find((one) => existsSync(one));
  let file: { path: string; text: string } | undefined;
  if (path !== undefined) {
    try {
      file = { path, text: readFileSync(path, "utf8") };
    } catch (cause) {
      throw new RollcallError("config.file", `reading configuration ${path}`, { cause });
    }
  }
  const loaded = agentConfigFile.load({ file, env, sets: set });
  for (const warning of loaded.warnings) stderr.write(`warning: ${warning}\n`);
  return loaded;
};
