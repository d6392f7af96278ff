import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDataFolder } from "../../collector/data-folder.ts";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import { systemClock } from "../../shared/clock.ts";
import { systemRandom } from "../../shared/random.ts";
import { seedSite } from "../support/site.ts";

/**
 * `npm run bench -- api [--assets N] [--clients N] [--seconds N]`: a collector as a process of its own over a seeded site
 * (50,000 assets), and clients that list, page, filter, search, sort and open assets as fast as they are answered. The aim
 * of design §13: p99 below 150 ms with 20 clients. The clients share the machine's cores with the collector.
 */

const AIM_P99_MS = 150;
const program = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));

const option = (args: readonly string[], name: string, otherwise: number): number => {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(args[at + 1]);
};

const runCli = (args: readonly string[]) =>
  spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });

const readWhole = async (child: ReturnType<typeof runCli>): Promise<string> => {
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  return text.trim();
};

const startCollector = async (folder: string) => {
  const child = runCli(["run", "--data", folder, "--port", "0"]);
  let text = "";
  for await (const chunk of child.stdout) {
    text += chunk;
    const url = /listening on (\S+)/.exec(text)?.[1];
    if (url !== undefined) return { url, child };
  }
  throw new Error(`the collector did not start: ${text}`);
};

type Ask = { readonly name: string; readonly path: () => string };

const asks = (assets: readonly string[]): readonly Ask[] => {
  const number = () => String(Math.floor(Math.random() * assets.length)).padStart(3, "0");
  const any = () => assets[Math.floor(Math.random() * assets.length)];
  return [
    { name: "list", path: () => "/assets?limit=100" },
    { name: "list by last seen", path: () => "/assets?limit=100&sort=lastSeenAt&order=desc" },
    { name: "filter", path: () => "/assets?limit=100&type=server&type=switch&presence=missing" },
    { name: "search a name", path: () => `/assets?limit=100&q=nb-${number()}` },
    { name: "search two words", path: () => `/assets?limit=100&q=10.20.${number().slice(0, 2)}+thinkpad` },
    { name: "search two letters", path: () => "/assets?limit=100&q=zq" },
    { name: "one asset", path: () => `/assets/${any()}` },
    { name: "changes", path: () => "/changes?limit=100" },
    { name: "overview", path: () => "/overview" },
  ];
};

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;

/** Processor time of a process so far, its threads' included (proc(5): fields 14 and 15, in hundredths of a second). */
const cpuMs = (pid: number | undefined): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

const rssMiB = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;

export const run = async (args: readonly string[]): Promise<void> => {
  const [assets, clients, seconds] = [
    option(args, "assets", 50_000),
    option(args, "clients", 20),
    option(args, "seconds", 30),
  ];
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-api-"));
  const { databasePath } = openDataFolder(folder, { clock: systemClock, random: systemRandom });
  const store = openSqliteStore(databasePath);
  const seedingAt = performance.now();
  const site = await seedSite(store, { nowMs: Date.now(), count: assets });
  await store.close();
  console.log(`${site.assets.length} assets seeded in ${((performance.now() - seedingAt) / 1_000).toFixed(0)} s`);
  const token = await readWhole(runCli(["token", "create", "--role", "viewer", "--data", folder]));
  const { url, child } = await startCollector(folder);
  try {
    const times = new Map<string, number[]>();
    const kinds = asks(site.assets);
    const cpuBefore = cpuMs(child.pid);
    const until = performance.now() + seconds * 1_000;
    const client = async (offset: number) => {
      for (let i = offset; performance.now() < until; i++) {
        const { name, path } = kinds[i % kinds.length] as Ask;
        const at = performance.now();
        const response = await fetch(`${url}/api/v1${path()}`, { headers: { authorization: `Bearer ${token}` } });
        await response.arrayBuffer();
        if (response.status === 429) throw new Error("refused by the rate limit: fewer seconds or clients");
        if (!response.ok) throw new Error(`${name}: ${response.status}`);
        times.set(name, [...(times.get(name) ?? []), performance.now() - at]);
      }
    };
    await Promise.all(Array.from({ length: clients }, (_, i) => client(i)));
    const all = [...times.values()].flat();
    console.log(
      `${clients} clients, ${seconds} s: ${(all.length / seconds).toFixed(0)} requests/s, RSS ${rssMiB(child.pid).toFixed(0)} MiB`,
    );
    const cost = (cpuMs(child.pid) - cpuBefore) / all.length;
    console.log(
      `collector: ${cost.toFixed(2)} ms of processor time a request; load of the machine ${loadavg()[0]?.toFixed(1)}`,
    );
    const line = (name: string, values: number[]) => {
      const sorted = values.toSorted((a, b) => a - b);
      const [p50, p99] = [quantile(sorted, 0.5), quantile(sorted, 0.99)];
      console.log(
        `${name.padEnd(20)} ${String(values.length).padStart(6)}  p50 ${p50.toFixed(0).padStart(4)} ms  p99 ${p99.toFixed(0).padStart(4)} ms`,
      );
      return p99;
    };
    for (const [name, values] of times) line(name, values);
    const p99 = line("all", all);
    console.log(`aim p99 < ${AIM_P99_MS} ms: ${p99 < AIM_P99_MS ? "met" : "missed"}`);
  } finally {
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    rmSync(folder, { recursive: true, force: true });
  }
};
