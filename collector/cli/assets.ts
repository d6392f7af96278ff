import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { isRollcallError, RollcallError } from "../../shared/errors.ts";
import type { Listed, PlannedRow } from "../record/book-import.ts";
import { type ConfigOptions, readConfig, withConfigOptions } from "./config-options.ts";
import type { CliIo, DefineVerb } from "./io.ts";

const MAX_BYTES = 64 * 2 ** 20;
/** Edits on their way at once: they share commits. */
const AT_ONCE = 16;

const HELP = `
The first line names the columns; case and blanks do not matter; comma, semicolon or tab separate.
A row is about the asset that assetId, serialNumber, mac and inventoryNumber point at, as far as they are filled.
Written are: site, owner, location, inventoryNumber, costCentre, supplier, orderNumber, contract, purchasedOn and
warrantyUntil (2027-03-31), price (1299.00 EUR), note. An empty cell leaves a field as it is.
Nothing is written while a row is refused. Exit status 0: done, or nothing to do; 1: rows were refused.`;

type ImportOptions = ConfigOptions & {
  readonly dryRun?: boolean;
  readonly clearEmpty?: boolean;
  readonly skipUnknown?: boolean;
  readonly skipRefused?: boolean;
  readonly json?: boolean;
};
type Change = Extract<PlannedRow, { status: "change" }>;
/** Carries one row out; the reason where it was refused. */
type Carry = (change: Change) => Promise<string | undefined>;

/** `rollcall-collector assets import|export`: what people know of assets, as lists; also while the collector runs. */
export const assets: DefineVerb = (program, io) => {
  const group = program.command("assets").description("what people know of assets (owner, warranty ...), as CSV");
  withConfigOptions(group.command("import").description("write what a list says of assets that are known"))
    .argument("<file>", "CSV in UTF-8")
    .option("--dry-run", "say what it would change, row by row, and write nothing")
    .option("--clear-empty", "an empty cell empties the field (but site)")
    .option("--skip-unknown", "leave out columns that are not known")
    .option("--skip-refused", "write the other rows when some are refused")
    .option("--json", "one JSON object a line: each row, and a summary")
    .addHelpText("after", HELP)
    .action((file: string, options: ImportOptions) => importList(file, options, io));
  withConfigOptions(
    group.command("export").description("all assets as CSV on stdout, to be filled in and imported"),
  ).action((options: ConfigOptions) => exportList(options, io));
};

const readListed = async (dataDirectory: string): Promise<readonly Listed[]> => {
  const path = join(dataDirectory, "rollcall.db");
  if (!existsSync(path)) throw new RollcallError("usage.data", `${dataDirectory} is no data folder of a collector`);
  const [{ openDatabase }, { readDirectory }] = await Promise.all([
    import("../store/sqlite/database.ts"),
    import("../store/reads/asset-directory.ts"),
  ]);
  const db = openDatabase(path, { readOnly: true });
  try {
    return readDirectory(db);
  } finally {
    db.close();
  }
};

const exportList = async (options: ConfigOptions, io: CliIo): Promise<void> => {
  const { dataDirectory } = await readConfig(options, io);
  const [listed, { toCsv }] = await Promise.all([readListed(dataDirectory), import("../record/book-import.ts")]);
  for (const line of toCsv(listed)) io.out(line);
};

/** @throws RollcallError `usage.csv` */
const readText = (path: string): string => {
  const fault = (reason: string, cause?: unknown) => new RollcallError("usage.csv", `${path}: ${reason}`, { cause });
  try {
    if (statSync(path).size > MAX_BYTES) throw fault(`more than ${MAX_BYTES} bytes: split it`);
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (isRollcallError(error)) throw error;
    throw fault(error instanceof TypeError ? "not UTF-8: save it as CSV in UTF-8" : "reading it", error);
  }
};

const importList = async (file: string, options: ImportOptions, io: CliIo): Promise<void> => {
  const config = await readConfig(options, io);
  const path = resolve(io.cwd, file);
  const [listed, { planImport }, { CsvFault }] = await Promise.all([
    readListed(config.dataDirectory),
    import("../record/book-import.ts"),
    import("../record/csv-rows.ts"),
  ]);
  let rows: readonly PlannedRow[];
  try {
    rows = planImport(readText(path), listed, options);
  } catch (error) {
    throw error instanceof CsvFault ? new RollcallError("usage.csv", `${path}: ${error.message}`) : error;
  }
  const isRefused = rows.some(({ status }) => status === "refused");
  const changes = rows.filter((row) => row.status === "change");
  const isWritten = options.dryRun !== true && (!isRefused || options.skipRefused === true) && changes.length > 0;
  const failed = isWritten ? await carryOut(config, changes, io) : new Map<number, string>();
  report(rows, failed, { isWritten, isJson: options.json === true }, io);
  if (isRefused || failed.size > 0) io.setExitCode(1);
};

/** Through the collector where one runs: it holds in memory what it has read. By line, why an edit was refused after all. */
const carryOut = async (
  config: Awaited<ReturnType<typeof readConfig>>,
  changes: readonly Change[],
  io: CliIo,
): Promise<ReadonlyMap<number, string>> => {
  const [{ lockDataFolder }, { withEngine }, { withRunning }] = await Promise.all([
    import("../data-folder.ts"),
    import("./offline.ts"),
    import("./running.ts"),
  ]);
  const { dataDirectory } = config;
  let unlock: () => void;
  try {
    unlock = lockDataFolder(dataDirectory, io.pid);
  } catch (error) {
    if (!isRollcallError(error, "data.locked")) throw error;
    return withRunning(config, "assets import", io, (write) =>
      carryAll(changes, async ({ asset: { assetId, version }, set, release }) => {
        const { status, detail } = await write("PATCH", `/assets/${assetId}`, { set, release }, version);
        return status === 200 ? undefined : `${status} ${detail}`.trim();
      }),
    );
  }
  try {
    return await withEngine(dataDirectory, io, (engine) =>
      carryAll(changes, async ({ asset: { assetId, version: ifVersion }, set, release }) => {
        const edit = { kind: "asset.edit" as const, assetId, ifVersion, set: { ...set }, release: [...release] };
        const outcome = await engine.apply(edit, { name: "assets import", role: "system" });
        return outcome.status === "refused" ? outcome.reason : undefined;
      }),
    );
  } finally {
    unlock();
  }
};

const carryAll = async (changes: readonly Change[], carry: Carry): Promise<ReadonlyMap<number, string>> => {
  const failed = new Map<number, string>();
  const waiting = changes.values();
  const worker = async () => {
    for (const change of waiting) {
      const reason = await carry(change);
      if (reason !== undefined) failed.set(change.line, reason);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return failed;
};

const oneLine = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ");

const wordsOf = ({ asset, set, release }: Change): string =>
  [
    ...Object.entries(set).map(([field, value]) => [field, value] as const),
    ...release.map((field) => [field, undefined] as const),
  ]
    .map(([field, value]) => `${field}: ${asset.written[field as keyof Listed["written"]] ?? "–"} → ${value ?? "–"}`)
    .join(", ");

type Counts = Readonly<Record<"changed" | "same" | "refused", number>>;
const summaryOf = (counts: Counts, isWritten: boolean): string =>
  `${counts.changed} ${isWritten ? "changed" : "would change"}, ${counts.same} as they should be, ${counts.refused} refused${isWritten ? "" : "; nothing was written"}`;

const report = (
  rows: readonly PlannedRow[],
  failed: ReadonlyMap<number, string>,
  { isWritten, isJson }: { readonly isWritten: boolean; readonly isJson: boolean },
  io: CliIo,
): void => {
  const counts = { changed: 0, same: 0, refused: 0 };
  const tell = (json: object, text: string | undefined) => {
    if (isJson) io.out(`${JSON.stringify(json)}\n`);
    else if (text !== undefined) io.out(`${oneLine(text)}\n`);
  };
  for (const row of rows) {
    const { line } = row;
    const reason = failed.get(line) ?? (row.status === "refused" ? row.reason : undefined);
    const about = "asset" in row && { assetId: row.asset.assetId, name: row.asset.name };
    const what = row.status === "change" && { set: row.set, release: row.release };
    counts[reason !== undefined ? "refused" : row.status === "change" ? "changed" : "same"] += 1;
    if (reason !== undefined)
      tell({ kind: "row", line, status: "refused", ...about, ...what, reason }, `line ${line}: refused: ${reason}`);
    else
      tell(
        { kind: "row", line, status: row.status, ...about, ...what },
        row.status === "change" ? `line ${line}: ${row.asset.name} (${row.asset.assetId}): ${wordsOf(row)}` : undefined,
      );
  }
  tell({ kind: "summary", written: isWritten, ...counts }, summaryOf(counts, isWritten));
};
