import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDataFolder } from "../../collector/data-folder.ts";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import { systemClock } from "../../shared/clock.ts";
import { createAgentId } from "../../shared/ids.ts";
import { createSigningKey, formatPublicKey, parsePublicKey } from "../../shared/protocol/frame.ts";
import { hashOfItems, itemHash } from "../../shared/protocol/hash.ts";
import type { Item } from "../../shared/protocol/items.ts";
import { createSeededRandom, systemRandom } from "../../shared/random.ts";
import { largest, sizesOf, tableSizes } from "../support/database-size.ts";
import {
  connectScripted,
  fullStep,
  type ScriptedAgent,
  type ScriptedState,
  snapshotOf,
} from "../support/scripted-agent.ts";

/**
 * `npm run bench -- ingest [--agents N] [--packages N] [--images N] [--drift PERCENT] [--changes N] [--profile DIR]`: a
 * collector as a process of its own, and agents that each send a first inventory and then changes of one package, over
 * loopback without TLS. Counted from the first send to the last acknowledgement, which leaves after the disk was synced.
 * Aims of design §13: 300 first inventories and 2,000 changed snapshots a second.
 *
 * Hosts are drawn from `--images` (default 40) golden images, and each differs from its image in `--drift` percent (1) of
 * its packages, but for the first of each, which is the machine that the image was taken from; `--images 0` makes every
 * host's packages its own. Frames are made before the clock runs: agents do that on their own machines. Sending and reading
 * them still shares the cores with the collector, whose CPU time is told beside.
 */
const AIMS = { first: 300, changed: 2_000 } as const;
const program = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));

const option = (args: readonly string[], name: string, otherwise: number): number => {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(args[at + 1]);
};

const packageOf = (p: number, version: string): Item => ({
  ...{ manager: "dpkg", name: `package-${p}-lib`, architecture: "amd64", version },
  publisher: "Debian Maintainers <maintainers@example.org>",
  description: `what package ${p} is for, in a line of usual length`,
  installedAt: "2026-01-05T08:00:00.000Z",
  purl: `pkg:deb/debian/package-${p}-lib@${version}?arch=amd64`,
});
const keyOf = (p: number): string => `dpkg|package-${p}-lib|amd64|`;

type Fleet = { readonly packages: number; readonly images: number; readonly driftPercent: number };

/** Without images, installed one by one: every package has its own time. */
const softwareOf = (host: number, { packages, images, driftPercent }: Fleet): Record<string, Item> => {
  const random = createSeededRandom(host + 1);
  const image = images > 0 ? host % images : host;
  return Object.fromEntries(
    Array.from({ length: packages }, (_, p) => {
      const isDrifted = host >= images && random.next() * 100 < driftPercent;
      const version = isDrifted ? `2.${Math.floor(random.next() * 5)}-1` : `1.${(p * 7 + image * (p % 13)) % 4}-1`;
      const item = packageOf(p, version);
      const at = Date.UTC(2026, 0, 5, 8) + (images > 0 ? image : host * packages + p) * 1_000;
      return [keyOf(p), { ...item, installedAt: new Date(at).toISOString() }];
    }),
  );
};

const subjectOf = (host: number) => ({
  ...{ id: "self", realm: "bench" },
  keys: [{ kind: "hardwareUuid" as const, value: `4c4c4544-0042-3010-8051-${host.toString(16).padStart(12, "0")}` }],
});

/** The frames of one agent: its first inventory, then one changed package a message. */
const framesOf = (agent: ScriptedAgent, host: number, fleet: Fleet, changes: number) => {
  const items = softwareOf(host, fleet);
  const hashes = new Map(Object.entries(items).map(([key, item]) => [key, itemHash(item)]));
  const subject = subjectOf(host);
  const os = fullStep("os", { "": { hostname: `host-${host}`, name: "Debian GNU/Linux", version: "13" } });
  let hash = hashOfItems(hashes);
  const first = agent.seal(snapshotOf([os, { kind: "full", section: "software", hash, items }], { subject }));
  const changed = Array.from({ length: changes }, (_, n) => {
    const p = (host * 31 + n * 97) % fleet.packages;
    const item = packageOf(p, `9.${host}.${n}`);
    const base = hash;
    hash = hashOfItems(hashes.set(keyOf(p), itemHash(item)));
    const put = { [keyOf(p)]: item };
    return agent.seal(snapshotOf([{ kind: "delta", section: "software", base, hash, put, drop: [] }], { subject }));
  });
  return { first, changed };
};

const enrolAll = async (folder: string, count: number): Promise<ScriptedState[]> => {
  const { databasePath, publicKey } = openDataFolder(folder, { clock: systemClock, random: systemRandom });
  const store = openSqliteStore(databasePath);
  const states = Array.from({ length: count }, (): ScriptedState => {
    const agentId = createAgentId(systemClock.now(), systemRandom);
    const keys = { agentId, key: createSigningKey(), collectorKey: parsePublicKey(publicKey) };
    return { ...keys, instance: 0, epoch: 0, nextSequence: 1, lastSequence: 0, lastDigest: null };
  });
  const atMs = systemClock.now();
  await store.transaction(async (tx) => {
    for (const { agentId, key } of states)
      await tx.agents.put({
        ...{ agentId, instance: 0, name: "bench", publicKey: formatPublicKey(key), state: "never", stateSinceMs: atMs },
        ...{ enrolledAtMs: atMs, approvedAtMs: atMs, epoch: 0, sequence: 0, scopes: [] },
      });
  });
  await store.close();
  return states;
};

const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

/** Sends what each agent has to send, and waits until all of it is acknowledged. */
const measure = async (
  what: keyof typeof AIMS,
  pid: number,
  agents: readonly ScriptedAgent[],
  framesOf: (i: number) => readonly Uint8Array[],
) => {
  const cpuBefore = cpuSeconds(pid);
  const begun = performance.now();
  const sent = agents.map((agent, i) => {
    const frames = framesOf(i);
    for (const frame of frames) agent.sendRaw(frame);
    return agent.settled(agent.state.lastSequence + frames.length).then(() => frames.length);
  });
  const count = (await Promise.all(sent)).reduce((sum, n) => sum + n, 0);
  const seconds = (performance.now() - begun) / 1_000;
  const cpuMs = ((cpuSeconds(pid) - cpuBefore) / count) * 1_000;
  process.stdout.write(
    `${what.padEnd(8)} ${count} in ${seconds.toFixed(2)} s: ${(count / seconds).toFixed(0)}/s (aim ${AIMS[what]}/s), collector's CPU ${cpuMs.toFixed(2)} ms each\n`,
  );
};

const startProgram = async (folder: string, profile: string | undefined) => {
  const profiling = profile === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", profile];
  const child = spawn(process.execPath, [...profiling, program, "run", "--data", folder, "--port", "0"], {
    stdio: ["ignore", "pipe", process.env["BENCH_LOG"] === undefined ? "ignore" : "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) {
    text += chunk;
    const url = /listening on (\S+)/.exec(text)?.[1];
    if (url !== undefined && child.pid !== undefined) return { child, url, pid: child.pid };
  }
  throw new Error("the collector did not start");
};

/** With the first inventory and `--changes` changes in it. Aim of issue 5 for what is current: 5 KB. */
const saySizes = (path: string, hosts: number) => {
  const tables = tableSizes(path);
  const { common, current, history } = sizesOf(tables);
  const each = (bytes: number) => `${(bytes / hosts).toFixed(0)} bytes`;
  process.stdout.write(
    `each host ${each(current)} of current state, ${each(history)} of history; dictionary and images ${(common / 1e6).toFixed(1)} MB; ${largest(tables, 8)}\n`,
  );
};

export const run = async (args: readonly string[]): Promise<void> => {
  const count = option(args, "agents", 200);
  const changes = option(args, "changes", 10);
  const fleet = {
    packages: option(args, "packages", 2_000),
    images: option(args, "images", 40),
    driftPercent: option(args, "drift", 1),
  };
  const profile = args.includes("--profile") ? args[args.indexOf("--profile") + 1] : undefined;
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-ingest-"));
  process.stdout.write(
    `${count} agents of ${fleet.images || "no"} images, ${fleet.driftPercent} % drift, ${fleet.packages} packages each; load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  const states = await enrolAll(folder, count);
  const { child, url, pid } = await startProgram(folder, profile);
  try {
    const agents: ScriptedAgent[] = [];
    for (const state of states) agents.push(await connectScripted(url, state));
    await Promise.all(agents.map((agent) => agent.waitFor("welcome")));
    const frames = agents.map((agent, host) => framesOf(agent, host, fleet, changes));
    await measure("first", pid, agents, (i) => [frames[i]?.first as Uint8Array]);
    await measure("changed", pid, agents, (i) => frames[i]?.changed ?? []);
    await Promise.all(agents.map((agent) => agent.close()));
  } finally {
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    if (existsSync(join(folder, "rollcall.db"))) saySizes(join(folder, "rollcall.db"), count);
    rmSync(folder, { recursive: true, force: true });
  }
};
