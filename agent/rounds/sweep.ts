import { keepYoungHeapSmall } from "../young-heap.ts";
import type { Job } from "./job.ts";
import type { RoundWork } from "./work.ts";

const MAX_NOTES = 8;

/** One pass over a scope, or over what a command named of it. */
export const sweepRound: RoundWork<Extract<Job, { kind: "sweep" }>> = async (job, deps, say) => {
  const { runSweep } = await import("../probes/sweep/engine.ts");
  const { parseTargets } = await import("../probes/sweep/targets.ts");
  const { scope, realm, methods, packetsPerSecond, commandId } = job;
  // Names are not resolved: what a scope allows must not change with a name server's answer.
  const targets = await parseTargets(job.targets, job.exclude, async () => []);
  const { clock, random, log, signal } = deps;
  keepYoungHeapSmall();
  const sweepId = `swp-${clock.now().toString(36)}-${Buffer.from(random.bytes(6)).toString("hex")}`;
  const { sweep, summary } = await runSweep(
    {
      ...{ sweepId, scope, realm, targets },
      ...(methods !== undefined && { methods }),
      ...(packetsPerSecond !== undefined && { rate: packetsPerSecond }),
      ...(commandId !== undefined && { commandId }),
    },
    { clock, random, log, signal },
  );
  say({ kind: "keep", body: { kind: "sweep", sweep } });
  for (const text of summary.notes.slice(0, MAX_NOTES)) say({ kind: "note", text: text.slice(0, 1_000) });
};
