import type { AccessRepository, AuditRepository, MetaRepository } from "./contract/access.ts";
import type { AgentRepository } from "./contract/agents.ts";
import type { AssetRepository, DecisionRepository } from "./contract/assets.ts";
import type { ChangeRepository, CoverageRepository, ObservationRepository } from "./contract/history.ts";
import type {
  EvidenceRepository,
  IncidentRepository,
  ObserverRepository,
  OutboxRepository,
  PresenceRepository,
  ProposalRepository,
  SecretRepository,
  TicketEventRepository,
  TicketRepository,
} from "./contract/incidents.ts";
import type { PastRepository } from "./contract/past.ts";
import type { PlaceRepository } from "./contract/places.ts";
import type { SavedQueryRepository } from "./contract/queries.ts";
import type { SectionRepository, StreamRepository } from "./contract/streams.ts";

export * from "./contract/access.ts";
export type * from "./contract/agents.ts";
export type * from "./contract/assets.ts";
export type * from "./contract/history.ts";
export type * from "./contract/incidents.ts";
export type * from "./contract/past.ts";
export type * from "./contract/places.ts";
export type * from "./contract/queries.ts";
export type * from "./contract/streams.ts";

/**
 * What the core asks of a store, in the core's words. Every method is async from day one, though SQLite answers at once;
 * inside a transaction nothing is awaited but the transaction's own methods. Times are epoch milliseconds; the read side
 * (`reads.ts`) turns them into what the API publishes. Rows are plain data: what a method gives is a copy.
 *
 * Rules that every implementation keeps (test/contracts/store.test.ts):
 * - a transaction is all or nothing, and durable (synced) when its promise resolves; transactions run one after the other;
 * - `put` inserts or replaces by the row's key; `get` of what is not there is undefined; lists have the order they name.
 */
export type Store = {
  /** @throws RollcallError `store.full` (retry: nothing of it was kept), `store.io`, `store.corrupt` */
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
};

export type Tx = {
  readonly agents: AgentRepository;
  readonly streams: StreamRepository;
  readonly sections: SectionRepository;
  readonly assets: AssetRepository;
  readonly changes: ChangeRepository;
  readonly observations: ObservationRepository;
  readonly past: PastRepository;
  readonly coverage: CoverageRepository;
  readonly presence: PresenceRepository;
  readonly observers: ObserverRepository;
  readonly incidents: IncidentRepository;
  readonly evidence: EvidenceRepository;
  readonly tickets: TicketRepository;
  readonly ticketEvents: TicketEventRepository;
  readonly outbox: OutboxRepository;
  readonly proposals: ProposalRepository;
  readonly places: PlaceRepository;
  readonly queries: SavedQueryRepository;
  readonly secrets: SecretRepository;
  readonly decisions: DecisionRepository;
  readonly access: AccessRepository;
  readonly audit: AuditRepository;
  readonly meta: MetaRepository;
};
