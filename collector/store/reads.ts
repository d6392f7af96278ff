import type { AgentId, AssetId, IncidentId } from "../../shared/ids.ts";
import type { Agent } from "../../shared/model/agent.ts";
import type { Asset, AssetKey, Change, Fact, PresenceState } from "../../shared/model/asset.ts";
import type { Relation } from "../../shared/model/asset-detail.ts";
import type { Book } from "../../shared/model/book.ts";
import type { DecisionNote } from "../../shared/model/identity.ts";
import type { Evidence, Incident, IncidentKind, Ticket, TicketEvent } from "../../shared/model/incident.ts";
import type { LinkRow, Place, SubnetDetail, SubnetRow, UnclaimedMac } from "../../shared/model/place.ts";
import type { Proposal } from "../../shared/model/proposal.ts";
import type { InstallationRow, SoftwareRow } from "../../shared/model/software.ts";
import type { AssetThen, Comparison } from "../../shared/model/then.ts";
import type { VisitorDays, VisitorRow } from "../../shared/model/visitor.ts";
import type { DeviceType } from "../../shared/protocol/device-types.ts";
import type { Method } from "../../shared/protocol/observation.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { ProofOfSight } from "../../shared/protocol/sweep.ts";
import type { DryRun } from "../identity/dry-run.ts";
import type { IdentityRules } from "../identity/rules.ts";
import type {
  AssetFilter,
  AssetQuery,
  ChangeQuery,
  CompareQuery,
  CoverageQuery,
  DecisionQuery,
  IncidentQuery,
  InstallationQuery,
  ItemQuery,
  LinkQuery,
  Page,
  PageQuery,
  SoftwareQuery,
  SubnetQuery,
  TicketQuery,
  UnclaimedQuery,
  VisitorDaysQuery,
  VisitorQuery,
} from "./contract/read-queries.ts";
import type {
  AuditRow,
  DecisionRow,
  Item,
  OutboxRow,
  Role,
  SavedQueryRow,
  SecretRow,
  SessionRow,
  SweepRow,
  TokenRow,
  UserRow,
} from "./store.ts";

export type * from "./contract/read-queries.ts";

/**
 * What the API reads, over a connection of its own that cannot write. Every answer is one consistent view; lists are
 * paged by an opaque cursor that stays true while rows are added. A cursor that is none of ours is refused
 * (RollcallError `reads.cursor`).
 */
export type Reads = {
  readonly overview: () => Promise<Overview>;
  readonly assets: (query: AssetQuery) => Promise<Page<Asset>>;
  /** The same as JSON in UTF-8, which passes between threads as it is. */
  readonly assetsText: (query: AssetQuery) => Promise<Uint8Array>;
  /** @throws RollcallError `reads.too-much` where a query asks for more than one answer may cost; so do both above */
  readonly assetCount: (filter: AssetFilter) => Promise<number>;
  /** Follows a merge: gives the survivor. */
  readonly asset: (assetId: AssetId) => Promise<AssetDetail | undefined>;
  /** As it was at a time. @throws RollcallError `reads.then` where that is not known. */
  readonly assetThen: (assetId: AssetId, atMs: number) => Promise<AssetThen | undefined>;
  /** What differs between two assets or two times; undefined where an asset is not there. @throws RollcallError `reads.then` */
  readonly compare: (query: CompareQuery) => Promise<Comparison | undefined>;
  /** An asset with what its page shows beside it, in one look. */
  readonly assetPage: (assetId: AssetId) => Promise<AssetPage | undefined>;
  /** Fields of value sections, "section/field", with their source and age, and those that a person set, "asset/field". */
  readonly facts: (assetId: AssetId) => Promise<readonly Fact[]>;
  /** Which sections an asset has, from whom, how fresh. */
  readonly sections: (assetId: AssetId) => Promise<readonly SectionSummary[]>;
  /** Items of one section, by key; `search` matches anywhere in an item's values. */
  readonly items: (query: ItemQuery) => Promise<Page<SectionItemRow> & { readonly total: number }>;
  readonly software: (query: SoftwareQuery) => Promise<Page<SoftwareRow>>;
  readonly installations: (query: InstallationQuery) => Promise<Page<InstallationRow> & { readonly total: number }>;
  readonly changes: (query: ChangeQuery) => Promise<Page<Change & { readonly assetName: string }>>;
  readonly changesText: (query: ChangeQuery) => Promise<Uint8Array>;
  readonly agents: (query: PageQuery) => Promise<Page<Agent>>;
  readonly agent: (agentId: AgentId) => Promise<readonly Agent[]>;
  readonly incidents: (
    query: IncidentQuery,
  ) => Promise<Page<Incident & { readonly assetName?: string; readonly ticketNumber?: number }>>;
  readonly incident: (incidentId: IncidentId) => Promise<IncidentDetail | undefined>;
  readonly tickets: (query: TicketQuery) => Promise<Page<Ticket & { readonly assetName?: string }>>;
  readonly ticket: (number: number) => Promise<TicketDetail | undefined>;
  /** Cables between ports, by the names of their ends; those that are no more where it is asked for. */
  readonly links: (query: LinkQuery) => Promise<Page<LinkRow>>;
  /** Where an asset's MACs are and were; the first is where it is now, unless that has ended. */
  readonly places: (assetId: AssetId) => Promise<readonly Place[]>;
  /** MACs in the tables of network devices that no asset has, ascending. */
  readonly unclaimed: (query: UnclaimedQuery) => Promise<Page<UnclaimedMac>>;
  /** MACs set by software that became no asset, seen last first, with the one that each probably was before. */
  readonly visitors: (query: VisitorQuery) => Promise<Page<VisitorRow>>;
  readonly visitorDays: (query: VisitorDaysQuery) => Promise<VisitorDays>;
  /** By realm and address. */
  readonly subnets: () => Promise<readonly SubnetRow[]>;
  /** With a page of who used its addresses when; else the realms that have such a network: none, or several and none was named. */
  readonly subnet: (query: SubnetQuery) => Promise<SubnetDetail | readonly string[]>;
  readonly coverage: (query: CoverageQuery) => Promise<Page<SweepSummary>>;
  readonly sweep: (sweepId: string) => Promise<SweepRow | undefined>;
  readonly audit: (query: PageQuery) => Promise<Page<AuditRow>>;
  /** Newest first, decided or not. */
  readonly proposals: () => Promise<readonly Proposal[]>;
  /** What waits for desks, oldest first. */
  readonly outbox: (query: PageQuery) => Promise<Page<OutboxEntry> & { readonly total: number }>;
  readonly waiting: () => Promise<Readonly<Record<string, number>>>;
  /** What an asset runs, serves or holds, and by whom it is; undefined for an asset that is not there. */
  readonly relations: (assetId: AssetId) => Promise<readonly Relation[] | undefined>;
  /** Joins, splits and contested claims of all assets, the latest first. */
  readonly decisions: (query: DecisionQuery) => Promise<Page<DecisionNote>>;
  readonly identityRules: () => Promise<IdentityRules>;
  /** The maintenance windows that people set, as they are stored (JSON). */
  readonly maintenance: () => Promise<string | undefined>;
  /** What the kept observations would give under other rules; null where there are too many of them for one answer. */
  readonly identityDryRun: (rules: IdentityRules) => Promise<DryRun | null>;
  /** Shared ones and this owner's own. */
  readonly savedQueries: (owner: string) => Promise<readonly SavedQueryRow[]>;
  /** Tickets at desks: of open incidents, and of those over ones that opened at or after this (RFC 3339). */
  readonly deskLinks: (resolvedSince: string) => Promise<readonly DeskLink[]>;
  /** Sealed, as they lie in the store: whoever shows them shows their names only. */
  readonly secrets: () => Promise<readonly SecretRow[]>;
  /** For authentication on the API's side. `undefined` for unknown, revoked, expired, disabled. */
  readonly principalByToken: (secretHash: string, nowMs: number) => Promise<Principal | undefined>;
  readonly principalBySession: (
    secretHash: string,
    nowMs: number,
  ) => Promise<(Principal & { readonly session: SessionRow }) | undefined>;
  readonly userByName: (name: string) => Promise<UserRow | undefined>;
  readonly users: () => Promise<readonly Omit<UserRow, "passwordHash">[]>;
  readonly tokens: () => Promise<readonly Omit<TokenRow, "secretHash">[]>;
  /** For listeners: what an agent's signature is checked against. Revoked and unknown agents have none. */
  readonly agentKey: (agentId: AgentId) => Promise<AgentKey | undefined>;
};

export type Overview = {
  readonly assets: number;
  readonly assetsByPresence: Readonly<Partial<Record<PresenceState, number>>>;
  readonly assetsByType: Readonly<Partial<Record<DeviceType, number>>>;
  readonly agents: number;
  readonly agentsByState: Readonly<Partial<Record<Agent["state"], number>>>;
  readonly openIncidents: number;
  readonly openIncidentsByKind: Readonly<Partial<Record<IncidentKind, number>>>;
  readonly openTickets: number;
  readonly changesLastDay: number;
  /** Of the last `days`: mean times, null where no case has both ends; targets met, of those that are due or were met. */
  readonly measures: {
    readonly days: number;
    readonly incidents: number;
    readonly mttdMs: number | null;
    readonly mttaMs: number | null;
    readonly mttrMs: number | null;
    readonly answered: { readonly inTime: number; readonly of: number };
    readonly resolved: { readonly inTime: number; readonly of: number };
  };
  readonly firstAssetAt?: string;
};

export type AssetDetail = Asset & {
  readonly instance?: number;
  readonly provisional: boolean;
  readonly locked: readonly string[];
  /** `learnedOf`: the asset that a key came with, where that one was joined into this one. */
  readonly keys: readonly (AssetKey & { readonly learnedOf?: AssetId })[];
  readonly observers: readonly {
    readonly agentId: AgentId;
    readonly agentName: string;
    readonly method: Method;
    readonly firstAt: string;
    readonly lastAt: string;
    readonly count: number;
    readonly longestGapMs: number;
  }[];
  readonly decisions: readonly DecisionRow[];
};

export type AssetPage = {
  readonly asset: AssetDetail;
  readonly sections: readonly SectionSummary[];
  readonly places: readonly Place[];
  /** Those that are not resolved. */
  readonly incidents: readonly Incident[];
};

export type SectionSummary = {
  readonly section: SectionName;
  readonly kind: "value" | "collection";
  readonly itemCount: number;
  readonly source: Method;
  readonly agentId: AgentId;
  readonly observedAt: string;
  readonly goneAt?: string;
  readonly failure?: string;
};

export type SectionItemRow = { readonly key: string; readonly item: Item };

export type IncidentDetail = {
  readonly incident: Incident;
  /** What people had written of its asset when it was opened. */
  readonly book?: Book;
  readonly assetName?: string;
  readonly evidence: readonly Evidence[];
  readonly children: readonly Incident[];
  readonly tickets: readonly TicketRef[];
};

export type TicketRef = {
  readonly connector: string;
  readonly ticketRef: string;
  readonly url?: string;
  readonly number?: number;
};

export type TicketDetail = {
  readonly ticket: Ticket;
  readonly assetName?: string;
  readonly timeline: readonly TicketEvent[];
};

/** One intent that waits for a desk. `isFirst`: nothing of the same incident waits before it. */
export type OutboxEntry = {
  readonly outboxId: string;
  readonly desk: string;
  readonly incidentId: IncidentId;
  readonly title?: string;
  readonly action: OutboxRow["action"];
  readonly attempts: number;
  readonly since: string;
  readonly dueAt: string;
  readonly isFirst: boolean;
  readonly lastError?: string;
};

export type DeskLink = {
  readonly desk: string;
  readonly ref: { readonly id: string; readonly number?: string; readonly url?: string };
  readonly incident: Incident;
};

export type SweepSummary = {
  readonly sweepId: string;
  readonly agentId: AgentId;
  readonly scope: string;
  readonly realm: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly proof: ProofOfSight;
  readonly addresses: number;
  readonly sightingCount: number;
};

export type Principal = {
  readonly kind: "token" | "user";
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly expiresAtMs?: number;
};

export type AgentKey = { readonly publicKey: string; readonly instances: readonly number[]; readonly pending: boolean };
