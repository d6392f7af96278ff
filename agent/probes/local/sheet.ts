import Table from "cli-table3";
import { type SectionName, sections } from "../../../shared/protocol/sections.ts";
import type { Inventory } from "./run.ts";

export type SheetOptions = {
  readonly colour: boolean;
  readonly columns: number;
  /** All rows of every section; without, long ones are cut and counted. */
  readonly full: boolean;
};

const ROWS = 12;

const titles: Partial<Record<SectionName, string>> = {
  os: "operating system",
  cpu: "processors",
  memoryModules: "memory modules",
  filesystems: "file systems",
  pci: "PCI",
  usb: "USB",
  dns: "DNS",
  listening: "listening sockets",
  scheduledTasks: "scheduled tasks",
  virtualMachines: "virtual machines",
  browserExtensions: "extensions",
}; // biome format: keep as a table

/** Columns worth their room on a terminal; other sections show all of theirs. */
const columns: Partial<Record<SectionName, readonly string[]>> = {
  disks: ["name", "kind", "model", "serialNumber", "firmware", "sizeBytes", "transport", "smartStatus"],
  pci: ["slot", "class", "manufacturer", "model", "driver"],
  usb: ["port", "manufacturer", "model", "serialNumber"],
  interfaces: ["name", "kind", "mac", "operStatus", "speedBps", "mtu", "driver"],
  software: ["manager", "name", "version", "architecture", "installedAt"],
  services: ["name", "state", "enabled", "description"],
  scheduledTasks: ["source", "name", "schedule"],
  certificates: ["subject", "notAfter", "store"],
  browserExtensions: ["manager", "name", "version", "publisher"],
}; // biome format: keep as a table

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** 1073741824 as "1 GiB". */
export const formatBytes = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const number = bytes / 1_024 ** power;
  return `${number >= 100 || Number.isInteger(number) ? Math.round(number) : number.toFixed(1)} ${UNITS[power]}`;
};

const formatSpeed = (bps: number): string => (bps >= 1e9 ? `${bps / 1e9} Gb/s` : `${bps / 1e6} Mb/s`);

/** Control characters are a stranger's way to write on a terminal where they like: none gets through. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, "?");

const formatValue = (field: string, value: unknown): string => {
  if (value === undefined || value === null) return "";
  if (typeof value === "number" && field.endsWith("Bytes")) return formatBytes(value);
  if (typeof value === "number" && field.endsWith("Bps")) return formatSpeed(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return printable(value.join(", "));
  if (typeof value === "string" && field.endsWith("At")) return value.slice(0, 10);
  return printable(typeof value === "object" ? JSON.stringify(value) : String(value));
};

/** "serialNumber" as "serial number", "sizeBytes" as "size". */
const label = (field: string): string =>
  field
    .replace(/(Bytes|Bps|At|Mhz|Mwh|Mtps)$/, (unit) => ({ Mhz: " (MHz)", Mwh: " (mWh)", Mtps: " (MT/s)" })[unit] ?? "")
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);

const borderless = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "  ",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
}; // biome format: keep as a table

type Row = Readonly<Record<string, unknown>>;

const shorten = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;

const fieldsOf = (section: SectionName, rows: readonly Row[]): readonly string[] => {
  const all = columns[section] ?? [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return all.filter((field) => rows.some((row) => row[field] !== undefined));
};

const renderRows = (section: SectionName, rows: readonly Row[], options: SheetOptions): string => {
  const shown = options.full ? rows : rows.slice(0, ROWS);
  const fields = fieldsOf(section, shown);
  const width = Math.max(12, Math.floor((options.columns - 2) / Math.max(1, Math.min(fields.length, 4))));
  const table = new Table({
    head: fields.map(label),
    chars: borderless,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  for (const row of shown) table.push(fields.map((field) => shorten(formatValue(field, row[field]), width)));
  const text = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
  return rows.length > shown.length ? `${text}\n  … ${rows.length - shown.length} more: --section ${section}` : text;
};

const renderValue = (value: Row): string => {
  const fields = Object.keys(value);
  const width = Math.max(0, ...fields.map((field) => label(field).length));
  return fields.map((field) => `  ${label(field).padEnd(width)}  ${formatValue(field, value[field])}`).join("\n");
};

const bold = (text: string, colour: boolean): string => (colour ? `\u001b[1m${text}\u001b[0m` : text);

/** The inventory for a person: a block a section, long lists cut, what could not be read at the end. */
export const renderSheet = (inventory: Inventory, options: SheetOptions): string => {
  const blocks = Object.entries(inventory.sections).flatMap(([name, content]) => {
    const section = name as SectionName;
    const title = titles[section] ?? section;
    if (sections[section].kind === "value") return [`${bold(title, options.colour)}\n${renderValue(content as Row)}`];
    const rows = content as readonly Row[];
    if (rows.length === 0) return options.full ? [`${bold(title, options.colour)}\n  none`] : [];
    return [`${bold(`${title} (${rows.length})`, options.colour)}\n${renderRows(section, rows, options)}`];
  });
  const reasons = inventory.failures.map(
    ({ section, kind, reason }) => `  ${section}: ${kind.replace("-", " ")}: ${printable(reason)}`,
  );
  if (reasons.length > 0) blocks.push(`${bold("not read", options.colour)}\n${reasons.join("\n")}`);
  return `${blocks.join("\n\n")}\n`;
};
