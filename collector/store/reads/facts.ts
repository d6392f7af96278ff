import { toTimestamp } from "../../../shared/clock.ts";
import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { Actor, Fact } from "../../../shared/model/asset.ts";
import type { Method } from "../../../shared/protocol/observation.ts";
import { type SectionName, sections } from "../../../shared/protocol/sections.ts";
import { editable, lockedOf } from "../../record/book.ts";
import { freshnessOf } from "../../record/freshness.ts";
import { WITH_JOINED } from "../sqlite/assets.ts";
import type { Database } from "../sqlite/database.ts";
import { readItems } from "../sqlite/streams.ts";
import type { AssetRow, Item } from "../store.ts";
import { readAssetRow } from "./assets.ts";
import { type Accepted, readAccepted } from "./sections.ts";
import type { SectionOfThen, Then } from "./then.ts";

type Told = {
  readonly section: SectionName;
  readonly source: Method;
  readonly agentId: AgentId;
  readonly observedAtMs: number;
  readonly goneAtMs?: number | undefined;
  readonly failure?: string | undefined;
};

/** Fields of one value section: each is one source's word, as old as the round that read it. */
const factsOf = (told: Told & { readonly revokedAtMs?: number | undefined }, item: Item, nowMs: number): Fact[] => {
  const { section, source, agentId, observedAtMs } = told;
  const freshness = freshnessOf(told, nowMs);
  return Object.entries(item)
    .filter(([field]) => field !== "provenance")
    .map(([field, value]) => ({
      path: `${section}/${field}`,
      value,
      source: { kind: "agent" as const, agentId, method: source },
      observedAt: toTimestamp(observedAtMs),
      ...freshness,
    }));
};

/** What devices say of the fields that a person can set. */
const saidOf: Readonly<Record<string, readonly string[]>> = {
  name: ["os/hostname", "os/fqdn", "system/sysName"],
  site: ["system/sysLocation"],
  location: ["system/sysLocation"],
  owner: ["system/sysContact"],
  inventoryNumber: ["system/assetTag"],
};

const EDITED = `SELECT actor, recorded_at FROM changes WHERE asset_id IN (${WITH_JOINED}) AND section = 'notes' AND item_key = 'asset'
  AND field = ? AND recorded_at <= ? ORDER BY change_no DESC LIMIT 1`;

/** Fields that a person set: the value that counts, and beneath it what the sources say. */
const readLocked = (db: Database, row: AssetRow, said: readonly Fact[], nowMs: number): Fact[] =>
  lockedOf(row).flatMap((field) => {
    const value = editable(row, field);
    if (value === undefined) return [];
    const edit = db.get(EDITED, row.assetId, field, nowMs);
    const source = edit ? (JSON.parse(String(edit["actor"])) as Actor) : { kind: "rule" as const, name: "set by hand" };
    const hides = said
      .filter(({ path }) => saidOf[field]?.includes(path))
      .map(({ path, value: heard, source: by, observedAt }) => ({ path, value: heard, source: by, observedAt }));
    const observedAt = toTimestamp(edit ? Number(edit["recorded_at"]) : row.firstSeenAtMs);
    return [{ path: `asset/${field}`, value, source, observedAt, locked: true, hides }];
  });

const STREAMS = `SELECT s.section, s.stream_no, s.item_count, s.observed_at, s.gone_at, s.failure, t.source, t.agent_id, t.observed_at AS looked_at
  FROM streams t JOIN sections s ON s.stream_no = t.stream_no
  WHERE t.asset_id = ? AND s.section IN ('os', 'system') ORDER BY t.observed_at DESC LIMIT 20`;
const REVOKED = "SELECT max(revoked_at) AS at FROM agents WHERE agent_id = ?";

export const readFacts = (db: Database, assetId: AssetId, nowMs: number): Fact[] => {
  const row = readAssetRow(db, assetId);
  if (!row) return [];
  const factsOfSection = (one: Accepted): Fact[] => {
    const revoked = db.get(REVOKED, one.agentId)?.["at"];
    const revokedAtMs = typeof revoked === "number" ? revoked : undefined;
    return factsOf({ ...one, revokedAtMs }, readItems(db, one.streamNo, one.section)?.get("")?.item ?? {}, nowMs);
  };
  const facts = readAccepted(db, row.assetId)
    .filter(({ section }) => sections[section].kind === "value")
    .flatMap(factsOfSection);
  if (lockedOf(row).length === 0) return facts;
  const said = readAccepted(db, row.assetId, STREAMS).flatMap(factsOfSection);
  return [...readLocked(db, row, said, nowMs), ...facts];
};

/** The last look by then whose time is known. */
export const lookedAt = ({ sinceMs, observedAtMs }: SectionOfThen, atMs: number): number =>
  observedAtMs <= atMs ? observedAtMs : sinceMs;

export const readFactsThen = (db: Database, { row, sections: then, atMs }: Then): Fact[] => {
  const facts = then
    .filter(({ section }) => sections[section].kind === "value")
    .flatMap((one) => {
      const look = { ...one, observedAtMs: Math.min(one.observedAtMs, atMs) };
      const { goneAtMs } = one;
      return factsOf({ ...look, goneAtMs }, one.items().get("")?.item ?? {}, atMs).map((fact) => ({
        ...fact,
        observedAt: toTimestamp(lookedAt(one, atMs)),
        since: toTimestamp(one.sinceMs),
      }));
    });
  return [...readLocked(db, row, facts, atMs), ...facts];
};
