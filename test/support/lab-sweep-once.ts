import { runSweep } from "../../agent/probes/sweep/engine.ts";
import type { SweepOptions } from "../../agent/probes/sweep/method.ts";
import { parseTargets } from "../../agent/probes/sweep/targets.ts";
import { systemClock } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import type { Method } from "../../shared/protocol/observation.ts";
import { systemRandom } from "../../shared/random.ts";

// node lab-sweep-once.ts TARGET METHODS OPTIONS: one sweep with options that the command line does not have, as JSON.
const [target = "", methods = "", options = "{}"] = process.argv.slice(2);
const result = await runSweep(
  {
    ...{ sweepId: "once", scope: "lab", realm: "lab", targets: await parseTargets([target], [], async () => []) },
    methods: methods.split(",") as Method[],
    options: JSON.parse(options) as Partial<SweepOptions>,
  },
  { clock: systemClock, random: systemRandom, log: silentLog, signal: new AbortController().signal },
);
process.stdout.write(JSON.stringify(result));
