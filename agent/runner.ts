import { renameSync } from "node:fs";
import type { Log } from "../shared/log.ts";
import type { KeptBody } from "../shared/protocol/envelope.ts";
import type { Job } from "./rounds/job.ts";
import { nextStates, runRound } from "./rounds/run-round.ts";

export type RunnerDeps = {
  readonly self: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** @throws RollcallError `spool.*` */
  readonly keep: (bodies: readonly KeptBody[]) => void;
};
export type Runner = (job: Job, signal: AbortSignal) => Promise<void>;

/** Runs jobs in their child processes and keeps what they find. */
export const createRunner =
  ({ self, env, log, keep }: RunnerDeps): Runner =>
  async (job, signal) => {
    const states: string[] = [];
    await runRound(job, {
      ...{ self, env, signal },
      onKeep: (body) => keep([body]),
      onNote: (text) => log.info("note of a round", { round: job.kind, note: text }),
      onStates: (file) => states.push(file),
    });
    // Only now: a device that is remembered as read is not read in full again for a day.
    for (const file of states) renameSync(nextStates(file), file);
  };
