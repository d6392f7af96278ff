import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import { describeError, RollcallError } from "../../shared/errors.ts";
import type { KeptBody } from "../../shared/protocol/envelope.ts";
import { leanOptions } from "../lean.ts";
import type { Job, RoundLine } from "./job.ts";

/** Where a child leaves what it remembers, until the daemon has kept all that it found. */
export const nextStates = (statesFile: string): string => `${statesFile}.new`;

/** Bounds on what a child may hand over; a message is at most 16 MiB on the wire. */
const MAX_LINE = 20 << 20;
const MAX_MESSAGES = 4_096;
const MAX_STDERR = 4_096;

export type RoundDeps = {
  readonly self: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Called for each message as it comes, so that they are never all in memory. */
  readonly onKeep: (body: KeptBody) => void;
  readonly onNote: (text: string) => void;
  readonly onStates?: (file: string) => void;
};

/** Splits octets into lines without ever holding more than one. @throws RollcallError `round.malformed` */
const createLines = (onLine: (line: string) => void) => {
  let parts: Buffer[] = [];
  let size = 0;
  return (chunk: Buffer) => {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...parts, chunk.subarray(from, at)]);
      parts = [];
      size = 0;
      from = at + 1;
      if (line.length > 0) onLine(line.toString());
    }
    const rest = chunk.subarray(from);
    size += rest.length;
    if (size > MAX_LINE)
      throw new RollcallError("round.malformed", `a round's message is larger than ${MAX_LINE} bytes`);
    if (rest.length > 0) parts.push(rest);
  };
};

const isInventory = (job: Job): boolean =>
  job.kind === "inventory" || (job.kind === "command" && job.command.action.kind === "inventory");

/** What a child said last of what went wrong; a stack's frames and the version under it say nothing. */
const lastWords = (text: string): string | undefined => {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^\s+at |^Node\.js v/.test(line));
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1))?.trim().slice(0, 500);
};

const parseLine = (line: string): RoundLine => {
  // Our own program of the same file wrote it and checked it against the schema (`cli/round.ts`): not again.
  const parsed = JSON.parse(line) as RoundLine;
  if (!["keep", "note", "states", "done"].includes(parsed.kind))
    throw new RollcallError("round.malformed", "a round said something else than messages");
  return parsed;
};

/**
 * Runs one job to its end. The child is killed when the signal aborts.
 * @throws RollcallError `round.failed` (retry) with the child's own last words, `round.malformed`; the signal's reason.
 */
export const runRound = (job: Job, { self, env, signal, onKeep, onNote, onStates }: RoundDeps): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const [program, ...args] = self;
    // Options that hold secrets never go this way: the child reads them from their files.
    const child = spawn(program, [...(isInventory(job) ? leanOptions : []), ...args, "round"], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...env },
    });
    let done = false;
    let messages = 0;
    let fault: unknown;
    let words = "";
    const kill = (error: unknown) => {
      fault ??= error;
      child.kill("SIGKILL");
    };
    const onAbort = () => kill(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const onLine = (text: string) => {
      if (fault !== undefined) return;
      try {
        const line = parseLine(text);
        if (line.kind === "done") done = true;
        else if (line.kind === "note") onNote(line.text);
        else if (line.kind === "states") onStates?.(line.file);
        else if (++messages > MAX_MESSAGES) throw new RollcallError("round.malformed", "a round has too many messages");
        else onKeep(line.body);
      } catch (error) {
        kill(error);
      }
    };
    const take = createLines(onLine);
    child.on("spawn", () => {
      try {
        // The host's own work comes first.
        if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
      } catch {}
    });
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(job));
    child.stdout.on("data", (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        kill(error);
      }
    });
    child.stderr.on("data", (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-MAX_STDERR);
    });
    child.on("error", (cause) => {
      signal.removeEventListener("abort", onAbort);
      reject(new RollcallError("round.failed", `starting the process of a round`, { remedy: "retry", cause }));
    });
    child.on("close", (code, killedBy) => {
      signal.removeEventListener("abort", onAbort);
      if (fault !== undefined) return reject(fault);
      if (code === 0 && done) return resolve();
      const why = lastWords(words) ?? (killedBy === null ? `exit code ${code}` : `killed by ${killedBy}`);
      reject(new RollcallError("round.failed", `${job.kind} round: ${describeError(why)}`, { remedy: "retry" }));
    });
  });
