import type { AgentId, AssetId, IncidentId } from "../../shared/ids.ts";
import type { Evidence, IncidentKind } from "../../shared/model/incident.ts";
import type { Command, Goodbye } from "../../shared/protocol/envelope.ts";
import type { Method, Sighting } from "../../shared/protocol/observation.ts";
import type { Sweep } from "../../shared/protocol/sweep.ts";
import type { ChangeRow, CloseKind, Tx } from "../store/store.ts";
import type { Operation, OperationOutcome, Requester } from "./operations.ts";

/**
 * What the engine asks of presence, incidents and tickets: called inside its transaction, so that what was heard and what
 * follows from it are one commit. An implementation loads by `tx`, decides in pure functions, and writes by `tx`. What the
 * engine knows (agents' rows, observations, coverage, assets) is written before it calls. `now` is epoch milliseconds;
 * run twice with the same data and `now`, a call changes nothing the second time.
 */
export type Watch = {
  /** The collector has started: what was open when it ended is nobody's fault. */
  readonly start: (tx: Tx, now: number) => Promise<Outcome>;
  readonly session: (tx: Tx, event: WatchSession, now: number) => Promise<Outcome>;
  /** `assets`: subject id -> asset, for those that identity could place. */
  readonly sweep: (
    tx: Tx,
    what: Heard & { readonly sweep: Sweep; readonly assets: ReadonlyMap<string, AssetId> },
    now: number,
  ) => Promise<Outcome>;
  readonly sightings: (
    tx: Tx,
    what: Heard & { readonly sightings: readonly Sighting[]; readonly assets: ReadonlyMap<string, AssetId> },
    now: number,
  ) => Promise<Outcome>;
  readonly goodbye: (tx: Tx, what: Heard & { readonly goodbye: Goodbye }, now: number) => Promise<Outcome>;
  readonly snapshot: (
    tx: Tx,
    what: Heard & { readonly assetId: AssetId; readonly source: Method; readonly observedAtMs: number },
    now: number,
  ) => Promise<Outcome>;
  readonly changes: (
    tx: Tx,
    what: { readonly assetId: AssetId; readonly changes: readonly ChangeRow[] },
    now: number,
  ) => Promise<Outcome>;
  /** Created, edited, merged, retired, or given or losing its agent (enrolment, revocation). */
  readonly asset: (
    tx: Tx,
    what: { readonly assetId: AssetId; readonly isCreated?: boolean },
    now: number,
  ) => Promise<Outcome>;
  readonly tick: (tx: Tx, time: { readonly now: number; readonly monotonic: number }) => Promise<Outcome>;
  /** A condition that another part found (identity-conflict, evidence-refused, clock-wrong): opened, or added to. */
  readonly raise: (tx: Tx, condition: RaisedCondition, now: number) => Promise<Outcome>;
  readonly operation: (
    tx: Tx,
    operation: WatchOperation,
    requester: Requester,
    now: number,
  ) => Promise<Outcome & { readonly outcome: OperationOutcome }>;
};

/** What a call asks of the rest of the engine: commands for agents, sent after the commit, and topics for live readers. */
export type Outcome = {
  readonly commands: readonly { readonly agentId: AgentId; readonly instance: number; readonly command: Command }[];
  readonly touched: {
    readonly assets: ReadonlySet<AssetId>;
    readonly incidents: ReadonlySet<IncidentId>;
    readonly tickets: ReadonlySet<number>;
    readonly agents: ReadonlySet<AgentId>;
  };
  /** When a tick wants to be asked again at the latest. */
  readonly nextDueMs?: number;
};

export type Heard = {
  readonly agentId: AgentId;
  readonly instance: number;
  /** Agent's clock minus ours; times in the message are the agent's. */
  readonly clockOffsetMs: number;
};

export type WatchSession = {
  readonly agentId: AgentId;
  readonly instance: number;
  readonly kind: "connected" | "heartbeat" | "closed";
  readonly how?: CloseKind;
  readonly heartbeatMs?: number;
  readonly latenessMs?: number;
};

export type WatchOperation = Extract<Operation, { kind: `incident.${string}` | `ticket.${string}` }>;

export type RaisedCondition = {
  readonly kind: IncidentKind;
  /** "identity-conflict/agt_…": the lasting label, one open episode each. */
  readonly condition: string;
  readonly assetId?: AssetId;
  readonly agentId?: AgentId;
  readonly title: string;
  readonly summary: string;
  readonly nextStep?: string;
  readonly evidence: readonly Evidence[];
};
