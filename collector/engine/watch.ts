import type { AgentId, AssetId } from "../../shared/ids.ts";
import type { Log } from "../../shared/log.ts";
import type { IncidentKind } from "../../shared/model/incident.ts";
import type { Method, SubjectKey } from "../../shared/protocol/observation.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { Random } from "../../shared/random.ts";
import type { ChangeRow, EvidenceRow, SweepRow, Tx } from "../store/store.ts";
import type { Directive, EngineEvent, SessionEvent } from "./engine.ts";
import type { Operation, OperationOutcome, Requester } from "./operations.ts";

/**
 * What the engine needs of presence, incidents and tickets: called inside its transaction, so that what was heard and
 * what follows from it are one commit. An implementation loads by `tx`, decides in pure functions, and writes by `tx`.
 */
export type Watch = {
  /** Something was heard, or time went by. Run twice with the same data and `nowMs`, the second changes nothing. */
  readonly evaluate: (tx: Tx, trigger: Trigger, context: WatchContext) => Promise<WatchOutcome>;
  /** A condition that another part found (identity-conflict, evidence-refused, clock-wrong): opened or added to. */
  readonly raise: (tx: Tx, condition: RaisedCondition, context: WatchContext) => Promise<WatchOutcome>;
  readonly apply: (
    tx: Tx,
    operation: WatchOperation,
    requester: Requester,
    context: WatchContext,
  ) => Promise<WatchOutcome & { readonly outcome: OperationOutcome }>;
};

export type WatchOperation = Extract<Operation, { kind: `incident.${string}` | `ticket.${string}` }>;

export type WatchContext = { readonly nowMs: number; readonly random: Random; readonly log: Log };

export type WatchOutcome = {
  readonly events: readonly EngineEvent[];
  readonly directives: readonly Directive[];
  /** When to be asked again at the latest (ticks only); absent: when something is heard. */
  readonly nextDueAtMs?: number;
};

/** Rows are already written when a trigger comes: agents' state, observations, coverage, assets. */
export type Trigger =
  | { readonly kind: "tick" }
  | { readonly kind: "session"; readonly agentId: AgentId; readonly instance: number; readonly event: SessionEvent }
  | { readonly kind: "collector"; readonly event: Extract<SessionEvent, { kind: `collector-${string}` }> }
  /** A batch was ingested: who was seen, which agents were heard or said goodbye, which sweeps ended, what changed. */
  | {
      readonly kind: "heard";
      readonly assets: ReadonlySet<AssetId>;
      readonly agents: readonly { readonly agentId: AgentId; readonly instance: number }[];
      readonly goodbyes: readonly { readonly agentId: AgentId; readonly instance: number }[];
      /** Every proof of life that identity placed: sightings, and snapshots of devices other than the agent's own host. */
      readonly seen: readonly Seen[];
      /** As `coverage.add` got them; times corrected by the agent's clock offset. Misses are what they cover and `seen` does not name. */
      readonly sweeps: readonly SweepRow[];
      readonly changes: readonly ChangeRow[];
      /** Sections that were accepted or changed, for what presence learns from them (neighbours, fdb, wirelessClients ...). */
      readonly sections: readonly {
        readonly assetId: AssetId;
        readonly streamNo: number;
        readonly section: SectionName;
      }[];
    }
  /** An agent was revoked or approved, an asset's lifecycle edited. */
  | { readonly kind: "edited"; readonly assets: readonly AssetId[]; readonly agents: readonly AgentId[] };

/** One proof of life: this asset was there at that time, by that agent's method. `atMs` is corrected. */
export type Seen = {
  readonly assetId: AssetId;
  readonly agentId: AgentId;
  readonly instance: number;
  readonly method: Method;
  readonly realm: string;
  readonly keys: readonly SubjectKey[];
  readonly atMs: number;
  /** Second-hand: the device whose table said so. */
  readonly via?: string;
  /** The sweep it came in, where it came in one. */
  readonly sweepId?: string;
};

export type RaisedCondition = {
  readonly kind: IncidentKind;
  /** "identity-conflict/agt_…": the lasting label, one open episode each. */
  readonly condition: string;
  readonly assetId?: AssetId;
  readonly agentId?: AgentId;
  readonly title: string;
  readonly summary: string;
  readonly nextStep?: string;
  readonly evidence: readonly EvidenceRow[];
};
