/**
 * MIB tables under their own names. A MIB file declares its tables (`defineTable`) and decodes rows; the probe collects the
 * columns of all tables that a device has into few walks, and hands the result over as `Tables`.
 */
import { type DeviceReader, isBelow, readPresent, type Truncation, type Varbind } from "./reader.ts";

/** `entry` is the OID of the table's row object (ifEntry), `columns` the sub-identifiers of the columns that are read. */
export type TableDefinition<C extends string = string> = {
  readonly name: string;
  readonly entry: string;
  readonly columns: Readonly<Record<C, number>>;
};

export const defineTable = <const C extends string>(
  name: string,
  entry: string,
  columns: Readonly<Record<C, number>>,
): TableDefinition<C> => ({
  name,
  entry,
  columns,
});

/** One conceptual row. A column that the device leaves out is absent. */
export type Row<C extends string> = {
  /** The instance part of its OIDs: "10101" in ifTable, "0.17.3" in lldpRemTable. */
  readonly index: string;
  readonly parts: readonly number[];
  readonly cells: { readonly [K in C]?: Varbind };
};

export type Tables = {
  /** In the order in which the first column that is present gives them. Empty for a table that the device does not have. */
  readonly rows: <C extends string>(table: TableDefinition<C>) => readonly Row<C>[];
  readonly scalar: (oid: string) => Varbind | undefined;
  readonly has: (table: TableDefinition) => boolean;
  readonly truncated: readonly Truncation[];
};

/** OID of a column: "ifDescr" in ifTable is 1.3.6.1.2.1.2.2.1.2. */
export const columnOid = <C extends string>(table: TableDefinition<C>, column: C): string =>
  `${table.entry}.${table.columns[column]}`;

/**
 * Reads scalars and tables in as few requests as possible: one GETNEXT per twenty tables tells which exist, then their
 * columns are walked side by side.
 */
export const readTables = async (
  reader: DeviceReader,
  {
    tables,
    scalars,
    maxRows,
  }: { readonly tables: readonly TableDefinition[]; readonly scalars: readonly string[]; readonly maxRows?: number },
): Promise<Tables> => {
  const values = await reader.get(scalars);
  const present = await readPresent(
    reader,
    tables.map((table) => table.entry),
  );
  const roots = tables
    .filter((table) => present.has(table.entry))
    .flatMap((table) => Object.values(table.columns).map((column) => `${table.entry}.${column}`));
  const { varbinds, truncated } = await reader.walk(roots, maxRows === undefined ? {} : { maxRows });
  return toTables(values, roots, varbinds, truncated);
};

/** From varbinds that come root by root, as a walk gives them. */
export const toTables = (
  values: ReadonlyMap<string, Varbind>,
  roots: readonly string[],
  varbinds: readonly Varbind[],
  truncated: readonly Truncation[],
): Tables => {
  const columns = new Map<string, Varbind[]>();
  let at = 0;
  for (const root of roots) {
    const column: Varbind[] = [];
    while (at < varbinds.length && isBelow(varbinds[at]!.oid, root)) column.push(varbinds[at++]!);
    if (column.length > 0) columns.set(root, column);
  }
  const rows = <C extends string>(table: TableDefinition<C>): readonly Row<C>[] => {
    const byIndex = new Map<string, { index: string; parts: readonly number[]; cells: { [K in C]?: Varbind } }>();
    for (const name of Object.keys(table.columns) as C[]) {
      const root = columnOid(table, name);
      for (const varbind of columns.get(root) ?? []) {
        const index = varbind.oid.slice(root.length + 1);
        let row = byIndex.get(index);
        if (row === undefined) {
          row = { index, parts: index.split(".").map(Number), cells: {} };
          byIndex.set(index, row);
        }
        row.cells[name] = varbind;
      }
    }
    return [...byIndex.values()];
  };
  return {
    rows,
    scalar: (oid) => values.get(oid),
    has: (table) => [...columns.keys()].some((root) => isBelow(root, table.entry)),
    truncated,
  };
};

/** `undefined` members left out, as `exactOptionalPropertyTypes` wants optional fields. */
export const compact = <T extends Record<string, unknown>>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } => {
  const out: Record<string, unknown> = {};
  for (const key in value) if (value[key] !== undefined) out[key] = value[key];
  return out as { [K in keyof T]?: Exclude<T[K], undefined> };
};
