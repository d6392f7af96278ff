import type { CliDeps } from "../cli/deps.ts";
import type { RoundLine } from "./job.ts";

export type RoundDeps = Pick<CliDeps, "clock" | "random" | "log" | "signal" | "platform" | "env">;

/** What a child process does for one kind of job: says each message as soon as it has it. */
export type RoundWork<J> = (job: J, deps: RoundDeps, say: (line: RoundLine) => void) => Promise<void>;
