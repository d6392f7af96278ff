import type { Database, SqlValue } from "./database.ts";
import { PAST_SINCE_META } from "./past.ts";

/** The number of the first change from which on all are kept, where earlier ones were dropped. */
export const CHANGES_FROM_META = "changes.from";

/** Rows that are looked at in one transaction, of each table. */
const SLICE = 256;
/** From the end of a look through all of them to the beginning of the next, ms. */
const EVERY_MS = 6 * 3_600_000;

/** Not the last one: its number would be given again. */
const OLDEST_CHANGES = `SELECT change_no, recorded_at FROM changes
  WHERE change_no >= ? AND change_no < (SELECT max(change_no) FROM changes) ORDER BY change_no LIMIT ${SLICE}`;
/** What people wrote holds until they write something else: who did, and when, is told as long. */
const DROP_CHANGES = "DELETE FROM changes WHERE change_no >= ? AND change_no < ? AND actor ->> '$.kind' <> 'person'";
const PUT_META = `INSERT INTO meta (name, value) VALUES (?1, CAST(?2 AS TEXT))
  ON CONFLICT DO UPDATE SET value = CAST(max(CAST(value AS INTEGER), ?2) AS TEXT)`;

/** Steps back: those of one thing stand together, in the order in which they were written. */
type Steps = {
  readonly table: string;
  /** The thing, and which of its steps. */
  readonly key: readonly [...of: string[], stepNo: string];
};

/**
 * Goes through a table of steps, slice after slice. Of each thing the oldest go, up to the first that is not old: a later one with
 * an earlier time (of an agent that was cut off) is undone after that one, and stays while it stays.
 */
const createRound = (db: Database, { table, key }: Steps) => {
  const columns = key.join(", ");
  const marks = key.map(() => "?").join(", ");
  const next = `SELECT ${columns}, at FROM ${table} WHERE (${columns}) > (${marks}) ORDER BY ${columns} LIMIT ${SLICE}`;
  const remove = `DELETE FROM ${table} WHERE (${columns}) = (${marks})`;
  /** Smaller than every key: a blank is smaller than every name. */
  const start = (): SqlValue[] => key.map((column) => (column.endsWith("_no") ? -1 : ""));
  let lookedAt = start();
  let kept = "";
  let againAtMs = Number.NEGATIVE_INFINITY;
  const rewind = (fromMs: number) => {
    [lookedAt, kept, againAtMs] = [start(), "", fromMs];
  };
  return {
    /** How many went. */
    dropBefore: (beforeMs: number): number => {
      if (beforeMs < againAtMs) return 0;
      let dropped = 0;
      const records = db.all(next, ...lookedAt);
      for (const record of records) {
        lookedAt = key.map((column) => record[column] as SqlValue);
        const thing = lookedAt.slice(0, -1).join(" ");
        if (thing === kept) continue;
        if (Number(record["at"]) >= beforeMs) kept = thing;
        else {
          db.run(remove, ...lookedAt);
          dropped++;
        }
      }
      if (records.length < SLICE) rewind(beforeMs + EVERY_MS);
      return dropped;
    },
    forget: () => rewind(Number.NEGATIVE_INFINITY),
  };
};

/**
 * History goes after its time: changes that no person made, and what assets and sections were before they were written. The time from
 * when on assets' states are told is noted, and the number from which on all changes are kept.
 */
export const createRetention = (db: Database) => {
  const rounds = [
    createRound(db, { table: "section_past", key: ["stream_no", "section", "step_no"] }),
    createRound(db, { table: "asset_past", key: ["asset_id", "step_no"] }),
  ];
  const dropChanges = (beforeMs: number): void => {
    const allFrom = Number(db.get("SELECT value FROM meta WHERE name = ?", CHANGES_FROM_META)?.["value"] ?? 1);
    const oldest = db.all(OLDEST_CHANGES, allFrom);
    const firstKept = oldest.findIndex((record) => Number(record["recorded_at"]) >= beforeMs);
    const last = oldest.at(firstKept < 0 ? -1 : firstKept - 1);
    if (!last || firstKept === 0) return;
    const from = Number(last["change_no"]) + 1;
    db.run(DROP_CHANGES, allFrom, from);
    db.run(PUT_META, CHANGES_FROM_META, from);
  };
  return {
    /** A slice of what is older. */
    dropBefore: (beforeMs: number): void => {
      dropChanges(beforeMs);
      const dropped = rounds.map((round) => round.dropBefore(beforeMs));
      if (dropped.some((count) => count > 0)) db.run(PUT_META, PAST_SINCE_META, beforeMs);
    },
    /** After a transaction that was not kept: all is looked through again. */
    forget: () => {
      for (const round of rounds) round.forget();
    },
  };
};
