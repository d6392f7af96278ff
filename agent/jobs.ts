import { dirname, join } from "node:path";
import { hash16 } from "../shared/protocol/hash.ts";
import type { SectionName } from "../shared/protocol/sections.ts";
import type { AgentConfig, ScopeConfig } from "./config.ts";
import type { Job } from "./rounds/job.ts";

/** What jobs are made from. */
export type JobSetup = { readonly config: AgentConfig; readonly stateDatabase: string };

export const realmOf = (scope: ScopeConfig, config: AgentConfig): string => scope.realm ?? config.realm;

export const inventoryJob = ({ config, stateDatabase }: JobSetup, commandId?: string): Job => ({
  kind: "inventory",
  realm: config.realm,
  root: config.inventory.root,
  stateDatabase,
  personal: config.inventory.personal as SectionName[],
  ...(config.inventory.smbiosFile !== undefined && { smbiosFile: config.inventory.smbiosFile }),
  ...(commandId !== undefined && { commandId }),
});

export const sweepJob = (
  { config }: JobSetup,
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
  { config, stateDatabase }: JobSetup,
  scope: ScopeConfig,
  targets = scope.targets,
  commandId?: string,
): Job => ({
  ...{ kind: "snmp", scope: scope.name, realm: realmOf(scope, config), stateDatabase, targets, exclude: scope.exclude },
  port: scope.snmp?.port ?? 161,
  credentialsFile: scope.snmp?.credentialsFile ?? "",
  statesFile: join(dirname(stateDatabase), `snmp-${hash16(scope.name).slice(0, 8)}.json`),
  personal: config.inventory.personal as SectionName[],
  ...(commandId !== undefined && { commandId }),
});
