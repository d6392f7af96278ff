import type { Database, SqlRecord, SqlValue } from "./database.ts";

/**
 * A row type and its columns, both ways. A column says how one property lies in SQL; undefined is NULL, and NULL is an
 * absent property. The row types of the contract are plain data, so that this mapping is all an ORM would give.
 */
type Column = {
  readonly name: string;
  readonly toSql: (value: unknown) => SqlValue;
  readonly fromSql: (value: NonNullable<SqlRecord[string]>) => unknown;
};

export const plain = (name: string): Column => ({
  name,
  toSql: (value) => value as SqlValue,
  fromSql: (value) => value,
});
export const flag = (name: string): Column => ({
  name,
  toSql: (value) => (value ? 1 : 0),
  fromSql: (value) => value === 1,
});
export const json = (name: string): Column => ({
  name,
  toSql: (value) => JSON.stringify(value),
  fromSql: (value) => JSON.parse(String(value)),
});

export type Table<R> = {
  readonly name: string;
  readonly columns: string;
  readonly toRow: (record: SqlRecord) => R;
  readonly get: (db: Database, where: string, ...params: SqlValue[]) => R | undefined;
  readonly all: (db: Database, rest: string, ...params: SqlValue[]) => R[];
  /** Inserts or replaces by the primary key. */
  readonly put: (db: Database, row: R) => void;
  /** Writes the columns in which a row that is there differs from what it is to be. */
  readonly update: (db: Database, before: R, after: R) => void;
  /** Inserts without the store's own number and gives that. */
  readonly add: (db: Database, row: Partial<R>) => number;
};

/** Lists and objects may be written alike though they are not the very same. */
const isOther = (before: unknown, after: unknown, { toSql }: Column): boolean =>
  before !== after && (typeof before !== "object" || typeof after !== "object" || toSql(before) !== toSql(after));

/** `key`: properties of the primary key; `own`: the property the store numbers by itself, if any. */
export const defineTable = <R extends object>(
  name: string,
  columns: { readonly [P in keyof Required<R>]: Column },
  key: readonly (keyof R)[],
  own?: keyof R,
): Table<R> => {
  const entries = Object.entries(columns) as [keyof R, Column][];
  const names = entries.map(([, column]) => column.name).join(", ");
  const toParams = (row: Partial<R>, of: typeof entries): SqlValue[] =>
    of.map(([property, column]) => (row[property] === undefined ? null : column.toSql(row[property])));
  const toRow = (record: SqlRecord): R => {
    const row: Partial<R> = {};
    for (const [property, column] of entries) {
      const value = record[column.name];
      if (value !== null && value !== undefined) row[property] = column.fromSql(value) as R[typeof property];
    }
    return row as R;
  };
  const keyNames = key.map((property) => columns[property].name);
  const others = entries.filter(([property]) => !key.includes(property)).map(([, column]) => column.name);
  const marks = (of: readonly unknown[]) => of.map(() => "?").join(", ");
  const onConflict =
    others.length === 0
      ? "NOTHING"
      : `UPDATE SET ${others.map((column) => `${column} = excluded.${column}`).join(", ")}`;
  const putSql = `INSERT INTO ${name} (${names}) VALUES (${marks(entries)}) ON CONFLICT (${keyNames.join(", ")}) DO ${onConflict}`;
  const keyEntries = entries.filter(([property]) => key.includes(property));
  const whereKey = keyEntries.map(([, column]) => `${column.name} = ?`).join(" AND ");
  const numbered = entries.filter(([property]) => property !== own);
  const addSql = `INSERT INTO ${name} (${numbered.map(([, column]) => column.name).join(", ")}) VALUES (${marks(numbered)})`;

  return {
    name,
    columns: names,
    toRow,
    get: (db, where, ...params) => {
      const record = db.get(`SELECT ${names} FROM ${name} WHERE ${where}`, ...params);
      return record && toRow(record);
    },
    all: (db, rest, ...params) => db.all(`SELECT ${names} FROM ${name} ${rest}`, ...params).map(toRow),
    put: (db, row) => void db.run(putSql, ...toParams(row, entries)),
    update: (db, before, after) => {
      const moved = entries.filter(([property, column]) => isOther(before[property], after[property], column));
      if (moved.length === 0) return;
      const set = moved.map(([, column]) => `${column.name} = ?`).join(", ");
      db.run(`UPDATE ${name} SET ${set} WHERE ${whereKey}`, ...toParams(after, moved), ...toParams(after, keyEntries));
    },
    add: (db, row) => db.run(addSql, ...toParams(row, numbered)).lastId,
  };
};
