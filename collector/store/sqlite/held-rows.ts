import { createRecent } from "../../../shared/recent.ts";
import type { Database } from "./database.ts";
import type { Table } from "./table.ts";

/** Rows of each table that are held; beyond, those not used lately go. About 1 KB each. */
const HELD = 16_384;

/** Rows of one table as they were last read or written: a write is then no more than the columns that differ. */
export type HeldRows<R> = {
  readonly get: (name: string, read: () => R | undefined) => R | undefined;
  readonly put: (name: string, row: R) => void;
  /** It was written by other ways. */
  readonly drop: (name: string) => void;
  /** After a transaction that was not kept. */
  readonly forget: () => void;
};

export const createHeldRows = <R extends object>(db: Database, table: Table<R>): HeldRows<R> => {
  const rows = createRecent<string, R>(HELD);
  return {
    get: (name, read) => {
      const held = rows.get(name);
      if (held) return held;
      const row = read();
      if (row) rows.set(name, row);
      return row;
    },
    put: (name, row) => {
      const held = rows.get(name);
      if (held) table.update(db, held, row);
      else table.put(db, row);
      rows.set(name, row);
    },
    drop: rows.delete,
    forget: rows.clear,
  };
};
