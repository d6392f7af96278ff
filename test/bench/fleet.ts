import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDataFolder } from "../../collector/data-folder.ts";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import { systemClock } from "../../shared/clock.ts";
import { createAgentId } from "../../shared/ids.ts";
import { createSigningKey, exportSigningKey, formatPublicKey } from "../../shared/protocol/frame.ts";
import { systemRandom } from "../../shared/random.ts";
import type { FleetPlan, FleetReport } from "../support/fleet-client.ts";
import { createCertificates } from "../support/tls.ts";
import { until } from "../support/until.ts";

/**
 * `npm run bench -- fleet [--agents 10000] [--clients 2] [--seconds 120] [--after 100] [--plain]`: so many agents with keys and
 * TLS 1.3 connections of their own, one small inventory each, heartbeats at 30 s. Measured: the collector's CPU and memory while
 * they are connected; then it is killed and started again, and measured is the time until all are back, and whether anybody was
 * called silent. Aims (design §13): 50 % of a core, 1 GiB, 60 s, nobody. `--plain`: as behind a proxy that speaks TLS, 400 MiB.
 */
const HEARTBEAT_MS = 30_000;
const program = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));
const client = fileURLToPath(new URL("../support/fleet-client.ts", import.meta.url));
const say = (line: string) => process.stdout.write(`${line}\n`);
const loadNow = () => loadavg()[0]?.toFixed(1);

const enrolAll = async (folder: string, count: number) => {
  const { databasePath } = openDataFolder(folder, { clock: systemClock, random: systemRandom });
  const agents = Array.from({ length: count }, () => ({
    ...{ agentId: createAgentId(systemClock.now(), systemRandom), signingKey: createSigningKey() },
  }));
  const store = openSqliteStore(databasePath);
  const atMs = systemClock.now();
  await store.transaction(async (tx) => {
    for (const [n, { agentId, signingKey }] of agents.entries())
      await tx.agents.put({
        ...({ agentId, instance: 0, name: `bench-${n}`, state: "never", stateSinceMs: atMs, epoch: 0 } as const),
        ...{ enrolledAtMs: atMs, approvedAtMs: atMs, sequence: 0, scopes: [], publicKey: formatPublicKey(signingKey) },
      });
  });
  await store.close();
  return {
    databasePath,
    agents: agents.map(({ agentId, signingKey }) => ({ agentId, key: exportSigningKey(signingKey) })),
  };
};

const startProgram = async (folder: string, port: number, tls: readonly string[]) => {
  const child = spawn(process.execPath, [program, "run", "--data", folder, "--port", String(port), ...tls], {
    stdio: ["ignore", "pipe", process.env["BENCH_LOG"] === undefined ? "ignore" : "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) {
    text += chunk;
    const url = /listening on (\S+)/.exec(text)?.[1];
    if (url !== undefined && child.pid !== undefined) {
      child.stdout.destroy();
      return { child, url, pid: child.pid };
    }
  }
  throw new Error("the collector did not start: BENCH_LOG=1 shows why");
};

const startClients = (folder: string, count: number, plan: Omit<FleetPlan, "localAddress">) => {
  const reports: FleetReport[] = [];
  const children = Array.from({ length: count }, (_, n): ChildProcess => {
    const file = join(folder, `client-${n}.json`);
    const agents = plan.agents.filter((_agent, i) => i % count === n);
    writeFileSync(file, JSON.stringify({ ...plan, agents, localAddress: `127.0.1.${n + 1}` }), { mode: 0o600 });
    const child = fork(client, [file], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child.on("message", (report) => {
      reports[n] = report as FleetReport;
    });
    return child;
  });
  return {
    sum: (of: keyof FleetReport) => reports.reduce((sum, report) => sum + report[of], 0),
    stop: () => {
      for (const child of children) child.kill();
    },
  };
};

const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const memoryMiB = (pid: number, field: "VmRSS" | "VmHWM"): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;

const incidentsOf = (databasePath: string): string => {
  const db = new DatabaseSync(databasePath, { readOnly: true });
  const rows = db.prepare("SELECT kind, count(*) AS n FROM incidents GROUP BY kind").all();
  db.close();
  return rows.length === 0 ? "none" : rows.map(({ kind, n }) => `${n} ${kind}`).join(", ");
};

export const run = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      agents: { type: "string", default: "10000" },
      clients: { type: "string", default: "2" },
      seconds: { type: "string", default: "120" },
      after: { type: "string", default: "100" },
      plain: { type: "boolean", default: false },
    },
  });
  const [count, seconds, afterSeconds] = [Number(values.agents), Number(values.seconds), Number(values.after)];
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-fleet-"));
  const certificates = values.plain ? undefined : createCertificates(folder);
  const tls = certificates
    ? ["--set", `listen.certFile=${certificates.certFile}`, "--set", `listen.keyFile=${certificates.keyFile}`]
    : [];
  say(`${count} agents, ${values.plain ? "without TLS" : "TLS 1.3"}, heartbeats every 30 s; load ${loadNow()}`);
  const data = join(folder, "data");
  const { databasePath, agents } = await enrolAll(data, count);
  let collector = await startProgram(data, 0, tls);
  const { url } = collector;
  const clients = startClients(folder, Number(values.clients), {
    ...{ url, agents, heartbeatMs: HEARTBEAT_MS, startWithinMs: count * 3 },
    ...(certificates ? { caFile: certificates.caFile } : {}),
  });
  const untilAllAreIn = (timeoutMs: number) =>
    until("all agents to be in", () => clients.sum("welcomed") === count, { timeoutMs, everyMs: 200 });
  try {
    const begun = performance.now();
    await untilAllAreIn(900_000);
    await until("all inventories", () => clients.sum("settled") === count, { timeoutMs: 600_000, everyMs: 200 });
    say(`all connected, with an inventory each, after ${((performance.now() - begun) / 1_000).toFixed(0)} s`);

    await systemClock.sleep(5_000);
    const [cpuBefore, beatsBefore, at] = [cpuSeconds(collector.pid), clients.sum("beats"), performance.now()];
    await systemClock.sleep(seconds * 1_000);
    const took = (performance.now() - at) / 1_000;
    const share = ((cpuSeconds(collector.pid) - cpuBefore) / took) * 100;
    const beats = (clients.sum("beats") - beatsBefore) / took;
    say(
      `for ${took.toFixed(0)} s ${beats.toFixed(0)} heartbeats/s: ${share.toFixed(1)} % of a core (aim 50), ${memoryMiB(collector.pid, "VmRSS").toFixed(0)} MiB, at most ${memoryMiB(collector.pid, "VmHWM").toFixed(0)} MiB (aim ${values.plain ? 400 : 1_024}); incidents: ${incidentsOf(databasePath)}; load ${loadNow()}`,
    );

    const killedAt = performance.now();
    const attempts = clients.sum("attempts");
    collector.child.kill("SIGKILL");
    await until("all agents to notice", () => clients.sum("welcomed") < count, { timeoutMs: 60_000, everyMs: 100 });
    collector = await startProgram(data, Number(new URL(url).port), tls);
    const upAt = performance.now();
    await untilAllAreIn(900_000);
    say(
      `killed; listening again after ${((upAt - killedAt) / 1_000).toFixed(1)} s, all ${count} back after ${((performance.now() - killedAt) / 1_000).toFixed(1)} s (aim 60), ${clients.sum("attempts") - attempts} attempts, CPU ${cpuSeconds(collector.pid).toFixed(1)} s; load ${loadNow()}`,
    );
    await systemClock.sleep(afterSeconds * 1_000);
    say(
      `${afterSeconds} s later: ${clients.sum("welcomed")} connected, at most ${memoryMiB(collector.pid, "VmHWM").toFixed(0)} MiB, incidents: ${incidentsOf(databasePath)} (aim none)`,
    );
  } finally {
    clients.stop();
    collector.child.kill("SIGTERM");
    await new Promise((resolve) => collector.child.once("exit", resolve));
    rmSync(folder, { recursive: true, force: true });
  }
};
