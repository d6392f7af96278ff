import type { SubjectKey } from "../../../shared/protocol/observation.ts";
import { agentKeyOf } from "../../identity/keys.ts";
import type { CheckpointRow, ObservationRow } from "../store.ts";
import type { Database, SqlRecord } from "./database.ts";

/**
 * Observations beyond the horizon are folded into checkpoints: of an asset it stays known by which keys it was ever seen, and from
 * when to when, so that it can be derived as before (`../../identity/rebuild.ts`). The newest interval of each observer and method
 * stays as it is; visitors go. A slice at a time, over and over, as nobody waits for it.
 */
export type Horizon = {
  /** One slice of what ended before then. */
  readonly fold: (beforeMs: number) => void;
  /** After a transaction that was not kept: all is looked through again. */
  readonly forget: () => void;
};

/** Intervals that are looked at in one transaction: 5 ms of it. */
const SLICE = 256;
/** From the end of a look through all old ones to the beginning of the next, ms. */
const EVERY_MS = 6 * 3_600_000;
const MAX_HOPS = 64;

const NEWER = `SELECT 1 FROM asset_observations i CROSS JOIN observations o ON o.observation_no = i.observation_no
  WHERE i.asset_id = ? AND o.agent_id = ? AND o.instance = ? AND o.method = ? AND (o.last_at, o.observation_no) > (?, ?) LIMIT 1`;
const ADD = `INSERT INTO observation_checkpoints (asset_id, kind, value, vendor, realm, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)`;
/** Not the last one: its number would be given again. */
const OLD = `SELECT * FROM observations WHERE observation_no > ? AND observation_no < (SELECT max(observation_no) FROM observations)
  ORDER BY observation_no LIMIT ?`;

export const createHorizon = (
  db: Database,
  {
    toRow,
    waits,
    forgetSubject,
  }: {
    readonly toRow: (record: SqlRecord) => ObservationRow;
    /** Something of it is noted, and not written yet. */
    readonly waits: (row: ObservationRow) => boolean;
    readonly forgetSubject: (subjectId: string) => void;
  },
): Horizon => {
  /** The last one that was looked at, and from which horizon on all are looked through again. */
  let [lookedAt, againAtMs] = [0, Number.NEGATIVE_INFINITY];

  const survivorOf = (assetId: string): string => {
    let id = assetId;
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const next = db.get("SELECT merged_into FROM assets WHERE asset_id = ?", id)?.["merged_into"];
      if (typeof next !== "string") break;
      id = next;
    }
    return id;
  };
  /** Addresses are many over the years, and only those that an asset still has are asked about. */
  const isStillHeld = (assetId: string, { kind, value }: SubjectKey, realm: string): boolean =>
    kind !== "ip" ||
    db
      .all("SELECT asset_id FROM asset_keys WHERE kind = 'ip' AND value = ? AND realm = ?", value, realm)
      .some((holder) => survivorOf(String(holder["asset_id"])) === survivorOf(assetId));
  const isNewest = ({ assetId, agentId, instance, method, lastAtMs, observationNo }: ObservationRow): boolean =>
    db.get(NEWER, assetId ?? "", agentId, instance, method, lastAtMs, observationNo) === undefined;

  const foldRow = (row: ObservationRow) => {
    const { observationNo, assetId, subjectId, realm, firstAtMs, lastAtMs } = row;
    const own = row.method === "local" ? [agentKeyOf(row.agentId, row.instance)] : [];
    if (assetId !== undefined)
      for (const key of [...own, ...row.keys])
        if (isStillHeld(assetId, key, realm))
          db.run(ADD, assetId, key.kind, key.value, key.vendor ?? "", realm, firstAtMs, lastAtMs);
    db.run("DELETE FROM observations WHERE observation_no = ?", observationNo);
    db.run(
      "DELETE FROM asset_observations WHERE asset_id = ? AND subject_id = ? AND observation_no = ?",
      ...[assetId ?? "", subjectId, observationNo],
    );
    forgetSubject(subjectId);
  };

  return {
    fold: (beforeMs) => {
      if (beforeMs < againAtMs) return;
      const rows = db.all(OLD, lookedAt, SLICE).map(toRow);
      for (const row of rows) {
        const isOld = row.lastAtMs < beforeMs && !waits(row);
        if (isOld && (row.assetId === undefined || !isNewest(row))) foldRow(row);
      }
      const last = rows.at(-1);
      lookedAt = last?.observationNo ?? 0;
      // They are numbered as they began.
      if (last && rows.length === SLICE && last.firstAtMs < beforeMs) return;
      [lookedAt, againAtMs] = [0, beforeMs + EVERY_MS];
    },
    forget: () => {
      [lookedAt, againAtMs] = [0, Number.NEGATIVE_INFINITY];
    },
  };
};

export const readCheckpoints = (db: Database): CheckpointRow[] =>
  db.all("SELECT * FROM observation_checkpoints ORDER BY asset_id, kind, value, vendor, realm").map((record) => ({
    assetId: record["asset_id"] as CheckpointRow["assetId"],
    key: {
      kind: record["kind"] as SubjectKey["kind"],
      value: String(record["value"]),
      ...(record["vendor"] !== "" && { vendor: String(record["vendor"]) }),
    },
    realm: String(record["realm"]),
    firstAtMs: Number(record["first_at"]),
    lastAtMs: Number(record["last_at"]),
  }));
