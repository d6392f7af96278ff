import { editable } from "../../record/book.ts";
import { importFields, type Listed } from "../../record/book-import.ts";
import { assetTable } from "../sqlite/assets.ts";
import type { Database } from "../sqlite/database.ts";
import type { AssetRow } from "../store.ts";

/** Serial numbers and MACs of each asset, with those of what was joined into it. */
const KEYS = `WITH RECURSIVE part (id, root) AS (SELECT asset_id, asset_id FROM assets WHERE merged_into IS NULL
    UNION SELECT a.asset_id, part.root FROM part JOIN assets a ON a.merged_into = part.id)
  SELECT part.root, k.kind, k.value FROM part JOIN asset_keys k ON k.asset_id = part.id
  WHERE k.kind IN ('serial', 'mac', 'chassisMac') ORDER BY k.kind, k.value`;

const distinct = (own: string | undefined, learned: readonly string[] = []): string[] => [
  ...new Set(own === undefined ? learned : [own, ...learned]),
];

const toListed = (row: AssetRow, serials: readonly string[], macs: readonly string[]): Listed => {
  const { assetId, name, type, manufacturer, model, primaryAddress, serialNumber, primaryMac, version } = row;
  const written = importFields.map((field) => [field, editable(row, field)] as const);
  return {
    ...{ assetId, name, type, version },
    ...(manufacturer !== undefined && { manufacturer }),
    ...(model !== undefined && { model }),
    ...(primaryAddress !== undefined && { primaryAddress }),
    serials: distinct(serialNumber, serials),
    macs: distinct(primaryMac, macs),
    written: Object.fromEntries(written.filter(([, value]) => value !== undefined)),
  };
};

/** Every asset with what lists find it by and what people wrote of it, by name. */
export const readDirectory = (db: Database): readonly Listed[] => {
  const serials = new Map<string, string[]>();
  const macs = new Map<string, string[]>();
  for (const { root, kind, value } of db.all(KEYS)) {
    const keys = kind === "serial" ? serials : macs;
    const list = keys.get(String(root));
    if (list) list.push(String(value));
    else keys.set(String(root), [String(value)]);
  }
  return assetTable
    .all(db, "WHERE merged_into IS NULL ORDER BY name COLLATE NOCASE, asset_id")
    .map((row) => toListed(row, serials.get(row.assetId) ?? [], macs.get(row.assetId) ?? []));
};
