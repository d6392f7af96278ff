import type { Clock } from "../shared/clock.ts";
import { describeError } from "../shared/errors.ts";
import type { Command } from "../shared/protocol/envelope.ts";
import { createCommandGate } from "./command-gate.ts";
import type { JobSetup } from "./jobs.ts";
import type { Runner, RunnerDeps } from "./runner.ts";

export type ObeyerDeps = JobSetup & Pick<RunnerDeps, "log" | "keep"> & { readonly clock: Clock; readonly run: Runner };

/**
 * Takes what the collector asks: each command once, so many an hour, bounded in time. Whether the agent's own file allows it is
 * judged in the command's own process (`rounds/command.ts`); what is refused is told.
 */
export const createObeyer = ({ config, stateDatabase, clock, log, keep, run }: ObeyerDeps) => {
  const gate = createCommandGate({ clock, perHour: config.commands.perHour });
  const stopping = new AbortController();
  const refuse = (commandId: string, reason: string) => {
    log.warn("refused a command", { commandId, reason });
    keep([{ kind: "refusal", refusal: { commandId, reason, atMs: Math.round(clock.now()) } }]);
  };
  const carryOut = async (command: Command) => {
    const own = new AbortController();
    const cancel = clock.after(config.commands.timeoutSeconds * 1_000, () => own.abort(new Error("it took too long")));
    try {
      await run({ kind: "command", command, config, stateDatabase }, AbortSignal.any([own.signal, stopping.signal]));
    } catch (error) {
      if (!stopping.signal.aborted)
        refuse(command.commandId, `carrying it out failed: ${describeError(error)}`.slice(0, 1_000));
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
