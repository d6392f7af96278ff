import type { MessagePort } from "node:worker_threads";
import type { Clock } from "../../shared/clock.ts";
import { describeError, isRollcallError } from "../../shared/errors.ts";
import type { FailPoint } from "../../shared/fail-point.ts";
import type { Log } from "../../shared/log.ts";
import type { Random } from "../../shared/random.ts";
import { createWatch } from "../presence/evaluate.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import { openSqliteReads } from "../store/sqlite-reads.ts";
import { serveCalls, toPort } from "./calls.ts";
import { createEngine } from "./create-engine.ts";
import type { Ready, ThreadData } from "./threads.ts";

export type ThreadDeps = {
  readonly port: MessagePort;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly failPoint: FailPoint;
};

/** A thread's whole life: open, say so, serve. */
export const runThread = (data: ThreadData, { port, clock, random, log, failPoint }: ThreadDeps): void => {
  const say = (word: Ready) => port.postMessage(word);
  try {
    if (data.thread === "reader") {
      const { reads } = openSqliteReads(data.databasePath, { clock });
      serveCalls(toPort(port), reads);
    } else {
      const { databasePath, collectorId, collectorPublicKey } = data;
      const store = openSqliteStore(databasePath, { failPoint });
      const watch = createWatch({ presence: data.presence, incidents: data.incidents, random, log });
      serveCalls(toPort(port), createEngine({ store, clock, random, log, watch, collectorId, collectorPublicKey }));
    }
    say({ ready: true });
  } catch (error) {
    const code = isRollcallError(error) ? error.code : "internal";
    say({ failed: { code, message: describeError(error) } });
  }
};
