import { fork } from "node:child_process";
import { createInterface } from "node:readline";
import { systemClock } from "../../shared/clock.ts";
import { runPeer } from "./identity-peer.ts";
import { type Run, runRollcall } from "./identity-run.ts";
import type { Line } from "./identity-site.ts";

/**
 * The engine in a process of its own, as at a collector: the memory of who simulates and scores, and the time that it takes to tidy
 * that up, are not the engine's. Nor are lines that wait: they pass as text, one JSON object each, and are read one by one, so that
 * what lives beside the engine is what it is being told. So does its peer (`identity-peer.ts`), and all of them work in turns, as they
 * would share the cache of the machine else.
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

export type Apart = Run & { readonly peakMegabytes: number };

/** @throws Error if a process ends before it is done */
export const runApart = async (
  path: string,
  lines: Iterable<Line>,
  { isWatched, onSoFar }: { readonly isWatched: boolean; readonly onSoFar: (soFar: SoFar) => void },
): Promise<{ readonly rollcall: Apart; readonly peer: Apart }> => {
  const rollcall = start(["rollcall", path, String(isWatched)], onSoFar);
  const peer = start(["peer", `${path}.peer`]);
  for (const turn of turnsOf(lines)) {
    await rollcall.tell(turn);
    await peer.tell(turn);
  }
  return { rollcall: await rollcall.end(), peer: await peer.end() };
};

const turnsOf = function* (lines: Iterable<Line>): Generator<string> {
  let turn: string[] = [];
  for (const line of lines) {
    if (turn.push(JSON.stringify(line)) < TURN) continue;
    yield turn.join("\n");
    turn = [];
  }
  yield turn.join("\n");
};

/** `tell` resolves when the turn was heard to its end. */
const start = (args: readonly string[], onSoFar: (soFar: SoFar) => void = () => {}) => {
  const child = fork(import.meta.filename, args, { stdio: ["pipe", "inherit", "inherit", "ipc"] });
  const { stdin } = child;
  if (!stdin) throw new Error(`the process of ${args[0]} can't be told anything`);
  // Why it ended is told by the process itself.
  stdin.on("error", () => {});
  let isHeard = () => {};
  const done = new Promise<Apart>((resolve, reject) => {
    child.on("message", (answer: Answer) => {
      if (answer.kind === "heard") isHeard();
      if (answer.kind === "taken") onSoFar(answer.soFar);
      if (answer.kind === "done") resolve({ ...answer.run, peakMegabytes: answer.peakMegabytes });
    });
    child.once("exit", (code) => reject(new Error(`the process of ${args[0]} ended with ${code}`)));
  });
  return {
    tell: (turn: string) => {
      const heard = new Promise<void>((resolve) => {
        isHeard = resolve;
      });
      stdin.write(`${turn}\n\n`);
      return Promise.race([heard, done]);
    },
    end: async (): Promise<Apart> => {
      stdin.end();
      const run = await done;
      child.disconnect();
      return run;
    },
  };
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

const serve = async ([which, path = "", isWatched]: readonly string[]): Promise<void> => {
  const answer = (what: Answer) => void process.send?.(what);
  process.once("disconnect", () => process.exit(1));
  let commits = 0;
  const { monotonic } = systemClock;
  const runIt = which === "peer" ? runPeer : runRollcall;
  const run = await runIt(path, heard(answer), {
    ...{ monotonic, cpuMs, isWatched: isWatched === "true" },
    onCommit: (soFar) => {
      if (++commits % TELL_EVERY === 0) answer({ kind: "taken", soFar });
    },
  });
  process.removeAllListeners("disconnect");
  answer({ kind: "done", run, peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1_024) });
};

if (process.argv[1] === import.meta.filename) await serve(process.argv.slice(2));
