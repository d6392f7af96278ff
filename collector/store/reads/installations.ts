import type { Database, SqlRecord } from "../sqlite/database.ts";

/** One package on one host: its stream's number, and the package's. */
export type Hit = { readonly streamNo: number; readonly softwareNo: number };

export type Installations = {
  /** Hosts that have at least one of the packages. */
  readonly total: number;
  /** In the order of stream and package, after `after`; at most `limit`. */
  readonly page: (after: Hit, limit: number) => readonly Hit[];
};

const IN_SETS = `SELECT s.set_no, s.software_no FROM json_each(?1) m
  CROSS JOIN software_in_sets s ON s.software_no = m.value ORDER BY s.set_no, s.software_no`;
const IN_THOSE_SETS = `SELECT count(*) AS n FROM json_each(?1) m
  CROSS JOIN installed i ON i.set_no = m.value AND i.accepted = 1`;
const DRIFTED = `SELECT i.stream_no, i.set_no, i.drift FROM (SELECT DISTINCT d.stream_no FROM json_each(?1) m
    CROSS JOIN software_drift d ON d.software_no = m.value) d
  CROSS JOIN installed i ON i.stream_no = d.stream_no AND i.accepted = 1`;
const IN_ORDER =
  "SELECT stream_no, set_no, drift FROM installed WHERE stream_no >= ? AND accepted = 1 ORDER BY stream_no LIMIT ?";
const SORTED = `WITH m AS MATERIALIZED (SELECT value AS software_no FROM json_each(?1)),
  hits AS (
    SELECT i.stream_no, m.software_no FROM m
      CROSS JOIN software_in_sets s ON s.software_no = m.software_no
      CROSS JOIN installed i ON i.set_no = s.set_no AND i.accepted = 1 AND i.stream_no >= ?2
      WHERE NOT EXISTS (SELECT 1 FROM software_drift d WHERE d.software_no = m.software_no AND d.stream_no = i.stream_no)
    UNION ALL
    SELECT d.stream_no, d.software_no FROM m CROSS JOIN software_drift d ON d.software_no = m.software_no
      CROSS JOIN installed i ON i.stream_no = d.stream_no AND i.accepted = 1
      WHERE d.has = 1 AND d.stream_no >= ?2)
  SELECT stream_no, software_no FROM hits WHERE stream_no > ?2 OR software_no > ?3 ORDER BY stream_no, software_no LIMIT ?4`;

/** Up to so many hosts, all are sorted; from there on, hosts are gone through in order until a page is full. */
const SORT_UP_TO = 2_000;
/** A page that so many hosts did not fill has to be looked for: what few have may be on hosts that lie together. */
const MAX_SCANNED = 4_000;
const SCAN_AT_ONCE = 500;

/**
 * Who has any of these packages (`software_no`). Most hosts have what their set has, which the sets tell without looking at one
 * host; only those whose drift touches one of the packages are looked into.
 */
export const findInstallations = (
  db: Database,
  numbers: readonly number[],
  { sortUpTo = SORT_UP_TO, maxScanned = MAX_SCANNED } = {},
): Installations => {
  const wanted = new Set(numbers);
  const asJson = JSON.stringify(numbers);
  const bySet = new Map<number, number[]>();
  for (const record of db.all(IN_SETS, asJson)) {
    const setNo = Number(record["set_no"]);
    const own = bySet.get(setNo) ?? [];
    own.push(Number(record["software_no"]));
    bySet.set(setNo, own);
  }

  /** What of it a host has: its set's, but for what it lacks, and its own. */
  const hasOf = (record: SqlRecord): readonly number[] => {
    const own = bySet.get(Number(record["set_no"])) ?? [];
    const drift = record["drift"];
    if (!(drift instanceof Uint8Array)) return own;
    const has = new Set(own);
    // A copy, since a blob need not begin where a number may. Negative: what it lacks.
    for (const n of new Int32Array(new Uint8Array(drift).buffer)) {
      if (n < 0) has.delete(-n);
      else if (wanted.has(n)) has.add(n);
    }
    return [...has].sort((a, b) => a - b);
  };

  const count = (): number => {
    const alike = Number(db.get(IN_THOSE_SETS, JSON.stringify([...bySet.keys()]))?.["n"]);
    return db
      .all(DRIFTED, asJson)
      .reduce((sum, row) => sum - (bySet.has(Number(row["set_no"])) ? 1 : 0) + (hasOf(row).length > 0 ? 1 : 0), alike);
  };
  const total = count();

  const sorted = ({ streamNo, softwareNo }: Hit, limit: number): readonly Hit[] =>
    db
      .all(SORTED, asJson, streamNo, softwareNo, limit)
      .map((record) => ({ streamNo: Number(record["stream_no"]), softwareNo: Number(record["software_no"]) }));

  const inOrder = (after: Hit, limit: number): readonly Hit[] | undefined => {
    const hits: Hit[] = [];
    let from = after.streamNo;
    for (let scanned = 0; scanned < maxScanned; scanned += SCAN_AT_ONCE) {
      const rows = db.all(IN_ORDER, from, SCAN_AT_ONCE);
      for (const row of rows) {
        const streamNo = Number(row["stream_no"]);
        for (const softwareNo of hasOf(row))
          if (streamNo > after.streamNo || softwareNo > after.softwareNo) hits.push({ streamNo, softwareNo });
        from = streamNo + 1;
      }
      if (hits.length >= limit || rows.length < SCAN_AT_ONCE) return hits.slice(0, limit);
    }
    return undefined;
  };

  return {
    total,
    page: (after, limit) => (total > sortUpTo ? inOrder(after, limit) : undefined) ?? sorted(after, limit),
  };
};
