import type { AgentId, AssetId, IncidentId } from "../../../shared/ids.ts";
import type { Evidence, Incident, IncidentKind, Ticket, TicketEvent } from "../../../shared/model/incident.ts";
import type { Proposal } from "../../../shared/model/proposal.ts";
import type { Observer } from "../../presence/observers.ts";
import type { Track } from "../../presence/track.ts";

/**
 * Presence keeps its own state of an asset and of an observer, as it likes; the store knows the fields it searches by.
 * Lists answer at most `limit` rows.
 */
export type PresenceRepository = {
  readonly get: (assetId: AssetId) => Promise<Track | undefined>;
  readonly put: (track: Track) => Promise<void>;
  readonly remove: (assetId: AssetId) => Promise<void>;
  /** Rows with dueMs <= nowMs, earliest first. Reads all of them: at start, not with every tick. */
  readonly due: (nowMs: number, limit: number) => Promise<readonly Track[]>;
};

export type ObserverRepository = {
  readonly get: (agentId: AgentId) => Promise<Observer | undefined>;
  readonly put: (observer: Observer) => Promise<void>;
  readonly remove: (agentId: AgentId) => Promise<void>;
  readonly due: (nowMs: number, limit: number) => Promise<readonly Observer[]>;
  readonly all: (limit: number) => Promise<readonly Observer[]>;
};

/** The store itself holds that a condition has at most one incident that is not resolved. */
export type IncidentRepository = {
  readonly get: (incidentId: IncidentId) => Promise<Incident | undefined>;
  readonly put: (incident: Incident) => Promise<void>;
  /** Newest first, over or not. */
  readonly byCondition: (condition: string, limit: number) => Promise<readonly Incident[]>;
  /** Not resolved, oldest first. */
  readonly openFor: (assetId: AssetId) => Promise<readonly Incident[]>;
  /** Not resolved, oldest first. */
  readonly open: (limit: number) => Promise<readonly Incident[]>;
  readonly children: (parentId: IncidentId, limit: number) => Promise<readonly Incident[]>;
  /** Resolved ones that opened at or after `openedSince` (RFC 3339), newest first. */
  readonly resolvedSince: (openedSince: string, limit: number) => Promise<readonly Incident[]>;
  /** Those of a kind that opened at or after `openedSince` and carry a verdict, newest first. */
  readonly judgedSince: (kind: IncidentKind, openedSince: string, limit: number) => Promise<readonly Incident[]>;
};

export type EvidenceRepository = {
  readonly append: (incidentId: IncidentId, evidence: Evidence) => Promise<void>;
  /** In the order in which it was added. */
  readonly list: (incidentId: IncidentId, limit: number) => Promise<readonly Evidence[]>;
};

export type TicketRepository = {
  /** One more than the highest number that ever was; the row follows in the same transaction. */
  readonly nextNumber: () => Promise<number>;
  readonly get: (number: number) => Promise<Ticket | undefined>;
  readonly byKey: (key: string) => Promise<Ticket | undefined>;
  readonly put: (ticket: Ticket) => Promise<void>;
};

export type TicketEventRepository = {
  readonly append: (number: number, event: TicketEvent) => Promise<void>;
  /** In the order in which they were added. */
  readonly list: (number: number, limit: number) => Promise<readonly TicketEvent[]>;
};

/** One intent towards a desk, written in the transaction of the incident it belongs to; removed when it was delivered. */
export type OutboxRow = {
  readonly outboxId: string;
  readonly connector: string;
  /** "rollcall:<incidentId>" */
  readonly key: string;
  readonly action: "open" | "comment" | "resolve" | "reopen";
  readonly text: string;
  readonly attempts: number;
  readonly dueMs: number;
  readonly lastError?: string;
  /** An earlier try may have been done at the desk although we did not hear so. */
  readonly mayBeDone?: boolean;
};

/** key -> the ticket outside, recorded before a call is retried. */
export type TicketLinkRow = {
  readonly connector: string;
  readonly key: string;
  readonly ticketRef: string;
  readonly url?: string;
  readonly data?: Readonly<Record<string, unknown>>;
};

export type OutboxRepository = {
  /** A new id goes to the end of its key's queue. */
  readonly put: (row: OutboxRow) => Promise<void>;
  /** Due rows, of one connector or of all: the first of each (connector, key) only, so that none overtakes another. */
  readonly due: (nowMs: number, limit: number, connector?: string) => Promise<readonly OutboxRow[]>;
  readonly remove: (outboxId: string) => Promise<void>;
  /** In order. */
  readonly byKey: (connector: string, key: string) => Promise<readonly OutboxRow[]>;
  readonly link: (connector: string, key: string) => Promise<TicketLinkRow | undefined>;
  readonly putLink: (row: TicketLinkRow) => Promise<void>;
};

/** The store itself holds that a setting has at most one open proposal. */
export type ProposalRepository = {
  readonly get: (proposalId: string) => Promise<Proposal | undefined>;
  readonly put: (proposal: Proposal) => Promise<void>;
  /** Newest first, decided or not. */
  readonly ofSetting: (setting: string) => Promise<readonly Proposal[]>;
  /** In the order in which they were accepted: the last one of a setting is in force. */
  readonly accepted: () => Promise<readonly Proposal[]>;
};

/** A secret under a name, sealed by whoever holds the key; the store can't read it. */
export type SecretRow = {
  readonly name: string;
  readonly sealed: string;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
};

export type SecretRepository = {
  readonly get: (name: string) => Promise<SecretRow | undefined>;
  readonly put: (row: SecretRow) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  /** By name. */
  readonly all: () => Promise<readonly SecretRow[]>;
};
