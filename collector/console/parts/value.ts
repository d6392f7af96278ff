import { toWords } from "./words.ts";

/** How values of facts, items and changes are written for people. */

const binaryUnits = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

const scaled = (value: number, base: number, units: readonly string[]): string => {
  let n = value;
  let unit = 0;
  while (n >= base && unit < units.length - 1) {
    n /= base;
    unit++;
  }
  return `${n >= 100 || Number.isInteger(n) ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
};

export const formatBytes = (bytes: number): string => scaled(bytes, 1024, binaryUnits);
export const formatSpeed = (bps: number): string =>
  scaled(bps, 1000, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"]);

const withUnit = (field: string, value: number): string | undefined => {
  if (/Bytes$/.test(field)) return formatBytes(value);
  if (/Bps$/.test(field)) return formatSpeed(value);
  if (/Mhz$/.test(field)) return value >= 1000 ? `${(value / 1000).toFixed(2)} GHz` : `${value} MHz`;
  if (/Mtps$/.test(field)) return `${value} MT/s`;
  if (/Mwh$/.test(field)) return `${(value / 1000).toFixed(1)} Wh`;
  if (/Watts$/.test(field)) return `${value} W`;
  if (/Percent$/.test(field)) return `${value} %`;
  if (/Inches$/.test(field)) return `${value}″`;
  return undefined;
};

/** Any JSON as one line of text: never HTML, whatever it holds. */
export const formatValue = (field: string, value: unknown): string => {
  if (value === undefined || value === null || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return withUnit(field, value) ?? String(value);
  if (typeof value === "string") return isTimestamp(value) ? formatTime(value) : value;
  if (Array.isArray(value)) return value.map((one) => formatValue(field, one)).join(", ");
  return Object.entries(value)
    .filter(([name]) => name !== "provenance")
    .map(([name, one]) => `${name} ${formatValue(name, one)}`)
    .join(" · ");
};

const isTimestamp = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text);

const fieldOrder = ["name", "version", "manufacturer", "model", "serialNumber", "state", "sizeBytes", "type"];
/** Which package manager and the like: true, and nothing anybody asks a list of changes for. */
const unsaid = new Set(["manager", "purl", "provenance", "architecture", "id"]);

/** A whole item in the few words that tell it, without those that its name says already. */
export const summariseItem = (value: unknown, name: string): string => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return formatValue("", value);
  const item = value as Readonly<Record<string, unknown>>;
  const words = new Set(name.split(" "));
  const isNews = (field: string): boolean =>
    item[field] !== undefined && !unsaid.has(field) && !words.has(String(item[field]));
  const known = fieldOrder.filter(isNews);
  const told = known.length > 0 ? known : Object.keys(item).filter(isNews).slice(0, 6);
  return told
    .map((field) => `${known.length > 0 ? "" : `${toWords(field)} `}${formatValue(field, item[field])}`)
    .join(" · ");
};

const stamp = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const clockTime = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

export const formatTime = (timestamp: string): string => stamp.format(new Date(timestamp));
/** A day without a time is that day everywhere. */
export const formatDate = (day: string): string => date.format(new Date(day));
export const formatClock = (timestamp: string): string => clockTime.format(new Date(timestamp));
export const formatDay = (timestamp: string): string => day.format(new Date(timestamp));

const steps = [
  [60, "s"],
  [60, "min"],
  [24, "h"],
  [365, "d"],
] as const;

/** A duration in its largest whole unit: "42 s", "3 min", "5 h", "12 d", "2 y". */
export const formatDuration = (ms: number): string => {
  let value = Math.max(0, ms) / 1000;
  for (const [size, unit] of steps) {
    if (value < size) return `${Math.floor(value)} ${unit}`;
    value /= size;
  }
  return `${Math.floor(value)} y`;
};

export const formatCount = (n: number): string => n.toLocaleString("en-GB").replaceAll(",", "\u202f");
