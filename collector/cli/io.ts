import type { Command } from "commander";
import type { Clock } from "../../shared/clock.ts";
import type { Random } from "../../shared/random.ts";

/** What a verb may touch of the process it runs in; only `main.ts` makes a real one. */
export type CliIo = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether stdout is a terminal: colours, progress and secrets that must not reach a journal depend on it. */
  readonly isTerminal: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted by SIGINT or SIGTERM. */
  readonly stopSignal: AbortSignal;
  /** The exit code of the process once the verb's promise settles. */
  readonly setExitCode: (code: number) => void;
  /** Path of the Node executable and of this program, for starting the agent. */
  readonly execPath: string;
};

/** A verb puts itself on the program; what is heavy is imported inside its action, so that `--help` stays quick. */
export type DefineVerb = (program: Command, io: CliIo) => void;
