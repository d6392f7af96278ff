import { DatabaseSync } from "node:sqlite";

/** Octets in use by table, its indexes included; the log is carried over first. */
export const tableSizes = (path: string): ReadonlyMap<string, number> => {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const rows = db
    .prepare(
      "SELECT s.tbl_name AS name, sum(d.pgsize) AS bytes FROM dbstat d JOIN sqlite_schema s ON s.name = d.name GROUP BY 1",
    )
    .all() as { name: string; bytes: number }[];
  db.close();
  return new Map(rows.map(({ name, bytes }) => [name, bytes]));
};

/** What hosts share: the dictionary, the lists of their images, and who has which. */
const COMMON = new Set(["software", "lists", "software_sets", "software_in_sets", "software_set_marks"]);
/** Grows with what happens, and not with what is. */
const HISTORY = new Set(["changes", "section_past", "asset_past", "observations", "decisions", "audit", "sweeps"]);

export type Sizes = { readonly common: number; readonly current: number; readonly history: number };

export const sizesOf = (tables: ReadonlyMap<string, number>): Sizes => {
  let [common, current, history] = [0, 0, 0];
  for (const [name, bytes] of tables) {
    if (COMMON.has(name)) common += bytes;
    else if (HISTORY.has(name)) history += bytes;
    else current += bytes;
  }
  return { common, current, history };
};

export const largest = (tables: ReadonlyMap<string, number>, count: number): string =>
  [...tables]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([name, bytes]) => `${name} ${(bytes / 1e6).toFixed(1)} MB`)
    .join(", ");
