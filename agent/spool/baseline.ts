import type { DatabaseSync } from "node:sqlite";
import { RollcallError } from "../../shared/errors.ts";
import { itemHash, streamId } from "../../shared/protocol/hash.ts";
import type { Item } from "../../shared/protocol/items.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { SectionStep, Snapshot } from "../../shared/protocol/snapshot.ts";
import type { Baseline } from "./spool.ts";

/** The baseline in the state database: read by the rounds' child processes too, written by the spool's transactions only. */
export const createBaselineReader = (db: DatabaseSync): Baseline => {
  const streams = db.prepare("SELECT stream FROM streams ORDER BY stream");
  const stream = db.prepare("SELECT * FROM streams WHERE stream = ?");
  const sections = db.prepare("SELECT section, hash FROM sections WHERE stream = ?");
  const hashes = db.prepare("SELECT key, hash FROM items WHERE stream = ? AND section = ?");
  const items = db.prepare("SELECT key, item FROM items WHERE stream = ? AND section = ?");
  return {
    streams: () => streams.all().map((row) => String(row["stream"])),
    stream: (id) => {
      const row = stream.get(id);
      return row === undefined
        ? undefined
        : {
            source: String(row["source"]) as Snapshot["source"],
            subject: JSON.parse(String(row["subject"])) as Snapshot["subject"],
            observedAtMs: Number(row["observed_at_ms"]),
            failures: JSON.parse(String(row["failures"])) as Snapshot["failures"],
          };
    },
    sectionHashes: (id) =>
      new Map(sections.all(id).map((row) => [String(row["section"]) as SectionName, String(row["hash"])])),
    itemHashes: (id, section) =>
      new Map(hashes.all(id, section).map((row) => [String(row["key"]), String(row["hash"])])),
    items: (id, section) =>
      new Map(items.all(id, section).map((row) => [String(row["key"]), JSON.parse(String(row["item"])) as Item])),
  };
};

/** Applies snapshots to the baseline. Runs inside the spool's transaction. */
export const createBaselineWriter = (db: DatabaseSync): ((snapshot: Snapshot) => void) => {
  const setStream = db.prepare(
    `INSERT INTO streams VALUES (?, ?, ?, ?, ?) ON CONFLICT (stream) DO UPDATE SET
     subject = excluded.subject, observed_at_ms = excluded.observed_at_ms, failures = excluded.failures`,
  );
  const hashOf = db.prepare("SELECT hash FROM sections WHERE stream = ? AND section = ?");
  const setHash = db.prepare(
    "INSERT INTO sections VALUES (?, ?, ?) ON CONFLICT (stream, section) DO UPDATE SET hash = excluded.hash",
  );
  const forget = db.prepare("DELETE FROM sections WHERE stream = ? AND section = ?");
  const clear = db.prepare("DELETE FROM items WHERE stream = ? AND section = ?");
  const drop = db.prepare("DELETE FROM items WHERE stream = ? AND section = ? AND key = ?");
  const put = db.prepare(
    "INSERT INTO items VALUES (?, ?, ?, ?, ?) ON CONFLICT (stream, section, key) DO UPDATE SET hash = excluded.hash, item = excluded.item",
  );
  const putAll = (id: string, section: string, items: Readonly<Record<string, Item>>) => {
    for (const [key, item] of Object.entries(items)) put.run(id, section, key, itemHash(item), JSON.stringify(item));
  };
  const apply = (id: string, step: SectionStep) => {
    const known = hashOf.get(id, step.section)?.["hash"];
    switch (step.kind) {
      case "gone":
        clear.run(id, step.section);
        forget.run(id, step.section);
        return;
      case "full":
        if (known === step.hash) return;
        clear.run(id, step.section);
        putAll(id, step.section, step.items);
        setHash.run(id, step.section, step.hash);
        return;
      case "delta":
        if (known !== step.base)
          throw new RollcallError("spool.stale", `section ${step.section} of ${id} changed since the round began`, {
            remedy: "retry",
          });
        for (const key of step.drop) drop.run(id, step.section, key);
        putAll(id, step.section, step.put);
        setHash.run(id, step.section, step.hash);
        return;
      default:
        step satisfies never;
    }
  };
  return (snapshot) => {
    const id = streamId(snapshot.source, snapshot.subject.id);
    const subject = JSON.stringify(snapshot.subject);
    setStream.run(id, snapshot.source, subject, snapshot.observedAtMs, JSON.stringify(snapshot.failures));
    for (const step of snapshot.steps) apply(id, step);
  };
};
