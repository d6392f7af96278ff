import { toTimestamp } from "../../../shared/clock.ts";
import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { AddressUse, SubnetDetail, SubnetLook, SubnetRow } from "../../../shared/model/place.ts";
import type { Coverage } from "../../../shared/protocol/sweep.ts";
import { foldUses, holds, parseSubnet, shareCovered, type Use } from "../../places/subnets.ts";
import { addressKey } from "../../presence/address-key.ts";
import type { SubnetQuery } from "../reads.ts";
import { agentTable } from "../sqlite/agents.ts";
import type { Database } from "../sqlite/database.ts";
import { sweepTable } from "../sqlite/history.ts";
import type { SweepRow } from "../store.ts";
import { createAssetFinder } from "./links.ts";
import { type Found, readNetworks } from "./networks.ts";
import { decodeCursor, toPage } from "./page.ts";

/** As many sweeps of one scope are looked at for the last that could see. */
const SWEEPS = 6;
/** What the protocol calls a miss: asked twice, over a second or more. */
const counts = ({ asks, spreadMs }: Coverage): boolean => asks >= 2 && spreadMs >= 1_000;

const ADDRESSES = `SELECT k.realm, k.value FROM asset_keys k JOIN assets a ON a.asset_id = k.asset_id
  WHERE k.kind = 'ip' AND a.lifecycle NOT IN ('retired', 'disposed')`;

/** The newest sweeps of each observer and scope, but those of one address that a suspicion asked for. */
const readSweeps = (db: Database): readonly SweepRow[] =>
  db
    .all("SELECT DISTINCT agent_id, instance, scope FROM sweeps")
    .flatMap(({ agent_id, instance, scope }) =>
      sweepTable.all(
        db,
        `WHERE agent_id = ? AND instance = ? AND scope = ? AND (command_id IS NULL OR command_id = sweep_id)
         ORDER BY ended_at DESC LIMIT ?`,
        ...([agent_id ?? "", instance ?? 0, scope ?? "", SWEEPS] as const),
      ),
    )
    .sort((a, b) => b.endedAtMs - a.endedAtMs);

type Looks = { readonly seen?: SubnetLook; readonly last?: SubnetLook };

const createLooker = (db: Database) => {
  const sweeps = readSweeps(db);
  const names = new Map(agentTable.all(db, "").map(({ agentId, name }) => [agentId, name]));
  const toLook = ({ sweepId, agentId, scope, verdict, endedAtMs }: SweepRow, share: number): SubnetLook => ({
    ...{ sweepId, agentId: agentId as AgentId, agentName: names.get(agentId) ?? agentId, scope, verdict },
    ...{ endedAt: toTimestamp(endedAtMs), share: Math.round(share * 1_000) / 1_000 },
  });
  return (subnet: Found): Looks => {
    let last: SubnetLook | undefined;
    for (const sweep of sweeps) {
      if (sweep.realm !== subnet.realm || shareCovered(subnet, sweep.coverage, () => true) === 0) continue;
      const look = toLook(sweep, shareCovered(subnet, sweep.coverage, counts));
      if (sweep.verdict === "could-see" && look.share > 0) return { seen: look, ...(last && { last }) };
      last ??= look;
    }
    return last === undefined ? {} : { last };
  };
};

const toRow = (subnet: Found, looks: Looks): SubnetRow => ({
  ...{ realm: subnet.realm, cidr: subnet.cidr, size: subnet.size, used: subnet.used, devices: subnet.devices },
  knownBy: [...subnet.knownBy].sort(),
  scopes: [...subnet.scopes.values()].slice(0, 64),
  ...looks,
});

const readFound = (db: Database): readonly Found[] => {
  const networks = readNetworks(db);
  for (const record of db.all(ADDRESSES)) {
    const holder = networks.holderOf(String(record["realm"]), String(record["value"]));
    if (holder !== undefined) holder.used++;
  }
  return networks
    .all()
    .toSorted((a, b) =>
      a.realm === b.realm
        ? a.firstKey === b.firstKey
          ? a.prefixLength - b.prefixLength
          : a.firstKey < b.firstKey
            ? -1
            : 1
        : a.realm < b.realm
          ? -1
          : 1,
    );
};

/** By realm and address. */
export const readSubnets = (db: Database): readonly SubnetRow[] => {
  const look = createLooker(db);
  return readFound(db).map((subnet) => toRow(subnet, look(subnet)));
};

const NOW = "SELECT value, asset_id, first_seen_at, last_seen_at FROM asset_keys WHERE kind = 'ip' AND realm = ?";
const BEFORE =
  "SELECT address AS value, asset_id, from_at AS first_seen_at, until_at AS last_seen_at FROM address_uses WHERE realm = ?";

const readUses = (db: Database, subnet: Found): readonly AddressUse[] => {
  const assetOf = createAssetFinder(db);
  const read = (sql: string, ended: boolean): Use[] =>
    db.all(sql, subnet.realm).flatMap((r) => {
      const asset = holds(subnet, addressKey(String(r["value"]))) ? assetOf(r["asset_id"] as AssetId) : undefined;
      if (asset === undefined) return [];
      const times = { fromMs: Number(r["first_seen_at"]), lastMs: Number(r["last_seen_at"]), ended };
      return [{ address: String(r["value"]), assetId: asset.assetId, ...times }];
    });
  return foldUses([...read(NOW, false), ...read(BEFORE, true)]).flatMap(
    ({ address, assetId, fromMs, lastMs, ended }) => {
      const asset = assetOf(assetId as AssetId);
      if (asset === undefined) return [];
      const { name, type, presence, primaryMac: mac } = asset;
      return [
        {
          asset: { assetId: asset.assetId, name, type, presence, ...(mac !== undefined && { mac }) },
          ...{ address, from: toTimestamp(fromMs), last: toTimestamp(lastMs), ended },
        },
      ];
    },
  );
};

const useKey = ({ address, last, asset }: AddressUse): string =>
  `${addressKey(address)} ${(9e15 - Date.parse(last)).toString().padStart(16, "0")} ${asset.assetId}`;

/** Several where realms share a network and none was named; empty where there is none. */
export const readSubnet = (
  db: Database,
  { cidr, realm, limit, cursor }: SubnetQuery,
): SubnetDetail | readonly string[] => {
  const wanted = parseSubnet(cidr)?.cidr;
  const found = readFound(db).filter((one) => one.cidr === wanted && (realm === undefined || one.realm === realm));
  const [subnet] = found;
  if (subnet === undefined || found.length > 1) return found.map((one) => one.realm);
  const list = `subnet/${subnet.realm}/${subnet.cidr}`.slice(0, 64);
  const [after] = decodeCursor(cursor, list, 1) ?? [];
  const rows = readUses(db, subnet)
    .map((use) => ({ use, key: useKey(use) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .filter(({ key }) => after === undefined || key > String(after));
  const page = toPage(
    rows.slice(0, limit + 1),
    limit,
    ({ use }) => use,
    ({ key }) => ({ list, after: [key] }),
  );
  return { ...toRow(subnet, createLooker(db)(subnet)), items: [...page.items], ...(page.next && { next: page.next }) };
};
