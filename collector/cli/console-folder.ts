import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CollectorConfig } from "../config.ts";
import type { CliIo } from "./io.ts";

/** The built console: in the tree beside the program's sources, in an installation beside the bundled file. */
export const findConsole = (
  { consoleDirectory }: Pick<CollectorConfig, "consoleDirectory">,
  { programFolder }: Pick<CliIo, "programFolder">,
): { readonly consoleDirectory?: string } => {
  const places =
    consoleDirectory === undefined
      ? ["console/dist", "console", "../console/dist"].map((name) => join(programFolder, name))
      : [consoleDirectory];
  const found = places.find((place) => existsSync(join(place, "index.html")) && existsSync(join(place, "static")));
  return found === undefined ? {} : { consoleDirectory: found };
};

export const CONSOLE_MISSING = "the console is not built: the API works, pages do not (npm run console builds it)";
