import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { systemClock } from "../../shared/clock.ts";
import { methodSchema, subjectKeySchema } from "../../shared/protocol/observation.ts";
import { readPlaced, runRollcall } from "../truthlab/identity-run.ts";
import { errorsOf, score, simpleStrategies } from "../truthlab/identity-score.ts";
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

const loadSite = (observations: string, truth: string): Site => ({
  lines: readLines(observations, lineSchema)
    .map((line) => ({ ...line, heardMs: line.heardMs ?? line.atMs }) as Line)
    .sort((a, b) => a.heardMs - b.heardMs),
  truth: readLines(truth, truthSchema),
  events: {},
});

const write = (folder: string, { lines, truth }: Site): void => {
  const text = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  writeFileSync(join(folder, "observations.jsonl"), text(lines));
  writeFileSync(join(folder, "truth.jsonl"), text(truth));
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
  if (values.write !== undefined) write(values.write, site);
  const observations = site.lines.filter((line): line is Observation => "keys" in line);
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-identity-"));
  try {
    const path = join(folder, "identity.db");
    const { tookMs, tookCpuMs, refused } = await runRollcall(path, site.lines, {
      monotonic: systemClock.monotonic,
      cpuMs,
      isWatched: values.watched,
    });
    const rollcall = {
      ...score(site.truth, readPlaced(path)),
      observationsPerSecond: Math.round(observations.length / (tookMs / 1_000)),
      observationsPerCpuSecond: Math.round(observations.length / (tookCpuMs / 1_000)),
      refused,
    };
    const simple = simpleStrategies(site.truth, observations);
    const errors = { macOnly: errorsOf(simple.macOnly), serialUuidName: errorsOf(simple.serialUuidName) };
    // A run that the simple strategies survive was too easy to say anything.
    const isValid = values.observations !== undefined || (errors.macOnly >= 500 && errors.serialUuidName >= 100);
    console.log(`${site.truth.length} true devices, ${observations.length} observations, seed ${values.seed}`);
    console.log(`events: ${JSON.stringify(site.events)}`);
    for (const [name, result] of Object.entries({ rollcall, ...simple }))
      console.log(`${name}: ${JSON.stringify(result)}`);
    if (!isValid)
      console.log(
        `invalid: too easy, MAC only made ${errors.macOnly} errors (500 are needed), serial-UUID-name ${errors.serialUuidName} (100)`,
      );
    if (values.json) console.log(JSON.stringify({ rollcall, ...simple, isValid }));
    process.exitCode = isValid && rollcall.falseMerges === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
