import { z } from "zod";
import { toCsvLine } from "../../shared/csv.ts";
import type { AssetId } from "../../shared/ids.ts";
import { parseMac } from "../../shared/mac.ts";
import { type BookField, bookFields, bookShape } from "../../shared/model/book.ts";
import { nearest } from "../query/nearest.ts";
import { CsvFault, type CsvRow, parseCsv } from "./csv-rows.ts";

/**
 * Lists of what people know of assets, in and out: pure. A row is about the one asset that all it says of id, serial number,
 * MAC and inventory number points at; what nobody has points at nothing, and where they point at several the row is refused.
 */

/** An asset as lists name it. */
export type Listed = {
  readonly assetId: AssetId;
  readonly name: string;
  readonly type: string;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly primaryAddress?: string;
  /** Own and learned; the first is shown. */
  readonly serials: readonly string[];
  readonly macs: readonly string[];
  readonly version: number;
  readonly written: Readonly<Partial<Record<ImportField, string>>>;
};

export type ImportField = BookField | "site";
export const importFields: readonly ImportField[] = ["site", ...bookFields];
/** What an asset is found by; the inventory number is both that and written. */
const finders = ["assetId", "serialNumber", "mac", "inventoryNumber"] as const;
type Finder = (typeof finders)[number];
/** Told in exports, for who reads them. */
const shown = ["name", "type", "manufacturer", "model", "address"] as const;
export const importColumns: readonly string[] = [
  ...new Set<string>(["assetId", "serialNumber", "mac", ...shown, ...importFields]),
];

const schemas: Readonly<Record<string, z.ZodType>> = { site: z.string().trim().min(1).max(256), ...bookShape };

export type PlannedRow = { readonly line: number } & (
  | {
      readonly status: "change";
      readonly asset: Listed;
      readonly set: Readonly<Partial<Record<ImportField, string>>>;
      readonly release: readonly BookField[];
    }
  | { readonly status: "same"; readonly asset: Listed }
  | { readonly status: "refused"; readonly reason: string }
);
export type ImportOptions = {
  /** An empty cell empties the field; without it, it leaves the field as it is. */
  readonly clearEmpty?: boolean;
  /** Columns that we don't know are left out; without it, they are a fault. */
  readonly skipUnknown?: boolean;
};

const limits = { rows: 200_000, cells: 100, chars: 8_192 } as const;
const plainName = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
const columnOf = new Map(importColumns.map((name) => [plainName(name), name]));

/** @throws CsvFault */
const readHeader = (header: CsvRow | undefined, { skipUnknown }: ImportOptions): readonly (string | undefined)[] => {
  if (!header) throw new CsvFault(1, "nothing: the first line names the columns");
  const columns = header.cells.map((cell) => columnOf.get(plainName(cell)));
  columns.forEach((column, i) => {
    const said = header.cells[i]?.trim() ?? "";
    if (column !== undefined && columns.indexOf(column) < i) throw new CsvFault(header.line, `two columns ${column}`);
    if (column !== undefined || skipUnknown) return;
    const near = nearest(said, importColumns);
    const hint = near === undefined ? `there are ${importColumns.join(", ")}` : `did you mean ${near}?`;
    throw new CsvFault(header.line, `no column ${JSON.stringify(said.slice(0, 60))}: ${hint} (or say --skip-unknown)`);
  });
  if (!columns.some((column) => finders.includes(column as Finder)))
    throw new CsvFault(header.line, `nothing says which asset a row is about: one of ${finders.join(", ")}`);
  return columns;
};

const keyOf = (finder: Finder, value: string): string =>
  `${finder} ${finder === "mac" ? (parseMac(value) ?? value) : value.trim().toLowerCase()}`;

const indexOf = (assets: readonly Listed[]): ReadonlyMap<string, ReadonlySet<Listed>> => {
  const index = new Map<string, Set<Listed>>();
  const add = (finder: Finder, value: string, asset: Listed) => {
    const key = keyOf(finder, value);
    index.set(key, (index.get(key) ?? new Set()).add(asset));
  };
  for (const asset of assets) {
    add("assetId", asset.assetId, asset);
    for (const serial of asset.serials) add("serialNumber", serial, asset);
    for (const mac of asset.macs) add("mac", mac, asset);
    if (asset.written.inventoryNumber !== undefined) add("inventoryNumber", asset.written.inventoryNumber, asset);
  }
  return index;
};

type Cells = Readonly<Record<string, string>>;
const nameOf = ({ name, assetId }: Listed): string => `${name} (${assetId})`;

/** The asset that the row is about, or why it is none. */
const find = (cells: Cells, index: ReturnType<typeof indexOf>): Listed | string => {
  const said = finders.flatMap((finder) => (cells[finder] ? [[finder, cells[finder]] as const] : []));
  if (said.length === 0) return `nothing says which asset it is about: ${finders.join(", ")} are empty`;
  const badMac = said.find(([finder, value]) => finder === "mac" && parseMac(value) === undefined);
  if (badMac) return `${JSON.stringify(badMac[1])} is no MAC address`;
  const found = said.flatMap(([finder, value]) => {
    const assets = index.get(keyOf(finder, value));
    return assets ? [{ finder, assets }] : [];
  });
  if (cells["assetId"] && found[0]?.finder !== "assetId") return `there is no asset ${cells["assetId"]}`;
  const [first, ...rest] = found;
  if (!first) return `no asset has this ${said.map(([finder]) => finder).join(" or ")}`;
  const both = [...first.assets].filter((asset) => rest.every(({ assets }) => assets.has(asset)));
  if (both.length === 1) return both[0] as Listed;
  const named = found.map(
    ({ finder, assets }) => `${finder} is of ${[...assets].slice(0, 3).map(nameOf).join(" and ")}`,
  );
  return `ambiguous: ${named.join(", ")}`;
};

/** What the row would set and empty, or what is wrong with a value. */
const readValues = (cells: Cells, asset: Listed, { clearEmpty }: ImportOptions) => {
  const set: Partial<Record<ImportField, string>> = {};
  const release: BookField[] = [];
  for (const field of importFields) {
    const cell = cells[field];
    if (cell === undefined) continue;
    if (cell === "") {
      if (clearEmpty && field !== "site" && asset.written[field] !== undefined) release.push(field);
      continue;
    }
    const parsed = schemas[field]?.safeParse(cell);
    if (!parsed?.success) return `${field}: ${JSON.stringify(cell.slice(0, 60))}: ${parsed?.error.issues[0]?.message}`;
    if (parsed.data !== asset.written[field]) set[field] = parsed.data as string;
  }
  return { set, release };
};

/**
 * What a list would do, row by row, in its order; nothing where an asset is as the list says already.
 * @throws CsvFault for what is wrong with the whole
 */
export const planImport = (text: string, assets: readonly Listed[], options: ImportOptions = {}): PlannedRow[] => {
  const [header, ...rows] = parseCsv(text, limits);
  const columns = readHeader(header, options);
  const index = indexOf(assets);
  const lineOf = new Map<string, number>();
  /** Refuses what an earlier line has said already. */
  const once = (what: string, name: string, line: number): string | undefined => {
    const earlier = lineOf.get(what);
    if (earlier !== undefined) return `${name} is on line ${earlier} already`;
    lineOf.set(what, line);
    return undefined;
  };
  return rows.map(({ line, cells: given }): PlannedRow => {
    const refused = (reason: string) => ({ line, status: "refused", reason }) as const;
    if (given.length > columns.length) return refused(`${given.length} cells, the first line has ${columns.length}`);
    const cells: Cells = Object.fromEntries(
      columns.flatMap((column, i) =>
        column === undefined ? [] : [[column, given[i]?.replaceAll("\r\n", "\n").trim() ?? ""]],
      ),
    );
    const asset = find(cells, index);
    if (typeof asset === "string") return refused(asset);
    const values = readValues(cells, asset, options);
    if (typeof values === "string") return refused(values);
    const { inventoryNumber } = values.set;
    const twice =
      once(asset.assetId, nameOf(asset), line) ??
      (inventoryNumber && once(keyOf("inventoryNumber", inventoryNumber), "this inventory number", line));
    if (twice) return refused(twice);
    const isSame = Object.keys(values.set).length + values.release.length === 0;
    return isSame ? { line, status: "same", asset } : { line, status: "change", asset, ...values };
  });
};

/** All assets as a list that can be imported again. */
export function* toCsv(assets: Iterable<Listed>): Generator<string> {
  yield toCsvLine(importColumns);
  for (const { assetId, serials, macs, primaryAddress, written, ...asset } of assets) {
    const cells: Record<string, string | undefined> = {
      ...{ assetId, serialNumber: serials[0], mac: macs[0], address: primaryAddress },
      ...{ name: asset.name, type: asset.type, manufacturer: asset.manufacturer, model: asset.model },
      ...written,
    };
    yield toCsvLine(importColumns.map((column) => cells[column] ?? ""));
  }
}
