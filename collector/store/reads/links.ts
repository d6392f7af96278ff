import { toTimestamp } from "../../../shared/clock.ts";
import type { AssetId } from "../../../shared/ids.ts";
import type { LinkRow } from "../../../shared/model/place.ts";
import { type Half, type Link, type LinkEnd, matchLinks } from "../../places/links.ts";
import type { LinkQuery, Page } from "../reads.ts";
import type { Database } from "../sqlite/database.ts";
import { portNeighbourTable } from "../sqlite/places.ts";
import type { AssetRow, PortNeighbourRow } from "../store.ts";
import { readAssetRow } from "./assets.ts";
import { searchWords } from "./filter.ts";
import { decodeCursor, toPage } from "./page.ts";

/** More words of neighbours than any site has; the newest count. */
const MAX_HALVES = 100_000;

/** Assets by id, each read once; what was joined leads to the survivor. */
export const createAssetFinder = (db: Database): ((assetId: AssetId) => AssetRow | undefined) => {
  const known = new Map<AssetId, AssetRow | undefined>();
  return (assetId) => {
    if (!known.has(assetId)) known.set(assetId, readAssetRow(db, assetId));
    return known.get(assetId);
  };
};

const OWN_MAC = "SELECT asset_id FROM device_macs WHERE mac = ? AND realm = ? ORDER BY asset_id DESC LIMIT 1";
const KEYED = `SELECT DISTINCT asset_id FROM asset_keys WHERE value = ? AND kind IN ('chassisMac', 'mac', 'lldpChassisId')
  AND realm IN ('', ?) LIMIT 2`;
const NAMED =
  "SELECT DISTINCT asset_id FROM asset_keys WHERE value = ? AND kind IN ('hostname', 'fqdn') AND realm IN ('', ?) LIMIT 2";
const ADDRESSED = "SELECT DISTINCT asset_id FROM asset_keys WHERE value = ? AND kind = 'ip' AND realm = ? LIMIT 2";

type Far = Pick<PortNeighbourRow, "chassisId" | "systemName" | "address">;

/**
 * Which asset a device means by its neighbour: by a MAC of a network device, by an identity key, by name, by address; each only
 * where it names one.
 */
export const createFarFinder = (db: Database, assetOf: (assetId: AssetId) => AssetRow | undefined) => {
  const realms = new Map<string, string | undefined>();
  // One at a time: a site has thousands of network devices, and one look needs a few.
  const realmOf = (assetId: string): string | undefined => {
    if (!realms.has(assetId)) {
      const realm = db.get("SELECT realm FROM network_devices WHERE asset_id = ?", assetId)?.["realm"];
      realms.set(assetId, realm === undefined ? undefined : String(realm));
    }
    return realms.get(assetId);
  };
  const byMac = new Map<string, AssetId | undefined>();
  const byOwnMac = (realm: string, mac: string): AssetId | undefined => {
    const key = `${realm} ${mac}`;
    if (!byMac.has(key)) {
      const found = db.get(OWN_MAC, mac, realm)?.["asset_id"];
      byMac.set(key, found === undefined ? undefined : assetOf(found as AssetId)?.assetId);
    }
    return byMac.get(key);
  };
  const memo = new Map<string, AssetId | undefined>();
  const only = (sql: string, value: string | undefined, realm: string): AssetId | undefined => {
    if (value === undefined || value === "") return undefined;
    const key = `${sql.length} ${realm} ${value}`;
    if (!memo.has(key)) {
      const found = new Set(db.all(sql, value, realm).map((r) => assetOf(r["asset_id"] as AssetId)?.assetId));
      memo.set(key, found.size === 1 ? [...found][0] : undefined);
    }
    return memo.get(key);
  };
  const find = (near: string, { chassisId, systemName, address }: Far): AssetId | undefined => {
    const realm = realmOf(near) ?? "";
    const name = (systemName ?? chassisId).toLowerCase().replace(/\.$/, "");
    return (
      byOwnMac(realm, chassisId) ??
      only(KEYED, chassisId, realm) ??
      only(NAMED, name, realm) ??
      only(NAMED, name.split(".")[0], realm) ??
      only(ADDRESSED, address, realm)
    );
  };
  return { find, isNetworkDevice: (assetId: AssetId) => realmOf(assetId) !== undefined };
};

const readHalves = (db: Database, assetOf: (assetId: AssetId) => AssetRow | undefined): Half[] => {
  const far = createFarFinder(db, assetOf);
  return portNeighbourTable.all(db, "ORDER BY row_no DESC LIMIT ?", MAX_HALVES).flatMap((row) => {
    const near = assetOf(row.assetId);
    if (near === undefined) return [];
    const remoteAssetId = far.find(row.assetId, row);
    return [
      {
        ...{ assetId: near.assetId, port: row.port, aliases: row.aliases, protocol: row.protocol },
        ...{ remoteChassisId: row.chassisId, remotePortId: row.portId, fromMs: row.fromMs },
        ...(row.portDescription !== undefined && { remotePortDescription: row.portDescription }),
        ...(row.systemName !== undefined && { remoteName: row.systemName }),
        ...(remoteAssetId !== undefined && { remoteAssetId }),
        ...(row.untilMs !== undefined && { untilMs: row.untilMs }),
      },
    ];
  });
};

const toEnd = ({ assetId, name, port }: LinkEnd, assetOf: (assetId: AssetId) => AssetRow | undefined) => {
  const asset = assetId === undefined ? undefined : assetOf(assetId as AssetId);
  return asset === undefined
    ? { name: name ?? "unknown", port }
    : { assetId: asset.assetId, name: asset.name, type: asset.type, port };
};

const toRow = (link: Link, assetOf: (assetId: AssetId) => AssetRow | undefined): LinkRow => {
  const [a, b] = link.ends.map((end) => toEnd(end, assetOf)) as [LinkRow["ends"][0], LinkRow["ends"][1]];
  return {
    ends: a.name.toLowerCase() <= b.name.toLowerCase() ? [a, b] : [b, a],
    ...{ protocols: [...link.protocols], both: link.both, from: toTimestamp(link.fromMs) },
    ...(link.untilMs !== undefined && { until: toTimestamp(link.untilMs) }),
  };
};

const textOf = ({ ends }: LinkRow): string =>
  ends
    .map(({ name, port }) => `${name} ${port}`)
    .join(" | ")
    .toLowerCase();

/** Sorts as people count: port 2 before port 10. */
const keyOf = (row: LinkRow): string =>
  `${textOf(row).replace(/\d+/g, (digits) => digits.padStart(6, "0"))} ${row.ends.map(({ assetId = "" }) => assetId).join(" ")} ${row.from}`.slice(
    0,
    500,
  );

/** By the names of their ends. */
export const readLinks = (db: Database, { assetId, search, ended, limit, cursor }: LinkQuery): Page<LinkRow> => {
  const assetOf = createAssetFinder(db);
  const wanted = assetId === undefined ? undefined : assetOf(assetId)?.assetId;
  if (assetId !== undefined && wanted === undefined) return { items: [] };
  const words = searchWords(search).map((word) => word.toLowerCase());
  const [after] = decodeCursor(cursor, "links", 1) ?? [];
  const rows = matchLinks(readHalves(db, assetOf))
    .filter(({ untilMs }) => ended === true || untilMs === undefined)
    .map((link) => toRow(link, assetOf))
    .filter(({ ends }) => wanted === undefined || ends.some((end) => end.assetId === wanted))
    .filter((row) => words.length === 0 || words.every((word) => textOf(row).includes(word)))
    .map((row) => ({ row, key: keyOf(row) }))
    .filter(({ key }) => after === undefined || key > String(after))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return toPage(
    rows.slice(0, limit + 1),
    limit,
    ({ row }) => row,
    ({ key }) => ({ list: "links", after: [key] }),
  );
};
