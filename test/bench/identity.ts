import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stitchVisitors } from "../../collector/identity/stitch.ts";
import { systemClock } from "../../shared/clock.ts";
import { runApart } from "../truthlab/identity-apart.ts";
import { loadSite, writing } from "../truthlab/identity-files.ts";
import { type Run, readPlaced, readVisitors } from "../truthlab/identity-run.ts";
import { createSimpleStrategies, errorsOf, score, scoreStitches } from "../truthlab/identity-score.ts";
import { type Line, type Observation, simulateSite } from "../truthlab/identity-site.ts";

/**
 * `npm run bench -- identity --seed S [--devices 20000] [--days 60] [--json]`: devices with ground truth through the real
 * engine over a file store at synchronous=FULL, beside three simple strategies on the same observations.
 * Its rate is told beside that of two plain tables on the same lines (`peer`), as both depend on the machine and its hour.
 * `--observations FILE --truth FILE` scores data from outside; `--write FOLDER` writes the simulated ones in that form.
 */
/** Between two lines of progress on stderr, ms. */
const PROGRESS_MS = 10_000;

type SoFar = { readonly tookCpuMs: number; readonly observations: number };

/** The lines as they pass: told to the simple strategies, and how far it is. */
const passOn = function* (lines: Iterable<Line>, take: (line: Observation) => void, engine: () => SoFar) {
  const beganMs = systemClock.monotonic();
  let [count, toldMs, firstMs] = [0, beganMs, 0];
  let before = engine();
  for (const line of lines) {
    if ("keys" in line) take(line);
    yield line;
    firstMs ||= line.heardMs;
    if (++count % 1_000 !== 0 || systemClock.monotonic() - toldMs < PROGRESS_MS) continue;
    toldMs = systemClock.monotonic();
    const day = Math.floor((line.heardMs - firstMs) / 86_400_000) + 1;
    const now = engine();
    const rate = (now.observations - before.observations) / ((now.tookCpuMs - before.tookCpuMs) / 1_000);
    before = now;
    process.stderr.write(
      `day ${day}: ${count} lines in ${Math.round((toldMs - beganMs) / 1_000)} s; the engine took in ${Math.round(rate)} a CPU second since the last line\n`,
    );
  }
};

const ratesOf = ({ observations, tookMs, tookCpuMs }: Run) => ({
  observationsPerSecond: Math.round(observations / (tookMs / 1_000)),
  observationsPerCpuSecond: Math.round(observations / (tookCpuMs / 1_000)),
});

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** @throws Error in one line, as it is shown */
const wholeNumber = (name: string, text: string): number => {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new Error(`--${name} ${text}: a whole number from 1 is needed`);
};

/** @throws Error in one line, as it is shown: an option or a file that can't be read */
const prepare = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: "1" },
      devices: { type: "string", default: "20000" },
      days: { type: "string", default: "60" },
      observations: { type: "string" },
      truth: { type: "string" },
      write: { type: "string" },
      json: { type: "boolean", default: false },
      watched: { type: "boolean", default: false },
    },
  });
  const { observations, truth } = values;
  if ((observations === undefined) !== (truth === undefined))
    throw new Error("--observations and --truth belong together: give both, or neither for the simulator");
  const seed = wholeNumber("seed", values.seed);
  const devices = wholeNumber("devices", values.devices);
  const days = wholeNumber("days", values.days);
  const isFromFiles = observations !== undefined && truth !== undefined;
  return { values, site: isFromFiles ? loadSite(observations, truth) : simulateSite({ seed, devices, days }) };
};

/** Exit status: 0, 1 where devices were fused or the run was too easy, 65 where a file or an option can't be read. */
export const run = async (args: readonly string[]): Promise<void> => {
  let prepared: ReturnType<typeof prepare>;
  try {
    prepared = prepare(args);
  } catch (error) {
    process.stderr.write(`identity: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 65;
    return;
  }
  await bench(prepared);
};

const bench = async ({ values, site }: ReturnType<typeof prepare>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-identity-"));
  try {
    const path = join(folder, "identity.db");
    const simple = createSimpleStrategies();
    const beganMs = systemClock.monotonic();
    const lines =
      values.write === undefined ? site.lines : writing(join(values.write, "observations.jsonl"), site.lines);
    let soFar: SoFar = { tookCpuMs: 0, observations: 0 };
    const told = passOn(lines, simple.take, () => soFar);
    const { rollcall: run, peer } = await runApart(path, told, {
      isWatched: values.watched,
      onSoFar: (now) => {
        soFar = now;
      },
    });
    const { observations, sessionsMs, peakMegabytes, refused } = run;
    const truth = site.truth();
    if (values.write !== undefined) for (const _ of writing(join(values.write, "truth.jsonl"), truth));
    const visitors = readVisitors(path);
    const rollcall = {
      ...score(truth, readPlaced(path)),
      ...ratesOf(run),
      ratioToPeer: Math.round((peer.tookCpuMs / run.tookCpuMs) * 1_000) / 1_000,
      engineSeconds: seconds(run.tookMs),
      engineCpuSeconds: seconds(run.tookCpuMs),
      sessionSeconds: seconds(sessionsMs),
      wallSeconds: seconds(systemClock.monotonic() - beganMs),
      peakMegabytes,
      refused,
      visitors: scoreStitches(truth, new Set(visitors.map(({ mac }) => mac)), stitchVisitors(visitors)),
    };
    const scores = simple.scores(truth);
    const errors = { macOnly: errorsOf(scores.macOnly), serialUuidName: errorsOf(scores.serialUuidName) };
    // A run that the simple strategies survive was too easy to say anything.
    const isValid = values.observations !== undefined || (errors.macOnly >= 500 && errors.serialUuidName >= 100);
    console.log(`${truth.length} true devices, ${observations} observations, seed ${values.seed}`);
    console.log(`events: ${JSON.stringify(site.events)}`);
    const results = { rollcall, peer: ratesOf(peer), ...scores };
    for (const [name, result] of Object.entries(results)) console.log(`${name}: ${JSON.stringify(result)}`);
    if (!isValid)
      console.log(
        `invalid: too easy, MAC only made ${errors.macOnly} errors (500 are needed), serial-UUID-name ${errors.serialUuidName} (100)`,
      );
    if (values.json) console.log(JSON.stringify({ ...results, isValid }));
    process.exitCode = isValid && rollcall.falseMerges === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
