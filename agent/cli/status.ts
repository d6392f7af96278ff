import { Command } from "commander";
import { isRollcallError } from "../../shared/errors.ts";
import type { ConversationCounts } from "../conversation.ts";
import { directoriesOf } from "../directories.ts";
import type { LinkStatus } from "../link.ts";
import type { TaskStatus } from "../scheduler.ts";
import type { Position, SpoolCounts } from "../spool/spool.ts";
import { askAgent, type Request } from "../status-server.ts";
import type { CliDeps } from "./deps.ts";
import { type ConfigOptions, readConfig, withConfigOptions } from "./options.ts";

/** What the running agent answers (`agent.ts`, status). */
export type AgentStatus = {
  readonly version: string;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly atMs: number;
  readonly name: string;
  readonly agentId: string;
  readonly collectorId: string;
  readonly pending: boolean;
  readonly link: LinkStatus;
  readonly position: Position;
  readonly spool: SpoolCounts & { readonly softLimitBytes: number; readonly notKept: number };
  readonly counts: ConversationCounts;
  readonly rounds: readonly TaskStatus[];
  readonly clockJumps: number;
  readonly usage: { readonly rssBytes: number; readonly cpuMs: number };
};

const duration = (ms: number): string => {
  const s = Math.round(ms / 1_000);
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (s < 120) return `${s} s`;
  if (s < 7_200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3_600)} h` : `${Math.round(s / 86_400)} days`;
};

const bytes = (n: number): string =>
  n < 10_000 ? `${n} B` : n < 10_000_000 ? `${(n / 1_000).toFixed(1)} kB` : `${(n / 1_000_000).toFixed(1)} MB`;

const cycle = (of: LinkStatus["lastCycle"]): string =>
  of === undefined
    ? "none yet"
    : `${bytes(of.sentBytes + of.receivedBytes)} (${bytes(of.sentBytes)} sent, ${bytes(of.receivedBytes)} received)`;

const round = (task: TaskStatus, nowMs: number): [string, string] => {
  const last =
    task.lastEndedAtMs === undefined
      ? "not yet"
      : `${duration(nowMs - task.lastEndedAtMs)} ago, took ${duration(task.lastTookMs ?? 0)}`;
  const how = task.running ? "running now" : last;
  const failed = task.lastError === undefined ? "" : `, failed: ${task.lastError}`;
  const next = task.nextAtMs === undefined ? "" : `, next in ${duration(Math.max(0, task.nextAtMs - nowMs))}`;
  return [task.name, `${how}${failed}${next}`];
};

const linkLines = ({ link, pending }: AgentStatus, nowMs: number): [string, string][] => [
  [
    "uplink",
    `${link.uplink}, ${pending && link.state === "connected" ? "waiting for approval" : link.state} for ${duration(nowMs - link.sinceMs)}`,
  ],
  ...(link.lastError === undefined ? [] : [["last error", link.lastError] satisfies [string, string]]),
  ["unchanged cycle", cycle(link.lastUnchangedCycle)],
  ["changed cycle", cycle(link.lastChangedCycle)],
  [
    "in all",
    `${bytes(link.total.sentBytes)} sent, ${bytes(link.total.receivedBytes)} received, ${link.connections} connections`,
  ],
];

const spoolLines = ({ spool, position, counts }: AgentStatus, nowMs: number): [string, string][] => [
  [
    "spool",
    spool.messages === 0
      ? "empty: everything noted is acknowledged"
      : `${spool.messages} messages, ${bytes(spool.bytes)}, the oldest ${duration(nowMs - (spool.oldestAtMs ?? nowMs))} old`,
  ],
  ["acknowledged", `${spool.settled} messages; epoch ${position.epoch}, sequence ${position.lastSequence}`],
  ...(
    [
      ["folded", spool.folded],
      ["not kept", spool.notKept],
      ["refused", counts.refused],
      ["forged", counts.forged],
      ["replayed", counts.stale],
    ] as const
  ).flatMap(([name, n]): [string, string][] => (n === 0 ? [] : [[name, String(n)]])),
];

/** The status as lines for a person, names aligned. */
export const statusText = (status: AgentStatus): string => {
  const nowMs = status.atMs;
  const lines: [string, string][] = [
    ["agent", `${status.name} (${status.agentId}), version ${status.version}, process ${status.pid}`],
    ["collector", status.collectorId],
    ["up", duration(nowMs - status.startedAtMs)],
    ...linkLines(status, nowMs),
    ...spoolLines(status, nowMs),
    ...status.rounds.map((task) => round(task, nowMs)),
    ["uses", `${bytes(status.usage.rssBytes)} of memory, ${duration(status.usage.cpuMs)} of CPU so far`],
    ...(status.clockJumps === 0
      ? []
      : [["clock", `${status.clockJumps} jumps or suspends`] satisfies [string, string]]),
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join("");
};

/** Asks the socket of the configuration, then the one of the systemd unit, which a person's shell knows nothing of. */
export const askRunning = async (
  options: ConfigOptions,
  deps: CliDeps,
  request: Request,
  timeoutMs?: number,
): Promise<unknown> => {
  const { config } = readConfig(options, deps);
  const { runtime } = directoriesOf(config, deps.env);
  try {
    return await askAgent(runtime, deps.clock, request, timeoutMs);
  } catch (error) {
    if (!isRollcallError(error, "status.unavailable") || config.runtimeDirectory !== undefined) throw error;
    const unit = "/run/rollcall-agent";
    if (runtime === unit) throw error;
    return askAgent(unit, deps.clock, request, timeoutMs).catch((other: unknown) => {
      throw isRollcallError(other, "status.permission") ? other : error;
    });
  }
};

export const findStatus = (options: ConfigOptions, deps: CliDeps): Promise<AgentStatus> =>
  askRunning(options, deps, "status") as Promise<AgentStatus>;

/** `rollcall-agent status`: over the running agent's 0600 socket. */
export const statusCommand = (deps: CliDeps): Command =>
  withConfigOptions(
    new Command("status").description("Ask the running agent how it is: connection, octets per cycle, spool, rounds."),
  )
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", "\nExit codes: 0 it answered, 69 no agent runs here, 77 it runs as another user.")
    .action(async (options: ConfigOptions & { readonly json?: boolean }) => {
      const status = await findStatus(options, deps);
      deps.stdout.write(options.json ? `${JSON.stringify(status)}\n` : statusText(status));
    });
