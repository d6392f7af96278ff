/** Recorded devices as live SNMP agents on loopback, served by a corpus' own `replay.mjs` in a child process. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { freePort } from "./free-port.ts";

export type ReplayedDevice = { readonly ip: string; readonly port: number; readonly record: string };

/** What makes a device flaky; see the replayer's own help. */
export type ReplayOptions = {
  readonly only?: readonly string[];
  readonly match?: string;
  readonly repeat?: number;
  readonly delay?: number;
  readonly jitter?: number;
  readonly loss?: number;
  readonly maxRepetitions?: number;
  readonly noBulk?: "drop" | "generr";
  readonly maxSize?: number;
  readonly v1Only?: boolean;
  readonly noV1?: boolean;
  readonly rate?: number;
  readonly loopAfter?: number;
  readonly preload?: boolean;
  readonly seed?: number;
};

export const defaultCorpus = resolve(fileURLToPath(import.meta.url), "../../../../shared/snmp-corpus");
export const hasCorpus = (dir: string = defaultCorpus): boolean => existsSync(join(dir, "records"));

/** The folder's own tool, or the default corpus' where a folder brings none. */
export const corpusTool = (dir: string, name: "replay.mjs" | "score.mjs"): string =>
  existsSync(join(dir, name)) ? join(dir, name) : join(defaultCorpus, name);

/** One address of 127.0.0.0/8 a record; the network part follows the process, so that runs side by side do not meet. */
const baseAddress = (): string => `127.${64 + (process.pid % 128)}.${1 + ((process.pid >> 7) % 100)}.1`;

export const startReplay = async (dir: string, options: ReplayOptions = {}) => {
  const port = await freePort();
  const child = fork(fileURLToPath(new URL("../snmp-score/replay-child.mjs", import.meta.url)), { execArgv: [] });
  child.send({
    module: pathToFileURL(corpusTool(dir, "replay.mjs")).href,
    options: { records: join(dir, "records"), listen: null, base: baseAddress(), port, ...options },
  });
  const outcome = await Promise.race([
    once(child, "message").then(([message]) => message as { devices: readonly ReplayedDevice[] }),
    once(child, "exit").then(([code]) => {
      throw new Error(`the replayer of ${dir} ended with code ${code}`);
    }),
  ]);
  return {
    devices: outcome.devices,
    pid: child.pid,
    stop: async (): Promise<void> => {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
};
