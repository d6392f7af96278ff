import { Command } from "commander";
import { RollcallError } from "../../shared/errors.ts";
import { type KeptBody, keptBodySchema } from "../../shared/protocol/envelope.ts";
import { type Job, jobSchema, type RoundLine } from "../rounds.ts";
import { toMessages } from "../snapshot.ts";
import { openBaseline } from "../spool/sqlite.ts";
import type { CliDeps } from "./deps.ts";

const MAX_JOB = 4 << 20;

const readJob = async (stdin: CliDeps["stdin"]): Promise<Job> => {
  let text = "";
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.length > MAX_JOB) throw new RollcallError("usage.job", "the job on standard input is too large");
  }
  let parsed: ReturnType<typeof jobSchema.safeParse>;
  try {
    parsed = jobSchema.safeParse(JSON.parse(text));
  } catch {
    throw new RollcallError("usage.job", "this verb is for the agent itself: it reads a job from standard input");
  }
  if (!parsed.success) throw new RollcallError("usage.job", `job: ${parsed.error.issues[0]?.message}`);
  return parsed.data;
};

type Say = (line: RoundLine) => void;

const inventory = async (job: Extract<Job, { kind: "inventory" }>, deps: CliDeps, say: Say): Promise<void> => {
  const { runInventory } = await import("../probes/local/run.ts");
  const { root, realm, personal, smbiosFile, commandId } = job;
  const { clock, log, signal, platform } = deps;
  const found = await runInventory(
    { root, realm, personal, ...(smbiosFile !== undefined && { smbiosFile }) },
    { clock, log, signal, platform },
  );
  const baseline = openBaseline(job.stateDatabase);
  const { subject, sections: contents, failures, looked, gauges } = found;
  const round = { source: "local", subject, observedAtMs: clock.now(), contents, failures, looked, gauges } as const;
  for (const body of toMessages({ ...round, ...(commandId !== undefined && { commandId }) }, baseline))
    say({ kind: "keep", body });
  baseline.close();
};

const sweep = async (job: Extract<Job, { kind: "sweep" }>, deps: CliDeps, say: Say): Promise<void> => {
  const { runSweep } = await import("../probes/sweep/engine.ts");
  const { parseTargets } = await import("../probes/sweep/targets.ts");
  const { scope, realm, methods, packetsPerSecond, commandId } = job;
  // Names are not resolved: what a scope allows must not change with a name server's answer.
  const targets = await parseTargets(job.targets, job.exclude, async () => []);
  const sweepId = `swp-${deps.clock.now().toString(36)}-${Buffer.from(deps.random.bytes(6)).toString("hex")}`;
  const result = await runSweep(
    {
      ...{ sweepId, scope, realm, targets },
      ...(methods !== undefined && { methods }),
      ...(packetsPerSecond !== undefined && { rate: packetsPerSecond }),
      ...(commandId !== undefined && { commandId }),
    },
    { clock: deps.clock, random: deps.random, log: deps.log, signal: deps.signal },
  );
  say({ kind: "keep", body: { kind: "sweep", sweep: result.sweep } satisfies KeptBody });
  for (const text of result.summary.notes.slice(0, 8)) say({ kind: "note", text: text.slice(0, 1_000) });
};

/** `rollcall-agent round`: one heavy round as a child process of `run`. Hidden: a person uses inventory, scan and snmp. */
export const roundCommand = (deps: CliDeps): Command =>
  new Command("round").description("one heavy round (used by run)").action(async () => {
    const job = await readJob(deps.stdin);
    const say: Say = (line) => {
      // The parent believes us; so nothing may leave here that the collector would refuse.
      if (line.kind === "keep") line = { kind: "keep", body: keptBodySchema.parse(line.body) };
      deps.stdout.write(`${JSON.stringify(line)}\n`);
    };
    switch (job.kind) {
      case "inventory":
        await inventory(job, deps, say);
        break;
      case "sweep":
        await sweep(job, deps, say);
        break;
      case "snmp":
        throw new RollcallError("usage.job", "reading devices by SNMP is not part of this build");
      default:
        job satisfies never;
    }
    say({ kind: "done" });
  });
