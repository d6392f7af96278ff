import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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
import { systemRandom } from "../../shared/random.ts";
import {
  connectScripted,
  fullStep,
  type ScriptedAgent,
  type ScriptedState,
  snapshotOf,
} from "../support/scripted-agent.ts";

/**
 * `npm run bench -- ingest [--agents N] [--packages N]`: a collector as a process of its own, and agents that each send a
 * first inventory and then one changed package, over loopback without TLS. Counted from the first send to the last
 * acknowledgement, which leaves after the disk was synced. Aims of design §13: 300 first inventories and 2,000 changed
 * snapshots a second. The senders share the machine's cores with the collector; its own CPU time is told beside.
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

/** Hosts of one fleet: most packages of equal version, some of their own. */
const softwareOf = (host: number, packages: number): Record<string, Item> =>
  Object.fromEntries(
    Array.from({ length: packages }, (_, p) => [
      keyOf(p),
      packageOf(p, `1.${p % 7}.${p % 11 === 0 ? host % 40 : 3}-1`),
    ]),
  );

const bodiesOf = (host: number, packages: number) => {
  const before = softwareOf(host, packages);
  const changed = packageOf(1, `9.${host}`);
  const hashes = new Map(Object.entries(before).map(([key, item]) => [key, itemHash(item)]));
  const subject = {
    ...{ id: "self", realm: "bench" },
    keys: [{ kind: "hardwareUuid" as const, value: `4c4c4544-0042-3010-8051-${host.toString(16).padStart(12, "0")}` }],
  };
  const os = fullStep("os", { "": { hostname: `host-${host}`, name: "Debian GNU/Linux", version: "13" } });
  const base = hashOfItems(hashes);
  const hash = hashOfItems(new Map(hashes).set(keyOf(1), itemHash(changed)));
  const delta = {
    kind: "delta",
    section: "software",
    base,
    hash,
    put: { [keyOf(1)]: changed },
    drop: [] as string[],
  } as const;
  return {
    first: snapshotOf([os, { kind: "full", section: "software", hash: base, items: before }], { subject }),
    changed: snapshotOf([delta], { subject }),
  };
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

const measure = async (
  what: keyof typeof AIMS,
  pid: number,
  agents: readonly ScriptedAgent[],
  send: (agent: ScriptedAgent, i: number) => Promise<void>,
) => {
  const cpuBefore = cpuSeconds(pid);
  const begun = performance.now();
  await Promise.all(agents.map(send));
  const seconds = (performance.now() - begun) / 1_000;
  const cpuMs = ((cpuSeconds(pid) - cpuBefore) / agents.length) * 1_000;
  process.stdout.write(
    `${what.padEnd(8)} ${agents.length} in ${seconds.toFixed(2)} s: ${(agents.length / seconds).toFixed(0)}/s (aim ${AIMS[what]}/s), collector's CPU ${cpuMs.toFixed(2)} ms each\n`,
  );
};

export const run = async (args: readonly string[]): Promise<void> => {
  const count = option(args, "agents", 200);
  const packages = option(args, "packages", 2_000);
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-ingest-"));
  process.stdout.write(`${count} agents, ${packages} packages each; load ${loadavg()[0]?.toFixed(1)}\n`);
  const states = await enrolAll(folder, count);
  const bodies = states.map((_, host) => bodiesOf(host, packages));
  const child = spawn(process.execPath, [program, "run", "--data", folder, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    let text = "";
    let url: string | undefined;
    for await (const chunk of child.stdout) {
      text += chunk;
      url = /listening on (\S+)/.exec(text)?.[1];
      if (url !== undefined) break;
    }
    if (url === undefined || child.pid === undefined) throw new Error("the collector did not start");
    const agents: ScriptedAgent[] = [];
    for (const state of states) agents.push(await connectScripted(url, state));
    await Promise.all(agents.map((agent) => agent.waitFor("welcome")));
    const { pid } = child;
    await measure("first", pid, agents, (agent, i) => agent.deliver(bodies[i]?.first as never));
    await measure("changed", pid, agents, (agent, i) => agent.deliver(bodies[i]?.changed as never));
    await Promise.all(agents.map((agent) => agent.close()));
  } finally {
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    rmSync(folder, { recursive: true, force: true });
  }
};
