import type { AgentId, AssetId, IncidentId } from "../../shared/ids.ts";
import type { Agent } from "../../shared/model/agent.ts";
import type { Asset, Change, Criticality, Lifecycle, PresenceState } from "../../shared/model/asset.ts";
import type { Evidence, Incident, IncidentKind, Ticket, TicketEvent } from "../../shared/model/incident.ts";
import type { Command, Goodbye, Hello } from "../../shared/protocol/envelope.ts";
import type { Method, Subject, SubjectKey } from "../../shared/protocol/observation.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { Coverage, ProofOfSight, SightVerdict } from "../../shared/protocol/sweep.ts";

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
  readonly coverage: CoverageRepository;
  readonly presence: PresenceRepository;
  readonly incidents: IncidentRepository;
  readonly tickets: TicketRepository;
  readonly outbox: OutboxRepository;
  readonly decisions: DecisionRepository;
  readonly access: AccessRepository;
  readonly audit: AuditRepository;
  readonly meta: MetaRepository;
};

// --- agents ---------------------------------------------------------------------------------------------------------

/** How a connection ended. fin, rst: the host's system spoke, so it lives. timeout: nothing was heard. */
export type CloseKind = "fin" | "rst" | "timeout" | "goodbye" | "collector" | "broker";

export type AgentScope = Hello["scopes"][number];

/** One agent key and, where copies of its state were seen alive at once, which of them (`instance`, 0 the first). */
export type AgentRow = {
  readonly agentId: AgentId;
  readonly instance: number;
  readonly name: string;
  /** Ed25519, raw, base64url. */
  readonly publicKey: string;
  readonly state: Agent["state"];
  readonly stateSinceMs: number;
  readonly enrolledAtMs: number;
  readonly approvedAtMs?: number;
  readonly revokedAtMs?: number;
  readonly assetId?: AssetId;
  readonly version?: string;
  readonly platform?: string;
  readonly uplink?: string;
  /** The live session, absent when none. */
  readonly session?: string;
  readonly lastHeardAtMs?: number;
  readonly heartbeatMs?: number;
  /** Agent's wall clock minus ours, measured at hello and heartbeats. */
  readonly clockOffsetMs?: number;
  /** Of the agent's timers, as of the last heartbeat. */
  readonly latenessMs?: number;
  readonly bootId?: string;
  /** When the last complete local round ended, agent's word, corrected by the offset. */
  readonly roundAtMs?: number;
  readonly closeKind?: CloseKind;
  readonly goodbye?: Goodbye;
  readonly epoch: number;
  /** Last contiguous sequence of `epoch` that was committed. */
  readonly sequence: number;
  /** Digests of the latest committed sequences, ascending; the last one belongs to `sequence`. Bounded (RECENT_DIGESTS). */
  readonly recent: readonly { readonly sequence: number; readonly digest: string }[];
  /** Set when the agent's sequence proved to be somebody else's: its next hello gets the next epoch. */
  readonly forceEpoch?: boolean;
  /** Root over the streams' roots, as the agent computes it; absent before the first stream. */
  readonly root?: string;
  readonly scopes: readonly AgentScope[];
};

/** As many kept messages an agent may have in flight at once. */
export const RECENT_DIGESTS = 128;

export type AgentRepository = {
  readonly get: (agentId: AgentId, instance: number) => Promise<AgentRow | undefined>;
  /** All instances of one key, ascending. */
  readonly instances: (agentId: AgentId) => Promise<readonly AgentRow[]>;
  readonly byPublicKey: (publicKey: string) => Promise<AgentRow | undefined>;
  /** The agents that live on an asset. */
  readonly ofAsset: (assetId: AssetId) => Promise<readonly AgentRow[]>;
  /** Every agent, by (agentId, instance). Thousands of rows: for start-up and ticks that look at all. */
  readonly all: () => Promise<readonly AgentRow[]>;
  readonly put: (row: AgentRow) => Promise<void>;
  /** The hot path of heartbeats: last heard, offset and lateness of one agent, nothing else. */
  readonly heard: (
    agentId: AgentId,
    instance: number,
    heard: { lastHeardAtMs: number; clockOffsetMs: number; latenessMs?: number; roundAtMs?: number },
  ) => Promise<void>;
  readonly putCommand: (row: CommandRow) => Promise<void>;
  readonly command: (commandId: string) => Promise<CommandRow | undefined>;
  /** Commands not yet answered and not expired at `nowMs`. */
  readonly openCommands: (agentId: AgentId, instance: number, nowMs: number) => Promise<readonly CommandRow[]>;
};

export type CommandRow = {
  readonly commandId: string;
  readonly agentId: AgentId;
  readonly instance: number;
  readonly command: Command;
  readonly createdAtMs: number;
  readonly state: "open" | "answered" | "refused" | "expired";
  readonly answer?: string;
};

// --- streams and sections -------------------------------------------------------------------------------------------

/** One observer's view of one subject by one source. `streamNo` is the store's own short name for it. */
export type StreamRow = {
  readonly streamNo: number;
  readonly agentId: AgentId;
  readonly instance: number;
  /** "source/subject", unique within (agentId, instance). */
  readonly stream: string;
  readonly source: Method;
  readonly subject: Subject;
  readonly assetId?: AssetId;
  /** Corrected by the agent's clock offset. */
  readonly observedAtMs: number;
  readonly recordedAtMs: number;
};

export type StreamRepository = {
  readonly get: (agentId: AgentId, instance: number, stream: string) => Promise<StreamRow | undefined>;
  readonly byNumber: (streamNo: number) => Promise<StreamRow | undefined>;
  readonly add: (row: Omit<StreamRow, "streamNo">) => Promise<number>;
  readonly put: (row: StreamRow) => Promise<void>;
  readonly ofAgent: (agentId: AgentId, instance: number) => Promise<readonly StreamRow[]>;
  readonly ofAsset: (assetId: AssetId) => Promise<readonly StreamRow[]>;
};

export type Item = Readonly<Record<string, unknown>>;
/** `hash` is the protocol's item hash (`itemHash`), kept so that a delta can be checked without hashing what stayed. */
export type StoredItem = { readonly hash: string; readonly item: Item };
export type StoredItems = ReadonlyMap<string, StoredItem>;

export type SectionHead = {
  readonly section: SectionName;
  readonly hash: string;
  readonly itemCount: number;
  readonly observedAtMs: number;
  /** Set when the probe was switched off: facts stay, their freshness ended. */
  readonly goneAtMs?: number;
  /** Why the last round could not read it, in the agent's words. */
  readonly failure?: string;
};

export type SectionRepository = {
  readonly heads: (streamNo: number) => Promise<readonly SectionHead[]>;
  readonly items: (streamNo: number, section: SectionName) => Promise<StoredItems | undefined>;
  readonly put: (streamNo: number, head: SectionHead, items: StoredItems) => Promise<void>;
  /** Changes the head alone (freshness, failure, gone); the items stay. */
  readonly touch: (streamNo: number, head: SectionHead) => Promise<void>;
};

// --- assets ---------------------------------------------------------------------------------------------------------

export type AssetRow = {
  readonly assetId: AssetId;
  readonly name: string;
  readonly type: Asset["type"];
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serialNumber?: string;
  readonly osName?: string;
  readonly osVersion?: string;
  readonly primaryAddress?: string;
  readonly primaryMac?: string;
  readonly realm: string;
  readonly site?: string;
  readonly lifecycle: Lifecycle;
  readonly criticality: Criticality;
  readonly presence: PresenceState;
  readonly presenceSinceMs: number;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
  /** The agent that lives on it, and its instance. */
  readonly agentId?: AgentId;
  readonly instance?: number;
  readonly sources: readonly Method[];
  readonly softwareCount?: number;
  /** Made for a copy of an agent or a contested key: kept apart until a person decides. */
  readonly provisional?: boolean;
  /** Fields that a person set (`asset.edit`); no observation overwrites them. */
  readonly locked: readonly string[];
  /** Joined into another asset; kept for its history and for undoing. */
  readonly mergedInto?: AssetId;
  readonly version: number;
};

/** An identity key as it points at an asset. Keys weaker than a burnt-in MAC mean something within their realm only. */
export type AssetKeyRow = SubjectKey & {
  readonly assetId: AssetId;
  readonly realm: string;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
};

/** Which stream's word on a section is the accepted one for an asset. */
export type AcceptedSectionRow = {
  readonly assetId: AssetId;
  readonly section: SectionName;
  readonly streamNo: number;
};

export type AssetRepository = {
  readonly get: (assetId: AssetId) => Promise<AssetRow | undefined>;
  readonly put: (row: AssetRow) => Promise<void>;
  /** `last_seen` alone, where it is later than what is stored: the hot path of sightings. */
  readonly seen: (assetId: AssetId, lastSeenAtMs: number) => Promise<void>;
  /** Keys that equal one of `keys` (kind, value, vendor), whatever their realm: the candidates that identity judges. */
  readonly candidates: (keys: readonly SubjectKey[]) => Promise<readonly AssetKeyRow[]>;
  readonly keys: (assetId: AssetId) => Promise<readonly AssetKeyRow[]>;
  /** By (assetId, kind, value, vendor, realm). */
  readonly putKey: (row: AssetKeyRow) => Promise<void>;
  readonly dropKey: (row: Pick<AssetKeyRow, "assetId" | "realm" | keyof SubjectKey>) => Promise<void>;
  readonly accepted: (assetId: AssetId) => Promise<readonly AcceptedSectionRow[]>;
  readonly accept: (row: AcceptedSectionRow) => Promise<void>;
  /** All assets of a realm with a key of kind "ip", for judging coverage; ascending by assetId. */
  readonly addressesOf: (realm: string) => Promise<readonly { assetId: AssetId; address: string }[]>;
};

/** A stored join, split or refusal, so that it can be explained and undone. */
export type DecisionRow = {
  readonly decisionId: string;
  readonly kind: "created" | "joined" | "separated" | "contested";
  readonly assetId: AssetId;
  readonly otherAssetId?: AssetId;
  readonly agentId?: AgentId;
  readonly streamNo?: number;
  /** The rule that decided, or a person's name. */
  readonly rule: string;
  readonly byHand: boolean;
  readonly keys: readonly SubjectKey[];
  readonly explanation: string;
  readonly atMs: number;
  readonly undoneAtMs?: number;
};

export type DecisionRepository = {
  readonly add: (row: DecisionRow) => Promise<void>;
  /** Newest first. */
  readonly ofAsset: (assetId: AssetId) => Promise<readonly DecisionRow[]>;
};

// --- changes, observations, coverage --------------------------------------------------------------------------------

export type ChangeRow = Omit<Change, "observedAt" | "recordedAt"> & {
  readonly observedAtMs: number;
  readonly recordedAtMs: number;
};

export type ChangeRepository = {
  readonly add: (rows: readonly ChangeRow[]) => Promise<void>;
  /** Newest first. */
  readonly ofAsset: (assetId: AssetId, limit: number) => Promise<readonly ChangeRow[]>;
};

/**
 * Equal observations of one subject by one observer and method, kept as one interval. Equal: same realm, subject id and
 * keys. When the keys differ, a new interval begins (`observe` decides by itself).
 */
export type ObservationRow = {
  readonly observationNo: number;
  readonly agentId: AgentId;
  readonly instance: number;
  readonly method: Method;
  readonly realm: string;
  readonly subjectId: string;
  readonly keys: readonly SubjectKey[];
  /** Absent for visitors, and for what no rule could place. */
  readonly assetId?: AssetId;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly count: number;
  readonly longestGapMs: number;
  /** Second-hand: the device whose table said so. */
  readonly via?: string;
};

export type ObservationRepository = {
  /** Lengthens the equal interval or begins one. Older times than `lastAtMs` count, but do not move it back. */
  readonly observe: (
    seen: Omit<ObservationRow, "observationNo" | "firstAtMs" | "lastAtMs" | "count" | "longestGapMs"> & {
      readonly atMs: number;
    },
  ) => Promise<void>;
  /** Latest first: at most one row per (observer, method, keys). */
  readonly ofAsset: (assetId: AssetId) => Promise<readonly ObservationRow[]>;
  /** Moves the intervals of one observer's subject to another asset (after a split or a join). */
  readonly reassign: (from: AssetId, to: AssetId) => Promise<void>;
};

export type SweepRow = {
  readonly sweepId: string;
  readonly agentId: AgentId;
  readonly instance: number;
  readonly scope: string;
  readonly realm: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly verdict: SightVerdict;
  readonly coverage: readonly Coverage[];
  readonly proof: ProofOfSight;
  readonly sightingCount: number;
  readonly commandId?: string;
};

export type CoverageRepository = {
  readonly add: (row: SweepRow) => Promise<void>;
  /** Sweeps of a realm that ended at or after `sinceMs`, newest first. */
  readonly since: (realm: string, sinceMs: number) => Promise<readonly SweepRow[]>;
  /** The newest sweep of each (agent, instance, scope). */
  readonly latest: () => Promise<readonly SweepRow[]>;
};

// --- presence, incidents, tickets -----------------------------------------------------------------------------------

/** `data` is the evaluator's own (rhythm, suspicion, patience): plain JSON, opaque to the store. */
export type PresenceRow = {
  readonly assetId: AssetId;
  readonly state: PresenceState;
  readonly sinceMs: number;
  /** When the evaluator wants to look again, absent for never by itself. */
  readonly dueAtMs?: number;
  readonly data: Readonly<Record<string, unknown>>;
};

export type PresenceRepository = {
  readonly get: (assetId: AssetId) => Promise<PresenceRow | undefined>;
  /** Also writes `presence` and `presenceSinceMs` of the asset, which are the same fact. */
  readonly put: (row: PresenceRow) => Promise<void>;
  /** Due at or before `nowMs`, earliest first. */
  readonly due: (nowMs: number, limit: number) => Promise<readonly PresenceRow[]>;
  /** Pulls the due time of an asset forward (never back); makes a "present" row where none is. */
  readonly wake: (assetId: AssetId, dueAtMs: number) => Promise<void>;
};

type Times<T, K extends string> = Omit<T, K>;

export type IncidentRow = Times<Incident, "lastSeenAt" | "openedAt" | "acknowledgedAt" | "resolvedAt"> & {
  readonly lastSeenAtMs?: number;
  readonly openedAtMs: number;
  readonly acknowledgedAtMs?: number;
  readonly resolvedAtMs?: number;
  /** The evaluator's own, plain JSON. */
  readonly data?: Readonly<Record<string, unknown>>;
};

export type EvidenceRow = Omit<Evidence, "at"> & { readonly atMs: number };

export type IncidentRepository = {
  readonly get: (incidentId: IncidentId) => Promise<IncidentRow | undefined>;
  readonly put: (row: IncidentRow) => Promise<void>;
  /** The episode of a condition that is not over (open, acknowledged, part-of): at most one. */
  readonly current: (condition: string) => Promise<IncidentRow | undefined>;
  /** The newest episode of a condition, over or not. */
  readonly latest: (condition: string) => Promise<IncidentRow | undefined>;
  /** Not over, oldest first. */
  readonly open: (kind?: IncidentKind) => Promise<readonly IncidentRow[]>;
  readonly openOfAsset: (assetId: AssetId) => Promise<readonly IncidentRow[]>;
  readonly children: (parentId: IncidentId) => Promise<readonly IncidentRow[]>;
  readonly addEvidence: (incidentId: IncidentId, rows: readonly EvidenceRow[]) => Promise<void>;
  /** In the order in which they were added. */
  readonly evidence: (incidentId: IncidentId) => Promise<readonly EvidenceRow[]>;
};

export type TicketRow = Times<Ticket, "openedAt" | "updatedAt" | "resolvedAt"> & {
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
  readonly resolvedAtMs?: number;
};

export type TicketEventRow = Omit<TicketEvent, "at"> & { readonly atMs: number };

export type TicketRepository = {
  readonly get: (number: number) => Promise<TicketRow | undefined>;
  readonly byKey: (key: string) => Promise<TicketRow | undefined>;
  /** Gives the next number. */
  readonly add: (row: Omit<TicketRow, "number">) => Promise<number>;
  readonly put: (row: TicketRow) => Promise<void>;
  readonly addEvent: (number: number, row: TicketEventRow) => Promise<void>;
  readonly events: (number: number) => Promise<readonly TicketEventRow[]>;
};

/** One intent towards a desk, written in the transaction of the incident it belongs to. */
export type OutboxRow = {
  readonly outboxNo: number;
  readonly connector: string;
  /** "rollcall:<incidentId>": one writer per key, in order of `outboxNo`. */
  readonly key: string;
  readonly incidentId: IncidentId;
  readonly action: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly state: "waiting" | "delivered" | "rejected";
  readonly attempts: number;
  readonly dueAtMs: number;
  readonly createdAtMs: number;
  readonly deliveredAtMs?: number;
  readonly lastError?: string;
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
  readonly add: (row: Omit<OutboxRow, "outboxNo">) => Promise<number>;
  readonly put: (row: OutboxRow) => Promise<void>;
  /** Waiting and due: the first of each (connector, key) only, so that no later one overtakes it. */
  readonly due: (nowMs: number, limit: number) => Promise<readonly OutboxRow[]>;
  readonly ofKey: (connector: string, key: string) => Promise<readonly OutboxRow[]>;
  readonly link: (connector: string, key: string) => Promise<TicketLinkRow | undefined>;
  readonly putLink: (row: TicketLinkRow) => Promise<void>;
};

// --- access, audit, meta --------------------------------------------------------------------------------------------

export const roles = ["viewer", "service-desk", "asset-manager", "administrator"] as const;
export type Role = (typeof roles)[number];

/** Secrets are kept as SHA-256 in hex only: they are long and random, so that a slow hash would add nothing. */
export type TokenRow = {
  readonly tokenId: string;
  readonly kind: "enrol" | "api";
  readonly secretHash: string;
  readonly name: string;
  /** For "api". */
  readonly role?: Role;
  /** For "enrol": how many agents it admits; absent: any number. */
  readonly maxUses?: number;
  /** For "enrol": agents it admits wait for a person. */
  readonly approval: boolean;
  readonly uses: number;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs?: number;
  readonly revokedAtMs?: number;
  readonly lastUsedAtMs?: number;
};

export type UserRow = {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  /** PHC string (argon2id); absent for who signs in by link only. */
  readonly passwordHash?: string;
  readonly createdAtMs: number;
  readonly disabledAtMs?: number;
};

export type SignInCodeRow = {
  readonly codeHash: string;
  readonly userId: string;
  readonly expiresAtMs: number;
  readonly usedAtMs?: number;
};

export type SessionRow = {
  readonly secretHash: string;
  readonly userId: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
};

export type AccessRepository = {
  readonly token: (tokenId: string) => Promise<TokenRow | undefined>;
  readonly tokenByHash: (secretHash: string) => Promise<TokenRow | undefined>;
  readonly tokens: () => Promise<readonly TokenRow[]>;
  readonly putToken: (row: TokenRow) => Promise<void>;
  readonly user: (userId: string) => Promise<UserRow | undefined>;
  readonly userByName: (name: string) => Promise<UserRow | undefined>;
  readonly users: () => Promise<readonly UserRow[]>;
  readonly putUser: (row: UserRow) => Promise<void>;
  readonly code: (codeHash: string) => Promise<SignInCodeRow | undefined>;
  readonly putCode: (row: SignInCodeRow) => Promise<void>;
  readonly session: (secretHash: string) => Promise<SessionRow | undefined>;
  readonly putSession: (row: SessionRow) => Promise<void>;
  readonly dropSession: (secretHash: string) => Promise<void>;
  readonly dropExpired: (nowMs: number) => Promise<void>;
};

/** Every write that a person or a token made. `detail` never holds a secret. */
export type AuditRow = {
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
};

export type AuditRepository = {
  readonly add: (row: AuditRow) => Promise<void>;
  /** Newest first. */
  readonly latest: (limit: number) => Promise<readonly AuditRow[]>;
};

/** Small values by name: collector id, when it last ran, retention marks. */
export type MetaRepository = {
  readonly get: (name: string) => Promise<string | undefined>;
  readonly put: (name: string, value: string) => Promise<void>;
};
