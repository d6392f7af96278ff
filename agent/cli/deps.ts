import type { Readable, Writable } from "node:stream";
import type { Command } from "commander";
import type { Clock } from "../../shared/clock.ts";
import type { FailPoint } from "../../shared/fail-point.ts";
import type { Log } from "../../shared/log.ts";
import type { Random } from "../../shared/random.ts";

/** A stream of the terminal or of a pipe: `isTTY` and `columns` say which, as node's `tty.WriteStream` does. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What every verb is given. Only `main.ts` makes the real ones; nothing below it touches `process`. */
export type CliDeps = {
  readonly clock: Clock;
  readonly random: Random;
  /** Structured lines on stderr; quiet below "warn" unless ROLLCALL_LOG says otherwise. `run` makes its own from its configuration. */
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by SIGINT and SIGTERM; a second signal ends the process at once. The reason is a `RollcallError` "signal". */
  readonly signal: AbortSignal;
  readonly platform: NodeJS.Platform;
  readonly architecture: NodeJS.Architecture;
  readonly pid: number;
  /** Effective user id; undefined on Windows. */
  readonly uid: number | undefined;
  /** Starts this very program again: `[execPath, ...execArgv, script]`, to which a verb and its options are appended. */
  readonly self: readonly [string, ...string[]];
  /** Version of this program. */
  readonly version: string;
  /** Sets the exit code of the process (see `exitCodes`); the verb then returns. The last call wins. */
  readonly exit: (code: number) => void;
  /** What the process uses of memory and CPU: for `status` and for benchmarks. */
  readonly usage: () => { readonly rssBytes: number; readonly heapBytes: number; readonly cpuMs: number };
  /** Kills the process at a named point when ROLLCALL_FAIL_POINT names it; does nothing otherwise. */
  readonly failPoint: FailPoint;
};

/** A verb: its file exports `NAMECommand`, is imported only when asked for, and does its work in the command's action. */
export type CliCommand = (deps: CliDeps) => Command;
