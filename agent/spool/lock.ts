import { chmodSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { RollcallError } from "../../shared/errors.ts";

/**
 * One agent per state folder. Node has no flock(2); SQLite's exclusive lock is one of the kernel's (fcntl), so it ends with
 * the process however that ends, and no stale file is left to be mistaken for an owner.
 *
 * @throws RollcallError `state.locked`, `state.permission`
 */
export const lockState = (stateDirectory: string): (() => void) => {
  const path = join(stateDirectory, "lock");
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    chmodSync(path, 0o600);
  } catch (cause) {
    db?.close();
    const code = Number((cause as { errcode?: number }).errcode) & 0xff;
    // SQLITE_BUSY, SQLITE_LOCKED
    if (code === 5 || code === 6)
      throw new RollcallError(
        "state.locked.unavailable",
        `another agent is running on ${stateDirectory}: stop it, or name another folder with --set stateDirectory=DIR`,
      );
    throw new RollcallError("state.permission", `locking state folder ${stateDirectory}`, { cause });
  }
  return () => db.close();
};
