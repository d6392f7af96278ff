import { Command } from "commander";
import { RollcallError } from "../../shared/errors.ts";
import { keptBodySchema } from "../../shared/protocol/envelope.ts";
import { type Refused, toJob } from "../rounds/command.ts";
import { inventoryRound } from "../rounds/inventory.ts";
import { type Job, jobSchema, type RoundLine } from "../rounds/job.ts";
import { sweepRound } from "../rounds/sweep.ts";
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

/** Does the work; gives the reason where a command may not be carried out. */
const carryOut = async (
  job: Job | Refused,
  deps: CliDeps,
  say: (line: RoundLine) => void,
): Promise<string | undefined> => {
  switch (job.kind) {
    case "refused":
      return job.reason;
    case "command":
      throw new RollcallError("usage.job", "a command can't hold another");
    case "inventory":
      await inventoryRound(job, deps, say);
      return undefined;
    case "sweep":
      await sweepRound(job, deps, say);
      return undefined;
    case "snmp": {
      // The largest of the three by far; nobody else pays for it.
      const { snmpRound } = await import("../rounds/snmp.ts");
      await snmpRound(job, deps, say);
      return undefined;
    }
    default:
      return job satisfies never;
  }
};

/** `rollcall-agent round`: one heavy round as a child process of `run`. Hidden: a person uses inventory, scan and snmp. */
export const roundCommand = (deps: CliDeps): Command =>
  new Command("round").description("one heavy round (used by run)").action(async () => {
    const job = await readJob(deps.stdin);
    const say = (line: RoundLine): void => {
      // The parent believes us; so nothing may leave here that the collector would refuse.
      const checked = line.kind === "keep" ? { kind: line.kind, body: keptBodySchema.parse(line.body) } : line;
      deps.stdout.write(`${JSON.stringify(checked)}\n`);
    };
    const refused = await carryOut(job.kind === "command" ? await toJob(job, deps) : job, deps, say);
    if (refused !== undefined && job.kind === "command") {
      const refusal = { commandId: job.command.commandId, reason: refused, atMs: Math.round(deps.clock.now()) };
      say({ kind: "keep", body: { kind: "refusal", refusal } });
    }
    say({ kind: "done" });
  });
