import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import type { AgentStatus } from "../../agent/cli/status.ts";
import type { Identity } from "../../agent/identity.ts";
import { systemClock } from "../../shared/clock.ts";
import type { Command } from "../../shared/protocol/envelope.ts";
import { exportSigningKey } from "../../shared/protocol/frame.ts";
import { startPlainMosquitto } from "../support/plain-mosquitto.ts";
import { findProgram } from "../support/requires.ts";
import { createSmallCollector, type SmallCollector } from "../support/small-collector.ts";
import { joinBroker } from "../support/small-collector-mqtt.ts";
import { listenWebSocket } from "../support/small-collector-ws.ts";
import { createSnmpd } from "../support/snmpd.ts";
import { until } from "../support/until.ts";

/**
 * `npm run bench -- agent-rest [--minutes N] [--uplink mqtt]`: the installed agent (bundled, started as the systemd unit does) after three
 * inventories, one sweep and one SNMP round: RSS and private memory, CPU of the resting daemon over the last minutes (30 s
 * heartbeats, nothing else to do), octets of an unchanged cycle. With --minutes 30 as design §13 says; the default of 4 has the
 * same rounds, closer together. `--uplink mqtt` goes over a Mosquitto on loopback instead of a WebSocket.
 */

const aims = { rssMiB: 64, privateMiB: 24, cpuPercent: 0.1, cycleBytes: 400 } as const;
const root = fileURLToPath(new URL("../..", import.meta.url));

const kib = (text: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);

const memoryOf = (pid: number) => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return {
    rssMiB: kib(text, "Rss") / 1_024,
    privateMiB: (kib(text, "Private_Clean") + kib(text, "Private_Dirty")) / 1_024,
  };
};

/** Nanoseconds on a CPU of all threads; children are not in it. */
const cpuMsOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    const [ns] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ");
    return sum + Number(ns) / 1e6;
  }, 0);

/** CPU of children that have ended, in ms: fields 16 and 17 of /proc/PID/stat, in hundredths of a second. */
const childrenCpuMsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
};

const readStatus = (path: string): Promise<AgentStatus> =>
  new Promise((resolve, reject) => {
    let text = "";
    connect(path)
      .on("data", (chunk) => {
        text += String(chunk);
      })
      .on("end", () => resolve(JSON.parse(text) as AgentStatus))
      .on("error", reject);
  });

/** Node's options and the environment of the unit, so that what is measured is what is installed. */
const asInstalled = () => {
  const unit = readFileSync(join(root, "systemd/rollcall-agent.service"), "utf8");
  const [, ...words] = (/^ExecStart=(.*)$/m.exec(unit)?.[1] ?? "").split(" ");
  const env = Object.fromEntries(
    [...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  return { options: words.filter((word) => word.startsWith("--")), env };
};

const bundle = async (folder: string): Promise<string> => {
  const outDir = join(folder, "dist");
  await build({ configFile: join(root, "agent/vite.config.ts"), logLevel: "error", build: { outDir } });
  return join(outDir, "rollcall-agent.mjs");
};

type Row = readonly [what: string, found: number, unit: string, aim: number];

const print = (rows: readonly Row[]): void => {
  for (const [what, found, unit, aim] of rows) {
    const verdict = found <= aim ? "met" : "NOT MET";
    process.stdout.write(
      `${what.padEnd(34)} ${found.toFixed(2).padStart(9)} ${unit.padEnd(4)} aim ${aim} ${unit}: ${verdict}\n`,
    );
  }
};

const stopped = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });

/** The way to the collector, what of the configuration it takes, and the sessions that come to be on it. */
const openWay = async (isMqtt: boolean, collector: SmallCollector, identity: Identity) => {
  if (!isMqtt) {
    const { url, sessions, stop } = await listenWebSocket(collector, identity);
    const collectorUrl = url.replace("ws:", "http:").replace("/api/v1/agents/ws", "");
    return { collectorUrl, config: {}, sessions, stop };
  }
  const broker = await startPlainMosquitto();
  const peer = await joinBroker(collector, identity, { url: broker.url });
  return {
    ...{ collectorUrl: "http://127.0.0.1:1", config: { uplink: "mqtt", mqtt: { url: broker.url } } },
    sessions: peer.sessions,
    stop: async () => {
      await peer.stop();
      await broker.stop();
    },
  };
};

export const run = async (args: readonly string[]): Promise<void> => {
  const minutes = Number(args[args.indexOf("--minutes") + 1]) || 4;
  const folder = mkdtempSync(join(tmpdir(), "rollcall-rest-"));
  const program = await bundle(folder);
  const collector = createSmallCollector({ clock: systemClock });
  const identity = collector.enrol();
  const peer = await openWay(args.includes("mqtt"), collector, identity);
  const snmpd = findProgram("snmpd") === undefined ? undefined : await createSnmpd(["rocommunity public"]);
  const at = (name: string) => join(folder, name);
  writeFileSync(at("agent.key"), exportSigningKey(identity.key), { mode: 0o600 });
  const { collectorUrl } = peer;
  writeFileSync(at("identity.json"), JSON.stringify({ ...identity.file, collectorUrl }), { mode: 0o600 });
  writeFileSync(at("credentials.yaml"), "- { version: 2c, community: public }\n", { mode: 0o600 });
  writeFileSync(
    at("agent.yaml"),
    JSON.stringify({
      ...peer.config,
      stateDirectory: folder,
      log: { level: "warn" },
      scopes: [
        {
          ...{ name: "here", targets: ["127.0.0.1"], intervalMinutes: 600 },
          snmp: { credentialsFile: at("credentials.yaml"), port: snmpd?.port ?? 161, intervalMinutes: 600 },
        },
      ],
    }),
  );
  const { options, env } = asInstalled();
  const child = spawn(process.execPath, [...options, program, "run", "--config", at("agent.yaml")], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, ...env },
  });
  try {
    const startedAt = performance.now();
    const status = () => readStatus(at("agent.sock"));
    const ended = async (name: string) =>
      (await status()).rounds.find((round) => round.name === name)?.lastEndedAtMs !== undefined;
    for (const round of ["inventory", "sweep here", "snmp here"])
      await until(`the ${round} round`, () => ended(round).catch(() => false), { timeoutMs: 180_000, everyMs: 500 });
    const session = peer.sessions.at(-1);
    const accepted = () =>
      collector.accepted.filter(({ body }) => body.kind === "snapshot" && body.snapshot.commandId !== undefined).length;
    for (let i = 1; i <= 2; i++) {
      const command: Command = {
        commandId: `again-${i}`,
        expiresAtMs: Date.now() + 60_000,
        action: { kind: "inventory" },
      };
      session?.say({ kind: "command", command });
      await until("an inventory that was asked for", () => accepted() >= i, { timeoutMs: 60_000, everyMs: 200 });
    }
    const pid = child.pid ?? 0;
    const settleMs = 15_000;
    const restMs = Math.max(60_000, minutes * 60_000 - (performance.now() - startedAt) - settleMs);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const before = { cpuMs: cpuMsOf(pid), childrenMs: childrenCpuMsOf(pid), at: performance.now() };
    await new Promise((resolve) => setTimeout(resolve, restMs));
    const tookMs = performance.now() - before.at;
    const { rssMiB, privateMiB } = memoryOf(pid);
    const cycle = (await status()).link.lastUnchangedCycle;
    const rounds = (await status()).rounds.map(({ name, runs, failures }) => `${name}: ${runs} (${failures} failed)`);
    process.stdout.write(
      `rounds: ${rounds.join(", ")}, 2 inventories asked for; rest of ${(tookMs / 1_000).toFixed(0)} s\n`,
    );
    print([
      ["RSS", rssMiB, "MiB", aims.rssMiB],
      ["private memory", privateMiB, "MiB", aims.privateMiB],
      ["CPU of the daemon at rest", (100 * (cpuMsOf(pid) - before.cpuMs)) / tookMs, "%", aims.cpuPercent],
      ["unchanged cycle on the socket", (cycle?.sentBytes ?? 0) + (cycle?.receivedBytes ?? 0), "B", aims.cycleBytes],
    ]);
    const perInventoryMs = before.childrenMs / 6;
    process.stdout.write(
      `children (settings, 3 inventories, sweep, SNMP): ${(before.childrenMs / 1_000).toFixed(1)} CPU-s in all, about ${perInventoryMs.toFixed(0)} ms each\n`,
    );
  } finally {
    await stopped(child);
    await snmpd?.stop?.();
    await peer.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
