import type { Incident } from "../../shared/model/incident.ts";
import { hashOfItems, itemHash } from "../../shared/protocol/canonical.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import { agentTable } from "./sqlite/agents.ts";
import { assetKeyTable, assetTable, decisionTable } from "./sqlite/assets.ts";
import { incidentColumns } from "./sqlite/cases.ts";
import { type Database, openDatabase } from "./sqlite/database.ts";
import { changeSeal, changeTable } from "./sqlite/history.ts";
import { readCheckpoints } from "./sqlite/horizon.ts";
import { type LateTimes, readLate } from "./sqlite/late-log.ts";
import { observationTable } from "./sqlite/observations.ts";
import { assetSeal, sectionPastOf } from "./sqlite/past.ts";
import { CHANGES_FROM_META } from "./sqlite/retention.ts";
import { sealOf } from "./sqlite/seal.ts";
import { headTable, readItems, streamTable } from "./sqlite/streams.ts";
import type {
  AcceptedSectionRow,
  AgentRow,
  AssetKeyRow,
  AssetRow,
  ChangeRow,
  CheckpointRow,
  DecisionRow,
  ObservationRow,
  SectionHead,
  SectionPastRow,
  StoredItems,
  StreamRow,
} from "./store.ts";

/** Everything that a rebuild compares, in the order of the rows' own keys, as of one moment. Large tables come in pages. */
export type Ledger = {
  readonly assets: () => readonly AssetRow[];
  readonly keys: () => readonly AssetKeyRow[];
  readonly decisions: () => readonly DecisionRow[];
  readonly agents: () => readonly AgentRow[];
  readonly streams: () => readonly StreamRow[];
  readonly accepted: () => readonly AcceptedSectionRow[];
  /** In the order in which they were begun. */
  readonly observations: () => Iterable<ObservationRow>;
  /** What remains of those beyond the horizon. */
  readonly checkpoints: () => readonly CheckpointRow[];
  readonly sections: () => Iterable<StoredSection>;
  /** In the order in which they were recorded. */
  readonly changes: () => Iterable<ChangeRow>;
  readonly incidents: () => Iterable<Incident>;
  /** Rows of assets, changes and incidents that are not what was written, and what ought to be beside what is there. */
  readonly broken: () => Iterable<{ readonly table: string; readonly row: string; readonly reason: string }>;
  /** Earlier contents of a section, oldest first. */
  readonly past: (streamNo: number, section: SectionName) => readonly SectionPastRow[];
  readonly knownFrom: (streamNo: number, section: SectionName) => number | undefined;
  readonly meta: (name: string) => string | undefined;
  readonly close: () => void;
};

/** A section as it lies in the store; `fault` where its content is not what its hashes say, or can't be read. */
export type StoredSection = {
  readonly streamNo: number;
  readonly head: SectionHead;
  readonly items: StoredItems | undefined;
  readonly fault?: string;
};

const PAGE = 5_000;

const pages = function* <R>(read: (after: number) => readonly R[], numberOf: (row: R) => number): Generator<R> {
  for (let after = 0, page = read(after); page.length > 0; page = read(after)) {
    yield* page;
    after = numberOf(page.at(-1) as R);
  }
};

const faultOf = (head: SectionHead, items: StoredItems): string | undefined => {
  // NUL is kept as U+FFFD, under the hash of what was sent: such an item can't be told from its hash.
  for (const [key, { hash, item }] of items)
    if (itemHash(item) !== hash && !JSON.stringify(item).includes("\ufffd"))
      return `item "${key.slice(0, 80)}" is not what its hash says`;
  const whole = hashOfItems(new Map([...items].map(([key, { hash }]) => [key, hash])));
  return whole === head.hash ? undefined : `content has hash ${whole}, but ${head.hash} is noted`;
};

const readSections = function* (db: Database): Generator<StoredSection> {
  const rows = db.all(`SELECT stream_no, ${headTable.columns} FROM sections ORDER BY stream_no, section`);
  for (const record of rows) {
    const streamNo = Number(record["stream_no"]);
    const head = headTable.toRow(record);
    let items: StoredItems | undefined;
    let fault: string | undefined;
    try {
      items = readItems(db, streamNo, head.section as SectionName);
      fault = items && faultOf(head, items);
    } catch (error) {
      fault = `content can't be read: ${error instanceof Error ? error.message : String(error)}`;
    }
    yield { streamNo, head, items, ...(fault === undefined ? {} : { fault }) };
  }
};

const ALTERED = "is not what was written: its seal does not fit";

// Rows that came after the last that is known to be indexed are found by themselves.
const UNINDEXED = `SELECT observation_no AS no FROM observations o WHERE observation_no <= (SELECT upto FROM observations_indexed)
  AND NOT EXISTS (SELECT 1 FROM asset_observations i
    WHERE i.asset_id = coalesce(o.asset_id, '') AND i.subject_id = o.subject_id AND i.observation_no = o.observation_no)`;
const OVERINDEXED = `SELECT i.observation_no AS no FROM asset_observations i
  LEFT JOIN observations o ON o.observation_no = i.observation_no WHERE o.observation_no IS NULL`;

const findBroken = function* (db: Database): ReturnType<Ledger["broken"]> {
  const assets = db.all(
    `SELECT ${assetTable.columns}, seal, (SELECT body ->> '$.state' FROM presence p WHERE p.asset_id = assets.asset_id) AS watched FROM assets ORDER BY asset_id`,
  );
  for (const record of assets) {
    const row = assetTable.toRow(record);
    const broken = (reason: string) => ({ table: "assets", row: row.assetId, reason });
    if (record["seal"] !== null && record["seal"] !== assetSeal(row)) yield broken(ALTERED);
    const { watched } = record;
    if (watched !== null && row.mergedInto === undefined && watched !== row.presence)
      yield broken(`is ${row.presence}, but presence has it as ${String(watched)}`);
  }
  const from = Number(db.get("SELECT value FROM meta WHERE name = ?", CHANGES_FROM_META)?.["value"] ?? 1);
  let last = from - 1;
  for (const change of db.all(`SELECT ${changeTable.columns} FROM changes ORDER BY change_no`).map(changeTable.toRow)) {
    const { changeNo = 0, seal, ...row } = change;
    if (seal !== undefined && seal !== changeSeal(row)) yield { table: "changes", row: row.changeId, reason: ALTERED };
    // Of those before it people's alone are kept.
    if (changeNo < from) continue;
    if (changeNo !== last + 1)
      yield { table: "changes", row: `${last + 1}`, reason: `is missing, up to number ${changeNo}` };
    last = changeNo;
  }
  for (const record of db.all(`SELECT ${incidentColumns.join(", ")}, seal FROM incidents ORDER BY incident_id`)) {
    const values = incidentColumns.map((column) => record[column]);
    if (record["seal"] !== null && record["seal"] !== sealOf(values))
      yield { table: "incidents", row: String(record["incident_id"]), reason: ALTERED };
  }
  const ORPHANS = `SELECT DISTINCT incident_id AS id, 'evidence' AS of FROM evidence WHERE incident_id NOT IN (SELECT incident_id FROM incidents)
    UNION SELECT DISTINCT incident_id, 'a ticket' FROM tickets WHERE incident_id NOT IN (SELECT incident_id FROM incidents)`;
  for (const record of db.all(ORPHANS))
    yield {
      table: "incidents",
      row: String(record["id"]),
      reason: `is not there, but ${String(record["of"])} of it is`,
    };
  for (const record of db.all(UNINDEXED))
    yield { table: "observations", row: String(record["no"]), reason: "is not in the index by asset as it is" };
  for (const record of db.all(OVERINDEXED))
    yield {
      table: "asset_observations",
      row: String(record["no"]),
      reason: "is in the index by asset, and is not there",
    };
};

/** Rows of a running collector with the times that wait to be written into them. */
const withLate = (late: LateTimes) => {
  const latest = <R extends { readonly lastSeenAtMs: number }>(row: R, lateMs = 0): R =>
    lateMs > row.lastSeenAtMs ? { ...row, lastSeenAtMs: lateMs } : row;
  return {
    asset: (row: AssetRow) => latest(row, late.asset(row.assetId)),
    key: (row: AssetKeyRow) => latest(row, late.key(row)),
    observation: (row: ObservationRow): ObservationRow => {
      const { no: _, ...times } = late.interval(row.observationNo) ?? {};
      return { ...row, ...times };
    },
  };
};

/** Opens a database read-only, also beside a running collector: all is read in one transaction. */
export const openLedger = (path: string): Ledger => {
  const db = openDatabase(path, { readOnly: true });
  db.exec("BEGIN");
  const late = withLate(readLate(db));
  return {
    assets: () => assetTable.all(db, "ORDER BY asset_id").map(late.asset),
    keys: () => assetKeyTable.all(db, "ORDER BY asset_id, kind, value, vendor, realm").map(late.key),
    decisions: () => decisionTable.all(db, "ORDER BY at, decision_id"),
    agents: () => agentTable.all(db, "ORDER BY agent_id, instance"),
    streams: () => streamTable.all(db, "ORDER BY stream_no"),
    accepted: () =>
      db.all("SELECT asset_id, section, stream_no FROM accepted_sections ORDER BY asset_id, section").map((record) => ({
        assetId: record["asset_id"] as AssetRow["assetId"],
        section: record["section"] as SectionName,
        streamNo: Number(record["stream_no"]),
      })),
    observations: () =>
      pages(
        (after) =>
          observationTable
            .all(db, "WHERE observation_no > ? ORDER BY observation_no LIMIT ?", after, PAGE)
            .map(late.observation),
        ({ observationNo }) => observationNo,
      ),
    checkpoints: () => readCheckpoints(db),
    sections: () => readSections(db),
    changes: () =>
      pages(
        (after) => changeTable.all(db, "WHERE change_no > ? ORDER BY change_no LIMIT ?", after, PAGE),
        ({ changeNo }) => changeNo ?? 0,
      ),
    incidents: function* () {
      for (const { body } of db.all("SELECT body FROM incidents ORDER BY incident_id"))
        yield JSON.parse(String(body)) as Incident;
    },
    broken: () => findBroken(db),
    past: (streamNo, section) =>
      db
        .all("SELECT * FROM section_past WHERE stream_no = ? AND section = ? ORDER BY step_no", streamNo, section)
        .map((record) => ({ streamNo, section, ...sectionPastOf(record) })),
    knownFrom: (streamNo, section) => {
      const from = db.get("SELECT known_from FROM sections WHERE stream_no = ? AND section = ?", streamNo, section);
      return typeof from?.["known_from"] === "number" ? from["known_from"] : undefined;
    },
    meta: (name) => {
      const value = db.get("SELECT value FROM meta WHERE name = ?", name)?.["value"];
      return typeof value === "string" ? value : undefined;
    },
    close: () => db.close(),
  };
};
