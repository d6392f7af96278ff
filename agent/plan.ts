import type { Clock } from "../shared/clock.ts";
import type { KeptBody } from "../shared/protocol/envelope.ts";
import type { Random } from "../shared/random.ts";
import type { ScopeConfig } from "./config.ts";
import { inventoryJob, type JobSetup, snmpJob, sweepJob } from "./jobs.ts";
import type { NeighbourWatch } from "./neighbours.ts";
import type { Runner } from "./runner.ts";
import { isWithinHours, type Scheduler } from "./scheduler.ts";

export type PlanDeps = JobSetup & {
  readonly scheduler: Scheduler;
  readonly run: Runner;
  readonly keep: (bodies: readonly KeptBody[]) => void;
  readonly neighbours: NeighbourWatch;
  readonly clock: Pick<Clock, "now">;
  readonly random: Pick<Random, "next">;
  readonly minuteOfDay: (nowMs: number) => number;
  /** A complete inventory has been kept. */
  readonly onInventory: (atMs: number) => void;
};

const SECOND = 1_000;
const MINUTE = 60_000;
/** A sweep or SNMP round of a scope takes at most this long. */
const ROUND_MS = 60 * MINUTE;

const planScope = (scope: ScopeConfig, deps: PlanDeps): void => {
  const { scheduler, run, random, minuteOfDay } = deps;
  const { quietHours, snmp } = scope;
  const allowed = (nowMs: number) => quietHours === undefined || !isWithinHours(quietHours, minuteOfDay(nowMs));
  scheduler.add({
    name: `sweep ${scope.name}`,
    intervalMs: scope.intervalMinutes * MINUTE,
    firstMs: 5 * SECOND * (1 + random.next()),
    ...{ timeoutMs: ROUND_MS, allowed },
    run: (signal) => run(sweepJob(deps, scope), signal),
  });
  if (snmp === undefined) return;
  scheduler.add({
    name: `snmp ${scope.name}`,
    intervalMs: snmp.intervalMinutes * MINUTE,
    firstMs: 20 * SECOND * (1 + random.next()),
    ...{ timeoutMs: ROUND_MS, allowed },
    run: (signal) => run(snmpJob(deps, scope), signal),
  });
};

/** Which rounds this configuration has, and when. */
export const planRounds = (deps: PlanDeps): void => {
  const { config, scheduler, run, keep, neighbours, clock, onInventory } = deps;
  if (config.inventory.enabled)
    scheduler.add({
      name: "inventory",
      intervalMs: config.inventory.intervalMinutes * MINUTE,
      timeoutMs: config.inventory.timeoutSeconds * SECOND,
      run: async (signal) => {
        await run(inventoryJob(deps), signal);
        onInventory(Math.round(clock.now()));
      },
    });
  if (config.neighbours.enabled)
    scheduler.add({
      name: "neighbours",
      intervalMs: config.neighbours.intervalMinutes * MINUTE,
      firstMs: 2 * SECOND,
      timeoutMs: MINUTE,
      run: async () => {
        const sightings = await neighbours.look();
        if (sightings.length > 0) keep([{ kind: "sightings", sightings: [...sightings] }]);
      },
    });
  for (const scope of config.scopes) planScope(scope, deps);
};
