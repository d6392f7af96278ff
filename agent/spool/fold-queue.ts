import type { DatabaseSync } from "node:sqlite";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { KeptBody } from "../../shared/protocol/envelope.ts";
import type { Sighting } from "../../shared/protocol/observation.ts";
import type { Snapshot } from "../../shared/protocol/snapshot.ts";
import { type Fold, foldDeltas, type PendingDelta } from "./fold.ts";

export type Folded = { readonly freedBytes: number; readonly folded: number };

/** Deltas of one section that are looked at together; bounds what folding holds in memory. */
const AT_ONCE = 2_000;
const SIGHTINGS_PER_MESSAGE = 10_000;

const parse = (body: unknown): KeptBody => JSON.parse(zstdDecompressSync(body as Uint8Array).toString()) as KeptBody;

const sizeOf = (row: Record<string, unknown> | undefined): number =>
  (row?.["body"] as Uint8Array | undefined)?.length ?? 0;

/** First and last of each (subject, method, source) among the sightings, in their order. */
export const thinSightings = (sightings: readonly Sighting[]): Sighting[] => {
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  for (const [at, { subject, method, via }] of sightings.entries()) {
    const key = `${method}|${via ?? ""}|${subject.realm}|${subject.id}`;
    if (!first.has(key)) first.set(key, at);
    last.set(key, at);
  }
  const kept = new Set([...first.values(), ...last.values()]);
  return sightings.filter((_, at) => kept.has(at));
};

/** Folds unnumbered messages of the queue, inside the spool's transaction, the noisiest section first. */
export const createFolder = (db: DatabaseSync): ((wantedBytes: number) => Folded) => {
  const noisy = db.prepare(
    `SELECT s.stream, s.section FROM queue_steps s JOIN queue q ON q.id = s.queue_id
     WHERE q.sequence IS NULL AND s.kind = 'delta' GROUP BY s.stream, s.section HAVING count(*) > 3
     ORDER BY sum(s.bytes) DESC`,
  );
  const pending = db.prepare(
    `SELECT q.id, q.body FROM queue_steps s JOIN queue q ON q.id = s.queue_id
     WHERE s.stream = ? AND s.section = ? AND q.sequence IS NULL AND q.id > ? GROUP BY q.id ORDER BY q.id LIMIT ${AT_ONCE}`,
  );
  const bodyOf = db.prepare("SELECT body FROM queue WHERE id = ?");
  const setBody = db.prepare("UPDATE queue SET body = ? WHERE id = ?");
  const remove = db.prepare("DELETE FROM queue WHERE id = ?");
  const removeSteps = db.prepare("DELETE FROM queue_steps WHERE queue_id = ?");
  const insertStep = db.prepare("INSERT INTO queue_steps VALUES (?, ?, ?, ?, ?, ?)");
  const sightings = db.prepare(
    "SELECT id, body FROM queue WHERE kind = 'sightings' AND sequence IS NULL ORDER BY id LIMIT ?",
  );

  /** Writes a message back without its empty self, and gives the octets this freed. */
  const rewrite = (id: number, stream: string, snapshot: Snapshot): number => {
    const before = sizeOf(bodyOf.get(id));
    if (snapshot.steps.length === 0 && snapshot.commandId === undefined) {
      remove.run(id);
      return before;
    }
    const packed = zstdCompressSync(JSON.stringify({ kind: "snapshot", snapshot } satisfies KeptBody));
    setBody.run(packed, id);
    removeSteps.run(id);
    for (const [at, step] of snapshot.steps.entries())
      insertStep.run(id, at, stream, step.section, step.kind, JSON.stringify(step).length);
    return before - packed.length;
  };

  const carryOut = (fold: Fold, stream: string, snapshots: Map<number, Snapshot>): number => {
    let freed = 0;
    for (const id of [...fold.without, fold.into]) {
      const snapshot = snapshots.get(id)!;
      const steps = snapshot.steps.flatMap((step) =>
        step.section !== fold.step.section ? [step] : id === fold.into ? [fold.step] : [],
      );
      snapshots.set(id, { ...snapshot, steps });
      freed += rewrite(id, stream, { ...snapshot, steps });
    }
    return freed;
  };

  const foldSection = (stream: string, section: string): Folded => {
    let freedBytes = 0;
    let folded = 0;
    for (let after = 0; ; ) {
      const rows = pending.all(stream, section, after);
      const snapshots = new Map<number, Snapshot>();
      for (const row of rows) {
        const body = parse(row["body"]);
        if (body.kind === "snapshot") snapshots.set(Number(row["id"]), body.snapshot);
      }
      const deltas = [...snapshots].map(([id, { observedAtMs, steps }]): PendingDelta => {
        const own = steps.filter((step) => step.section === section);
        const [step] = own;
        return { id, observedAtMs, step: own.length === 1 && step?.kind === "delta" ? step : undefined };
      });
      for (const fold of foldDeltas(deltas)) {
        freedBytes += carryOut(fold, stream, snapshots);
        folded += fold.without.length;
      }
      if (rows.length < AT_ONCE) return { freedBytes, folded };
      after = Number(rows.at(-1)?.["id"]);
    }
  };

  const foldSightings = (): Folded => {
    const rows = [];
    const all: Sighting[] = [];
    for (const row of sightings.all(200)) {
      const body = parse(row["body"]);
      if (body.kind !== "sightings" || all.length + body.sightings.length > SIGHTINGS_PER_MESSAGE) break;
      rows.push(row);
      all.push(...body.sightings);
    }
    if (rows.length < 3) return { freedBytes: 0, folded: 0 };
    const thin = thinSightings(all);
    const before = rows.reduce((sum, row) => sum + sizeOf(row), 0);
    const packed = zstdCompressSync(JSON.stringify({ kind: "sightings", sightings: thin } satisfies KeptBody));
    if (packed.length > before * 0.9) return { freedBytes: 0, folded: 0 };
    for (const row of rows.slice(0, -1)) remove.run(Number(row["id"]));
    setBody.run(packed, Number(rows.at(-1)?.["id"]));
    return { freedBytes: before - packed.length, folded: all.length - thin.length };
  };

  return (wantedBytes) => {
    let total: Folded = { freedBytes: 0, folded: 0 };
    const add = (more: Folded) => {
      total = { freedBytes: total.freedBytes + more.freedBytes, folded: total.folded + more.folded };
    };
    for (const row of noisy.all()) {
      if (total.freedBytes >= wantedBytes) break;
      add(foldSection(String(row["stream"]), String(row["section"])));
    }
    if (total.freedBytes < wantedBytes) add(foldSightings());
    return total;
  };
};
