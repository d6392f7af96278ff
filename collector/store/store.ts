import type { AgentId, AssetId, IncidentId } from "../../shared/ids.ts";
import type { Agent } from "../../shared/model/agent.ts";
import type { Asset, Change, Criticality, Lifecycle, PresenceState } from "../../shared/model/asset.ts";
import type { Evidence, Incident, IncidentKind, Ticket, TicketEvent } from "../../shared/model/incident.ts";
import type { Proposal } from "../../shared/model/proposal.ts";
import type { ClockReading, Command, Goodbye, Hello } from "../../shared/protocol/envelope.ts";
import type { Method, Subject, SubjectKey } from "../../shared/protocol/observation.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { Coverage, ProofOfSight, SightVerdict } from "../../shared/protocol/sweep.ts";
import type { Observer } from "../presence/observers.ts";
import type { Track } from "../presence/track.ts";

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
  readonly observers: ObserverRepository;
  readonly incidents: IncidentRepository;
  readonly evidence: EvidenceRepository;
  readonly tickets: TicketRepository;
  readonly ticketEvents: TicketEventRepository;
  readonly outbox: OutboxRepository;
  readonly proposals: ProposalRepository;
  readonly places: PlaceRepository;
  readonly secrets: SecretRepository;
  readonly decisions: DecisionRepository;
  readonly access: AccessRepository;
  readonly audit: AuditRepository;
  readonly meta: MetaRepository;
};

// --- agents ---------------------------------------------------------------------------------------------------------

/**
 * How a connection ended. fin, rst: the host's system closed, so it lives. ours: we closed. lost: a time-out or the broker's
 * last will. replaced: a new connection of the same agent took over.
 */
export type CloseKind = "fin" | "rst" | "goodbye" | "ours" | "lost" | "replaced";

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
  /** The agent's clocks at its last hello. */
  readonly helloClock?: ClockReading;
  /** When the last complete local round ended, agent's word, corrected by the offset. */
  readonly roundAtMs?: number;
  readonly closeKind?: CloseKind;
  readonly goodbye?: Goodbye;
  readonly epoch: number;
  /** Last contiguous sequence of `epoch` that was committed. */
  readonly sequence: number;
  /** Digest of the message with that sequence; absent while the epoch has none. */
  readonly digest?: string;
  /** Root over the streams' roots, as the agent computes it; absent until a heartbeat asks for it after a change. */
  readonly root?: string;
  readonly scopes: readonly AgentScope[];
};

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
  /** Root over the hashes of its sections. */
  readonly root: string;
  /** When the source last looked, changed or not; corrected by the agent's clock offset. */
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

/** What a step puts in place of or beside what was there, and which keys it ends. A key is in one of the two. */
export type ItemStep = { readonly put: ReadonlyMap<string, StoredItem>; readonly drop: readonly string[] };

/** Content of a section that is read where it is needed: most steps touch one item of thousands. */
export type SectionContent = {
  readonly size: number;
  readonly get: (key: string) => StoredItem | undefined;
  /** The item's hash alone. */
  readonly hash: (key: string) => string | undefined;
  /** The section's hash (`hashOfItems`) after a step: `put` are item hashes by key, and beat `drop`. */
  readonly hashWith: (put: ReadonlyMap<string, string>, drop: ReadonlySet<string>) => string;
  readonly all: () => StoredItems;
};

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
  readonly content: (streamNo: number, section: SectionName) => Promise<SectionContent | undefined>;
  /**
   * A whole large section that any stream brought with this hash, as long as somebody has it. Whoever only knows a hash must
   * not learn by it what others have, but for lists that are like dictionaries.
   */
  readonly shared: (section: SectionName, hash: string) => Promise<SectionContent | undefined>;
  /** `head.hash` is the hash of `items`: a store may keep equal contents once. */
  readonly put: (streamNo: number, head: SectionHead, items: StoredItems) => Promise<void>;
  /** Writes what `step` makes of `on`, which `content` or `shared` gave in this transaction, and may write no more than the step. */
  readonly step: (streamNo: number, head: SectionHead, on: SectionContent, step: ItemStep) => Promise<void>;
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
  /** The asset's presence, as presence has found it; counts the version up when it differs. */
  readonly setPresence: (assetId: AssetId, state: PresenceState, sinceMs: number) => Promise<void>;
  /** `last_seen` alone, where it is later than what is stored: the hot path of sightings. */
  readonly seen: (assetId: AssetId, lastSeenAtMs: number) => Promise<void>;
  /** Keys that equal one of `keys` (kind, value, vendor), whatever their realm: the candidates that identity judges. */
  readonly candidates: (keys: readonly SubjectKey[]) => Promise<readonly AssetKeyRow[]>;
  /** Those of assets that were joined into it too; each row names the asset that it was learned of. */
  readonly keys: (assetId: AssetId) => Promise<readonly AssetKeyRow[]>;
  /** By (assetId, kind, value, vendor, realm). */
  readonly putKey: (row: AssetKeyRow) => Promise<void>;
  /** `last_seen` of a key that the asset has, where it is later than what is stored. */
  readonly keySeen: (row: Pick<AssetKeyRow, "assetId" | "realm" | keyof SubjectKey>, atMs: number) => Promise<void>;
  readonly dropKey: (row: Pick<AssetKeyRow, "assetId" | "realm" | keyof SubjectKey>) => Promise<void>;
  readonly accepted: (assetId: AssetId) => Promise<readonly AcceptedSectionRow[]>;
  readonly accept: (row: AcceptedSectionRow) => Promise<void>;
  readonly unaccept: (row: Omit<AcceptedSectionRow, "streamNo">) => Promise<void>;
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
  /** What a join or split changed, as it was before: enough to undo it. */
  readonly before?: DecisionBefore;
};

/** Rows of `assetId` as they were, and which agents and streams belonged to `otherAssetId` (a join) or left `assetId` (a split). */
export type DecisionBefore = {
  readonly asset: AssetRow;
  /** The asset as the decision left it: what differs by now was learned later, and stays. */
  readonly after: AssetRow;
  readonly accepted: readonly AcceptedSectionRow[];
  readonly acceptedAfter: readonly AcceptedSectionRow[];
  readonly agents: readonly { readonly agentId: AgentId; readonly instance: number }[];
  readonly streams: readonly number[];
};

export type DecisionRepository = {
  /** Inserts, or replaces the row with its id. */
  readonly add: (row: DecisionRow) => Promise<void>;
  readonly get: (decisionId: string) => Promise<DecisionRow | undefined>;
  /** Newest first. */
  readonly ofAsset: (assetId: AssetId) => Promise<readonly DecisionRow[]>;
  /** What still binds or parts the asset and another by itself: open contests, and separations by hand. In no order. */
  readonly bindingOf: (assetId: AssetId) => Promise<readonly BindingDecision[]>;
};

export type BindingDecision = {
  readonly kind: "contested" | "separated";
  readonly assetId: AssetId;
  readonly otherAssetId: AssetId;
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
  readonly addressCount: number;
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

/**
 * Presence keeps its own state of an asset and of an observer, as it likes; the store knows the fields it searches by.
 * Lists answer at most `limit` rows.
 */
export type PresenceRepository = {
  readonly get: (assetId: AssetId) => Promise<Track | undefined>;
  readonly put: (track: Track) => Promise<void>;
  readonly remove: (assetId: AssetId) => Promise<void>;
  /** Rows with dueMs <= nowMs, earliest first. */
  readonly due: (nowMs: number, limit: number) => Promise<readonly Track[]>;
  /** Rows of a realm whose addressKey lies in the closed range, in its order. */
  readonly inRange: (realm: string, fromKey: string, toKey: string, limit: number) => Promise<readonly Track[]>;
  readonly behind: (parentId: AssetId, limit: number) => Promise<readonly Track[]>;
  readonly watchedBy: (agentId: AgentId, limit: number) => Promise<readonly Track[]>;
  readonly inState: (state: Track["state"], limit: number) => Promise<readonly Track[]>;
  /** Sets dueMs to nowMs where it is later. */
  readonly pullDue: (nowMs: number) => Promise<void>;
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
  /** Due rows: the first of each (connector, key) only, so that none overtakes another. */
  readonly due: (nowMs: number, limit: number) => Promise<readonly OutboxRow[]>;
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

// --- places ---------------------------------------------------------------------------------------------------------

/** A device's word on who stands at the other end of one of its ports (LLDP, CDP). */
export type PortNeighbourRow = {
  readonly assetId: AssetId;
  readonly port: string;
  /** Other names of the port: description, alias, MAC, number. */
  readonly aliases: readonly string[];
  readonly protocol: string;
  readonly chassisId: string;
  readonly portId: string;
  readonly portDescription?: string;
  readonly systemName?: string;
  readonly address?: string;
  readonly fromMs: number;
  /** Absent: as of its latest tables. */
  readonly untilMs?: number;
};

/** A device's word on a MAC behind one of its ports that are no uplinks, or on its radio. */
export type PortMacRow = {
  readonly assetId: AssetId;
  readonly kind: "port" | "radio";
  readonly port: string;
  /** 0: none told. */
  readonly vlan: number;
  readonly mac: string;
  /** MAC or name of the access point, where a controller speaks. */
  readonly accessPoint?: string;
  readonly ssid?: string;
  readonly fromMs: number;
  readonly untilMs?: number;
};

export type PlaceRepository = {
  /** What the device is known by to its neighbours, and the networks that it has addresses in. */
  readonly putDevice: (device: {
    readonly assetId: AssetId;
    readonly realm: string;
    readonly names: readonly string[];
    readonly macs: readonly string[];
    readonly subnets: readonly string[];
    readonly atMs: number;
  }) => Promise<void>;
  /** Replaces what the device says now; what it said before ends, and stays as history. */
  readonly putNeighbours: (
    assetId: AssetId,
    rows: readonly Omit<PortNeighbourRow, "assetId" | "fromMs" | "untilMs">[],
    atMs: number,
  ) => Promise<void>;
  readonly putMacs: (
    assetId: AssetId,
    rows: readonly Omit<PortMacRow, "assetId" | "fromMs" | "untilMs">[],
    atMs: number,
  ) => Promise<void>;
};
