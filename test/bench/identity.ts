import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { stitchVisitors } from "../../collector/identity/stitch.ts";
import { systemClock } from "../../shared/clock.ts";
import { methodSchema, subjectKeySchema } from "../../shared/protocol/observation.ts";
import { readPlaced, readVisitors, runRollcall } from "../truthlab/identity-run.ts";
import { createSimpleStrategies, errorsOf, score, scoreStitches } from "../truthlab/identity-score.ts";
import { type Line, type Observation, type Site, simulateSite } from "../truthlab/identity-site.ts";

/**
 * `npm run bench -- identity --seed S [--devices 20000] [--days 60] [--json]`: devices with ground truth through the real
 * engine over a file store at synchronous=FULL, beside three simple strategies on the same observations.
 * `--observations FILE --truth FILE` scores data from outside; `--write FOLDER` writes the simulated ones in that form.
 */
const keys = z.array(subjectKeySchema).max(256);
const lineSchema = z.union([
  z.object({ atMs: z.int(), heardMs: z.int().optional(), agent: z.string(), ends: z.literal("lost") }),
  z.object({
    atMs: z.int(),
    heardMs: z.int().optional(),
    realm: z.string(),
    method: methodSchema,
    agent: z.string().exactOptional(),
    copy: z.int().min(0).exactOptional(),
    keys,
  }),
]);
const truthSchema = z.object({ device: z.string(), visitor: z.boolean().exactOptional(), keys });

const readLines = <S extends z.ZodType>(path: string, schema: S): z.output<S>[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((text) => text.trim() !== "")
    .map((text, index) => {
      const parsed = schema.safeParse(JSON.parse(text));
      if (!parsed.success) throw new Error(`${path}, line ${index + 1}: ${z.prettifyError(parsed.error)}`);
      return parsed.data;
    });

const loadSite = (observations: string, truth: string): Site => {
  const told = readLines(truth, truthSchema);
  return {
    lines: readLines(observations, lineSchema)
      .map((line) => ({ ...line, heardMs: line.heardMs ?? line.atMs }) as Line)
      .sort((a, b) => a.heardMs - b.heardMs),
    truth: () => told,
    events: {},
  };
};

const textOf = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** The lines as they pass: told to the simple strategies, and written to a file where one is named. */
const passOn = function* (lines: Iterable<Line>, take: (line: Observation) => void, folder: string | undefined) {
  let waiting: Line[] = [];
  const file = folder === undefined ? undefined : openSync(join(folder, "observations.jsonl"), "w");
  const write = () => {
    if (file !== undefined) writeSync(file, textOf(waiting));
    waiting = [];
  };
  for (const line of lines) {
    if ("keys" in line) take(line);
    if (file !== undefined && waiting.push(line) >= 10_000) write();
    yield line;
  }
  write();
  if (file !== undefined) closeSync(file);
};

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

export const run = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: "1" },
      devices: { type: "string", default: "5000" },
      days: { type: "string", default: "14" },
      observations: { type: "string" },
      truth: { type: "string" },
      write: { type: "string" },
      json: { type: "boolean", default: false },
      watched: { type: "boolean", default: false },
    },
  });
  if ((values.observations === undefined) !== (values.truth === undefined))
    throw new Error("--observations and --truth belong together: give both, or neither for the simulator");
  const [seed, devices, days] = [Number(values.seed), Number(values.devices), Number(values.days)];
  const site =
    values.observations !== undefined && values.truth !== undefined
      ? loadSite(values.observations, values.truth)
      : simulateSite({ seed, devices, days });
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-identity-"));
  try {
    const path = join(folder, "identity.db");
    const simple = createSimpleStrategies();
    const { tookMs, tookCpuMs, observations, refused } = await runRollcall(
      path,
      passOn(site.lines, simple.take, values.write),
      { monotonic: systemClock.monotonic, cpuMs, isWatched: values.watched },
    );
    const truth = site.truth();
    if (values.write !== undefined) writeFileSync(join(values.write, "truth.jsonl"), textOf(truth));
    const visitors = readVisitors(path);
    const rollcall = {
      ...score(truth, readPlaced(path)),
      observationsPerSecond: Math.round(observations / (tookMs / 1_000)),
      observationsPerCpuSecond: Math.round(observations / (tookCpuMs / 1_000)),
      refused,
      visitors: scoreStitches(truth, new Set(visitors.map(({ mac }) => mac)), stitchVisitors(visitors)),
    };
    const scores = simple.scores(truth);
    const errors = { macOnly: errorsOf(scores.macOnly), serialUuidName: errorsOf(scores.serialUuidName) };
    // A run that the simple strategies survive was too easy to say anything.
    const isValid = values.observations !== undefined || (errors.macOnly >= 500 && errors.serialUuidName >= 100);
    console.log(`${truth.length} true devices, ${observations} observations, seed ${values.seed}`);
    console.log(`events: ${JSON.stringify(site.events)}`);
    for (const [name, result] of Object.entries({ rollcall, ...scores }))
      console.log(`${name}: ${JSON.stringify(result)}`);
    if (!isValid)
      console.log(
        `invalid: too easy, MAC only made ${errors.macOnly} errors (500 are needed), serial-UUID-name ${errors.serialUuidName} (100)`,
      );
    if (values.json) console.log(JSON.stringify({ rollcall, ...scores, isValid }));
    process.exitCode = isValid && rollcall.falseMerges === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
