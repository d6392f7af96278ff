/** Cells and lines of CSV (RFC 4180), as they are written. */

/** Quoted where it must be; a text that a spreadsheet would run as a formula is led by an apostrophe. */
export const toCsvCell = (text: string): string => {
  const safe = /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
export const toCsvLine = (cells: readonly string[]): string => `${cells.map(toCsvCell).join(",")}\r\n`;

/** What `toCsvCell` led by an apostrophe, as it was. */
export const withoutGuard = (cell: string): string => (/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);
