import { backup, DatabaseSync } from "node:sqlite";
import { RollcallError } from "../../../shared/errors.ts";
import { toStoreError } from "./database.ts";

/** A consistent copy of a database in use, page by page, by SQLite's own online backup. */
export const copyDatabase = async (from: string, to: string): Promise<void> => {
  const db = new DatabaseSync(from, { readOnly: true, timeout: 5_000 });
  try {
    await backup(db, to);
  } catch (error) {
    throw toStoreError(error, `copying ${from}`);
  } finally {
    db.close();
  }
};

/** @throws RollcallError `store.corrupt` unless every page of the database is sound */
export const checkDatabase = (path: string): void => {
  let verdict: unknown;
  try {
    const db = new DatabaseSync(path, { readOnly: true });
    verdict = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    db.close();
  } catch (error) {
    throw toStoreError(error, `checking ${path}`);
  }
  if (verdict !== "ok") throw new RollcallError("store.corrupt", `${path} is damaged: ${String(verdict)}`);
};
