/** CSV as RFC 4180 has it, and as spreadsheets of other countries write it: pure. */

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

/** Quoted where it must be; a text that a spreadsheet would run as a formula is led by an apostrophe. */
export const toCsvCell = (text: string): string => {
  const safe = /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
export const toCsvLine = (cells: readonly string[]): string => `${cells.map(toCsvCell).join(",")}\r\n`;

/** What `toCsvCell` led by an apostrophe, as it was. */
const withoutGuard = (cell: string): string => (/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);

/** The one of comma, semicolon and tab that the first line has most of, outside of quotes. */
const separatorOf = (text: string): string => {
  const first =
    text
      .slice(0, 65_536)
      .replace(/"[^"]*"/g, "")
      .split(/[\r\n]/, 1)[0] ?? "";
  const counted = [",", ";", "\t"].map((one) => [one, first.split(one).length] as const);
  return counted.reduce((a, b) => (b[1] > a[1] ? b : a))[0];
};

/**
 * Rows with the line on which each begins; empty lines are left out. A mark of the byte order is no part of the text.
 * @throws CsvFault
 */
export const parseCsv = (given: string, limits: CsvLimits): readonly CsvRow[] => {
  const text = given.replace(/^\uFEFF/, "");
  const separator = separatorOf(text);
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let line = 1;
  let began = 1;
  let at = 0;
  const takeCell = (cell: string) => {
    if (cell.length > limits.chars) throw new CsvFault(began, `a cell of more than ${limits.chars} characters`);
    if (cells.push(withoutGuard(cell)) > limits.cells) throw new CsvFault(began, `more than ${limits.cells} columns`);
  };
  const takeRow = () => {
    if (cells.some((cell) => cell.trim() !== "")) rows.push({ line: began, cells });
    if (rows.length > limits.rows) throw new CsvFault(began, `more than ${limits.rows} rows`);
    cells = [];
    began = line;
  };
  /** The text of a quoted cell that begins at `at`, which is left after its last quote. */
  const quoted = (): string => {
    const from = at + 1;
    for (at = text.indexOf('"', from); at >= 0 && text[at + 1] === '"'; at = text.indexOf('"', at + 2));
    if (at < 0) throw new CsvFault(began, "a quote that is never closed");
    const cell = text.slice(from, at++);
    line += cell.split("\n").length - 1;
    if (at < text.length && ![separator, "\r", "\n"].includes(text[at] ?? ""))
      throw new CsvFault(line, "text after a closing quote");
    return cell.replaceAll('""', '"');
  };
  const end = new RegExp(`[${separator}\\r\\n]`, "g");
  const plain = (): string => {
    end.lastIndex = at;
    const from = at;
    at = end.exec(text)?.index ?? text.length;
    return text.slice(from, at);
  };
  while (at < text.length) {
    takeCell(text[at] === '"' ? quoted() : plain());
    const next = text[at++];
    if (next === separator) {
      if (at === text.length) takeCell("");
      continue;
    }
    if (next === "\r" && text[at] === "\n") at++;
    line++;
    takeRow();
  }
  if (cells.length > 0) takeRow();
  return rows;
};
