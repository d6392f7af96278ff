import { spawn } from "node:child_process";
import type { IpAddress } from "../../../shared/ip.ts";
import { decodeFpingLine, decodePingLine, type Echo } from "./echo.ts";
import { askAll, type MethodDeps, type SweepMethod } from "./method.ts";

/** Runs of fping at once: each lasts as long as its last answer may take. */
const RUNS_AT_ONCE = 48;
const PING_AT_ONCE = 8;

const environment = { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" };

type Exit = { readonly code: number | null; readonly stderr: string; readonly missing: boolean };

type Running = { readonly send: (input: string) => void; readonly exit: Promise<Exit> };

/** Starts a program that waits for its input, so that what it sends leaves when the input is given and not before. */
const startLines = (
  command: string,
  argv: readonly string[],
  signal: AbortSignal,
  line: (text: string) => void,
): Running => {
  const child = spawn(command, [...argv], { stdio: ["pipe", "pipe", "pipe"], env: environment });
  let [rest, stderr] = ["", ""];
  const onAbort = () => child.kill("SIGKILL");
  signal.addEventListener("abort", onAbort, { once: true });
  child.stdout.setEncoding("utf8").on("data", (data: string) => {
    const lines = (rest + data).slice(-65_536).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(line);
  });
  child.stderr.setEncoding("utf8").on("data", (data: string) => {
    stderr = (stderr + data).slice(0, 4_096);
  });
  child.stdin.on("error", () => {});
  const exit = new Promise<Exit>((resolve) => {
    const end = (code: number | null, missing: boolean) => {
      signal.removeEventListener("abort", onAbort);
      resolve({ code, stderr, missing });
    };
    child.once("error", () => end(null, true));
    child.once("close", (code) => end(code, false));
  });
  return { send: (input) => void child.stdin.end(input), exit };
};

const forbids = (stderr: string): boolean =>
  /not permitted|permission denied|must run as root|lacking privilege/i.test(stderr);

const report = (deps: MethodDeps, heard: Echo | undefined): void => {
  if (heard === undefined || !deps.targets.contains(heard.address)) return;
  deps.saw({ address: heard.address, method: "icmp", atMs: deps.clock.now(), alive: true, latencyMs: heard.latencyMs });
};

const chunksOf = function* (addresses: Iterable<IpAddress>, size: number): Generator<IpAddress[]> {
  let chunk: IpAddress[] = [];
  for (const address of addresses) {
    chunk.push(address);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
};

/** The whole chunk is taken from the budget with its first address. */
const permitChunk = async (chunk: readonly IpAddress[], deps: MethodDeps): Promise<void> => {
  for (const [i, address] of chunk.entries())
    await deps.permit(address, { frames: i === 0 ? chunk.length : 0, late: true });
};

/** One run of fping; it reads all its targets before it sends, and then one a millisecond. Resolves once it may send. */
const startFping = async (chunk: readonly IpAddress[], deps: MethodDeps): Promise<{ readonly exit: Promise<Exit> }> => {
  const argv = ["-a", "-e", "-r", "0", "-i", "1", "-t", String(deps.options.timeoutMs)];
  const running = startLines("fping", argv, deps.signal, (text) => report(deps, decodeFpingLine(text)));
  try {
    await permitChunk(chunk, deps);
  } finally {
    running.send(deps.signal.aborted ? "" : `${chunk.join("\n")}\n`);
  }
  return { exit: running.exit };
};

const pingOne = (address: IpAddress, deps: MethodDeps): Promise<Exit> => {
  const argv = ["-n", "-c", "1", "-W", "1", address];
  return startLines("ping", argv, deps.signal, (text) => report(deps, decodePingLine(text))).exit;
};

const refusalOf = (program: string, { missing, stderr }: Exit): string | undefined => {
  if (missing) return `${program} is not installed`;
  return forbids(stderr)
    ? `${program} may not send here (it needs its file capability, or net.ipv4.ping_group_range)`
    : undefined;
};

/** With fping, as fast as the budget allows. @returns why it can't be used, judged by its first run. */
const sweepByFping = async (addresses: Iterable<IpAddress>, deps: MethodDeps): Promise<string | undefined> => {
  const running = new Set<Promise<unknown>>();
  let refusal: string | undefined;
  let first = true;
  try {
    for (const chunk of chunksOf(addresses, deps.chunk)) {
      deps.signal.throwIfAborted();
      const { exit } = await startFping(chunk, deps);
      if (first) refusal = refusalOf("fping", await exit);
      if (refusal !== undefined) break;
      first = false;
      const done: Promise<unknown> = exit.finally(() => running.delete(done));
      running.add(done);
      if (running.size >= RUNS_AT_ONCE) await Promise.race(running);
    }
  } catch (error) {
    if (!deps.signal.aborted) throw error;
  }
  await Promise.all(running);
  return refusal;
};

const sweepByPing = async (addresses: Iterable<IpAddress>, deps: MethodDeps): Promise<string | undefined> => {
  let refusal: string | undefined;
  try {
    await askAll(addresses, PING_AT_ONCE, deps.signal, async (address) => {
      if (refusal !== undefined) return;
      await deps.permit(address);
      refusal ??= refusalOf("ping", await pingOne(address, deps));
    });
  } catch (error) {
    if (!deps.signal.aborted) throw error;
  }
  return refusal;
};

/**
 * Echo by the system's own programs, which have the right that we lack: fping where it works, else ping, one process an
 * address. Under NoNewPrivileges neither does; the sweep then says so and goes on without.
 */
export const icmp: SweepMethod = {
  name: "icmp",
  purpose: "ask",
  families: [4, 6],
  packets: () => 1,
  run: async (addresses, deps) => {
    if ((await sweepByFping(addresses, deps)) === undefined || deps.signal.aborted) return;
    const refusal = await sweepByPing(addresses, deps);
    if (refusal !== undefined && !deps.signal.aborted)
      deps.note(`icmp: neither fping nor ping can be used: ${refusal}`);
  },
};
