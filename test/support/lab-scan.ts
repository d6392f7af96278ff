import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Lab } from "./lab.ts";

/** `rollcall-agent scan --json` in the scanner's namespace, as user nobody, and what it said. */
export type Scanned = {
  readonly code: number | null;
  readonly stderr: string;
  readonly seen: readonly { readonly address: string; readonly mac?: string; readonly atMs: number }[];
  readonly devices: ReadonlyMap<string, ScannedDevice>;
  readonly summary: ScannedSummary;
  readonly ms: number;
  /** Milliseconds from the start of the program to the last line "seen", ourselves included. */
  readonly lastSeenMs: number;
};

export type ScannedDevice = {
  readonly address: string;
  readonly mac?: string;
  readonly vendor?: string;
  readonly hostnames: readonly string[];
  readonly type: string;
  readonly evidence: readonly {
    readonly method: string;
    readonly latencyMs?: number;
    readonly detail?: Readonly<Record<string, string>>;
  }[];
};

export type ScannedSummary = {
  readonly seen: number;
  readonly covered: number;
  readonly asks: number;
  readonly verdict: "could-see" | "partly" | "blind";
  readonly reasons: readonly string[];
  readonly packets: number;
  readonly ms: number;
  readonly aside: Readonly<Record<string, number>>;
  readonly controls: readonly { readonly address: string; readonly role: string; readonly seen: boolean }[];
  readonly notes: readonly string[];
  readonly loss: number;
  readonly latenessMs: number;
};

const node = process.execPath;
/** The program from its sources; a benchmark names the bundle instead. */
export const scanProgram: readonly string[] = [
  node,
  fileURLToPath(new URL("../../agent/rollcall-agent.mjs", import.meta.url)),
];

export type ScanOptions = {
  readonly program?: readonly string[];
  readonly host?: string;
  readonly user?: string;
  readonly timeoutMs?: number;
  /** Called once so many hosts were seen; may stop or signal the program. */
  readonly onSeen?: (child: ChildProcess) => void;
  readonly onSeenAt?: number;
};

const parse = (line: string): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>;

export const scan = (lab: Lab, args: readonly string[], options: ScanOptions = {}): Promise<Scanned> =>
  new Promise((resolve, reject) => {
    const {
      program = scanProgram,
      host = "scanner",
      user = "nobody",
      timeoutMs = 120_000,
      onSeen,
      onSeenAt = 1,
    } = options;
    const startedAt = performance.now();
    const child = lab.spawn(host, [...program, "scan", "--json", ...args], { user });
    const killer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    const lines: { readonly text: string; readonly atMs: number }[] = [];
    let [rest, stderr] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (data: string) => {
      const atMs = performance.now() - startedAt;
      const parts = (rest + data).split("\n");
      rest = parts.pop() ?? "";
      const before = lines.length;
      lines.push(...parts.map((text) => ({ text, atMs })));
      if (before < onSeenAt && lines.length >= onSeenAt) onSeen?.(child);
    });
    child.stderr?.setEncoding("utf8").on("data", (data: string) => {
      stderr += data;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(killer);
      const events = lines.map(
        ({ text, atMs }) => ({ ...parse(text), atMs }) as Record<string, unknown> & { atMs: number },
      );
      const of = (event: string) => events.filter((e) => e["event"] === event);
      const seen = of("seen") as unknown as Scanned["seen"];
      resolve({
        ...{
          code,
          stderr,
          seen,
          ms: performance.now() - startedAt,
          lastSeenMs: Math.max(0, ...seen.map((s) => s.atMs)),
        },
        devices: new Map(of("device").map((d) => [String(d["address"]), d as unknown as ScannedDevice])),
        summary: of("summary")[0] as unknown as ScannedSummary,
      });
    });
  });

/**
 * The same, repeated while the program had to wait for its processor: then it may have taken answers for late, and says so
 * ("the observer itself was late"), which tells of the machine and not of how it looks.
 *
 * Three times calm or not at all; after that a lateness that the program itself takes for harmless (below 2 s) will do.
 *
 * @param before what makes the network as it was; run before each
 */
export const scanCalmly = async (
  lab: Lab,
  args: readonly string[],
  before: () => Promise<unknown>,
): Promise<Scanned> => {
  for (let again = 0; ; again++) {
    await before();
    const scanned = await scan(lab, args);
    if (scanned.summary.latenessMs < 300 || (again >= 2 && scanned.summary.latenessMs < 1_900) || again === 9)
      return scanned;
  }
};

/** Forgets all neighbours of the scanner, so that a scan begins as on a host that was just connected. */
export const forgetNeighbours = async (lab: Lab, host = "scanner"): Promise<void> => {
  await lab.exec(host, ["ip", "neigh", "flush", "all"]);
};
