import { readFileSync } from "node:fs";
import { RollcallError } from "../../shared/errors.ts";
import type { CliIo, DefineVerb } from "./io.ts";
import { parseSets } from "./set-options.ts";

type Options = {
  readonly seeds: string;
  readonly seed: string;
  readonly sites: string;
  readonly devices: string;
  readonly days: string;
  readonly interval: string;
  readonly site?: string;
  readonly set: readonly string[];
  readonly details?: boolean;
  readonly json?: boolean;
};

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `rollcall-collector truthlab`: simulated sites with known truth, played through the real path beside the strategies of others. */
export const truthlab: DefineVerb = (program, io) => {
  program
    .command("truthlab")
    .description("score presence and incidents on simulated sites whose truth is known")
    .option("--seeds <n>", "how many worlds to play", "1")
    .option("--seed <n>", "seed of the first", "1")
    .option("--sites <n>", "sites of a world", "10")
    .option("--devices <n>", "devices of a world", "10000")
    .option("--days <n>", "length of a run", "30")
    .option("--interval <minutes>", "time between sweeps", "30")
    .option("--site <file>", "play the world of this file instead (see shared/protocol/README.md)")
    .option("--set <path=value>", "an option of the presence policy; may be repeated", collect, [])
    .option("--details", "name each false ticket, each miss and each cause that was not exactly one incident")
    .option("--json", "last line: one JSON object with all figures")
    .action((options: Options) => play(options, io));
};

const toNumber = (text: string, option: string, low: number, high: number): number => {
  const n = Number(text);
  if (!Number.isFinite(n) || n < low || n > high)
    throw new RollcallError("usage.number", `--${option} must be a number from ${low} to ${high}`);
  return n;
};

const readSite = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new RollcallError("site.unreadable", `reading site file ${path}`, { cause });
  }
};

const play = async (options: Options, io: CliIo): Promise<void> => {
  const [{ createWorld, fullWorld }, { parseWorld }, { runTrial }, { poolTrials }, { reportJson, reportText }] =
    await Promise.all([
      import("../truthlab/world.ts"),
      import("../truthlab/site-file.ts"),
      import("../truthlab/trial.ts"),
      import("../truthlab/pool.ts"),
      import("../truthlab/report.ts"),
    ]);
  const presence = parseSets(options.set);
  const first = toNumber(options.seed, "seed", 0, 2 ** 31);
  const worldOf = (seed: number) =>
    options.site === undefined
      ? createWorld({
          ...fullWorld,
          seed,
          sites: toNumber(options.sites, "sites", 1, 200),
          devices: toNumber(options.devices, "devices", 20, 200_000),
          days: toNumber(options.days, "days", 2, 400),
          intervalMs: toNumber(options.interval, "interval", 1, 1_440) * 60_000,
        })
      : parseWorld(readSite(options.site));
  const trials = [];
  for (let i = 0; i < toNumber(options.seeds, "seeds", 1, 10_000) && !io.stopSignal.aborted; i++) {
    const seed = first + i;
    const begunMs = io.clock.monotonic();
    const trial = await runTrial(worldOf(seed), {
      seed,
      presence,
      ...(io.isTerminal && { progress: (share) => io.err(`\rseed ${seed}: ${Math.round(share * 100)} %  `) }),
    });
    trials.push(trial);
    const seconds = Math.round((io.clock.monotonic() - begunMs) / 1_000);
    io.err(
      `${io.isTerminal ? "\r" : ""}seed ${seed}: ${seconds} s, ${trial.falseTickets.length} false, ${trial.missed.length} missed\n`,
    );
    if (!options.details) continue;
    for (const line of trial.falseTickets) io.out(`false: ${line}\n`);
    for (const line of trial.missed) io.out(`missed: ${line}\n`);
    for (const line of trial.causes) io.out(`cause: ${line}\n`);
  }
  const pooled = poolTrials(trials);
  io.out(reportText(pooled));
  if (options.json) io.out(`${JSON.stringify(reportJson(pooled))}\n`);
};
