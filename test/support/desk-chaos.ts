import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createSeededRandom, type Random } from "../../shared/random.ts";
import type { Server } from "../desks/server.ts";

/**
 * A desk that is killed, restarted and frozen, and a collector that is killed again and again while it opens incidents and
 * tells the desk of them. What the desk has in the end is asked of the desk.
 */

const program = fileURLToPath(new URL("deliver-child.ts", import.meta.url));

/** What the desk has of one key: `tickets` of it, the state of the last, and repeated copies of one and the same message. */
export type Stand = {
  readonly key: string;
  readonly tickets: number;
  readonly resolved: boolean;
  readonly copies: number;
};

export type ChaosDesk = {
  readonly server: Server;
  /** As in the collector's configuration; its name is "desk". */
  readonly config: { readonly connector: string; readonly settings: object };
  readonly stands: () => Promise<readonly Stand[]>;
  /** Ends what stands beside the server. */
  readonly stop?: () => Promise<void>;
};

export type ChaosReport = {
  readonly keys: number;
  readonly missing: readonly string[];
  readonly doubled: readonly string[];
  readonly wrong: readonly string[];
  readonly copies: number;
  readonly seconds: number;
};

type Collector = { readonly isDone: () => boolean; readonly start: () => void; readonly kill: () => Promise<void> };

const createCollector = (database: string, config: ChaosDesk["config"], incidents: number): Collector => {
  let child: ChildProcess | undefined;
  let done = false;
  const anchor = String(Date.now());
  const named = JSON.stringify({ name: "desk", ...config });
  return {
    isDone: () => done,
    start: () => {
      child = spawn(process.execPath, [program, database, named, String(incidents), anchor], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      child.stdout?.on("data", (text) => {
        if (String(text).includes("done")) done = true;
      });
    },
    kill: async () => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child?.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
};

const disturb = async (server: Server, random: Random): Promise<void> => {
  const dice = random.next();
  if (dice < 0.1) {
    await server.kill();
    await sleep(random.next() * 2_000);
    await server.start();
  } else if (dice < 0.3) {
    server.freeze();
    await sleep(random.next() * 3_000);
    server.thaw();
  }
};

/** The n-th incident's key, as the collector's child makes it; every second one is over in the end. */
const keyOf = (n: number): string => `rollcall:inc_${String(n).padStart(26, "0")}`;

const WAIT_MS = 600_000;

/** Lets all that happen to one desk, waits until nothing waits for it any more, and says what it has then. */
export const endure = async (
  folder: string,
  { server, config, stands, stop }: ChaosDesk,
  { incidents, kills, seed }: { readonly incidents: number; readonly kills: number; readonly seed: number },
): Promise<ChaosReport> => {
  const random = createSeededRandom(seed);
  const began = performance.now();
  mkdirSync(folder, { recursive: true });
  const collector = createCollector(join(folder, "collector.db"), config, incidents);
  try {
    await server.start();
    collector.start();
    for (let kill = 0; kill < kills; kill++) {
      await sleep(400 + random.next() * 1_200);
      await disturb(server, random);
      await collector.kill();
      collector.start();
    }
    const until = performance.now() + WAIT_MS;
    while (!collector.isDone() && performance.now() < until) await sleep(200);
    if (!collector.isDone()) throw new Error(`something still waits for the desk after ${WAIT_MS} ms`);
    const keys = new Map((await stands()).map((stand) => [stand.key, stand]));
    const numbers = Array.from({ length: incidents }, (_, i) => i + 1);
    const expected = new Set(numbers.map(keyOf));
    return {
      keys: keys.size,
      missing: [...expected].filter((key) => (keys.get(key)?.tickets ?? 0) === 0),
      doubled: [...keys.values()].flatMap(({ key, tickets }) => (tickets > 1 || !expected.has(key) ? [key] : [])),
      wrong: numbers.map(keyOf).filter((key, i) => keys.has(key) && keys.get(key)?.resolved !== (i % 2 === 1)),
      copies: [...keys.values()].reduce((sum, { copies }) => sum + copies, 0),
      seconds: Math.round((performance.now() - began) / 1_000),
    };
  } finally {
    await collector.kill();
    await server.kill();
    await stop?.();
  }
};

/** One stand a key, of tickets that a desk lists one by one. */
export const standsOf = (tickets: readonly { readonly key: string; readonly resolved: boolean }[]): Stand[] =>
  [...Map.groupBy(tickets, ({ key }) => key)].map(([key, found]) => ({
    ...{ key, tickets: found.length, copies: 0 },
    resolved: found.every(({ resolved }) => resolved),
  }));
