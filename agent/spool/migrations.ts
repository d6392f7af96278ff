import type { DatabaseSync } from "node:sqlite";
import { zstdDecompressSync } from "node:zlib";
import type { KeptBody } from "../../shared/protocol/envelope.ts";

/**
 * The state database, version by version; `PRAGMA user_version` says which one a file has. Each step runs in a transaction
 * of its own, so that a kill leaves the old version or the new one. A step is never edited once released.
 */
type Migration = (db: DatabaseSync) => void;

const first: Migration = (db) =>
  db.exec(`
  CREATE TABLE position (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    instance INTEGER NOT NULL, epoch INTEGER NOT NULL, next_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL, last_digest TEXT
  ) STRICT;
  INSERT INTO position VALUES (1, 0, 0, 1, 0, NULL);

  -- Oldest first by id. sequence, head and digest are given together when a message is first taken for sending.
  CREATE TABLE queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, stream TEXT, body BLOB NOT NULL, spooled_at_ms INTEGER NOT NULL,
    sequence INTEGER UNIQUE, head TEXT, digest TEXT
  ) STRICT;

  CREATE TABLE streams (
    stream TEXT PRIMARY KEY, source TEXT NOT NULL, subject TEXT NOT NULL,
    observed_at_ms INTEGER NOT NULL, failures TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sections (
    stream TEXT NOT NULL, section TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (stream, section)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE items (
    stream TEXT NOT NULL, section TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, item TEXT NOT NULL,
    PRIMARY KEY (stream, section, key)
  ) STRICT, WITHOUT ROWID;
`);

/** 2: which sections wait in the queue, so that folding finds the noisiest without reading it all; counters for `status`. */
const second: Migration = (db) => {
  db.exec(`
  CREATE TABLE queue_steps (
    queue_id INTEGER NOT NULL REFERENCES queue (id) ON DELETE CASCADE,
    position INTEGER NOT NULL, stream TEXT NOT NULL, section TEXT NOT NULL, kind TEXT NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY (queue_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX queue_steps_by_section ON queue_steps (stream, section, queue_id);
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`);
  const insert = db.prepare("INSERT INTO queue_steps VALUES (?, ?, ?, ?, ?, ?)");
  const queued = db.prepare("SELECT id, stream, body FROM queue WHERE kind = 'snapshot'");
  for (const row of queued.iterate()) {
    const body = JSON.parse(zstdDecompressSync(row["body"] as Uint8Array).toString()) as KeptBody;
    if (body.kind !== "snapshot") continue;
    for (const [position, step] of body.snapshot.steps.entries())
      insert.run(
        ...([Number(row["id"]), position, String(row["stream"])] as const),
        ...([step.section, step.kind, JSON.stringify(step).length] as const),
      );
  }
};

export const migrations: readonly Migration[] = [first, second];

const versionOf = (db: DatabaseSync): number => Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);

/**
 * Brings a state database to `upTo`, by default the newest version.
 * @param reached called inside each transaction, before its commit.
 * @returns the version found
 */
export const migrate = (db: DatabaseSync, { upTo = migrations.length, reached = (): void => {} } = {}): number => {
  const found = versionOf(db);
  for (let version = found; version < upTo; version++) {
    db.exec("BEGIN IMMEDIATE");
    try {
      migrations[version]?.(db);
      db.exec(`PRAGMA user_version = ${version + 1}`);
      reached();
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }
  return found;
};

export const schemaVersion = migrations.length;
