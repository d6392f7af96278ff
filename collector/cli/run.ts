import { resolve } from "node:path";
import { type ConfigOptions, readConfig, readNamedFile, withConfigOptions } from "./config-options.ts";
import { CONSOLE_MISSING, findConsole } from "./console-folder.ts";
import type { CliIo, DefineVerb } from "./io.ts";

/** `rollcall-collector run`: the collector, until it is told to stop. */
export const run: DefineVerb = (program, io) => {
  withConfigOptions(program.command("run").description("run the collector"))
    .option("--port <number>", "port of console, API and agents; short for --set listen.port=NUMBER")
    .option("--record <file>", "append everything agents tell to this file, for replay; it grows without bound")
    .action((options: ConfigOptions & { readonly port?: string; readonly record?: string }) =>
      runCollector(options, io),
    );
};

const runCollector = async (
  options: ConfigOptions & { readonly port?: string; readonly record?: string },
  io: CliIo,
): Promise<void> => {
  const set = options.port === undefined ? options.set : [...options.set, `listen.port=${options.port}`];
  const config = await readConfig({ ...options, set }, io);
  const [{ startCollector }, { readSecret }, { threadParts }] = await Promise.all([
    import("../collector.ts"),
    import("../../shared/secret.ts"),
    import("../engine/threads.ts"),
  ]);
  const { clock, random, startThread, version, pid, stopSignal } = io;
  const log = io.createLog(config.log.level).child({ component: "collector" });
  const console = findConsole(config, io);
  if (console.consoleDirectory === undefined) log.warn(CONSOLE_MISSING);
  const collector = await startCollector(
    { ...config, ...console, ...(options.record === undefined ? {} : { recordTo: resolve(io.cwd, options.record) }) },
    {
      ...{ clock, random, log, version, pid },
      parts: threadParts(startThread, io.die),
      readSecret: (reference) => readSecret(reference, io.env, readNamedFile),
      credentials: io.env["CREDENTIALS_DIRECTORY"],
    },
  );
  io.out(`listening on ${collector.url}\n`);
  await new Promise<void>((resolve) => {
    if (stopSignal.aborted) resolve();
    stopSignal.addEventListener("abort", () => resolve(), { once: true });
  });
  await collector.stop();
  log.info("collector stopped");
};
