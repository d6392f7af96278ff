/**
 * `npm run score -- [DIR] [--generic] [--rules] [--fit] [--only REGEX] [--out FILE] [-- ARGUMENTS OF THE SCORER]`
 *
 * Replays the records of DIR (a folder like ../shared/snmp-corpus, which is the default), runs the real probe against them
 * over UDP, and prints the table of the corpus' own scorer. `--generic` uses no vendor profile: standard MIBs and inference.
 * `--rules` tells instead how many records each rule decides, and names those that decide one only: fitted to it, or a fact?
 * `--fit` fits the weights of inference on the records and writes them (see fit.ts).
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as registry from "../../agent/snmp/profiles/registry.ts";
import { corpusTool, defaultCorpus } from "../support/snmp-replay.ts";
import { fitWeights } from "./fit.ts";
import { reportRules } from "./rules.ts";
import { runCorpus } from "./run-corpus.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    generic: { type: "boolean", default: false },
    rules: { type: "boolean", default: false },
    fit: { type: "boolean", default: false },
    only: { type: "string" },
    out: { type: "string" },
    concurrency: { type: "string", default: "64" },
  },
});
const [given, ...scorerArguments] = positionals;
const dir = resolve(given ?? defaultCorpus);
if (values.fit) {
  await fitWeights(dir);
  process.exit();
}
const names = readdirSync(join(dir, "records"))
  .filter((name) => /\.snmprec(\.gz)?$/.test(name))
  .map((name) => name.replace(/\.snmprec(\.gz)?$/, ""))
  .filter((name) => values.only === undefined || new RegExp(values.only).test(name))
  .sort();

const run = await runCorpus({ dir, names, generic: values.generic, concurrency: Number(values.concurrency) });
if (values.rules) {
  for (const line of reportRules(run.decisions, Object.values(registry))) process.stdout.write(`${line}\n`);
  process.exit();
}
const folder = mkdtempSync(join(tmpdir(), "rollcall-score-"));
const results = values.out ?? join(folder, "results.jsonl");
writeFileSync(results, run.lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
const scorer = spawnSync(
  process.execPath,
  [
    corpusTool(dir, "score.mjs"),
    results,
    join(dir, "expected.jsonl"),
    ...(values.only ? ["--only", values.only] : []),
    ...scorerArguments,
  ],
  { stdio: "inherit" },
);
rmSync(folder, { recursive: true });
const { seconds, requests, varbinds, timeouts } = run;
process.stdout.write(
  `\n${names.length} devices in ${seconds.toFixed(1)} s over UDP: ${requests} requests, ${varbinds} varbinds, ${timeouts} time-outs${values.generic ? ", no vendor profiles" : ""}\n`,
);
process.exitCode = scorer.status ?? 1;
