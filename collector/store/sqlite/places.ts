import type { PlaceRepository, PortMacRow, PortNeighbourRow } from "../store.ts";
import type { Database } from "./database.ts";
import { defineTable, json, plain } from "./table.ts";

type Numbered<R> = R & { readonly rowNo: number };

export const portNeighbourTable = defineTable<Numbered<PortNeighbourRow>>(
  "port_neighbours",
  {
    rowNo: plain("row_no"),
    assetId: plain("asset_id"),
    port: plain("port"),
    aliases: json("aliases"),
    protocol: plain("protocol"),
    chassisId: plain("chassis_id"),
    portId: plain("port_id"),
    portDescription: plain("port_description"),
    systemName: plain("system_name"),
    address: plain("address"),
    fromMs: plain("from_at"),
    untilMs: plain("until_at"),
  },
  ["rowNo"],
  "rowNo",
);

export const portMacTable = defineTable<Numbered<PortMacRow>>(
  "port_macs",
  {
    rowNo: plain("row_no"),
    assetId: plain("asset_id"),
    kind: plain("kind"),
    port: plain("port"),
    vlan: plain("vlan"),
    mac: plain("mac"),
    accessPoint: plain("access_point"),
    ssid: plain("ssid"),
    fromMs: plain("from_at"),
    untilMs: plain("until_at"),
  },
  ["rowNo"],
  "rowNo",
);

/** Rows kept of one device; a flood of invented MACs drops the oldest that have ended. */
const MAX_ROWS = 50_000;

const neighbourKey = (row: Pick<PortNeighbourRow, "port" | "protocol" | "chassisId" | "portId">): string =>
  JSON.stringify([row.port, row.protocol, row.chassisId, row.portId]);
/** Joined, not as JSON: a busy switch has thousands of rows a round. */
const macKey = (row: Omit<PortMacRow, "assetId" | "fromMs" | "untilMs">): string =>
  `${row.kind}\0${row.mac}\0${row.vlan}\0${row.port}\0${row.accessPoint ?? ""}\0${row.ssid ?? ""}`;

type Interval = {
  readonly rowNo: number;
  readonly assetId: string;
  readonly fromMs: number;
  readonly untilMs?: number;
};

const endOf = ({ untilMs }: Interval): number => untilMs ?? Number.POSITIVE_INFINITY;

/**
 * Brings a device's intervals to what it says now: what is still there goes on, what is gone ends, what is new begins. What comes
 * back goes on where it ended, if nothing took its slot in between: tables that forget what is silent and learn it again
 * make no history.
 *
 * @param known the open rows, and the ended ones that may go on.
 * @param slotOf what can be in one place only: the port of a neighbour, a MAC in its VLAN.
 * @returns how many began
 */
const replaceIntervals = <R extends Interval>(
  db: Database,
  table: { readonly name: string; readonly add: (db: Database, row: Partial<R>) => number },
  known: readonly R[],
  next: ReadonlyMap<string, Partial<R>>,
  { keyOf, slotOf, atMs }: { keyOf: (row: R) => string; slotOf: (row: R) => string; atMs: number },
): number => {
  const latest = new Map<string, R>();
  for (const row of known) {
    const before = latest.get(slotOf(row));
    if (before === undefined || endOf(row) > endOf(before)) latest.set(slotOf(row), row);
  }
  const setUntil = (row: R, until: number | null) =>
    void db.run(`UPDATE ${table.name} SET until_at = ? WHERE row_no = ?`, until, row.rowNo);
  const goesOn = new Set<string>();
  for (const row of known) {
    const isOpen = row.untilMs === undefined;
    const isThere = next.has(keyOf(row)) && !goesOn.has(keyOf(row)) && (isOpen || latest.get(slotOf(row)) === row);
    if (isThere) goesOn.add(keyOf(row));
    if (isThere && !isOpen) setUntil(row, null);
    if (!isThere && isOpen) setUntil(row, Math.max(atMs, row.fromMs));
  }
  const begun = [...next].filter(([key]) => !goesOn.has(key));
  for (const [, row] of begun) table.add(db, row);
  return begun.length;
};

const thin = (db: Database, table: string, assetId: string): void => {
  const over = Number(db.get(`SELECT count(*) AS n FROM ${table} WHERE asset_id = ?`, assetId)?.["n"] ?? 0) - MAX_ROWS;
  if (over > 0)
    db.run(
      `DELETE FROM ${table} WHERE row_no IN (SELECT row_no FROM ${table} WHERE asset_id = ? AND until_at IS NOT NULL
         ORDER BY until_at LIMIT ?)`,
      assetId,
      over,
    );
};

export const createPlaceRepository = (db: Database): PlaceRepository => ({
  putDevice: async ({ assetId, realm, names, macs, subnets, atMs }) => {
    db.run(
      `INSERT INTO network_devices VALUES (?, ?, ?, ?, ?) ON CONFLICT (asset_id) DO UPDATE SET
         realm = excluded.realm, names = excluded.names, macs = excluded.macs, learned_at = excluded.learned_at`,
      ...([assetId, realm, JSON.stringify(names), JSON.stringify(macs), atMs] as const),
    );
    const known = db.all("SELECT cidr FROM device_subnets WHERE asset_id = ?", assetId).map((r) => String(r["cidr"]));
    for (const cidr of known.filter((one) => !subnets.includes(one)))
      db.run("DELETE FROM device_subnets WHERE asset_id = ? AND cidr = ?", assetId, cidr);
    for (const cidr of subnets) db.run("INSERT OR REPLACE INTO device_subnets VALUES (?, ?, ?)", assetId, cidr, realm);
  },
  putNeighbours: async (assetId, rows, atMs) => {
    const known = portNeighbourTable.all(db, "WHERE asset_id = ? ORDER BY row_no DESC", assetId);
    const next = new Map(rows.map((row) => [neighbourKey(row), { ...row, assetId, fromMs: atMs }]));
    const slotOf = (row: PortNeighbourRow) => `${row.protocol} ${row.port}`;
    const begun = replaceIntervals(db, portNeighbourTable, known, next, { keyOf: neighbourKey, slotOf, atMs });
    if (begun > 0) thin(db, "port_neighbours", assetId);
  },
  putMacs: async (assetId, rows, atMs) => {
    const open = portMacTable.all(db, "WHERE asset_id = ? AND until_at IS NULL", assetId);
    const next = new Map(rows.map((row) => [macKey(row), { ...row, assetId, fromMs: atMs }]));
    // What was there before matters for those only that were not there a moment ago: of a busy switch, few of thousands.
    const there = new Set(open.map(macKey));
    const fresh = new Set([...next].flatMap(([key, { mac }]) => (there.has(key) ? [] : [mac])));
    const ended = [...fresh].flatMap((mac) =>
      portMacTable.all(db, "WHERE mac = ? AND +asset_id = ? AND until_at IS NOT NULL", mac, assetId),
    );
    const slotOf = (row: PortMacRow) => `${row.mac} ${row.vlan}`;
    const begun = replaceIntervals(db, portMacTable, [...open, ...ended], next, { keyOf: macKey, slotOf, atMs });
    if (begun > 0) thin(db, "port_macs", assetId);
  },
});
