import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { RollcallError } from "../../shared/errors.ts";
import { type ConfigOptions, readConfig, withConfigOptions } from "./config-options.ts";
import type { CliIo, DefineVerb } from "./io.ts";

const FILES = ["collector.json", "rollcall.db"] as const;

/** `rollcall-collector backup FOLDER`: a consistent copy of the data folder, also beside a running collector. */
export const backup: DefineVerb = (program, io) => {
  withConfigOptions(program.command("backup").description("copy the data folder, also while the collector runs"))
    .argument("<folder>", "where to: a new or empty folder")
    .action((folder: string, options: ConfigOptions) => backUp(resolve(io.cwd, folder), options, io));
};

/** `rollcall-collector restore FOLDER`: the copy becomes the data folder. What agents sent since, they send again. */
export const restore: DefineVerb = (program, io) => {
  withConfigOptions(program.command("restore").description("make a backup the data folder; the collector must not run"))
    .argument("<folder>", "a folder that `backup` wrote")
    .option("--replace", "replace what is in the data folder")
    .action((folder: string, options: ConfigOptions & { readonly replace?: boolean }) =>
      putBack(resolve(io.cwd, folder), options, io),
    );
};

const backUp = async (folder: string, options: ConfigOptions, io: CliIo): Promise<void> => {
  const { dataDirectory } = await readConfig(options, io);
  const { copyDatabase } = await import("../store/sqlite/copy.ts");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readdirSync(folder).length > 0)
    throw new RollcallError("usage.backup", `${folder} is not empty: name a new folder`);
  if (!existsSync(join(dataDirectory, "rollcall.db")))
    throw new RollcallError("usage.backup", `${dataDirectory} is no data folder of a collector`);
  await copyDatabase(join(dataDirectory, "rollcall.db"), join(folder, "rollcall.db"));
  copyFileSync(join(dataDirectory, "collector.json"), join(folder, "collector.json"));
  for (const name of FILES) chmodSync(join(folder, name), 0o600);
  io.out(`backed up ${dataDirectory} to ${folder}\n`);
};

const putBack = async (
  folder: string,
  options: ConfigOptions & { readonly replace?: boolean },
  io: CliIo,
): Promise<void> => {
  const { dataDirectory } = await readConfig(options, io);
  const [{ lockDataFolder }, { checkDatabase }] = await Promise.all([
    import("../data-folder.ts"),
    import("../store/sqlite/copy.ts"),
  ]);
  for (const name of FILES)
    if (!existsSync(join(folder, name)))
      throw new RollcallError("usage.restore", `${folder} has no ${name}: it is no backup of a collector`);
  checkDatabase(join(folder, "rollcall.db"));
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const unlock = lockDataFolder(dataDirectory, io.pid);
  try {
    if (existsSync(join(dataDirectory, "rollcall.db")) && options.replace !== true)
      throw new RollcallError("usage.restore", `${dataDirectory} holds data: --replace throws it away`);
    for (const suffix of ["", "-wal", "-shm"]) rmSync(join(dataDirectory, `rollcall.db${suffix}`), { force: true });
    for (const name of FILES) copyFileSync(join(folder, name), join(dataDirectory, name));
    io.out(`restored ${dataDirectory} from ${folder}\n`);
  } finally {
    unlock();
  }
};
