import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { isRollcallError, RollcallError } from "../../../shared/errors.ts";

/** One SQLite connection with its prepared statements; the only file that knows node:sqlite. */
export type Database = {
  readonly run: (sql: string, ...params: SqlValue[]) => { changes: number; lastId: number };
  readonly get: (sql: string, ...params: SqlValue[]) => SqlRecord | undefined;
  readonly all: (sql: string, ...params: SqlValue[]) => SqlRecord[];
  /** Makes a function of ours known to SQL by this name; it gives the same for the same arguments within a statement. */
  readonly define: (name: string, work: (...args: SQLOutputValue[]) => SQLInputValue) => void;
  /** Several statements without parameters. */
  readonly exec: (sql: string) => void;
  readonly inTransaction: () => boolean;
  /**
   * Carries the log over into the database file; what it can't now it does the next time.
   * @returns why it could not: no room for the copy, or a disk that fails. Nothing is lost by that, and the log grows.
   */
  readonly checkpoint: () => RollcallError | undefined;
  readonly close: () => void;
};
export type SqlValue = SQLInputValue;
export type SqlRecord = Record<string, SQLOutputValue>;

/** Statements kept prepared; filters of the read side make new texts now and then, so that the number is bounded. */
const MAX_STATEMENTS = 500;

// Primary result codes: https://www.sqlite.org/rescode.html
const FULL = 13;
const IOERR = 10;
const CORRUPT = 11;
const NOTADB = 26;
const BUSY = 5;
const CANTOPEN = 14;
const READONLY = 8;

const codeOf = (error: unknown): number =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 0;

/** Failures of the disk become ours, with a remedy; anything else is a bug and stays what it is. */
export const toStoreError = (error: unknown, doing: string): unknown => {
  switch (codeOf(error)) {
    case FULL:
      return new RollcallError("store.full", `${doing}: no space left on the disk of the data folder`, {
        remedy: "retry",
        cause: error,
      });
    case IOERR:
      return new RollcallError("store.io", `${doing}: the disk of the data folder fails`, {
        remedy: "retry",
        cause: error,
      });
    case CORRUPT:
    case NOTADB:
      return new RollcallError(
        "store.corrupt",
        `${doing}: the database is damaged; restore a backup (rollcall-collector restore), agents send again what it lacks`,
        { cause: error },
      );
    case BUSY:
      return new RollcallError("store.busy", `${doing}: another process holds the database`, {
        remedy: "retry",
        cause: error,
      });
    case CANTOPEN:
    case READONLY:
      return new RollcallError("data.permission", `${doing}: the data folder can't be written`, { cause: error });
    default:
      return error;
  }
};

/** @throws RollcallError `store.corrupt`, `store.busy`, `data.permission` */
export const openDatabase = (path: string, { readOnly = false }: { readonly readOnly?: boolean } = {}): Database => {
  const guard = <T>(doing: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, doing);
    }
  };
  const db = guard(`opening ${path}`, () => {
    const opened = new DatabaseSync(path, { readOnly, enableForeignKeyConstraints: false, timeout: 5_000 });
    try {
      // FULL: in WAL mode the log is synced at every commit, so that what was acknowledged survives a power cut.
      opened.exec(
        readOnly
          ? "PRAGMA query_only=ON; PRAGMA mmap_size=268435456; SELECT count(*) FROM sqlite_schema;"
          : "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=12000; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;",
      );
    } catch (error) {
      opened.close();
      throw error;
    }
    return opened;
  });

  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    if (statements.size >= MAX_STATEMENTS) statements.clear();
    const statement = db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  return {
    run: (sql, ...params) =>
      guard("writing", () => {
        const { changes, lastInsertRowid } = prepare(sql).run(...params);
        return { changes: Number(changes), lastId: Number(lastInsertRowid) };
      }),
    get: (sql, ...params) => guard("reading", () => prepare(sql).get(...params)),
    all: (sql, ...params) => guard("reading", () => prepare(sql).all(...params)),
    define: (name, work) => db.function(name, { deterministic: true, varargs: true }, work),
    exec: (sql) => guard("writing", () => db.exec(sql)),
    inTransaction: () => db.isTransaction,
    checkpoint: () => {
      try {
        db.exec("PRAGMA wal_checkpoint(PASSIVE)");
        return undefined;
      } catch (error) {
        const known = toStoreError(error, "copying the log into the database");
        // Everything is in the log, synced: a disk without room for the copy costs nothing but a longer log.
        if (isRollcallError(known) && (known.code === "store.full" || known.code === "store.io")) return known;
        throw known;
      }
    },
    close: () => {
      statements.clear();
      db.close();
    },
  };
};
