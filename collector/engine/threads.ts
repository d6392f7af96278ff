import type { Worker } from "node:worker_threads";
import { RollcallError } from "../../shared/errors.ts";
import type { CollectorId } from "../../shared/ids.ts";
import type { LogLevel } from "../../shared/json-log.ts";
import type { IncidentPolicy } from "../incidents/policy.ts";
import type { PresencePolicy } from "../presence/policy.ts";
import { createCaller, toPort } from "./calls.ts";

/** What a thread is told at its start; also which one it is, since all start from the program's one file. */
export type ThreadData =
  | {
      readonly thread: "engine";
      readonly databasePath: string;
      readonly collectorId: CollectorId;
      readonly collectorPublicKey: string;
      readonly logLevel: LogLevel;
      readonly presence: PresencePolicy;
      readonly incidents: IncidentPolicy;
    }
  | { readonly thread: "reader"; readonly databasePath: string };

export type StartThread = (data: ThreadData) => Worker;

/** Its first word, when it is ready or has failed to become so. */
export type Ready = { readonly ready: true } | { readonly failed: { readonly code: string; readonly message: string } };

/**
 * Starts a thread and gives the object it serves.
 * @param onDeath the thread ended by itself: a bug, which the process does not outlive.
 * @throws RollcallError what the thread could not open
 */
export const startThread = async <T extends object>(
  start: StartThread,
  data: ThreadData,
  onDeath: (error: Error) => void,
): Promise<{ readonly target: T; readonly stop: () => Promise<void> }> => {
  const worker = start(data);
  const first = await new Promise<Ready>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  if ("failed" in first) {
    await worker.terminate();
    throw new RollcallError(first.failed.code, first.failed.message);
  }
  const { target, fail } = createCaller<T>(toPort(worker));
  let stopping = false;
  const die = (error: Error) => {
    fail(error);
    if (!stopping) onDeath(error);
  };
  worker.on("error", (error) => die(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => die(new Error(`the ${data.thread} thread ended with ${code}`)));
  return {
    target,
    stop: async () => {
      stopping = true;
      await worker.terminate();
    },
  };
};
