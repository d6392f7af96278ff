import { spawn } from "node:child_process";
import { type IpAddress, parseIp } from "../../../shared/ip.ts";
import type { MethodDeps, SweepMethod } from "./method.ts";

/** Runs of fping at once: each lasts as long as its last answer may take. */
const RUNS_AT_ONCE = 48;
const PING_AT_ONCE = 8;

type Exit = { readonly code: number | null; readonly stderr: string; readonly missing: boolean };

const runLines = (
  command: string,
  argv: readonly string[],
  input: string,
  signal: AbortSignal,
  line: (text: string) => void,
) =>
  new Promise<Exit>((resolve) => {
    const child = spawn(command, [...argv], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" },
    });
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
    child.stdin.end(input);
    const end = (code: number | null, missing: boolean) => {
      signal.removeEventListener("abort", onAbort);
      resolve({ code, stderr, missing });
    };
    child.once("error", () => end(null, true));
    child.once("close", (code) => end(code, false));
  });

const forbids = (stderr: string): boolean =>
  /not permitted|permission denied|must run as root|lacking privilege/i.test(stderr);

/** "10.0.0.5 (0.074 ms)" of `fping -a -e`; undefined for anything else. */
export const decodeFpingLine = (
  text: string,
): { readonly address: IpAddress; readonly latencyMs: number } | undefined => {
  const match = /^([\da-f.:]+) \(([\d.]+) ms\)$/i.exec(text.trim());
  const address = parseIp(match?.[1] ?? "");
  return address === undefined ? undefined : { address, latencyMs: Number(match?.[2]) };
};

/** "64 bytes from 10.0.0.5: icmp_seq=1 ttl=64 time=0.074 ms" of ping. */
export const decodePingLine = (
  text: string,
): { readonly address: IpAddress; readonly latencyMs: number } | undefined => {
  const match = /bytes from ([\da-f.:]+)(?:%\S+)?: icmp_seq=\d+ (?:ttl|hlim)=\d+ time=([\d.]+) ms/i.exec(text);
  const address = parseIp(match?.[1] ?? "");
  return address === undefined ? undefined : { address, latencyMs: Number(match?.[2]) };
};

const report = (
  deps: MethodDeps,
  heard: { readonly address: IpAddress; readonly latencyMs: number } | undefined,
): void => {
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

type Usable = "fping" | "ping" | "none";

/** One run of fping over a chunk, which leaves within a few milliseconds of its permission. */
const fpingChunk = async (chunk: readonly IpAddress[], deps: MethodDeps): Promise<Exit> => {
  const argv = ["-a", "-e", "-r", "0", "-i", "1", "-t", String(deps.options.timeoutMs)];
  return runLines("fping", argv, `${chunk.join("\n")}\n`, deps.signal, (text) => report(deps, decodeFpingLine(text)));
};

const pingOne = (address: IpAddress, deps: MethodDeps): Promise<Exit> =>
  runLines("ping", ["-n", "-c", "1", "-W", "1", address], "", deps.signal, (text) =>
    report(deps, decodePingLine(text)),
  );

const pingChunk = async (chunk: readonly IpAddress[], deps: MethodDeps): Promise<Exit> => {
  let exit: Exit = { code: 0, stderr: "", missing: false };
  for (let i = 0; i < chunk.length && !exit.missing && !forbids(exit.stderr) && !deps.signal.aborted; i += PING_AT_ONCE)
    exit = (await Promise.all(chunk.slice(i, i + PING_AT_ONCE).map((a) => pingOne(a, deps)))).at(-1) ?? exit;
  return exit;
};

const refusalOf = (program: string, { missing, stderr }: Exit): string | undefined => {
  if (missing) return `${program} is not installed`;
  return forbids(stderr)
    ? `${program} may not send here (it needs its file capability, or net.ipv4.ping_group_range)`
    : undefined;
};

/** The whole chunk is taken from the budget with its first address. */
const permitChunk = async (chunk: readonly IpAddress[], deps: MethodDeps): Promise<void> => {
  for (const [i, address] of chunk.entries()) await deps.permit(address, { frames: i === 0 ? chunk.length : 0 });
};

const askChunk = async (chunk: readonly IpAddress[], state: { usable: Usable }, deps: MethodDeps): Promise<void> => {
  if (state.usable === "fping") {
    const why = refusalOf("fping", await fpingChunk(chunk, deps));
    if (why === undefined || deps.signal.aborted) return;
    state.usable = "ping";
  }
  const why = refusalOf("ping", await pingChunk(chunk, deps));
  if (why === undefined || state.usable === "none" || deps.signal.aborted) return;
  state.usable = "none";
  deps.note(`icmp: neither fping nor ping can be used: ${why}`);
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
    const state: { usable: Usable } = { usable: "fping" };
    const running = new Set<Promise<void>>();
    let first = true;
    try {
      for (const chunk of chunksOf(addresses, deps.chunk)) {
        deps.signal.throwIfAborted();
        if (state.usable === "none") break;
        await permitChunk(chunk, deps);
        const done: Promise<void> = askChunk(chunk, state, deps).finally(() => running.delete(done));
        running.add(done);
        // The first run tells whether fping works at all; later ones overlap while their answers are waited for.
        if (first || running.size >= RUNS_AT_ONCE) await Promise.race(running);
        first = false;
      }
    } catch (error) {
      if (!deps.signal.aborted) throw error;
    }
    await Promise.all(running);
  },
};
