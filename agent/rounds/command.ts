import { judgeCommand } from "../commands.ts";
import { inventoryJob, snmpJob, sweepJob } from "../jobs.ts";
import type { Job } from "./job.ts";
import type { RoundDeps } from "./work.ts";

type CommandJob = Extract<Job, { kind: "command" }>;
export type Refused = { readonly kind: "refused"; readonly reason: string };

/** A command as a job of this agent, if its own file allows it. */
export const toJob = async (
  { command, config, stateDatabase }: CommandJob,
  { clock }: Pick<RoundDeps, "clock">,
): Promise<Job | Refused> => {
  const { commandId } = command;
  const setup = { config, stateDatabase };
  const judged = await judgeCommand(command, config, clock.now());
  switch (judged.status) {
    case "refused":
      return { kind: "refused", reason: judged.reason };
    case "inventory":
      return inventoryJob(setup, commandId);
    case "snmp":
      return snmpJob(setup, judged.scope, [...judged.targets], commandId);
    case "look":
      return sweepJob(setup, judged.scope, {
        ...{ targets: [...judged.targets], commandId },
        ...(judged.methods !== undefined && { methods: [...judged.methods] }),
      });
    default:
      return judged satisfies never;
  }
};
