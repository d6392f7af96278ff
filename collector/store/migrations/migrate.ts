import { RollcallError } from "../../../shared/errors.ts";
import { type FailPoint, noFailPoint } from "../../../shared/fail-point.ts";
import type { Database } from "../sqlite/database.ts";
import * as registry from "./registry.ts";

const migrations = Object.entries(registry)
  .sort(([a], [b]) => a.localeCompare(b))
  .map(([, sql]) => sql);

export const SCHEMA_VERSION = migrations.length;

export const readSchemaVersion = (db: Database): number => Number(db.get("PRAGMA user_version")?.["user_version"] ?? 0);

/**
 * Brings the schema to `target`, one transaction per step: a kill in between leaves the version before it.
 * @throws RollcallError `store.version` for a database of a newer program.
 */
export const migrate = (
  db: Database,
  {
    target = SCHEMA_VERSION,
    failPoint = noFailPoint,
  }: { readonly target?: number; readonly failPoint?: FailPoint } = {},
): void => {
  const from = readSchemaVersion(db);
  if (from > SCHEMA_VERSION) {
    throw new RollcallError(
      "store.version",
      `the data folder has schema ${from}, this program knows up to ${SCHEMA_VERSION}: install the newer version again`,
    );
  }
  for (let version = from + 1; version <= target; version++) {
    db.exec("BEGIN IMMEDIATE");
    try {
      db.exec(migrations[version - 1] ?? "");
      failPoint("collector.migration");
      db.exec(`PRAGMA user_version = ${version}`);
      db.exec("COMMIT");
    } catch (error) {
      if (db.inTransaction()) db.exec("ROLLBACK");
      throw error;
    }
  }
};
