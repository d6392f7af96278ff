import { pathToFileURL } from "node:url";
import { RollcallError } from "../../../shared/errors.ts";
import type { Tree } from "./tree.ts";

const MAX_ROWS = 100_000;

/**
 * Rows of a query on somebody else's SQLite file; undefined where there is no such file. SQLite would write a -shm file
 * beside a database in WAL mode even to read it; `immutable` writes nothing and needs no right to, but does not see a -wal
 * file, so it is used while there is none with content.
 * @throws RollcallError `probe.database` for what is no database, is damaged, or has other tables.
 */
export const readSqlite = async (
  tree: Tree,
  path: string,
  query: string,
): Promise<readonly Readonly<Record<string, unknown>>[] | undefined> => {
  const hostPath = tree.exists(path) ? tree.hostPath(path) : undefined;
  if (hostPath === undefined) return undefined;
  const hasLog = (tree.sizeBytes(`${path}-wal`) ?? 0) > 0;
  // Loaded only on hosts that have such a file.
  const { DatabaseSync } = await import("node:sqlite");
  try {
    const url = new URL(`${pathToFileURL(hostPath).href}${hasLog ? "" : "?immutable=1"}`);
    const database = new DatabaseSync(url, { readOnly: true });
    try {
      return database.prepare(`SELECT * FROM (${query}) LIMIT ${MAX_ROWS}`).all();
    } finally {
      database.close();
    }
  } catch (cause) {
    throw new RollcallError("probe.database", `reading the database ${path}`, { cause });
  }
};
