import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { RollcallError } from "../../shared/errors.ts";
import type { Trial } from "../truthlab/trial.ts";
import type { TrialSpec } from "../truthlab/trial-thread.ts";
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
  readonly jobs?: string;
  readonly keep?: string;
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
    .option("--jobs <n>", "how many worlds to play at a time; as many as there are cores by default")
    .option("--keep <file>", "add each finished run to this file, and don't play again what is in it")
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
const toInteger = (text: string, option: string, low: number, high: number): number => {
  const n = toNumber(text, option, low, high);
  if (!Number.isInteger(n)) throw new RollcallError("usage.number", `--${option} must be a whole number`);
  return n;
};

const readSite = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new RollcallError("site.unreadable", `reading site file ${path}`, { cause });
  }
};

const specsOf = async (options: Options): Promise<readonly TrialSpec[]> => {
  const [{ fullWorld }, { parsePresencePolicy }, { parseWorld }] = await Promise.all([
    import("../truthlab/world.ts"),
    import("../presence/policy.ts"),
    import("../truthlab/site-file.ts"),
  ]);
  const presence = parseSets(options.set);
  // What does not fit is told before anything is played.
  parsePresencePolicy(presence);
  const first = toInteger(options.seed, "seed", 0, 2 ** 31);
  const seeds = toInteger(options.seeds, "seeds", 1, 10_000);
  const site = options.site === undefined ? undefined : readSite(options.site);
  if (site !== undefined) parseWorld(site);
  const world =
    site === undefined
      ? {
          ...fullWorld,
          sites: toInteger(options.sites, "sites", 1, 200),
          devices: toInteger(options.devices, "devices", 20, 200_000),
          days: toNumber(options.days, "days", 2, 400),
          intervalMs: toNumber(options.interval, "interval", 1, 1_440) * 60_000,
        }
      : { site };
  return Array.from({ length: seeds }, (_, i) => ({ seed: first + i, world, presence }));
};

/** Runs of before, a JSON object a line: `{"spec": …, "trial": …}`. */
const readKept = (path: string, specs: readonly TrialSpec[]): readonly Trial[] => {
  if (!existsSync(path)) return [];
  const wanted = new Map(specs.map((spec) => [JSON.stringify(spec), spec.seed]));
  const kept = new Map<number, Trial>();
  for (const [i, line] of readFileSync(path, "utf8").split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      const { spec, trial } = JSON.parse(line) as { spec: TrialSpec; trial: Trial };
      const seed = wanted.get(JSON.stringify(spec));
      if (seed !== undefined && trial.seed === seed) kept.set(seed, trial);
    } catch (cause) {
      throw new RollcallError("trials.malformed", `line ${i + 1} of ${path} is no finished run: remove it`, { cause });
    }
  }
  return [...kept.values()];
};

const play = async (options: Options, io: CliIo): Promise<void> => {
  const [{ playTrials }, { poolTrials }, { reportJson, reportText }] = await Promise.all([
    import("../truthlab/trial-thread.ts"),
    import("../truthlab/pool.ts"),
    import("../truthlab/report.ts"),
  ]);
  const specs = await specsOf(options);
  const jobs = options.jobs === undefined ? availableParallelism() : toInteger(options.jobs, "jobs", 1, 256);
  const trials = [...(options.keep === undefined ? [] : readKept(options.keep, specs))];
  if (trials.length > 0) io.err(`${trials.length} run(s) taken from ${options.keep}\n`);
  const done = new Set(trials.map(({ seed }) => seed));
  const shares = new Map<number, number>();
  const begunMs = io.clock.monotonic();
  const clear = io.isTerminal ? "\r\u001b[K" : "";
  await playTrials(
    specs.filter(({ seed }) => !done.has(seed)),
    {
      jobs,
      start: io.startThread,
      stopSignal: io.stopSignal,
      onProgress: (seed, share) => {
        if (!io.isTerminal) return;
        shares.set(seed, share);
        io.err(`${clear}${[...shares].map(([of, at]) => `seed ${of}: ${Math.floor(at * 100)} %`).join(", ")}`);
      },
      onTrial: (trial) => {
        shares.delete(trial.seed);
        trials.push(trial);
        if (options.keep !== undefined) {
          const spec = specs.find(({ seed }) => seed === trial.seed);
          appendFileSync(options.keep, `${JSON.stringify({ spec, trial })}\n`);
        }
        const seconds = Math.round((io.clock.monotonic() - begunMs) / 1_000);
        io.err(
          `${clear}seed ${trial.seed}: ${trial.falseTickets.length} false, ${trial.missed.length} missed, after ${seconds} s\n`,
        );
      },
    },
  );
  if (trials.length < specs.length) io.err(`${clear}stopped: ${trials.length} of ${specs.length} runs\n`);
  if (trials.length === 0) return io.setExitCode(1);
  trials.sort((a, b) => a.seed - b.seed);
  if (options.details) for (const trial of trials) tellDetails(trial, trials.length > 1, io);
  const pooled = poolTrials(trials);
  io.out(reportText(pooled));
  if (options.json) io.out(`${JSON.stringify(reportJson(pooled))}\n`);
};

const tellDetails = ({ seed, falseTickets, missed, causes }: Trial, isOneOfMany: boolean, io: CliIo): void => {
  const of = isOneOfMany ? `seed ${seed}, ` : "";
  for (const line of falseTickets) io.out(`${of}false: ${line}\n`);
  for (const line of missed) io.out(`${of}missed: ${line}\n`);
  for (const line of causes) io.out(`${of}cause: ${line}\n`);
};
