import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { RollcallError } from "../../shared/errors.ts";
import type { CollectorConfig } from "../config.ts";
import type { CliIo } from "./io.ts";

/** Options of every verb that needs the collector's configuration. */
export type ConfigOptions = { readonly config?: string; readonly set: readonly string[]; readonly data?: string };

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export const withConfigOptions = (command: Command): Command =>
  command
    .option("-c, --config <file>", "configuration file (default: /etc/rollcall/collector.yaml, where there is one)")
    .option("--data <folder>", "data folder; short for --set dataDirectory=FOLDER")
    .addOption(
      new Option("--set <path=value>", "one option, e.g. --set listen.port=8443; may be repeated")
        .argParser(collect)
        .default([], "none"),
    );

/** @throws RollcallError `config.*` */
export const readConfig = async (
  { config: given, set, data }: ConfigOptions,
  { env, err, cwd }: CliIo,
): Promise<CollectorConfig & { readonly dataDirectory: string }> => {
  const { collectorConfigFile } = await import("../config-file.ts");
  const path =
    given ?? env["ROLLCALL_COLLECTOR_CONFIG"] ?? ["/etc/rollcall/collector.yaml"].find((one) => existsSync(one));
  let file: { path: string; text: string } | undefined;
  if (path !== undefined) {
    try {
      file = { path, text: readFileSync(path, "utf8") };
    } catch (cause) {
      throw new RollcallError("config.file", `reading configuration ${path}`, { cause });
    }
  }
  const sets = data === undefined ? set : [...set, `dataDirectory=${JSON.stringify(data)}`];
  const { config, warnings } = collectorConfigFile.load({ file, env, sets });
  for (const warning of warnings) err(`warning: ${warning}\n`);
  return {
    ...config,
    dataDirectory: resolve(cwd, config.dataDirectory ?? env["STATE_DIRECTORY"] ?? join(cwd, "data")),
  };
};

export const readNamedFile = (path: string): string => readFileSync(path, "utf8");
