import { toTimestamp } from "../../../shared/clock.ts";
import type { AssetId } from "../../../shared/ids.ts";
import type { Relation } from "../../../shared/model/asset-detail.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import { assetKeyTable, WITH_JOINED } from "../sqlite/assets.ts";
import type { Database } from "../sqlite/database.ts";
import { readItems } from "../sqlite/streams.ts";
import type { AssetKeyRow, Item } from "../store.ts";
import { readAssetRow } from "./assets.ts";

/** What one device says of others that it runs, serves or holds: a VM's host, an access point's controller, a stack. */
type Named = {
  readonly kind: Relation["kind"];
  readonly name: string;
  readonly state?: string;
  readonly keys: readonly { readonly kinds: readonly AssetKeyRow["kind"][]; readonly value: string }[];
};

/** Sections that name other devices, and what each row of theirs means. */
const MEANINGS: Readonly<Partial<Record<SectionName, (items: readonly Item[]) => readonly Named[]>>> = {
  virtualMachines: (items) =>
    items.map((item) => ({
      ...{ kind: "runs", name: textOf(item["name"]) ?? textOf(item["id"]) ?? "unnamed", ...stateOf(item) },
      keys: keysOf([["hardwareUuid"], textOf(item["uuid"])?.toLowerCase()]),
    })),
  accessPoints: (items) =>
    items.map((item) => ({
      ...{ kind: "controls", name: textOf(item["name"]) ?? textOf(item["id"]) ?? "unnamed", ...stateOf(item) },
      keys: keysOf([["chassisMac", "mac"], textOf(item["mac"])], [["serial"], textOf(item["serialNumber"])]),
    })),
  modules: (items) => {
    const chassis = items.filter((item) => item["entPhysicalClass"] === "chassis");
    // One chassis is the device itself.
    if (chassis.length < 2) return [];
    return chassis.map((item) => ({
      ...{ kind: "has-member", name: textOf(item["entPhysicalName"]) ?? `member ${String(item["entPhysicalIndex"])}` },
      keys: keysOf([["serial"], textOf(item["entPhysicalSerialNum"])]),
    }));
  },
};
const SECTIONS = Object.keys(MEANINGS) as SectionName[];
const inverse: Readonly<Record<string, Relation["kind"]>> = {
  runs: "runs-on",
  controls: "controlled-by",
  "has-member": "member-of",
};

/** Devices whose tables are looked through for one asset, and relations that are told. */
const MAX_TABLES = 2_000;
const MAX_RELATIONS = 2_000;

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const stateOf = (item: Item) => {
  const state = textOf(item["state"]);
  return state === undefined ? {} : { state };
};
const keysOf = (...told: readonly (readonly [readonly AssetKeyRow["kind"][], string | undefined])[]): Named["keys"] =>
  told.flatMap(([kinds, value]) => (value === undefined ? [] : [{ kinds, value }]));

type Teller = {
  readonly assetId: AssetId;
  readonly section: SectionName;
  readonly streamNo: number;
  readonly atMs: number;
};
const TELLERS = `SELECT a.asset_id, a.section, a.stream_no, s.observed_at FROM accepted_sections a
  JOIN sections s ON s.stream_no = a.stream_no AND s.section = a.section AND s.gone_at IS NULL`;

const readTellers = (db: Database, where: string, ...params: readonly (string | number)[]): Teller[] =>
  db.all(`${TELLERS} WHERE ${where} ORDER BY a.asset_id, a.section LIMIT ${MAX_TABLES}`, ...params).map((record) => ({
    assetId: record["asset_id"] as AssetId,
    section: record["section"] as SectionName,
    streamNo: Number(record["stream_no"]),
    atMs: Number(record["observed_at"]),
  }));

const namedBy = (db: Database, { streamNo, section }: Teller): readonly Named[] =>
  MEANINGS[section]?.([...(readItems(db, streamNo, section)?.values() ?? [])].map(({ item }) => item)) ?? [];

/** The one asset that a row means; none where no key of it is known, or one is of several (copied UUIDs). */
const assetOf = (db: Database, { keys }: Named): AssetId | undefined => {
  for (const { kinds, value } of keys) {
    const marks = kinds.map(() => "?").join(", ");
    const rows = assetKeyTable.all(db, `WHERE value = ? AND kind IN (${marks}) LIMIT 32`, value, ...kinds);
    const found = new Set(rows.map((row) => readAssetRow(db, row.assetId)?.assetId));
    const [only] = found;
    if (found.size === 1 && only !== undefined) return only;
  }
  return undefined;
};

/**
 * How an asset is related to others: what it says itself, then what others say of it. Rows that no asset is known for are told
 * by name alone. Undefined for an asset that is not there.
 */
export const readRelations = (db: Database, asked: AssetId): readonly Relation[] | undefined => {
  const asset = readAssetRow(db, asked);
  if (!asset) return undefined;
  const marks = SECTIONS.map(() => "?").join(", ");
  const own = readTellers(db, `a.section IN (${marks}) AND a.asset_id IN (${WITH_JOINED})`, ...SECTIONS, asset.assetId);
  const relations: Relation[] = own.flatMap((teller) =>
    namedBy(db, teller).flatMap((named): Relation[] => {
      const other = assetOf(db, named);
      if (other === asset.assetId && named.kind !== "has-member") return [];
      const { keys: _, ...rest } = named;
      return [
        {
          ...{ ...rest, observedAt: toTimestamp(teller.atMs), toldBy: asset.assetId },
          ...(other === undefined || other === asset.assetId ? {} : { assetId: other }),
        },
      ];
    }),
  );
  const mine = assetKeyTable.all(db, `WHERE asset_id IN (${WITH_JOINED})`, asset.assetId);
  const isMine = ({ keys }: Named) =>
    keys.some(({ kinds, value }) => mine.some((key) => key.value === value && kinds.includes(key.kind)));
  for (const teller of readTellers(db, `a.section IN (${marks})`, ...SECTIONS)) {
    const holder = readAssetRow(db, teller.assetId);
    if (!holder || holder.assetId === asset.assetId) continue;
    const named = namedBy(db, teller).find((one) => isMine(one) && assetOf(db, one) === asset.assetId);
    const kind = named && inverse[named.kind];
    if (!named || !kind) continue;
    const at = { observedAt: toTimestamp(teller.atMs), toldBy: holder.assetId };
    relations.push({ kind, name: holder.name, assetId: holder.assetId, ...at });
  }
  return relations.slice(0, MAX_RELATIONS);
};
