import { toTimestamp } from "../../../shared/clock.ts";
import type { AssetId } from "../../../shared/ids.ts";
import type { UnclaimedMac } from "../../../shared/model/place.ts";
import { isJunk, isSoftMac } from "../../identity/keys.ts";
import type { Page, UnclaimedQuery } from "../reads.ts";
import type { Database } from "../sqlite/database.ts";
import { portMacTable } from "../sqlite/places.ts";
import { createFilter, globOf, searchWords } from "./filter.ts";
import { createAssetFinder } from "./links.ts";
import { decodeCursor, toPage } from "./page.ts";

/** Ports told of one MAC: it can be learned on several. */
const MAX_PLACES = 8;

const kindOf = (mac: string): UnclaimedMac["kind"] =>
  isJunk({ kind: "mac", value: mac }) ? "shared" : isSoftMac({ kind: "mac", value: mac }) ? "random" : "lasting";

const NOBODYS = `p.until_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM asset_keys k WHERE k.value = p.mac AND k.kind IN ('mac', 'chassisMac'))
  AND NOT EXISTS (SELECT 1 FROM device_macs d WHERE d.mac = p.mac)`;

/** MACs that switches and access points have in their tables now, and that no asset is known by. */
export const readUnclaimed = (db: Database, { search, limit, cursor }: UnclaimedQuery): Page<UnclaimedMac> => {
  const list = "unclaimed";
  const filter = createFilter();
  filter.and(NOBODYS);
  for (const word of searchWords(search)) filter.and("p.mac GLOB ?", globOf(word));
  const after = decodeCursor(cursor, list, 1);
  if (after) filter.and("p.mac > ?", after[0] ?? "");
  const macs = db
    .all(
      `SELECT DISTINCT p.mac FROM port_macs p ${filter.where()} ORDER BY p.mac LIMIT ?`,
      ...filter.params(),
      limit + 1,
    )
    .map((record) => String(record["mac"]));
  const assetOf = createAssetFinder(db);
  const toItem = (mac: string): UnclaimedMac => ({
    mac,
    kind: kindOf(mac),
    places: portMacTable
      .all(db, "WHERE mac = ? AND until_at IS NULL ORDER BY from_at DESC LIMIT ?", mac, MAX_PLACES)
      .flatMap(({ assetId, kind, port, vlan, ssid, fromMs }) => {
        const device = assetOf(assetId as AssetId);
        if (!device) return [];
        return [
          {
            ...{ kind, port, from: toTimestamp(fromMs) },
            device: { assetId: device.assetId, name: device.name, type: device.type },
            ...(vlan > 0 && { vlan }),
            ...(ssid !== undefined && { ssid }),
          },
        ];
      }),
  });
  return toPage(macs, limit, toItem, (mac) => ({ list, after: [mac] }));
};
