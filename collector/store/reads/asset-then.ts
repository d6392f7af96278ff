import { toTimestamp } from "../../../shared/clock.ts";
import type { AssetId } from "../../../shared/ids.ts";
import type { AssetThen } from "../../../shared/model/then.ts";
import { sections } from "../../../shared/protocol/sections.ts";
import { lockedOf } from "../../record/book.ts";
import { decisionTable } from "../sqlite/assets.ts";
import type { Database } from "../sqlite/database.ts";
import { numbersOf } from "../sqlite/observations.ts";
import { toAsset } from "./assets.ts";
import { lookedAt, readFactsThen } from "./facts.ts";
import { readPlacesAt } from "./places.ts";
import { readThen, type SectionOfThen, type Then } from "./then.ts";

const MAX_LISTED = 1_000;

/** The latest time at or before then that is kept of sightings; those in between two are not. */
const SEEN = `SELECT max(CASE WHEN last_at <= ?2 THEN last_at ELSE first_at END) AS at FROM (
    SELECT first_at, last_at FROM observations WHERE observation_no IN (${numbersOf("?1")})
    UNION ALL SELECT first_at, last_at FROM observation_checkpoints WHERE asset_id = ?1)
  WHERE first_at <= ?2`;

const lastSeenAt = (db: Database, { row, joined, sections: then, atMs }: Then): number => {
  if (row.lastSeenAtMs <= atMs) return row.lastSeenAtMs;
  const kept = joined.flatMap((id) => Number(db.get(SEEN, id, atMs)?.["at"] ?? 0));
  return Math.max(row.firstSeenAtMs, ...kept, ...then.map((one) => lookedAt(one, atMs)));
};

const toSection = (one: SectionOfThen, atMs: number): AssetThen["sections"][number] => ({
  section: one.section,
  kind: sections[one.section].kind,
  itemCount: one.items().size,
  source: one.source as AssetThen["sections"][number]["source"],
  agentId: one.agentId,
  observedAt: toTimestamp(lookedAt(one, atMs)),
  since: toTimestamp(one.sinceMs),
  ...(one.goneAtMs !== undefined && { goneAt: toTimestamp(one.goneAtMs) }),
  ...(one.observedAtMs > atMs && { confirmedAt: toTimestamp(one.observedAtMs) }),
});

const readDecisions = (db: Database, assetId: AssetId, atMs: number): AssetThen["decisions"] =>
  decisionTable
    .all(
      db,
      "WHERE (asset_id = ? OR other_asset_id = ?) AND at <= ? ORDER BY at DESC, decision_id DESC LIMIT ?",
      ...[assetId, assetId, atMs, MAX_LISTED],
    )
    .map(({ decisionId, kind, otherAssetId, rule, byHand, explanation, atMs: decidedAtMs, undoneAtMs }) => ({
      ...{ decisionId, kind, rule, byHand, explanation, at: toTimestamp(decidedAtMs) },
      ...(otherAssetId !== undefined && { otherAssetId }),
      ...(undoneAtMs !== undefined && undoneAtMs <= atMs && { undoneAt: toTimestamp(undoneAtMs) }),
    }));

/** @throws RollcallError `reads.then` */
export const readAssetThen = (db: Database, assetId: AssetId, atMs: number): AssetThen | undefined => {
  const then = readThen(db, assetId, atMs);
  if (!then) return undefined;
  const { row, keys, knownFromMs } = then;
  const { version: _, ...asset } = toAsset({ ...row, lastSeenAtMs: lastSeenAt(db, then) });
  const place = readPlacesAt(db, row.assetId, keys, atMs);
  return {
    ...asset,
    at: toTimestamp(atMs),
    knownFrom: toTimestamp(knownFromMs),
    unknown: then.unknown.map((one) => ({ section: one.section, knownFrom: toTimestamp(one.knownFromMs) })),
    provisional: row.provisional ?? false,
    locked: lockedOf(row),
    keys: keys.slice(0, MAX_LISTED).map(({ assetId: _of, vendor, firstSeenAtMs, lastSeenAtMs, ...key }) => ({
      ...key,
      ...(vendor !== undefined && { vendor }),
      firstSeenAt: toTimestamp(firstSeenAtMs),
      ...(lastSeenAtMs <= atMs && { lastSeenAt: toTimestamp(lastSeenAtMs) }),
    })),
    decisions: readDecisions(db, row.assetId, atMs),
    sections: then.sections.map((one) => toSection(one, atMs)),
    facts: readFactsThen(db, then),
    ...(place !== undefined && { place }),
  };
};
