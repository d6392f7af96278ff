import type { Command } from "commander";
import type { Clock } from "../../shared/clock.ts";
import type { FailPoint } from "../../shared/fail-point.ts";
import type { LogLevel } from "../../shared/json-log.ts";
import type { Log } from "../../shared/log.ts";
import type { Random } from "../../shared/random.ts";
import type { StartThread } from "../engine/threads.ts";

/** What a verb may touch of the process it runs in; only `main.ts` makes a real one. */
export type CliIo = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether stdout is a terminal: colours and progress depend on it. */
  readonly isTerminal: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly createLog: (level: LogLevel) => Log;
  /** Aborted by SIGINT or SIGTERM. */
  readonly stopSignal: AbortSignal;
  /** Ends the process at once: for what must not go on, with the reason on stderr. */
  readonly die: (error: Error) => void;
  readonly setExitCode: (code: number) => void;
  readonly startThread: StartThread;
  readonly failPoint: FailPoint;
  /** Path of the Node executable, and the folder that holds agent/ and collector/, for starting the agent. */
  readonly execPath: string;
  readonly programFolder: string;
  readonly pid: number;
  readonly version: string;
};

/** A verb puts itself on the program; what is heavy is imported inside its action, so that `--help` stays quick. */
export type DefineVerb = (program: Command, io: CliIo) => void;
