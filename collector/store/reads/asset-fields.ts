import type { KeyKind } from "../../../shared/protocol/observation.ts";
import type { Predicate } from "../../query/condition.ts";
import { type Sql, sql } from "./asset-search.ts";

/** The predicate that is asked for, or another one, on an SQL expression. */
export type Test = (value: string, as?: Predicate) => Sql;

/** Assets that rows speak of; where one was joined into another, the survivor too. */
export const speaksOf = (rows: Sql): Sql =>
  sql(
    `assets.asset_id IN (WITH RECURSIVE told (id) AS MATERIALIZED (${rows.sql}),
      root (id, into_id) AS (SELECT asset_id, merged_into FROM assets INDEXED BY assets_by_merge WHERE merged_into IS NOT NULL
        UNION SELECT root.id, m.merged_into FROM root CROSS JOIN assets m ON m.asset_id = root.into_id WHERE m.merged_into IS NOT NULL)
      SELECT id FROM told UNION ALL SELECT into_id FROM root WHERE root.id IN (SELECT id FROM told))`,
    ...rows.params,
  );

const either = (...parts: readonly Sql[]): Sql =>
  sql(parts.map((part) => `(${part.sql})`).join(" OR "), ...parts.flatMap(({ params }) => params));

const keys = (kinds: readonly KeyKind[], test: Test): Sql => {
  const { sql: text, params } = test("k.value");
  return speaksOf(
    sql(
      `SELECT k.asset_id FROM asset_keys k WHERE k.kind IN (${kinds.map(() => "?").join(", ")}) AND (${text})`,
      ...[...kinds, ...params],
    ),
  );
};

/** A list that lies as JSON in a column of the asset. */
const listed = (column: string, predicate: Predicate, test: Test): Sql => {
  if (predicate.is === "set") return sql(`${column} <> '[]'`);
  if (predicate.is === "equal") return sql(`instr(${column}, ?) > 0`, JSON.stringify(predicate.text));
  const { sql: text, params } = test("j.value");
  return sql(`EXISTS (SELECT 1 FROM json_each(${column}) j WHERE ${text})`, ...params);
};

const AGENTS = "SELECT g.agent_id FROM agents g WHERE";
const ownAgent = (predicate: Predicate, test: Test): Sql => {
  if (predicate.is === "set") return sql("assets.agent_id IS NOT NULL");
  const named = either(test("g.name"), test("g.agent_id"));
  return sql(`assets.agent_id IN (${AGENTS} ${named.sql})`, ...named.params);
};

const observedBy = (test: Test): Sql => {
  const named = either(test("g.name"), test("g.agent_id"));
  return speaksOf(
    sql(`SELECT o.asset_id FROM observations o WHERE o.agent_id IN (${AGENTS} ${named.sql})`, ...named.params),
  );
};

/** What a table says of the latest of several times: one that is late enough, and none that is too late. */
const latest = (
  rows: (and: string) => string,
  column: string,
  predicate: Predicate,
  params: readonly string[],
): Sql => {
  if (predicate.is !== "range") return speaksOf(sql(rows(""), ...params));
  const { min, max, minOpen, maxOpen } = predicate;
  const from = sql(
    rows(min === undefined ? "" : ` AND ${column} ${minOpen ? ">" : ">="} ?`),
    ...params,
    ...(min === undefined ? [] : [min]),
  );
  const some = speaksOf(from);
  if (max === undefined) return some;
  const none = speaksOf(sql(rows(` AND ${column} ${maxOpen ? ">=" : ">"} ?`), ...params, max));
  return sql(`(${some.sql}) AND NOT (${none.sql})`, ...some.params, ...none.params);
};

const placed = ({ sql: text, params }: Sql, join = ""): Sql =>
  speaksOf(
    sql(
      `SELECT k.asset_id FROM port_macs p ${join} CROSS JOIN asset_keys k ON k.value = p.mac AND k.kind IN ('mac', 'chassisMac')
       WHERE p.until_at IS NULL AND (${text})`,
      ...params,
    ),
  );

const SECTION = `SELECT 1 FROM accepted_sections x JOIN sections s ON s.stream_no = x.stream_no AND s.section = x.section
  WHERE x.asset_id = assets.asset_id AND s.gone_at IS NULL`;
const CONFLICT = `SELECT asset_id FROM decisions WHERE kind = 'contested' AND undone_at IS NULL
  UNION SELECT other_asset_id FROM decisions WHERE kind = 'contested' AND undone_at IS NULL`;

const columns: Readonly<Record<string, string>> = {
  ...{ id: "asset_id", name: "name", type: "type", manufacturer: "manufacturer", model: "model" },
  ...{ os: "os_name", osversion: "os_version", realm: "realm", site: "site", lifecycle: "lifecycle" },
  ...{ criticality: "criticality", presence: "presence", since: "presence_since", first: "first_seen_at" },
  ...{ seen: "last_seen_at", packages: "software_count", provisional: "provisional" },
};

const dayOf = (name: string): string => `unixepoch(assets.book ->> '$.${name}') * 1000`;
/** What people wrote, as it is compared: days in ms, the last one of a warranty up to its end. */
const bookColumns: Readonly<Record<string, string>> = {
  owner: "assets.book ->> '$.owner'",
  location: "assets.book ->> '$.location'",
  inventory: "assets.book ->> '$.inventoryNumber'",
  costcentre: "assets.book ->> '$.costCentre'",
  supplier: "assets.book ->> '$.supplier'",
  order: "assets.book ->> '$.orderNumber'",
  contract: "assets.book ->> '$.contract'",
  purchased: dayOf("purchasedOn"),
  price: "CAST(assets.book ->> '$.price' AS REAL)",
  warranty: `${dayOf("warrantyUntil")} + 86399999`,
  note: "assets.book ->> '$.note'",
};

/** Fields of the asset itself and of what is kept about it (`query/fields.ts`). */
const own = (field: string, predicate: Predicate, test: Test): Sql => {
  const column = columns[field];
  if (column !== undefined) return test(`assets.${column}`);
  const written = bookColumns[field];
  if (written !== undefined) return test(`(${written})`);
  const exists = (rows: string, { sql: text, params }: Sql) => sql(`EXISTS (${rows} AND (${text}))`, ...params);
  switch (field) {
    case "serial":
      return either(test("assets.serial_number"), keys(["serial"], test));
    case "ip":
      return either(test("assets.primary_address"), keys(["ip"], test));
    case "mac":
      return either(test("assets.primary_mac"), keys(["mac", "chassisMac"], test));
    case "hostname":
      return keys(["hostname", "fqdn"], test);
    case "source":
      return listed("assets.sources", predicate, test);
    case "locked":
      return either(
        listed("assets.locked", predicate, test),
        exists("SELECT 1 FROM json_each(assets.book) b WHERE 1", test("b.key")),
      );
    case "booked":
      return sql("assets.locked <> '[]' OR assets.book IS NOT NULL");
    case "agent":
      return ownAgent(predicate, test);
    case "observer":
      return observedBy(test);
    case "section":
      return exists(SECTION, test("x.section"));
    case "switch":
      return placed(test("d.name"), "JOIN assets d ON d.asset_id = p.asset_id");
    case "port":
      return placed(test("p.port"));
    case "vlan":
      return placed(test("nullif(p.vlan, 0)"));
    case "ssid":
      return placed(test("p.ssid"));
    case "infdb":
      return placed(sql("p.kind = 'port'"));
    case "incident":
      return exists(
        "SELECT 1 FROM incidents i WHERE i.asset_id = assets.asset_id AND i.state <> 'resolved'",
        test("i.kind"),
      );
    case "changed":
      return latest((and) => `SELECT c.asset_id FROM changes c WHERE 1${and}`, "c.recorded_at", predicate, []);
    case "conflict":
      return sql(`assets.provisional = 1 OR assets.asset_id IN (${CONFLICT})`);
    default:
      throw new Error(`no way to ask for ${field}`);
  }
};

const seen = (method: string, predicate: Predicate): Sql =>
  latest((and) => `SELECT o.asset_id FROM observations o WHERE o.method = ?${and}`, "o.last_at", predicate, [method]);

export const sqlOf = { own, seen, keys } as const;
