import { renameSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Log } from "../shared/log.ts";
import { hash16 } from "../shared/protocol/canonical.ts";
import type { KeptBody } from "../shared/protocol/envelope.ts";
import type { SectionName } from "../shared/protocol/sections.ts";
import type { AgentConfig, ScopeConfig } from "./config.ts";
import { type Job, nextStates } from "./rounds/job.ts";
import { runRound } from "./rounds/run-round.ts";

/** What jobs are made from and need to run. */
export type Parts = {
  readonly config: AgentConfig;
  readonly self: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly stateDatabase: string;
  /** @throws RollcallError `spool.*` */
  readonly keep: (bodies: readonly KeptBody[]) => void;
};

export const realmOf = (scope: ScopeConfig, config: AgentConfig): string => scope.realm ?? config.realm;

export const inventoryJob = ({ config, stateDatabase }: Parts, commandId?: string): Job => ({
  kind: "inventory",
  realm: config.realm,
  root: config.inventory.root,
  stateDatabase,
  personal: config.inventory.personal as SectionName[],
  ...(config.inventory.smbiosFile !== undefined && { smbiosFile: config.inventory.smbiosFile }),
  ...(commandId !== undefined && { commandId }),
});

export const sweepJob = (
  { config }: Parts,
  scope: ScopeConfig,
  only: Partial<Extract<Job, { kind: "sweep" }>> = {},
): Job => ({
  ...{
    kind: "sweep",
    scope: scope.name,
    realm: realmOf(scope, config),
    targets: scope.targets,
    exclude: scope.exclude,
  },
  ...(scope.methods !== undefined && { methods: scope.methods }),
  ...(scope.packetsPerSecond !== undefined && { packetsPerSecond: scope.packetsPerSecond }),
  ...only,
});

export const snmpJob = (
  { config, stateDatabase }: Parts,
  scope: ScopeConfig,
  targets = scope.targets,
  commandId?: string,
): Job => ({
  ...{ kind: "snmp", scope: scope.name, realm: realmOf(scope, config), stateDatabase, targets, exclude: scope.exclude },
  credentialsFile: scope.snmp?.credentialsFile ?? "",
  statesFile: join(dirname(stateDatabase), `snmp-${hash16(scope.name).slice(0, 8)}.json`),
  personal: config.inventory.personal as SectionName[],
  ...(commandId !== undefined && { commandId }),
});

/** Runs jobs in their child processes and keeps what they find. */
export const createRunner =
  ({ self, env, log, keep }: Parts) =>
  async (job: Job, signal: AbortSignal): Promise<void> => {
    await runRound(job, {
      ...{ self, env, signal },
      onKeep: (body) => keep([body]),
      onNote: (text) => log.info("note of a round", { round: job.kind, note: text }),
    });
    // Only now: a device that is remembered as read is not read in full again for a day.
    if (job.kind === "snmp") renameSync(nextStates(job.statesFile), job.statesFile);
  };
