import { toTimestamp } from "../../../shared/clock.ts";
import type { Incident } from "../../../shared/model/incident.ts";
import { measure, punctuality } from "../../incidents/measures.ts";
import type { Overview } from "../reads.ts";
import type { Database, SqlValue } from "../sqlite/database.ts";

const DAY_MS = 86_400_000;
const OPEN = "state IN ('open', 'acknowledged')";

const tally = (db: Database, sql: string): Record<string, number> =>
  Object.fromEntries(db.all(sql).map((record) => [String(record["key"]), Number(record["n"])]));

const count = (db: Database, sql: string, ...params: SqlValue[]): number => Number(db.get(sql, ...params)?.["n"] ?? 0);
const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** By presence and by type, in one look at the index that holds both. */
const tallyAssets = (db: Database): readonly [Record<string, number>, Record<string, number>] => {
  const [byPresence, byType]: [Record<string, number>, Record<string, number>] = [{}, {}];
  const rows = db.all(
    "SELECT presence, type, count(*) AS n FROM assets WHERE merged_into IS NULL GROUP BY presence, type",
  );
  for (const { presence, type, n } of rows) {
    byPresence[String(presence)] = (byPresence[String(presence)] ?? 0) + Number(n);
    byType[String(type)] = (byType[String(type)] ?? 0) + Number(n);
  }
  return [byPresence, byType];
};

/** So far back, and so many cases at most, that the answer stays quick. */
const MEASURED_DAYS = 30;
const MAX_MEASURED = 10_000;

/** How quickly losses were noticed, answered and over: of the newest cases that stood for themselves. */
const readMeasures = (db: Database, nowMs: number): Overview["measures"] => {
  const fields = ["lastSeenAt", "openedAt", "acknowledgedAt", "resolvedAt", "respondBy", "resolveBy"];
  const rows = db.all(
    `SELECT ${fields.map((field) => `json_extract(body, '$.${field}') AS ${field}`).join(", ")}
     FROM incidents WHERE opened_at >= ? AND parent_id IS NULL ORDER BY opened_at DESC LIMIT ${MAX_MEASURED}`,
    toTimestamp(nowMs - MEASURED_DAYS * DAY_MS),
  );
  const cases = rows.map(
    (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as Incident,
  );
  return {
    days: MEASURED_DAYS,
    incidents: cases.length,
    ...measure(cases),
    answered: punctuality(cases, ["respondBy", "acknowledgedAt"], nowMs),
    resolved: punctuality(cases, ["resolveBy", "resolvedAt"], nowMs),
  };
};

/** Counts of everything at one moment. Joined assets count once; incidents that are part of another are its, not more. */
export const readOverview = (db: Database, nowMs: number): Overview => {
  const [byPresence, byType] = tallyAssets(db);
  const byKind = tally(db, `SELECT kind AS key, count(*) AS n FROM incidents WHERE ${OPEN} GROUP BY kind`);
  const byState = tally(db, "SELECT state AS key, count(*) AS n FROM agents GROUP BY state");
  const first = db.get("SELECT min(first_seen_at) AS at FROM assets")?.["at"];
  return {
    assets: total(byPresence),
    assetsByPresence: byPresence,
    assetsByType: byType,
    agents: total(byState),
    agentsByState: byState,
    openIncidents: total(byKind),
    openIncidentsByKind: byKind,
    openTickets: count(db, "SELECT count(*) AS n FROM tickets WHERE state IN ('open', 'in-progress')"),
    changesLastDay: count(db, "SELECT count(*) AS n FROM changes WHERE recorded_at >= ?", nowMs - DAY_MS),
    measures: readMeasures(db, nowMs),
    ...(typeof first === "number" && { firstAssetAt: toTimestamp(first) }),
  };
};
