import { CsvError, parse } from "csv-parse/sync";
import { withoutGuard } from "../../shared/csv.ts";

/** CSV that people hand in, as RFC 4180 has it and as spreadsheets of other countries write it. */
export type CsvRow = { readonly line: number; readonly cells: readonly string[] };

/** What can't be read, and where; lines count from 1. */
export class CsvFault extends Error {
  override readonly name = "CsvFault";
  readonly line: number;

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.line = line;
  }
}

export type CsvLimits = { readonly rows: number; readonly cells: number; readonly chars: number };

/** The one of comma, semicolon and tab that the first line has most of, outside of quotes. */
const separatorOf = (text: string): string => {
  const first =
    text
      .slice(0, 65_536)
      .replace(/"[^"]*"/g, "")
      .split("\n", 1)[0] ?? "";
  const counted = [",", ";", "\t"].map((one) => [one, first.split(one).length] as const);
  return counted.reduce((a, b) => (b[1] > a[1] ? b : a))[0];
};

const faults: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quote that is never closed",
  CSV_INVALID_CLOSING_QUOTE: "text after a closing quote",
  INVALID_OPENING_QUOTE: "a quote within a cell that does not begin with one",
};

type Parsed = { readonly record: readonly string[]; readonly info: { readonly lines: number } };
const parseAll = (text: string, rows: number): readonly Parsed[] => {
  try {
    return parse(text, {
      ...{ delimiter: separatorOf(text), record_delimiter: "\n", info: true, to: rows },
      ...{ relax_column_count: true, skip_records_with_empty_values: true },
    }) as unknown as readonly Parsed[];
  } catch (error) {
    const said = error instanceof CsvError ? faults[error.code] : undefined;
    throw said === undefined ? error : new CsvFault(Number((error as CsvError)["lines"]), said);
  }
};

const linesIn = (text: string): number => text.split("\n").length - 1;

/**
 * Rows with the line on which each begins; empty ones are left out. A mark of the byte order is no part of the text, and all ends of
 * lines are one.
 * @throws CsvFault
 */
export const parseCsv = (given: string, limits: CsvLimits): readonly CsvRow[] => {
  const text = given.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  return parseAll(text, limits.rows + 1).map(({ record, info }, i) => {
    const line = info.lines - record.reduce((sum, cell) => sum + linesIn(cell), 0);
    if (i === limits.rows) throw new CsvFault(line, `more than ${limits.rows} rows`);
    if (record.length > limits.cells) throw new CsvFault(line, `more than ${limits.cells} columns`);
    if (record.some((cell) => cell.length > limits.chars))
      throw new CsvFault(line, `a cell of more than ${limits.chars} characters`);
    return { line, cells: record.map(withoutGuard) };
  });
};
