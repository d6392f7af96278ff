import { spawn, spawnSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openAccess } from "../../agent/snmp/access.ts";
import { createSocketPool } from "../../agent/snmp/sockets.ts";
import { systemClock } from "../../shared/clock.ts";
import { systemRandom } from "../../shared/random.ts";
import { findProgram } from "../support/requires.ts";
import { defaultCorpus, type ReplayedDevice, startReplay } from "../support/snmp-replay.ts";

/**
 * `npm run bench -- snmp [--devices 900] [--peer-devices 900] [--skip fleet,single,dead]`
 *
 * fleet: full inventories of recorded switches and routers repeated over addresses, by `rollcall-agent snmp --json` and by
 * `fusioninventory-netinventory` with its best thread count (found on a few of the devices), the same devices, one after
 * the other, each as a program of its own: seconds, CPU, peak memory, devices per minute. The peer is given all of them and
 * four minutes: the ratio is that of the rates.
 * single: every object of one device, by our walk and by C `snmpbulkwalk` with as many repetitions, five times in turns.
 * dead: a /24 of which 200 addresses never answer, with three wrong communities before the right one: ours finds and reads the
 * living in full; the peer needs two programs for that, `fusioninventory-netdiscovery` (its best thread count) to find them and
 * `fusioninventory-netinventory` to read what was found, with the right community.
 */
type Usage = {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly stdout: string;
};

const program = fileURLToPath(new URL("../../agent/rollcall-agent.mjs", import.meta.url));
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const rate = (devices: number, { seconds }: Usage): number => (60 * devices) / seconds;

/** Runs a program under GNU time, which knows the CPU and peak memory of it and its children. */
const measure = async (
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Usage> => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const report = join(folder, "time");
  const child = spawn(findProgram("time") ?? "time", ["-f", "%e %U %S %M", "-o", report, command, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
    env,
  });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  await once(child, "close");
  const [elapsed = 0, user = 0, system = 0, kilobytes = 0] = (
    readFileSync(report, "utf8").trim().split("\n").at(-1) ?? ""
  )
    .split(" ")
    .map(Number);
  rmSync(folder, { recursive: true });
  return {
    seconds: elapsed,
    cpuSeconds: user + system,
    peakMiB: kilobytes / 1024,
    stdout: Buffer.concat(parts).toString(),
  };
};

const row = (name: string, devices: number, usage: Usage, more = ""): void =>
  print(
    `  ${name.padEnd(44)} ${String(devices).padStart(4)} devices ${usage.seconds.toFixed(1).padStart(7)} s  ${rate(devices, usage).toFixed(0).padStart(6)}/min  CPU ${usage.cpuSeconds.toFixed(1).padStart(6)} s  peak ${usage.peakMiB.toFixed(0).padStart(4)} MiB${more}`,
  );

type Expected = {
  readonly record: string;
  readonly counts?: { readonly interfaces?: number; readonly varbinds?: number };
};

/** Records of ordinary size with at least twenty interfaces: switches and routers, by name, evenly chosen. */
const chooseRecords = (count: number): readonly string[] => {
  const all = readFileSync(join(defaultCorpus, "expected.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Expected);
  const fit = all
    .filter(({ counts }) => (counts?.interfaces ?? 0) >= 20 && (counts?.varbinds ?? 0) < 20_000)
    .map(({ record }) => record)
    .sort();
  return Array.from({ length: count }, (_, i) => fit[Math.floor((i * fit.length) / count)]!);
};

const ours = (devices: readonly ReplayedDevice[]): Promise<Usage> =>
  measure(process.execPath, [
    program,
    "snmp",
    ...devices.map(({ ip }) => ip),
    "--port",
    String(devices[0]!.port),
    "--json",
  ]);

/** The peer on some devices, ended after a while: what it has read by then is its rate. */
const peer = async (
  command: string,
  devices: readonly ReplayedDevice[],
  threads: number,
  limitSeconds: number,
): Promise<Usage & { readonly read: number }> => {
  const usage = await measure("timeout", [
    String(limitSeconds),
    command,
    "--host",
    devices.map(({ ip }) => ip).join(","),
    "--port",
    String(devices[0]!.port),
    "--credentials",
    "version:2c,community:public",
    "--threads",
    String(threads),
  ]);
  return { ...usage, read: (usage.stdout.match(/<DEVICE>/g) ?? []).length };
};

/** Devices on which the peer's thread counts are compared, and for how long. */
const PEER_SAMPLE = 24;
const PEER_TRIAL_SECONDS = 40;
/** A peer that takes longer than this is stopped: the ratio is that of the rates, or a bound. */
const PEER_LIMIT_SECONDS = 240;

const fleet = async (count: number, peerCount: number): Promise<void> => {
  const records = chooseRecords(30);
  const replay = await startReplay(defaultCorpus, {
    only: records,
    repeat: Math.ceil(count / records.length),
    preload: true,
  });
  const devices = replay.devices.slice(0, count);
  print(`fleet: ${devices.length} devices, ${records.length} records of switches and routers repeated over addresses`);
  const mine = await ours(devices);
  const lines = mine.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { status: string; requests: number; varbinds: number });
  const read = lines.filter(({ status }) => status === "read");
  const varbinds = read.reduce((sum, { varbinds: n }) => sum + n, 0);
  const requests = read.reduce((sum, { requests: n }) => sum + n, 0);
  row(
    "rollcall-agent snmp",
    devices.length,
    mine,
    `  ${read.length} read, ${requests} requests, ${Math.round(varbinds / mine.seconds)} varbinds/s`,
  );
  const command = findProgram("fusioninventory-netinventory");
  if (peerCount === 0) print("  without a peer");
  else if (command === undefined)
    print("  fusioninventory-netinventory: not installed (fusioninventory-agent-task-network)");
  else {
    const sample = devices.slice(0, PEER_SAMPLE);
    const tried: (readonly [threads: number, perMinute: number])[] = [];
    for (const threads of [2, 4, 8, 16]) {
      const usage = await peer(command, sample, threads, PEER_TRIAL_SECONDS);
      tried.push([threads, rate(usage.read, usage)]);
    }
    const [best] = tried.sort(([, a], [, b]) => b - a)[0]!;
    const theirs = await peer(command, devices.slice(0, peerCount), best, PEER_LIMIT_SECONDS);
    row(`fusioninventory-netinventory, ${best} threads`, theirs.read, theirs, `  of ${peerCount}`);
    print(`  ratio of devices per minute: ${(rate(devices.length, mine) / rate(theirs.read, theirs)).toFixed(1)}`);
  }
  await replay.stop();
};

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

const single = async (): Promise<void> => {
  const record = "simdata-dlink-des3200";
  const replay = await startReplay(defaultCorpus, { only: [record], preload: true });
  const { ip, port } = replay.devices[0]!;
  print(`single: every object of ${record}`);
  const pool = createSocketPool({ clock: systemClock, random: systemRandom });
  const c = findProgram("snmpbulkwalk");
  const [mine, theirs]: [number[], number[]] = [[], []];
  let varbinds = 0;
  for (let i = 0; i < 5; i++) {
    const access = await openAccess({
      pool,
      clock: systemClock,
      target: { address: ip, port },
      credentials: [{ version: "2c", name: "bench", community: "public" }],
    });
    if (access.status !== "ok") throw new Error("the replayer does not answer");
    const start = systemClock.monotonic();
    varbinds = (await access.session.walk("1.3.6.1", { maxRows: 1_000_000 })).varbinds.length;
    mine.push(systemClock.monotonic() - start);
    access.session.close();
    if (c === undefined) continue;
    const before = systemClock.monotonic();
    spawnSync(c, ["-v2c", "-c", "public", "-Cr40", "-On", "-m", "", `${ip}:${port}`, ".1.3.6.1"], {
      maxBuffer: 1 << 28,
    });
    theirs.push(systemClock.monotonic() - before);
  }
  print(`  rollcall, in a running agent   ${median(mine).toFixed(0)} ms for ${varbinds} varbinds`);
  if (c === undefined) print("  snmpbulkwalk: not installed (snmp)");
  else
    print(
      `  snmpbulkwalk, its start included ${median(theirs).toFixed(0)} ms; ratio ${(median(mine) / median(theirs)).toFixed(2)}`,
    );
  await pool.close();
  await replay.stop();
};

const dead = async (): Promise<void> => {
  const records = chooseRecords(54);
  const replay = await startReplay(defaultCorpus, { only: records, preload: true });
  const { ip, port } = replay.devices[0]!;
  const prefix = ip.replace(/\.\d+$/, "");
  // A socket that never answers: a packet to an address without one would be refused at once, as no dead host does.
  const silent: Socket[] = [];
  for (let last = 1 + records.length; silent.length < 200; last++) {
    const socket = createSocket("udp4");
    socket.bind(port, `${prefix}.${last}`);
    await once(socket, "listening");
    silent.push(socket);
  }
  print(
    `dead: ${prefix}.0/24, 54 devices and 200 addresses that never answer, three wrong communities before the right one`,
  );
  const last = records.length + 200;
  const env = { ...process.env, A: "wrong-a", B: "wrong-b", C: "wrong-c" };
  const wrong = ["A", "B", "C"].flatMap((name) => ["--community", `env:${name}`]);
  const mine = await measure(
    process.execPath,
    [
      program,
      "snmp",
      `${prefix}.1-${last}`,
      "--port",
      String(port),
      ...wrong,
      "--community",
      "public",
      "--concurrency",
      "256",
      "--json",
    ],
    env,
  );
  const found = mine.stdout
    .trim()
    .split("\n")
    .filter((line) => line.includes('"status":"read"')).length;
  row("rollcall-agent snmp", last, mine, `  ${found} read in full`);
  const command = findProgram("fusioninventory-netdiscovery");
  if (command === undefined)
    print("  fusioninventory-netdiscovery: not installed (fusioninventory-agent-task-network)");
  else {
    const credentials = ["wrong-a", "wrong-b", "wrong-c", "public"].flatMap((name) => [
      "--credentials",
      `version:2c,community:${name}`,
    ]);
    const tried: (readonly [number, Usage])[] = [];
    for (const threads of [32, 64]) {
      const args = ["--first", `${prefix}.1`, "--last", `${prefix}.${last}`, "--port", String(port), ...credentials];
      tried.push([
        threads,
        await measure("timeout", [String(PEER_LIMIT_SECONDS), command, ...args, "--threads", String(threads)]),
      ]);
    }
    const [threads, theirs] = tried.sort(([, a], [, b]) => a.seconds - b.seconds)[0]!;
    const ended = theirs.seconds < PEER_LIMIT_SECONDS;
    row(`fusioninventory-netdiscovery, ${threads} threads`, last, theirs, ended ? "" : "  not done when stopped");
    const inventory = findProgram("fusioninventory-netinventory");
    const reading = inventory === undefined ? undefined : await peer(inventory, replay.devices, 8, PEER_LIMIT_SECONDS);
    if (reading) row("and fusioninventory-netinventory, 8 threads", replay.devices.length, reading);
    const both = theirs.seconds + (reading?.seconds ?? 0);
    print(`  ratio: ${ended ? "" : "more than "}${(both / mine.seconds).toFixed(1)}`);
  }
  for (const socket of silent) socket.close();
  await replay.stop();
};

export const run = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: "string", default: "900" },
      "peer-devices": { type: "string" },
      skip: { type: "string", default: "" },
    },
  });
  const skip = new Set(values.skip.split(","));
  const devices = Number(values.devices);
  if (!skip.has("fleet")) await fleet(devices, Math.min(devices, Number(values["peer-devices"] ?? devices)));
  if (!skip.has("single")) await single();
  if (!skip.has("dead")) await dead();
};
export const bench = { name: "snmp", run };
