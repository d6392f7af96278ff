import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { RollcallError } from "../../shared/errors.ts";
import type { RecordLine } from "../truthlab/record.ts";
import type { CliIo, DefineVerb } from "./io.ts";
import { parseSets } from "./set-options.ts";

type Options = {
  readonly set: readonly string[];
  readonly json?: boolean;
  readonly truth?: string;
  readonly tail: string;
};

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `rollcall-collector replay FILE`: a recorded stream on virtual time, for trying a policy on one's own history. */
export const replay: DefineVerb = (program, io) => {
  program
    .command("replay")
    .description("play a recording (run --record FILE) on virtual time and print assets, state changes and incidents")
    .argument("<file>", "what `run --record` wrote")
    .option("--set <path=value>", "an option of the presence policy; may be repeated", collect, [])
    .option("--truth <file>", "who was really gone, and when: prints precision and recall")
    .option("--tail <hours>", "watch on for so long after the last line, while nobody speaks", "0")
    .option("--json", "one JSON object a line: assets, changes, incidents, and a summary")
    .action((file: string, options: Options) => play(file, options, io));
};

const play = async (file: string, options: Options, io: CliIo): Promise<void> => {
  const [{ createLab }, { parseRecordLine }, player, { parsePresencePolicy }, { defaultIncidentPolicy }] =
    await Promise.all([
      import("../truthlab/driver.ts"),
      import("../truthlab/record.ts"),
      import("../truthlab/replay.ts"),
      import("../presence/policy.ts"),
      import("../incidents/policy.ts"),
    ]);
  const tailHours = Number(options.tail);
  if (!(tailHours >= 0 && tailHours <= 10_000))
    throw new RollcallError("usage.number", "--tail must be hours, from 0 on");
  const truth = options.truth === undefined ? undefined : player.parseTruth(readText(options.truth));
  const lines = readLines(file, parseRecordLine);
  const head = await lines.next();
  if (head.done) throw new RollcallError("record.malformed", `${file} is empty: this is not a recording`);
  const lab = await createLab({
    presence: parsePresencePolicy(parseSets(options.set)),
    incidents: defaultIncidentPolicy,
    seed: 1,
    startMs: head.value.atMs,
    isQuick: true,
  });
  try {
    const replayed = await player.replay(lab, lines, tailHours * 3_600_000);
    const score = truth && player.scoreReplay(replayed, truth);
    if (options.json) {
      for (const asset of replayed.assets) io.out(`${JSON.stringify({ kind: "asset", ...asset })}\n`);
      for (const change of replayed.changes) io.out(`${JSON.stringify({ kind: "change", ...change })}\n`);
      for (const incident of replayed.incidents)
        io.out(`${JSON.stringify({ ...incident, kind: "incident", incidentKind: incident.kind })}\n`);
      const { agents, messages } = replayed;
      io.out(
        `${JSON.stringify({ kind: "summary", agents, messages, assets: replayed.assets.length, incidents: replayed.incidents.length, ...(score && { score }) })}\n`,
      );
      return;
    }
    io.out(`${replayed.agents} agents, ${replayed.messages} messages, ${replayed.assets.length} assets\n\n`);
    for (const change of replayed.changes) io.out(`${change.at}  ${change.asset}: ${change.from} -> ${change.to}\n`);
    io.out(`\n${replayed.incidents.length} incidents with a ticket\n`);
    for (const incident of replayed.incidents)
      io.out(`${incident.openedAt}  P${incident.priority} ${incident.state.padEnd(12)} ${incident.title}\n`);
    if (!score) return;
    const share = ({ value, hits, of }: typeof score.precision) => `${value?.toFixed(3) ?? "none"} (${hits}/${of})`;
    io.out(`\nprecision ${share(score.precision)}, recall ${share(score.recall)}\n`);
    for (const line of score.false) io.out(`false: ${line}\n`);
    for (const line of score.missed) io.out(`missed: ${line}\n`);
  } finally {
    await lab.stop();
  }
};

const readText = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new RollcallError("truth.unreadable", `reading truth file ${path}`, { cause });
  }
};

async function* readLines(
  path: string,
  parse: (text: string, number: number) => RecordLine,
): AsyncGenerator<RecordLine, void> {
  let number = 0;
  try {
    for await (const text of createInterface({
      input: createReadStream(path, "utf8"),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      number++;
      if (text.trim() !== "") yield parse(text, number);
    }
  } catch (cause) {
    if (cause instanceof RollcallError) throw cause;
    throw new RollcallError("record.unreadable", `reading recording ${path}`, { cause });
  }
}
