import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import { type Collector, startCollector } from "../../collector/collector.ts";
import { type CollectorConfig, collectorConfigSchema } from "../../collector/config.ts";
import { checkLedger } from "../../collector/engine/check-ledger.ts";
import type { OperationKind, OperationOutcome } from "../../collector/engine/operations.ts";
import { localParts } from "../../collector/engine/threads.ts";
import { type Clock, systemClock } from "../../shared/clock.ts";
import { noFailPoint } from "../../shared/fail-point.ts";
import { type Log, silentLog } from "../../shared/log.ts";
import { type Random, systemRandom } from "../../shared/random.ts";

export type TestCollector = Collector & {
  readonly dataDirectory: string;
  /** A token of the API, for administrators. */
  readonly apiToken: string;
  readonly enrolToken: (options?: { maxUses?: number | null; approval?: boolean }) => Promise<string>;
  /** GET of the API, parsed. */
  readonly get: <T = unknown>(path: string) => Promise<T>;
};

export type TestCollectorOptions = {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
  readonly config?: Partial<z.input<typeof collectorConfigSchema>>;
  /** Kept when it is given; else a new one that is removed by `stop`. */
  readonly dataDirectory?: string;
};

export const resultOf = <K extends OperationKind>(outcome: OperationOutcome<K>) => {
  if (outcome.status !== "ok") throw new Error(`refused: ${outcome.code}: ${outcome.reason}`);
  return outcome.result;
};

export const requester = { name: "test", role: "administrator" } as const;

/** @throws with the rows that differ, when `rebuild --check` would name any in this data folder */
export const expectIdentical = (dataDirectory: string): void => {
  const { faults } = checkLedger(join(dataDirectory, "rollcall.db"));
  if (faults.length === 0) return;
  const named = faults.slice(0, 10).map(({ table, row, reason }) => `${table} ${row}: ${reason}`);
  throw new Error(`rebuild --check names ${faults.length} rows:\n${named.join("\n")}`);
};

/** A collector of the test's own, in this process, on a free port of loopback, with a data folder of its own. */
export const startTestCollector = async (options: TestCollectorOptions = {}): Promise<TestCollector> => {
  const { clock = systemClock, random = systemRandom, log = silentLog } = options;
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), "rollcall-collector-"));
  const config: CollectorConfig = collectorConfigSchema.parse({ listen: { port: 0 }, ...options.config });
  const deps = { clock, random, log };
  const collector = await startCollector(
    { ...config, dataDirectory },
    {
      ...deps,
      parts: localParts({ ...deps, failPoint: noFailPoint }),
      version: "0.0.0-test",
      pid: process.pid,
      readSecret: (reference) => reference,
    },
  );
  const { engine, url } = collector;
  const api = { kind: "token.create", token: { kind: "api", name: "test", role: "administrator" } } as const;
  const { secret: apiToken } = resultOf<"token.create">(await engine.apply(api, requester));
  return {
    ...collector,
    dataDirectory,
    apiToken,
    enrolToken: async ({ maxUses = 1, approval } = {}) => {
      const token = { kind: "enrol", name: "test", maxUses, ...(approval === undefined ? {} : { approval }) } as const;
      return resultOf<"token.create">(await engine.apply({ kind: "token.create", token }, requester)).secret;
    },
    get: async (path) => {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${apiToken}` } });
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as never;
    },
    stop: async () => {
      await collector.stop();
      // As `rebuild --check`: whatever the story was, what is stored is what was kept of it.
      if (options.dataDirectory === undefined) expectIdentical(dataDirectory);
      if (options.dataDirectory === undefined) rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};
