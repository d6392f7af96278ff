import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import { systemClock } from "../../shared/clock.ts";
import { type Run, runRollcall } from "./identity-run.ts";
import type { Line } from "./identity-site.ts";

/**
 * The engine in a process of its own, as at a collector: the memory of who simulates and scores, and the time that it takes to tidy
 * that up, are not the engine's. Nor are lines that wait: they pass as text, one JSON object each, and are read one by one, so that
 * what lives beside the engine is what it is being told. The two work in turns, as they would share the cache of the machine else.
 */
type SoFar = Pick<Run, "tookCpuMs" | "observations">;
type Answer =
  | { readonly kind: "taken"; readonly soFar: SoFar }
  | { readonly kind: "heard" }
  | { readonly kind: "done"; readonly run: Run; readonly peakMegabytes: number };

/** Lines of a turn, some 30 MB. After them an empty one, which is answered with `heard`. */
const TURN = 65_536;
/** Between two answers on how far it is, in commits. */
const TELL_EVERY = 16;

/** @throws Error if the process ends before it is done */
export const runApart = async (
  path: string,
  lines: Iterable<Line>,
  { isWatched, onSoFar }: { readonly isWatched: boolean; readonly onSoFar: (soFar: SoFar) => void },
): Promise<Run & { readonly peakMegabytes: number }> => {
  const child = fork(import.meta.filename, [path, String(isWatched)], { stdio: ["pipe", "inherit", "inherit", "ipc"] });
  const done = new Promise<Run & { readonly peakMegabytes: number }>((resolve, reject) => {
    child.on("message", (answer: Answer) => {
      if (answer.kind === "taken") onSoFar(answer.soFar);
      if (answer.kind === "done") resolve({ ...answer.run, peakMegabytes: answer.peakMegabytes });
    });
    child.once("exit", (code) => reject(new Error(`the engine's process ended with ${code}`)));
  });
  const [run] = await Promise.all([done, tell(child, lines, done)]);
  child.disconnect();
  return run;
};

/** A turn at a time, each when the one before was heard to its end. */
const tell = async (child: ChildProcess, lines: Iterable<Line>, done: Promise<unknown>): Promise<void> => {
  const { stdin } = child;
  if (!stdin) throw new Error("the engine's process can't be told anything");
  // Why it ended is told by the process itself.
  stdin.on("error", () => {});
  let turn: string[] = [];
  const pass = async () => {
    const heard = new Promise<void>((resolve) => {
      const listen = (answer: Answer) => {
        if (answer.kind !== "heard") return;
        child.off("message", listen);
        resolve();
      };
      child.on("message", listen);
    });
    stdin.write(`${turn.join("\n")}\n\n`);
    turn = [];
    await Promise.race([heard, done]);
  };
  for (const line of lines) if (turn.push(JSON.stringify(line)) >= TURN) await pass();
  stdin.end(turn.join("\n"));
};

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const heard = async function* (answer: (what: Answer) => void): AsyncGenerator<Line> {
  for await (const text of createInterface({ input: process.stdin }))
    if (text === "") answer({ kind: "heard" });
    else yield JSON.parse(text) as Line;
};

const serve = async ([path = "", isWatched]: readonly string[]): Promise<void> => {
  const answer = (what: Answer) => void process.send?.(what);
  process.once("disconnect", () => process.exit(1));
  let commits = 0;
  const run = await runRollcall(path, heard(answer), {
    ...{ monotonic: systemClock.monotonic, cpuMs, isWatched: isWatched === "true" },
    onCommit: (soFar) => {
      if (++commits % TELL_EVERY === 0) answer({ kind: "taken", soFar });
    },
  });
  process.removeAllListeners("disconnect");
  answer({ kind: "done", run, peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1_024) });
};

if (process.argv[1] === import.meta.filename) await serve(process.argv.slice(2));
