import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { RollcallError } from "../../shared/errors.ts";
import type { Fault } from "../identity/rebuild.ts";
import { type ConfigOptions, readConfig, withConfigOptions } from "./config-options.ts";
import type { CliIo, DefineVerb } from "./io.ts";

/** Faults that are named one by one. */
const MAX_NAMED = 100;

const HELP = `
What is derived and compared:
  assets      that each was made by a stored decision; which are one, from joins and splits; when each was last observed;
              which agent lives on it
  keys        from the kept observations, which are taken as they were placed; of addresses, which change hands, only
              that they were observed
  facts       every section's items, hashes and root, and the fields read off them (of assets that were never joined or split)
  changes     that the contents kept of that time bear out what each says of before and after, that none is missing between
              others, and that its asset is there
  incidents   not derived: they rest on what was decided then, by the policy of then. None may be missing that has evidence or a
              ticket, and its asset must be there
Rows of assets, changes and incidents carry a seal of what was written; one that was altered since is named.
--rules tells all kept observations to identity twice, under the rules of today and under those of FILE, and names what differs.
Sessions are not kept: an agent counts as silent from its last report on.
Exit status 0: identical; 1: rows differ, each is named.`;

type Options = ConfigOptions & { readonly check?: boolean; readonly rules?: string; readonly json?: boolean };

/** `rollcall-collector rebuild --check`: are the stored assets what the kept observations and decisions give? */
export const rebuild: DefineVerb = (program, io) => {
  withConfigOptions(
    program
      .command("rebuild")
      .description("derive the assets from what was kept, and compare; also while the collector runs"),
  )
    .option("--check", "compare only; nothing is written")
    .option(
      "--rules <file>",
      "say what other rules of identity would make of the kept observations (JSON, as PUT /identity/rules)",
    )
    .option("--json", "one JSON object a line: each row that differs, and a summary")
    .addHelpText("after", HELP)
    .action((options: Options) => run(options, io));
};

const run = async (options: Options, io: CliIo): Promise<void> => {
  if ((options.check === true) === (options.rules !== undefined))
    throw new RollcallError("usage.rebuild", "nothing is rebuilt in place: say --check, or --rules FILE for a dry run");
  const { dataDirectory } = await readConfig(options, io);
  const path = join(dataDirectory, "rollcall.db");
  if (!existsSync(path)) throw new RollcallError("usage.rebuild", `${dataDirectory} is no data folder of a collector`);
  if (options.rules !== undefined) return tryRules(path, options.rules, options.json === true, io);
  const { checkLedger } = await import("../engine/check-ledger.ts");
  const { faults, counts, hash } = checkLedger(path);
  report(faults, { counts, hash, isIdentical: faults.length === 0 }, options.json === true, io);
  if (faults.length > 0) io.setExitCode(1);
};

const tryRules = async (path: string, file: string, isJson: boolean, io: CliIo): Promise<void> => {
  const [{ identityRulesSchema }, { openDatabase }, { readDryRun }, { z }] = await Promise.all([
    import("../../shared/model/identity.ts"),
    import("../store/sqlite/database.ts"),
    import("../store/reads/dry-run.ts"),
    import("zod"),
  ]);
  const parsed = identityRulesSchema.safeParse(readJson(resolve(io.cwd, file)));
  if (!parsed.success) throw new RollcallError("usage.rules", `${file}: ${z.prettifyError(parsed.error)}`);
  const db = openDatabase(path, { readOnly: true });
  try {
    const result = readDryRun(db, parsed.data, Number.MAX_SAFE_INTEGER - 1);
    if (!result) return;
    if (isJson) return io.out(`${JSON.stringify(result)}\n`);
    for (const assets of result.merges) io.out(`would be one: ${assets.join(" ")}\n`);
    for (const { assetId, parts } of result.splits) io.out(`would be ${parts}: ${assetId}\n`);
    for (const assetId of result.changes) io.out(`would be of other observations: ${assetId}\n`);
    const { observations, merges, splits, changes } = result;
    io.out(
      `${observations} observations: ${merges.length} merges, ${splits.length} splits, ${changes.length} changes\n`,
    );
  } finally {
    db.close();
  }
};

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new RollcallError("usage.rules", `reading rules ${path}`, { cause });
  }
};

const report = (
  faults: readonly Fault[],
  summary: { counts: Readonly<Record<string, number>>; hash: string; isIdentical: boolean },
  isJson: boolean,
  io: CliIo,
): void => {
  const named = faults.slice(0, MAX_NAMED);
  if (isJson) {
    for (const fault of named) io.out(`${JSON.stringify({ kind: "fault", ...fault })}\n`);
    io.out(`${JSON.stringify({ kind: "summary", ...summary, faults: faults.length })}\n`);
    return;
  }
  for (const { table, row, reason } of named) io.out(`${table} ${row}: ${reason}\n`);
  if (faults.length > named.length) io.out(`and ${faults.length - named.length} more\n`);
  const counted = Object.entries(summary.counts).map(([name, count]) => `${count} ${name}`);
  io.out(`${counted.join(", ")}\nhash ${summary.hash}\n`);
  io.out(summary.isIdentical ? "identical\n" : `${faults.length} rows differ\n`);
};
