import type { Clock } from "../../../shared/clock.ts";
import { MAINTENANCE_META } from "../../presence/maintenance.ts";
import type { Overview, Reads } from "../reads.ts";
import type { Database } from "../sqlite/database.ts";
import {
  readAudit,
  readPrincipalBySession,
  readPrincipalByToken,
  readTokens,
  readUserByName,
  readUsers,
} from "./access.ts";
import { readAgent, readAgentKey, readAgents, readCoverage, readSweep } from "./agents.ts";
import { defineAssetFunctions } from "./asset-functions.ts";
import { readAssetThen } from "./asset-then.ts";
import { countAssets, readAsset, readAssets } from "./assets.ts";
import { readIncident, readIncidents, readTicket, readTickets } from "./cases.ts";
import { readChanges } from "./changes.ts";
import { readComparison } from "./compare.ts";
import { readDecisions } from "./decisions.ts";
import { readDeskLinks, readOutbox, readProposals, readSecretRows, readWaiting } from "./desks.ts";
import { readDryRun, readIdentityRules } from "./dry-run.ts";
import { readFacts } from "./facts.ts";
import { readLinks } from "./links.ts";
import { readOverview } from "./overview.ts";
import { readPlaces } from "./places.ts";
import { readSavedQueries } from "./queries.ts";
import { readRelations } from "./relations.ts";
import { readSectionItems, readSections } from "./sections.ts";
import { readInstallations, readSoftware } from "./software.ts";
import { readSubnet, readSubnets } from "./subnets.ts";
import { readUnclaimed } from "./unclaimed.ts";
import { readVisitorDays, readVisitors } from "./visitors.ts";

/** Intervals that one answer may be made of: some seconds in which nothing else is read. Larger ones are for the command line. */
const MAX_DRY_RUN = 20_000;

const encoder = new TextEncoder();
const toJson = (answer: object): Uint8Array => encoder.encode(JSON.stringify(answer));

/** Open incidents that an asset's page shows. */
const MAX_SHOWN = 50;
const UNRESOLVED = ["open", "acknowledged", "part-of"] as const;

/** Every live view asks for the counts after every change: one answer serves them all for this long. */
const OVERVIEW_MS = 1_000;

/**
 * The reads over one read-only connection. SQLite answers at once; each answer that takes several statements is read in one
 * transaction, so that it is one view of the data.
 */
export const createSqliteReads = (db: Database, { clock }: { readonly clock: Clock }): Reads => {
  const view = <T>(read: () => T): T => {
    db.exec("BEGIN");
    try {
      return read();
    } finally {
      db.exec("COMMIT");
    }
  };
  const functions = defineAssetFunctions(db, clock);
  /** Planning a query and answering it takes several statements. */
  const asked = <T>(read: () => T): T => {
    functions.begin();
    return view(read);
  };
  let counted: { readonly at: number; readonly overview: Overview } | undefined;
  const overview = (): Overview => {
    const at = clock.monotonic();
    if (counted === undefined || at - counted.at >= OVERVIEW_MS)
      counted = { at, overview: view(() => readOverview(db, clock.now())) };
    return counted.overview;
  };

  return {
    overview: async () => overview(),
    assets: async (query) => asked(() => readAssets(db, query)),
    assetsText: async (query) => asked(() => toJson(readAssets(db, query))),
    assetCount: async (filter) => asked(() => countAssets(db, filter)),
    asset: async (assetId) => view(() => readAsset(db, assetId)),
    assetThen: async (assetId, atMs) => view(() => readAssetThen(db, assetId, atMs)),
    compare: async (query) => view(() => readComparison(db, query, clock.now())),
    assetPage: async (asked) =>
      view(() => {
        const asset = readAsset(db, asked);
        if (!asset) return undefined;
        const { assetId } = asset;
        return {
          ...{ asset, sections: readSections(db, assetId), places: readPlaces(db, assetId) },
          incidents: readIncidents(db, { assetId, state: UNRESOLVED, limit: MAX_SHOWN }).items,
        };
      }),
    facts: async (assetId) => view(() => readFacts(db, assetId, clock.now())),
    sections: async (assetId) => view(() => readSections(db, assetId)),
    items: async (query) => view(() => readSectionItems(db, query)),
    software: async (query) => readSoftware(db, query),
    installations: async (query) => view(() => readInstallations(db, query)),
    changes: async (query) => readChanges(db, query),
    changesText: async (query) => toJson(readChanges(db, query)),
    agents: async (query) => readAgents(db, query),
    agent: async (agentId) => readAgent(db, agentId),
    incidents: async (query) => readIncidents(db, query),
    incident: async (incidentId) => view(() => readIncident(db, incidentId)),
    tickets: async (query) => readTickets(db, query),
    ticket: async (number) => view(() => readTicket(db, number)),
    links: async (query) => view(() => readLinks(db, query)),
    places: async (assetId) => view(() => readPlaces(db, assetId)),
    unclaimed: async (query) => view(() => readUnclaimed(db, query)),
    visitors: async (query) => readVisitors(db, query),
    visitorDays: async (query) => view(() => readVisitorDays(db, query, clock.now())),
    subnets: async () => view(() => readSubnets(db)),
    subnet: async (query) => view(() => readSubnet(db, query)),
    coverage: async (query) => readCoverage(db, query),
    sweep: async (sweepId) => readSweep(db, sweepId),
    audit: async (query) => readAudit(db, query),
    proposals: async () => readProposals(db),
    outbox: async (query) => view(() => readOutbox(db, query)),
    waiting: async () => readWaiting(db),
    relations: async (assetId) => view(() => readRelations(db, assetId)),
    decisions: async (query) => view(() => readDecisions(db, query)),
    identityRules: async () => readIdentityRules(db),
    maintenance: async () => {
      const value = db.get("SELECT value FROM meta WHERE name = ?", MAINTENANCE_META)?.["value"];
      return typeof value === "string" ? value : undefined;
    },
    identityDryRun: async (rules) => view(() => readDryRun(db, rules, MAX_DRY_RUN)) ?? null,
    savedQueries: async (owner) => readSavedQueries(db, owner),
    deskLinks: async (resolvedSince) => readDeskLinks(db, resolvedSince),
    secrets: async () => readSecretRows(db),
    principalByToken: async (secretHash, nowMs) => readPrincipalByToken(db, secretHash, nowMs),
    principalBySession: async (secretHash, nowMs) => view(() => readPrincipalBySession(db, secretHash, nowMs)),
    userByName: async (name) => readUserByName(db, name),
    users: async () => readUsers(db),
    tokens: async () => readTokens(db),
    agentKey: async (agentId) => readAgentKey(db, agentId),
  };
};
