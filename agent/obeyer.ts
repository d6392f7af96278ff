import type { Clock } from "../shared/clock.ts";
import type { Command } from "../shared/protocol/envelope.ts";
import { createCommandGate, judgeCommand } from "./commands.ts";
import { createRunner, inventoryJob, type Parts, snmpJob, sweepJob } from "./jobs.ts";

const SECOND = 1_000;

/** Carries out what the collector asks, as far as the agent's own file allows; says so where it doesn't. */
export const createObeyer = (parts: Parts, clock: Clock) => {
  const { config, log, keep } = parts;
  const run = createRunner(parts);
  const gate = createCommandGate({ clock, perHour: config.commands.perHour });
  const stopping = new AbortController();
  const refuse = (commandId: string, reason: string) => {
    log.warn("refused a command", { commandId, reason });
    keep([{ kind: "refusal", refusal: { commandId, reason, atMs: clock.now() } }]);
  };
  const carryOut = async (command: Command) => {
    const { commandId } = command;
    const judged = await judgeCommand(command, config, clock.now());
    if (judged.status === "refused") return refuse(commandId, judged.reason);
    const job =
      judged.status === "inventory"
        ? inventoryJob(parts, commandId)
        : judged.status === "snmp"
          ? snmpJob(parts, judged.scope, [...judged.targets], commandId)
          : sweepJob(parts, judged.scope, {
              ...{ targets: [...judged.targets], commandId },
              ...(judged.methods !== undefined && { methods: [...judged.methods] }),
            });
    const own = new AbortController();
    const cancel = clock.after(config.commands.timeoutSeconds * SECOND, () =>
      own.abort(new Error("the command took too long")),
    );
    try {
      await run(job, AbortSignal.any([own.signal, stopping.signal]));
    } catch (error) {
      if (!stopping.signal.aborted)
        refuse(commandId, `carrying it out failed: ${(error as Error).message}`.slice(0, 1_000));
    } finally {
      cancel();
    }
  };
  return {
    obey: (command: Command): void => {
      const entered = gate.enter(command.commandId);
      if (entered === "again") return;
      if (entered !== undefined) refuse(command.commandId, entered.refused);
      else
        void carryOut(command)
          .catch((error: unknown) =>
            log.warn("a command's end could not be kept", { commandId: command.commandId, error }),
          )
          .finally(gate.leave);
    },
    stop: () => stopping.abort(new Error("stopped")),
  };
};
