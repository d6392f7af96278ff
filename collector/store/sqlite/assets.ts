import type { AssetId } from "../../../shared/ids.ts";
import type { SubjectKey } from "../../../shared/protocol/observation.ts";
import { keyRowOf, kindOf } from "../key-rows.ts";
import type {
  AcceptedSectionRow,
  AssetKeyRow,
  AssetRepository,
  AssetRow,
  BindingDecision,
  DecisionRepository,
  DecisionRow,
} from "../store.ts";
import type { Database, SqlRecord, SqlValue } from "./database.ts";
import { defineTable, flag, json, plain } from "./table.ts";

export const assetTable = defineTable<AssetRow>(
  "assets",
  {
    assetId: plain("asset_id"),
    name: plain("name"),
    type: plain("type"),
    manufacturer: plain("manufacturer"),
    model: plain("model"),
    serialNumber: plain("serial_number"),
    osName: plain("os_name"),
    osVersion: plain("os_version"),
    primaryAddress: plain("primary_address"),
    primaryMac: plain("primary_mac"),
    realm: plain("realm"),
    site: plain("site"),
    lifecycle: plain("lifecycle"),
    criticality: plain("criticality"),
    presence: plain("presence"),
    presenceSinceMs: plain("presence_since"),
    firstSeenAtMs: plain("first_seen_at"),
    lastSeenAtMs: plain("last_seen_at"),
    agentId: plain("agent_id"),
    instance: plain("instance"),
    sources: json("sources"),
    softwareCount: plain("software_count"),
    provisional: flag("provisional"),
    locked: json("locked"),
    book: json("book"),
    mergedInto: plain("merged_into"),
    version: plain("version"),
  },
  ["assetId"],
);

/** A part of the primary key can't be NULL, so that "no vendor" is an empty text there. */
const vendorColumn = {
  name: "vendor",
  toSql: (value: unknown) => String(value ?? ""),
  fromSql: (value: unknown) => (value === "" ? undefined : value),
};

export const assetKeyTable = defineTable<AssetKeyRow>(
  "asset_keys",
  {
    assetId: plain("asset_id"),
    kind: plain("kind"),
    value: plain("value"),
    vendor: vendorColumn,
    realm: plain("realm"),
    firstSeenAtMs: plain("first_seen_at"),
    lastSeenAtMs: plain("last_seen_at"),
  },
  ["assetId", "kind", "value", "vendor", "realm"],
);

export const acceptedTable = defineTable<AcceptedSectionRow>(
  "accepted_sections",
  { assetId: plain("asset_id"), section: plain("section"), streamNo: plain("stream_no") },
  ["assetId", "section"],
);

export const decisionTable = defineTable<DecisionRow>(
  "decisions",
  {
    decisionId: plain("decision_id"),
    kind: plain("kind"),
    assetId: plain("asset_id"),
    otherAssetId: plain("other_asset_id"),
    agentId: plain("agent_id"),
    streamNo: plain("stream_no"),
    rule: plain("rule"),
    byHand: flag("by_hand"),
    keys: json("keys"),
    explanation: plain("explanation"),
    atMs: plain("at"),
    undoneAtMs: plain("undone_at"),
    before: json("before"),
  },
  ["decisionId"],
);

/** The asset and all that were joined into it, directly or by way of others. */
export const WITH_JOINED = `WITH RECURSIVE joined (id) AS (VALUES (?) UNION
  SELECT a.asset_id FROM joined CROSS JOIN assets a INDEXED BY assets_by_merge ON a.merged_into = joined.id) SELECT id FROM joined`;

/** As `assetKeyTable` would, in the one spelling of such rows. An absent vendor is stored as "", and given back as absent. */
const toKeyRow = (record: SqlRecord): AssetKeyRow => {
  const vendor = String(record["vendor"]);
  const key = { kind: kindOf(String(record["kind"])), value: String(record["value"]), ...(vendor && { vendor }) };
  return keyRowOf(key, {
    assetId: record["asset_id"] as AssetId,
    realm: String(record["realm"]),
    firstSeenAtMs: Number(record["first_seen_at"]),
    lastSeenAtMs: Number(record["last_seen_at"]),
  });
};
const readKeys = (db: Database, rest: string, ...params: SqlValue[]): AssetKeyRow[] =>
  db.all(`SELECT ${assetKeyTable.columns} FROM asset_keys ${rest}`, ...params).map(toKeyRow);

/** Makes the text anew by which the asset is found: each value on a line, once, as indexing costs by the letter. */
export const writeSearchText = (db: Database, assetId: string): void => {
  const lines = db.get(
    `SELECT lower(concat_ws(char(10), name, manufacturer, model, serial_number, os_name, site, primary_address, primary_mac,
       (SELECT group_concat(value, char(10)) FROM json_each(book) WHERE key IN ('owner', 'location', 'inventoryNumber', 'orderNumber', 'contract')),
       (SELECT group_concat(value, char(10)) FROM asset_keys k WHERE k.asset_id = assets.asset_id))) AS lines
     FROM assets WHERE asset_id = ?`,
    assetId,
  )?.["lines"];
  if (typeof lines !== "string") return;
  // What stands last begins a trigram too (`../reads/asset-search.ts`).
  const text = `${[...new Set(lines.split("\n"))].join("\n")}\n\n`;
  const rowNo = db.get("SELECT row_no FROM asset_text_rows WHERE asset_id = ?", assetId)?.["row_no"];
  if (rowNo === undefined || rowNo === null) {
    const { lastId } = db.run("INSERT INTO asset_text (asset_id, text) VALUES (?, ?)", assetId, text);
    db.run("INSERT INTO asset_text_rows (asset_id, row_no) VALUES (?, ?)", assetId, lastId);
  } else if (db.get("SELECT text FROM asset_text WHERE rowid = ?", rowNo)?.["text"] !== text) {
    db.run("UPDATE asset_text SET text = ? WHERE rowid = ?", text, rowNo);
  }
};

/** All but when they were seen, which `late-assets.ts` adds. `stored`: the row as it is, where that was read already. */
export type StoredAssets = Omit<AssetRepository, "seen" | "keySeen" | "put"> & {
  readonly put: (row: AssetRow, stored?: AssetRow) => Promise<void>;
};

export const createAssetRepository = (db: Database): StoredAssets => {
  const candidatesOf = (key: SubjectKey): AssetKeyRow[] =>
    readKeys(
      db,
      "WHERE kind = ? AND value = ? AND vendor = ? ORDER BY asset_id",
      key.kind,
      key.value,
      key.vendor ?? "",
    );
  return {
    get: async (assetId) => assetTable.get(db, "asset_id = ?", assetId),
    // Most columns of an asset are in an index, and each that is written is written there, too.
    put: async (row, stored) => (stored ? assetTable.update(db, stored, row) : assetTable.put(db, row)),
    setPresence: async (assetId, state, sinceMs) =>
      void db.run(
        `UPDATE assets SET presence = ?2, presence_since = ?3, version = version + 1
         WHERE asset_id = ?1 AND (presence <> ?2 OR presence_since <> ?3)`,
        assetId,
        state,
        sinceMs,
      ),
    candidates: async (keys) => keys.flatMap(candidatesOf),
    keys: async (assetId) =>
      readKeys(db, `WHERE asset_id IN (${WITH_JOINED}) ORDER BY kind, value, vendor, realm, asset_id`, assetId),
    putKey: async (row) => {
      // A vendor must be present for the mapper to write the empty text instead of NULL.
      assetKeyTable.put(db, { ...row, vendor: row.vendor ?? "" });
    },
    dropKey: async ({ assetId, kind, value, vendor, realm }) => {
      db.run(
        "DELETE FROM asset_keys WHERE asset_id = ? AND kind = ? AND value = ? AND vendor = ? AND realm = ?",
        assetId,
        kind,
        value,
        vendor ?? "",
        realm,
      );
    },
    accepted: async (assetId) => acceptedTable.all(db, "WHERE asset_id = ? ORDER BY section", assetId),
    accept: async (row) => acceptedTable.put(db, row),
    unaccept: async ({ assetId, section }) =>
      void db.run("DELETE FROM accepted_sections WHERE asset_id = ? AND section = ?", assetId, section),
    addressesOf: async (realm) =>
      db
        .all("SELECT asset_id, value FROM asset_keys WHERE kind = 'ip' AND realm = ? ORDER BY asset_id, value", realm)
        .map((record) => ({
          assetId: record["asset_id"] as AssetRow["assetId"],
          address: String(record["value"]),
        })),
  };
};

const BINDS = "undone_at IS NULL AND (kind = 'contested' OR (kind = 'separated' AND by_hand = 1))";
const BINDING = `SELECT kind, asset_id, other_asset_id, rule, at FROM decisions WHERE asset_id = ? AND ${BINDS} AND other_asset_id IS NOT NULL
  UNION ALL SELECT kind, asset_id, other_asset_id, rule, at FROM decisions WHERE other_asset_id = ? AND ${BINDS}`;

export const createDecisionRepository = (db: Database): DecisionRepository => ({
  add: async (row) => decisionTable.put(db, row),
  get: async (decisionId) => decisionTable.get(db, "decision_id = ?", decisionId),
  ofAsset: async (assetId) =>
    decisionTable.all(
      db,
      "WHERE asset_id = ? OR other_asset_id = ? ORDER BY at DESC, decision_id DESC",
      assetId,
      assetId,
    ),
  bindingOf: async (assetId) =>
    db.all(BINDING, assetId, assetId).map((record) => ({
      kind: record["kind"] as BindingDecision["kind"],
      assetId: record["asset_id"] as AssetRow["assetId"],
      otherAssetId: record["other_asset_id"] as AssetRow["assetId"],
      rule: String(record["rule"]),
      atMs: Number(record["at"]),
    })),
});
