import { toTimestamp } from "../../../shared/clock.ts";
import type { AssetId } from "../../../shared/ids.ts";
import type { Place } from "../../../shared/model/place.ts";
import { choosePlace, type Sight } from "../../places/place.ts";
import { WITH_JOINED } from "../sqlite/assets.ts";
import type { Database } from "../sqlite/database.ts";
import { portMacTable } from "../sqlite/places.ts";
import type { AssetKeyRow, AssetRow, PortMacRow } from "../store.ts";
import { createAssetFinder, createFarFinder } from "./links.ts";

const MAX_MACS = 256;
const MAX_ROWS = 500;

const MACS = `SELECT DISTINCT value FROM asset_keys WHERE asset_id IN (${WITH_JOINED}) AND kind IN ('mac', 'chassisMac') LIMIT ?`;
/** Rows that hold now, or that held at a time. */
type When = { readonly sql: string; readonly params: readonly number[] };
const NOW: When = { sql: "until_at IS NULL", params: [] };
const atTime = (atMs: number): When => ({
  sql: "from_at <= ? AND (until_at IS NULL OR until_at > ?)",
  params: [atMs, atMs],
});

const CROWD = "SELECT count(DISTINCT mac) AS n FROM port_macs WHERE asset_id = ? AND port = ? AND";
const NEIGHBOURS = "SELECT port, chassis_id, system_name, address FROM port_neighbours WHERE asset_id = ? AND";

type Named = { readonly row: PortMacRow; readonly sight: Sight };
type AssetOf = ReturnType<typeof createAssetFinder>;

/** Ports that lead to another network device than this one: what is learned there lives behind that. */
const createWayFinder = (db: Database, assetOf: AssetOf, own: AssetId, { sql, params }: When) => {
  const far = createFarFinder(db, assetOf);
  const known = new Map<AssetId, ReadonlySet<string>>();
  const waysOf = (deviceId: AssetId): ReadonlySet<string> => {
    const ports = new Set<string>();
    for (const r of db.all(`${NEIGHBOURS} ${sql}`, deviceId, ...params)) {
      const text = (name: string) => (r[name] === null ? undefined : String(r[name]));
      const [systemName, address] = [text("system_name"), text("address")];
      const found = far.find(deviceId, {
        chassisId: String(r["chassis_id"]),
        ...(systemName !== undefined && { systemName }),
        ...(address !== undefined && { address }),
      });
      if (found !== undefined && found !== own && far.isNetworkDevice(found)) ports.add(String(r["port"]));
    }
    return ports;
  };
  return ({ assetId, port }: PortMacRow): boolean => {
    if (!known.has(assetId)) known.set(assetId, waysOf(assetId));
    return known.get(assetId)?.has(port) ?? false;
  };
};

const macsOf = (db: Database, { assetId, primaryMac }: AssetRow): string[] => {
  const macs = db.all(MACS, assetId, MAX_MACS).map((r) => String(r["value"]));
  return [...new Set([...(primaryMac === undefined ? [] : [primaryMac]), ...macs])];
};

const readSights = (db: Database, assetId: AssetId, macs: readonly string[], assetOf: AssetOf, when: When): Named[] => {
  const crowds = new Map<string, number>();
  const crowdAt = ({ assetId, port }: PortMacRow): number => {
    const key = `${assetId} ${port}`;
    const n = crowds.get(key) ?? Number(db.get(`${CROWD} ${when.sql}`, assetId, port, ...when.params)?.["n"] ?? 0);
    crowds.set(key, n);
    return n;
  };
  const rows = macs.flatMap((mac) =>
    portMacTable.all(db, "WHERE mac = ? ORDER BY from_at DESC LIMIT ?", mac, MAX_ROWS),
  );
  if (rows.length === 0) return [];
  const leadsOn = createWayFinder(db, assetOf, assetId, when);
  return rows
    .filter((row) => row.kind === "radio" || !leadsOn(row))
    .map((row) => ({ row, sight: { ...row, deviceId: row.assetId, crowd: crowdAt(row) } }));
};

const toPlace = (db: Database, { row }: Named, assetOf: AssetOf): Place | undefined => {
  const device = assetOf(row.assetId);
  if (device === undefined) return undefined;
  const found =
    row.accessPoint === undefined
      ? undefined
      : db.get(
          "SELECT asset_id FROM asset_keys WHERE value = ? AND kind IN ('mac', 'chassisMac', 'hostname') LIMIT 1",
          row.accessPoint,
        );
  const point = found === undefined ? undefined : assetOf(found["asset_id"] as AssetId);
  return {
    ...{ mac: row.mac, kind: row.kind, port: row.port, from: toTimestamp(row.fromMs) },
    device: { assetId: device.assetId, name: device.name, type: device.type },
    ...(row.vlan > 0 && { vlan: row.vlan }),
    ...(row.ssid !== undefined && { ssid: row.ssid }),
    ...(row.accessPoint !== undefined && {
      accessPoint: { ...(point && { assetId: point.assetId }), name: point?.name ?? row.port },
    }),
    ...(row.untilMs !== undefined && { until: toTimestamp(row.untilMs) }),
  };
};

/** Where an asset's MACs are and were, the latest first; the first is where it is, unless that has ended. */
export const readPlaces = (db: Database, assetId: AssetId): readonly Place[] => {
  const assetOf = createAssetFinder(db);
  const asset = assetOf(assetId);
  if (asset === undefined) return [];
  const macs = macsOf(db, asset);
  const sights = readSights(db, asset.assetId, macs, assetOf, NOW).filter(
    ({ row }) => assetOf(row.assetId)?.assetId !== asset.assetId,
  );
  const chosen = choosePlace(sights.map(({ sight }) => sight));
  const rest = sights
    .filter(({ sight }) => sight !== chosen)
    .sort((a, b) => (b.row.untilMs ?? Number.MAX_SAFE_INTEGER) - (a.row.untilMs ?? Number.MAX_SAFE_INTEGER));
  const first = sights.filter(({ sight }) => sight === chosen);
  return [...first, ...rest].slice(0, MAX_ROWS).flatMap((one) => toPlace(db, one, assetOf) ?? []);
};

/** Where it was at a time, by the MACs that it had then. */
export const readPlacesAt = (
  db: Database,
  assetId: AssetId,
  keys: readonly Pick<AssetKeyRow, "kind" | "value">[],
  atMs: number,
): Place | undefined => {
  const assetOf = createAssetFinder(db);
  const macs = keys.filter(({ kind }) => kind === "mac" || kind === "chassisMac").map(({ value }) => value);
  const when = atTime(atMs);
  const sights = readSights(db, assetId, [...new Set(macs)].slice(0, MAX_MACS), assetOf, when).filter(
    ({ row }) => row.assetId !== assetId && row.fromMs <= atMs && (row.untilMs === undefined || row.untilMs > atMs),
  );
  const chosen = choosePlace(sights.map(({ sight: { untilMs: _, ...sight } }) => sight));
  const found = sights.find(
    ({ sight }) => sight.port === chosen?.port && sight.deviceId === chosen.deviceId && sight.mac === chosen.mac,
  );
  const place = found && toPlace(db, found, assetOf);
  if (!place) return undefined;
  const { until: _, ...then } = place;
  return then;
};
