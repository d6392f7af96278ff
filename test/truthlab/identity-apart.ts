import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { systemClock } from "../../shared/clock.ts";
import { type Run, runRollcall } from "./identity-run.ts";
import type { Line } from "./identity-site.ts";

/**
 * The engine in a process of its own, as at a collector: the memory of who simulates and scores, and the time that it takes to tidy
 * that up, are not the engine's. Nor are lines that wait: they pass as text, one JSON object each, and are read one by one, so that
 * what lives beside the engine is what it is being told.
 */
type SoFar = Pick<Run, "tookCpuMs" | "observations">;
type Answer =
  | { readonly kind: "taken"; readonly soFar: SoFar }
  | { readonly kind: "done"; readonly run: Run; readonly peakMegabytes: number };

/** Lines that are written at once. */
const CHUNK = 256;
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
      else resolve({ ...answer.run, peakMegabytes: answer.peakMegabytes });
    });
    child.once("exit", (code) => reject(new Error(`the engine's process ended with ${code}`)));
  });
  const [run] = await Promise.all([done, tell(child, lines, done)]);
  child.disconnect();
  return run;
};

/** As fast as it listens. */
const tell = async ({ stdin }: ChildProcess, lines: Iterable<Line>, done: Promise<unknown>): Promise<void> => {
  if (!stdin) throw new Error("the engine's process can't be told anything");
  // Why it ended is told by the process itself.
  stdin.on("error", () => {});
  let chunk: string[] = [];
  const pass = async () => {
    const text = chunk.join("");
    chunk = [];
    if (!stdin.write(text)) await Promise.race([once(stdin, "drain"), done]);
  };
  for (const line of lines) if (chunk.push(`${JSON.stringify(line)}\n`) >= CHUNK) await pass();
  await pass();
  stdin.end();
};

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const heard = async function* (): AsyncGenerator<Line> {
  for await (const text of createInterface({ input: process.stdin })) yield JSON.parse(text) as Line;
};

const serve = async ([path = "", isWatched]: readonly string[]): Promise<void> => {
  const answer = (what: Answer) => void process.send?.(what);
  process.once("disconnect", () => process.exit(1));
  let commits = 0;
  const run = await runRollcall(path, heard(), {
    ...{ monotonic: systemClock.monotonic, cpuMs, isWatched: isWatched === "true" },
    onCommit: (soFar) => {
      if (++commits % TELL_EVERY === 0) answer({ kind: "taken", soFar });
    },
  });
  process.removeAllListeners("disconnect");
  answer({ kind: "done", run, peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1_024) });
};

if (process.argv[1] === import.meta.filename) await serve(process.argv.slice(2));
