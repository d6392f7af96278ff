import type { Worker } from "node:worker_threads";
import { RollcallError } from "../../shared/errors.ts";
import { parseWorld, type World } from "./site-file.ts";
import { runTrial, type Trial } from "./trial.ts";
import { createWorld, type WorldOptions } from "./world.ts";

/** One run, as it is told to a thread: what to play, not the world itself, which may be large. */
export type TrialSpec = {
  readonly seed: number;
  readonly world: Omit<WorldOptions, "seed"> | { readonly site: string };
  /** Overrides of the presence policy. */
  readonly presence: Readonly<Record<string, unknown>>;
};
export type TrialData = { readonly thread: "trial"; readonly spec: TrialSpec };
export type TrialWord =
  | { readonly share: number }
  | { readonly trial: Trial }
  | { readonly failed: { readonly code: string; readonly message: string } };

const worldOf = ({ world, seed }: TrialSpec): World =>
  "site" in world ? parseWorld(world.site) : createWorld({ ...world, seed });

/** @throws RollcallError `site.malformed` */
export const playTrial = (spec: TrialSpec, progress?: (share: number) => void): Promise<Trial> =>
  runTrial(worldOf(spec), { seed: spec.seed, presence: spec.presence, ...(progress && { progress }) });

export type Players = {
  readonly jobs: number;
  readonly start: (data: TrialData) => Worker;
  readonly stopSignal: AbortSignal;
  readonly onProgress: (seed: number, share: number) => void;
  /** Each run as it ends, which need not be in the order of seeds. */
  readonly onTrial: (trial: Trial) => void;
};

/** Plays runs, so many at a time, each in a thread of its own. Stopped, it gives up those under way. */
export const playTrials = async (specs: readonly TrialSpec[], players: Players): Promise<void> => {
  const waiting = [...specs];
  const work = async () => {
    for (let spec = waiting.shift(); spec && !players.stopSignal.aborted; spec = waiting.shift())
      await playInThread(spec, players);
  };
  await Promise.all(Array.from({ length: Math.min(players.jobs, specs.length) }, work));
};

const playInThread = (spec: TrialSpec, { start, stopSignal, onProgress, onTrial }: Players): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = start({ thread: "trial", spec });
    const end = () => void worker.terminate();
    stopSignal.addEventListener("abort", end, { once: true });
    worker.on("message", (word: TrialWord) => {
      if ("share" in word) return onProgress(spec.seed, word.share);
      if ("trial" in word) onTrial(word.trial);
      else reject(new RollcallError(word.failed.code, `seed ${spec.seed}: ${word.failed.message}`));
      end();
    });
    worker.on("error", reject);
    worker.on("exit", () => {
      stopSignal.removeEventListener("abort", end);
      resolve();
    });
  });
