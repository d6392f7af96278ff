import { chmodSync, existsSync, renameSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Clock } from "../../shared/clock.ts";
import { isRollcallError, RollcallError } from "../../shared/errors.ts";
import type { FailPoint } from "../../shared/fail-point.ts";
import type { Log } from "../../shared/log.ts";
import type { KeptBody } from "../../shared/protocol/envelope.ts";
import { streamId } from "../../shared/protocol/hash.ts";
import { createBaselineReader, createBaselineWriter } from "./baseline.ts";
import { createFolder } from "./fold-queue.ts";
import { migrate, schemaVersion } from "./migrations.ts";
import { seal, sealJson } from "./sealing.ts";
import type { Baseline, Position, Sealed, Spool, SpoolCounts, SpoolLimits } from "./spool.ts";

export type SqliteSpoolOptions = {
  /** Path of the state database, or ":memory:". */
  readonly path: string;
  readonly agentId: string;
  readonly limits: SpoolLimits;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly failPoint: FailPoint;
};

/** Messages that are numbered in one transaction: one sync for a windowful. */
const SEAL_AT_ONCE = 32;

// SQLITE_CORRUPT, SQLITE_NOTADB (https://sqlite.org/rescode.html)
const isCorrupt = (error: unknown): boolean =>
  [11, 26].includes(Number((error as { errcode?: number } | null)?.errcode) & 0xff) ||
  isRollcallError(error, "spool.corrupt");

const toError = (error: unknown): unknown => {
  if (error instanceof RollcallError) return error;
  if (isCorrupt(error)) return new RollcallError("spool.corrupt", "the state database is damaged", { cause: error });
  return new RollcallError("spool.io", "writing the state database", { remedy: "retry", cause: error });
};

const openDatabase = ({ path, failPoint }: SqliteSpoolOptions): DatabaseSync => {
  const db = new DatabaseSync(path);
  try {
    // A damaged page shows itself now, not in the middle of a night; 32 MiB take about a tenth of a second.
    db.exec("PRAGMA auto_vacuum = INCREMENTAL");
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    db.exec("PRAGMA cache_size = -512; PRAGMA wal_autocheckpoint = 200; PRAGMA journal_size_limit = 1048576");
    const found = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (found !== "ok") throw new RollcallError("spool.corrupt", String(found));
    const version = migrate(db, { reached: () => failPoint("spool.migrate") });
    if (version > schemaVersion)
      throw new RollcallError(
        "config.state-newer",
        `state database ${path} has version ${version}, this program knows ${schemaVersion}: install the newer agent`,
      );
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

/** Moves a damaged database out of the way, never deleting it, so that a person can still look into it. */
const setAside = (path: string, nowMs: number): string => {
  const aside = `${path}.damaged-${nowMs}`;
  for (const suffix of ["", "-wal", "-shm"]) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  return aside;
};

const openOrReplace = (options: SqliteSpoolOptions): DatabaseSync => {
  try {
    return openDatabase(options);
  } catch (error) {
    if (!isCorrupt(error) || options.path === ":memory:") {
      if (isRollcallError(error)) throw error;
      throw new RollcallError("spool.open", `opening state database ${options.path}`, { cause: error });
    }
    const aside = setAside(options.path, options.clock.now());
    options.log.error("state database was damaged and is set aside, beginning anew", { aside, error });
    return openDatabase(options);
  }
};

/** A baseline for a round's child process: read-only, beside the daemon that writes. */
export const openBaseline = (path: string): Baseline & { readonly close: () => void } => {
  const db = new DatabaseSync(path, { readOnly: true });
  db.exec("PRAGMA cache_size = -512; PRAGMA busy_timeout = 5000");
  return { ...createBaselineReader(db), close: () => db.close() };
};

/**
 * The spool in SQLite: queue, position and baseline in one file, so that a round's messages and the baseline they were
 * computed against are committed together, synced (WAL, synchronous=FULL) before `append` returns.
 *
 * @throws RollcallError `spool.open`, `config.state-newer` (give-up). A damaged file is no error: it is set aside.
 */
export const openSqliteSpool = (options: SqliteSpoolOptions): Spool => {
  const { clock, limits, failPoint, agentId } = options;
  const db = openOrReplace(options);
  // It tells what is installed on this host, and to whom its logs may belong.
  if (options.path !== ":memory:") chmodSync(options.path, 0o600);

  const applyToBaseline = createBaselineWriter(db);
  const insert = db.prepare("INSERT INTO queue (kind, stream, body, spooled_at_ms) VALUES (?, ?, ?, ?)");
  const insertStep = db.prepare("INSERT INTO queue_steps VALUES (?, ?, ?, ?, ?, ?)");
  const nextSealed = db.prepare("SELECT * FROM queue WHERE sequence > ? ORDER BY sequence LIMIT 1");
  const unsealed = db.prepare(`SELECT * FROM queue WHERE sequence IS NULL ORDER BY id LIMIT ${SEAL_AT_ONCE}`);
  const setSealed = db.prepare("UPDATE queue SET sequence = ?, head = ?, digest = ? WHERE id = ?");
  const sealedAt = db.prepare("SELECT digest FROM queue WHERE sequence = ?");
  const sizeUpTo = db.prepare("SELECT coalesce(sum(length(body)), 0) AS bytes FROM queue WHERE sequence <= ?");
  const removeUpTo = db.prepare("DELETE FROM queue WHERE sequence <= ?");
  const getPosition = db.prepare("SELECT * FROM position");
  const setPosition = db.prepare(
    "UPDATE position SET instance = ?, epoch = ?, next_sequence = ?, last_sequence = ?, last_digest = ?",
  );
  const count = db.prepare(
    "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
  );
  const counter = db.prepare("SELECT value FROM counters WHERE name = ?");
  const totals = db.prepare("SELECT count(*) AS messages, coalesce(sum(length(body)), 0) AS bytes FROM queue");
  const oldest = db.prepare("SELECT spooled_at_ms FROM queue ORDER BY id LIMIT 1");
  const foldQueue = createFolder(db);
  let bytes = Number(totals.get()?.["bytes"]);
  let messages = Number(totals.get()?.["messages"]);
  /** Folding is tried again only when the queue has grown past this: a queue of precious items can't be folded. */
  let foldAbove = limits.softBytes;

  const transaction = <T>(name: string, work: () => T): T => {
    try {
      db.exec("BEGIN IMMEDIATE");
      const result = work();
      failPoint(`spool.${name}.before-commit`);
      db.exec("COMMIT");
      failPoint(`spool.${name}.after-commit`);
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw toError(error);
    }
  };

  const position = (): Position => {
    const row = getPosition.get() ?? {};
    return {
      instance: Number(row["instance"]),
      epoch: Number(row["epoch"]),
      nextSequence: Number(row["next_sequence"]),
      lastSequence: Number(row["last_sequence"]),
      lastDigest: row["last_digest"] === null ? null : String(row["last_digest"]),
    };
  };
  const writePosition = (p: Position) =>
    setPosition.run(p.instance, p.epoch, p.nextSequence, p.lastSequence, p.lastDigest);

  const keep = (body: KeptBody): number => {
    const packed = zstdCompressSync(JSON.stringify(body));
    const stream = body.kind === "snapshot" ? streamId(body.snapshot.source, body.snapshot.subject.id) : null;
    const { lastInsertRowid } = insert.run(body.kind, stream, packed, Math.round(clock.now()));
    if (body.kind === "snapshot") {
      for (const [at, step] of body.snapshot.steps.entries())
        insertStep.run(lastInsertRowid, at, stream, step.section, step.kind, JSON.stringify(step).length);
      applyToBaseline(body.snapshot);
    }
    return packed.length;
  };

  const append = (bodies: readonly KeptBody[]) => {
    if (bytes > limits.hardBytes && !bodies.every(({ kind }) => kind === "goodbye"))
      throw new RollcallError("spool.full", `spool holds ${bytes} bytes, the limit is ${limits.hardBytes}`, {
        remedy: "retry",
      });
    bytes += transaction("append", () => bodies.reduce((sum, body) => sum + keep(body), 0));
    messages += bodies.length;
    if (bytes > foldAbove) {
      const folded = transaction("fold", () => {
        const found = foldQueue(bytes - limits.softBytes * 0.75);
        count.run("folded", found.folded);
        return found;
      });
      messages = Number(totals.get()?.["messages"]);
      bytes -= folded.freedBytes;
      foldAbove = Math.max(limits.softBytes, bytes + limits.softBytes / 8);
    }
  };

  const sealMore = (): boolean => {
    const rows = unsealed.all();
    if (rows.length === 0) return false;
    transaction("seal", () => {
      let place = position();
      for (const row of rows) {
        const spooledAtMs = Number(row["spooled_at_ms"]);
        const { instance, epoch, nextSequence: sequence } = place;
        const sealed = seal({ agentId, instance, epoch, sequence, spooledAtMs }, unpack(row["body"]));
        setSealed.run(sequence, sealed.head, sealed.digest, Number(row["id"]));
        place = { ...place, nextSequence: sequence + 1 };
      }
      writePosition(place);
    });
    return true;
  };

  const begin = (after: number): Sealed | undefined => {
    const row = nextSealed.get(after) ?? (sealMore() ? nextSealed.get(after) : undefined);
    return row === undefined
      ? undefined
      : {
          epoch: position().epoch,
          sequence: Number(row["sequence"]),
          json: sealJson(String(row["head"]), unpack(row["body"])),
          digest: String(row["digest"]),
        };
  };

  const settle: Spool["settle"] = ({ epoch, sequence, digest }) => {
    const place = position();
    if (epoch !== place.epoch || sealedAt.get(sequence)?.["digest"] !== digest) return "unknown";
    // Not synced on its own: after a power cut the messages come back and are answered "have" once more.
    db.exec("PRAGMA synchronous = NORMAL");
    try {
      const done = transaction("settle", () => {
        const freed = Number(sizeUpTo.get(sequence)?.["bytes"]);
        const { changes } = removeUpTo.run(sequence);
        count.run("settled", changes);
        writePosition({ ...place, lastSequence: sequence, lastDigest: digest });
        return { freed, changes: Number(changes) };
      });
      bytes -= done.freed;
      messages -= done.changes;
    } finally {
      db.exec("PRAGMA synchronous = FULL; PRAGMA incremental_vacuum(64)");
    }
    foldAbove = Math.max(limits.softBytes, Math.min(foldAbove, bytes + limits.softBytes / 8));
    return "settled";
  };

  const adopt: Spool["adopt"] = ({ instance, epoch, have, digest }) => {
    const place = position();
    if (place.instance === instance && place.epoch === epoch) return;
    transaction("adopt", () => {
      db.exec("UPDATE queue SET sequence = NULL, head = NULL, digest = NULL WHERE sequence IS NOT NULL");
      writePosition({ instance, epoch, nextSequence: have + 1, lastSequence: have, lastDigest: digest });
    });
  };

  const counts = (): SpoolCounts => {
    const first = oldest.get()?.["spooled_at_ms"];
    return {
      messages,
      bytes,
      oldestAtMs: first === undefined ? undefined : Number(first),
      folded: Number(counter.get("folded")?.["value"] ?? 0),
      settled: Number(counter.get("settled")?.["value"] ?? 0),
    };
  };

  return {
    baseline: createBaselineReader(db),
    position,
    append,
    begin,
    settle,
    adopt,
    counts,
    close: () => db.close(),
  };
};

const unpack = (body: unknown): string => zstdDecompressSync(body as Uint8Array).toString();
