import { DatabaseSync } from "node:sqlite";
import { toStoreError } from "./database.ts";

/**
 * Holds an exclusive lock on a small database of its own until the result is called or the process ends, however it ends:
 * the operating system's own file lock, which node offers in no other way. Undefined when another process holds it.
 */
export const lockDatabase = (path: string): (() => void) | undefined => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    const held = db;
    return () => held.close();
  } catch (error) {
    db?.close();
    if ((error as { errcode?: number }).errcode === 5) return undefined;
    throw toStoreError(error, `locking ${path}`);
  }
};
