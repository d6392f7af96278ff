import { toMessages } from "../snapshot.ts";
import { openBaseline } from "../spool/sqlite.ts";
import type { Job } from "./job.ts";
import type { RoundWork } from "./work.ts";

/** This host's inventory, compared with what was noted last. */
export const inventoryRound: RoundWork<Extract<Job, { kind: "inventory" }>> = async (job, deps, say) => {
  const { runInventory } = await import("../probes/local/run.ts");
  const { root, realm, personal, smbiosFile, commandId } = job;
  const { clock } = deps;
  const found = await runInventory({ root, realm, personal, ...(smbiosFile !== undefined && { smbiosFile }) }, deps);
  const { subject, sections: contents, failures, looked, gauges } = found;
  const round = { source: "local", subject, observedAtMs: clock.now(), contents, failures, looked, gauges } as const;
  const baseline = openBaseline(job.stateDatabase);
  for (const body of toMessages({ ...round, ...(commandId !== undefined && { commandId }) }, baseline))
    say({ kind: "keep", body });
  baseline.close();
};
