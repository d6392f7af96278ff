import { fork } from "node:child_process";
import { on } from "node:events";
import { systemClock } from "../../shared/clock.ts";
import { type Run, runRollcall } from "./identity-run.ts";
import type { Line } from "./identity-site.ts";

/**
 * The engine in a process of its own, as at a collector: the memory of who simulates and scores, and the time that it takes to tidy
 * that up, are not the engine's.
 */
type Told = { readonly lines: readonly Line[] } | { readonly isEnd: true };
type SoFar = Pick<Run, "tookCpuMs" | "observations">;
type Answer =
  | { readonly kind: "taken"; readonly soFar: SoFar }
  | { readonly kind: "done"; readonly run: Run; readonly peakMegabytes: number };

/** Lines that pass at once, and how often that before the first of them are taken. */
const CHUNK = 1_000;
const AHEAD = 8;

/** @throws Error if the process ends before it is done */
export const runApart = async (
  path: string,
  lines: Iterable<Line>,
  { isWatched, onSoFar }: { readonly isWatched: boolean; readonly onSoFar: (soFar: SoFar) => void },
): Promise<Run & { readonly peakMegabytes: number }> => {
  const child = fork(import.meta.filename, [path, String(isWatched)], { serialization: "json" });
  const gone = new AbortController();
  const messages = on(child, "message", { signal: gone.signal });
  const answers = async (): Promise<Answer> => {
    const { value } = await messages.next();
    return (value as [Answer])[0];
  };
  child.once("exit", (code) => gone.abort(new Error(`the engine's process ended with ${code}`)));
  const tell = (told: Told) => void child.send(told);
  let ahead = 0;
  const hear = async () => {
    const answer = await answers();
    if (answer.kind !== "taken") throw new Error("the engine was done before it had all lines");
    ahead -= 1;
    onSoFar(answer.soFar);
  };
  let chunk: Line[] = [];
  const pass = async () => {
    tell({ lines: chunk });
    chunk = [];
    if (++ahead >= AHEAD) await hear();
  };
  for (const line of lines) if (chunk.push(line) >= CHUNK) await pass();
  await pass();
  while (ahead > 0) await hear();
  tell({ isEnd: true });
  const answer = await answers();
  if (answer.kind !== "done") throw new Error("the engine is not done");
  child.disconnect();
  return { ...answer.run, peakMegabytes: answer.peakMegabytes };
};

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const serve = async ([path = "", isWatched]: readonly string[]): Promise<void> => {
  const waiting: Told[] = [];
  let wake = () => {};
  process.on("message", (told: Told) => {
    waiting.push(told);
    wake();
  });
  process.once("disconnect", () => process.exit(1));
  const answer = (what: Answer) => void process.send?.(what);
  let soFar: SoFar = { tookCpuMs: 0, observations: 0 };
  const heard = async function* (): AsyncGenerator<Line> {
    for (;;) {
      const told = waiting.shift();
      if (!told) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      if ("isEnd" in told) return;
      yield* told.lines;
      answer({ kind: "taken", soFar });
    }
  };
  const run = await runRollcall(path, heard(), {
    ...{ monotonic: systemClock.monotonic, cpuMs, isWatched: isWatched === "true" },
    onCommit: (now) => {
      soFar = now;
    },
  });
  process.removeAllListeners("disconnect");
  answer({ kind: "done", run, peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1_024) });
};

if (process.argv[1] === import.meta.filename) await serve(process.argv.slice(2));
