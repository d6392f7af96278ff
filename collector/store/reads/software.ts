import { RollcallError } from "../../../shared/errors.ts";
import type { AssetId } from "../../../shared/ids.ts";
import type { InstallationRow, SoftwareRow } from "../../../shared/model/software.ts";
import { versionKey } from "../../record/versions.ts";
import type { InstallationQuery, Page, SoftwareQuery } from "../reads.ts";
import type { Database, SqlRecord, SqlValue } from "../sqlite/database.ts";
import { normalName } from "../sqlite/software.ts";
import { createFilter, globOf, searchWords } from "./filter.ts";
import { findInstallations } from "./installations.ts";
import { decodeCursor, toPage } from "./page.ts";

const COLUMNS =
  "w.software_no, w.name, w.manager, w.version_key, w.version, w.architecture, w.instance, w.title, w.publisher, w.purl, w.source";

/** Hosts by the sets that they share, less those that lack it, and those that have it by themselves. */
const HOSTS = `(SELECT count(*) FROM software_in_sets s JOIN installed i ON i.set_no = s.set_no AND i.accepted = 1
    WHERE s.software_no = w.software_no)
  + (SELECT coalesce(sum(CASE d.has WHEN 1 THEN 1 ELSE -1 END), 0) FROM software_drift d
    JOIN installed i ON i.stream_no = d.stream_no AND i.accepted = 1 WHERE d.software_no = w.software_no)`;

const toPackage = (record: SqlRecord): Omit<SoftwareRow, "hosts"> => ({
  manager: String(record["manager"]),
  name: String(record["title"]),
  version: String(record["version"]),
  architecture: String(record["architecture"]),
  ...(record["instance"] !== "" && { instance: String(record["instance"]) }),
  ...(record["publisher"] !== null && { publisher: String(record["publisher"]) }),
  ...(record["purl"] !== null && { purl: String(record["purl"]) }),
  ...(record["source"] !== null && { source: String(record["source"]) }),
});

/** What a package is sorted by. */
const ORDER = ["name", "manager", "version_key", "version", "architecture", "instance", "title"] as const;
const sortedBy = ORDER.map((column) => `w.${column}`).join(", ");

/** @throws RollcallError `reads.cursor` where nobody has the last one of the page before any more */
const placeAfter = (db: Database, after: readonly (string | number)[] | undefined): SqlValue[] | undefined => {
  if (!after) return undefined;
  const row = db.get(`SELECT ${ORDER.join(", ")} FROM software WHERE software_no = ?`, after[0] ?? 0);
  if (!row) throw new RollcallError("reads.cursor", "the package that the cursor points to is gone: begin again");
  return ORDER.map((column) => row[column] as SqlValue);
};

/** The dictionary by name, manager and version, as far as anybody has it: what hosts had lies there for a while. */
export const readSoftware = (
  db: Database,
  { search, manager, source, limit, cursor }: SoftwareQuery,
): Page<SoftwareRow> => {
  const list = "software";
  const filter = createFilter();
  for (const word of searchWords(search)) {
    const glob = globOf(normalName(word));
    filter.and("w.name GLOB ? OR w.source GLOB ?", glob, glob);
  }
  if (source !== undefined) filter.and("w.source = ?", normalName(source));
  if (manager !== undefined) filter.and("w.manager = ?", manager);
  const sql = (where: string) =>
    `SELECT ${COLUMNS}, ${HOSTS} AS hosts FROM software w ${where} ORDER BY ${sortedBy} LIMIT ?`;
  const marks = ORDER.map(() => "?").join(", ");
  const next = (after: SqlValue[] | undefined): SqlRecord[] => {
    const where = filter.where();
    if (!after) return db.all(sql(where), ...filter.params(), limit + 1);
    const beyond = `${where === "" ? "WHERE" : `${where} AND`} (${sortedBy}) > (${marks})`;
    return db.all(sql(beyond), ...filter.params(), ...after, limit + 1);
  };
  const rows: SqlRecord[] = [];
  let after = placeAfter(db, decodeCursor(cursor, list, 1));
  for (let isMore = true; isMore && rows.length <= limit; ) {
    const found = next(after);
    rows.push(...found.filter((record) => Number(record["hosts"]) > 0));
    const last = found.at(-1);
    isMore = found.length > limit;
    after = last && ORDER.map((column) => last[column] as SqlValue);
  }
  return toPage(
    rows.slice(0, limit + 1),
    limit,
    (record) => ({ ...toPackage(record), hosts: Number(record["hosts"]) }),
    (record) => ({ list, after: [Number(record["software_no"])] }),
  );
};

/** Versions of a package within bounds: each manager compares them in its own way. At most so many are looked for. */
const MAX_VERSIONS = 5_000;

const matching = (db: Database, query: InstallationQuery): SqlRecord[] => {
  const [column, name] =
    query.source === undefined ? ["name", normalName(query.name ?? "")] : ["source", normalName(query.source)];
  const managers = db
    .all(`SELECT DISTINCT manager FROM software WHERE ${column} = ?`, name)
    .map((record) => String(record["manager"]))
    .filter((manager) => query.manager === undefined || manager === query.manager);
  return managers
    .flatMap((manager) => {
      const bounds = [
        ["version_key >= ?", query.from],
        ["version_key <= ?", query.through],
        ["version_key < ?", query.below],
      ].flatMap(([sql, version]) =>
        sql === undefined || version === undefined ? [] : [{ sql, key: versionKey(manager, version) }],
      );
      return db.all(
        `SELECT ${COLUMNS} FROM software w WHERE ${[`${column} = ?`, "manager = ?", ...bounds.map(({ sql }) => sql)].join(" AND ")} LIMIT ?`,
        ...[name, manager, ...bounds.map(({ key }) => key), MAX_VERSIONS],
      );
    })
    .slice(0, MAX_VERSIONS);
};

const HOSTS_OF = `SELECT t.stream_no, a.asset_id, a.name FROM json_each(?) p
  CROSS JOIN streams t ON t.stream_no = p.value CROSS JOIN assets a ON a.asset_id = t.asset_id`;

/** Who has a package in versions between bounds; `total` counts hosts. */
export const readInstallations = (
  db: Database,
  query: InstallationQuery,
): Page<InstallationRow> & { readonly total: number } => {
  const list = `installations/${query.source === undefined ? "" : "source/"}${query.name ?? query.source}`.slice(0, 64);
  const [stream = 0, software = 0] = (decodeCursor(query.cursor, list, 2) ?? []).map(Number);
  const packages = new Map(matching(db, query).map((record) => [Number(record["software_no"]), record]));
  if (packages.size === 0) return { items: [], total: 0 };
  const found = findInstallations(db, [...packages.keys()]);
  const hits = found.page({ streamNo: stream, softwareNo: software }, query.limit + 1);
  const streams = JSON.stringify([...new Set(hits.map(({ streamNo }) => streamNo))]);
  const hosts = new Map(db.all(HOSTS_OF, streams).map((record) => [Number(record["stream_no"]), record]));
  const page = toPage(
    hits.filter(({ streamNo }) => hosts.has(streamNo)),
    query.limit,
    ({ streamNo, softwareNo }) => ({
      assetId: hosts.get(streamNo)?.["asset_id"] as AssetId,
      assetName: String(hosts.get(streamNo)?.["name"]),
      ...toPackage(packages.get(softwareNo) ?? {}),
    }),
    ({ streamNo, softwareNo }) => ({ list, after: [streamNo, softwareNo] }),
  );
  return { ...page, total: found.total };
};
