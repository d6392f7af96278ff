import { type Clock, systemClock } from "../../shared/clock.ts";
import { describeError } from "../../shared/errors.ts";
import { type FailPoint, noFailPoint } from "../../shared/fail-point.ts";
import type { Log } from "../../shared/log.ts";
import { migrate } from "./migrations/migrate.ts";
import { createAccessRepository, createAuditRepository, createMetaRepository } from "./sqlite/access.ts";
import { createAgentRepository } from "./sqlite/agents.ts";
import { createAssetRepository, createDecisionRepository, writeSearchText } from "./sqlite/assets.ts";
import {
  createEvidenceRepository,
  createIncidentRepository,
  createObserverRepository,
  createOutboxRepository,
  createPresenceRepository,
  createTicketEventRepository,
  createTicketRepository,
} from "./sqlite/cases.ts";
import { type Database, openDatabase, toStoreError } from "./sqlite/database.ts";
import { createProposalRepository, createSecretRepository } from "./sqlite/desks.ts";
import { createChangeRepository, createCoverageRepository } from "./sqlite/history.ts";
import { createLate } from "./sqlite/late.ts";
import { withLate } from "./sqlite/late-assets.ts";
import { createObservationIndex } from "./sqlite/observation-index.ts";
import { createObservationRepository, type Interval } from "./sqlite/observations.ts";
import { createPast } from "./sqlite/past.ts";
import { createPlaceRepository } from "./sqlite/places.ts";
import { createSavedQueryRepository } from "./sqlite/queries.ts";
import { createRetention } from "./sqlite/retention.ts";
import { createSoftwareIndex, type SoftwareIndex } from "./sqlite/software.ts";
import { createSectionRepository, createStreamRepository } from "./sqlite/streams.ts";
import type { Store, Tx } from "./store.ts";

/**
 * Transactions between checkpoints of our own, so that the log of a quiet collector stays short too; SQLite makes one by
 * itself after every 12,000 pages (48 MB). Fewer: a shorter log. More: pages that change often are copied less often.
 */
const CHECKPOINT_EVERY = 200;

/** The index of software follows which of an asset's streams counts. */
const withSoftware = <A extends Pick<Tx["assets"], "accept" | "unaccept">>(assets: A, software: SoftwareIndex): A => ({
  ...assets,
  accept: async (row) => {
    if (row.section === "software") software.accept(row.assetId, row.streamNo);
    await assets.accept(row);
  },
  unaccept: async (row) => {
    if (row.section === "software") software.accept(row.assetId, undefined);
    await assets.unaccept(row);
  },
});

/** Streams whose software is put into the dictionary in one transaction, after an upgrade. */
const FILL_AT_ONCE = 100;

/** Brings the dictionary up to what older versions stored, and drops sets and versions that nobody has any more. */
const fillDictionary = (db: Database, fill: (limit: number) => number): void => {
  const isUnused = "set_no NOT IN (SELECT set_no FROM installed) AND set_no <> 0";
  if (db.get(`SELECT 1 FROM software_sets WHERE ${isUnused} LIMIT 1`)) {
    db.exec("BEGIN IMMEDIATE");
    for (const table of ["software_in_sets", "software_set_marks", "software_sets"])
      db.exec(`DELETE FROM ${table} WHERE ${isUnused}`);
    db.exec("COMMIT");
  }
  const isNobodys = `NOT EXISTS (SELECT 1 FROM software_in_sets s WHERE s.software_no = software.software_no)
    AND NOT EXISTS (SELECT 1 FROM software_drift d WHERE d.software_no = software.software_no)`;
  if (db.get(`SELECT 1 FROM software WHERE ${isNobodys} LIMIT 1`)) db.run(`DELETE FROM software WHERE ${isNobodys}`);
  let filled = FILL_AT_ONCE;
  while (filled === FILL_AT_ONCE) {
    db.exec("BEGIN IMMEDIATE");
    filled = fill(FILL_AT_ONCE);
    db.exec("COMMIT");
  }
};

/** `held`: repositories that hold rows in memory, or write at the end of a transaction. */
const createTx = (
  db: Database,
  held: Pick<Tx, "agents" | "streams" | "sections" | "assets" | "observations" | "past">,
): Tx => ({
  ...held,
  changes: createChangeRepository(db),
  coverage: createCoverageRepository(db),
  presence: createPresenceRepository(db),
  observers: createObserverRepository(db),
  incidents: createIncidentRepository(db),
  evidence: createEvidenceRepository(db),
  tickets: createTicketRepository(db),
  ticketEvents: createTicketEventRepository(db),
  outbox: createOutboxRepository(db),
  proposals: createProposalRepository(db),
  places: createPlaceRepository(db),
  queries: createSavedQueryRepository(db),
  secrets: createSecretRepository(db),
  decisions: createDecisionRepository(db),
  access: createAccessRepository(db),
  audit: createAuditRepository(db),
  meta: createMetaRepository(db),
});

/**
 * The store in one SQLite file, migrated to the newest schema on opening.
 * @throws RollcallError `store.corrupt`, `store.version`, `data.permission`, `store.full`
 */
export const openSqliteStore = (
  path: string,
  {
    failPoint = noFailPoint,
    log,
    monotonic = systemClock.monotonic,
  }: { readonly failPoint?: FailPoint; readonly log?: Log } & Partial<Pick<Clock, "monotonic">> = {},
): Store => {
  const db = openDatabase(path);
  try {
    migrate(db, { failPoint });
  } catch (error) {
    db.close();
    throw error;
  }
  const software = createSoftwareIndex(db);
  const sections = createSectionRepository(db, software);
  try {
    fillDictionary(db, sections.fillSoftware);
  } catch (error) {
    db.close();
    throw toStoreError(error, "filling the dictionary of software");
  }
  const retention = createRetention(db);
  const past = createPast(db);
  const late = createLate(db, {
    monotonic,
    writeText: (assetId) => writeSearchText(db, assetId),
  });
  const index = createObservationIndex<Interval>(db, { monotonic });
  const holding = {
    late,
    index,
    retention,
    sections,
    agents: createAgentRepository(db),
    streams: createStreamRepository(db),
    observations: createObservationRepository(db, late, index),
  };
  const tx = createTx(db, {
    agents: holding.agents.repository,
    streams: holding.streams.repository,
    observations: holding.observations.repository,
    assets: withLate(past.watching(withSoftware(createAssetRepository(db), software)), late),
    past: { ...past.repository, dropBefore: async (beforeMs) => retention.dropBefore(beforeMs) },
    sections,
  });
  let last: Promise<unknown> = Promise.resolve();

  let commits = 0;
  /** The last checkpoint failed: told once, not at every try. */
  let isBehind = false;
  const checkpoint = () => {
    failPoint("collector.checkpoint");
    const failure = db.checkpoint();
    if (failure && !isBehind)
      log?.warn("checkpoint put off: nothing is lost, make room", { error: describeError(failure) });
    if (!failure && isBehind) log?.info("checkpoint made up for");
    isBehind = failure !== undefined;
    failPoint("collector.checkpoint.after");
  };
  const commit = () => {
    failPoint("collector.commit.before");
    db.exec("COMMIT");
    failPoint("collector.commit.after");
  };
  const runOne = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    db.exec("BEGIN IMMEDIATE");
    try {
      late.begin();
      index.begin();
      const result = await work(tx);
      past.flush();
      late.flush();
      index.flush();
      failPoint("collector.commit.inside");
      commit();
      if (++commits % CHECKPOINT_EVERY === 0) checkpoint();
      return result;
    } catch (error) {
      past.forget();
      software.forget();
      for (const { forget } of Object.values(holding)) forget();
      // A full disk can have rolled back by itself already.
      if (db.inTransaction()) db.exec("ROLLBACK");
      throw toStoreError(error, "writing");
    }
  };

  return {
    transaction: (work) => {
      const mine = last.then(() => runOne(work));
      last = mine.catch(() => {});
      return mine;
    },
    close: async () => {
      await last;
      if (late.isWaiting() || index.isWaiting())
        await runOne(async () => {
          late.settleAll();
          index.settleAll();
        }).catch((error: unknown) =>
          log?.warn("times of sight stay in their log: nothing is lost", { error: describeError(error) }),
        );
      checkpoint();
      db.close();
    },
  };
};
