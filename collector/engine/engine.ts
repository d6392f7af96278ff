import type { z } from "zod";
import type { AgentId, AssetId, IncidentId } from "../../shared/ids.ts";
import type { DownBody, Heartbeat, Hello, hashesSchema, Kept } from "../../shared/protocol/envelope.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { CloseKind } from "../store/store.ts";
import type { Operation, OperationKind, OperationOutcome, Requester } from "./operations.ts";
import type { TakenSnapshot } from "./stream-steps.ts";

/**
 * The one place where things are decided and committed. Everything it takes and gives is plain data, because in production
 * it lives in a worker thread (`worker.ts`, `client.ts`), and in tests in the same process. Calls are carried out one
 * after the other, in the order in which they were made.
 */
export type Engine = {
  /** One transaction for the whole batch; resolves after it is synced. Answers have the order of the arrivals. */
  readonly ingest: (batch: readonly Arrival[]) => Promise<EngineResult<readonly ArrivalAnswer[]>>;
  readonly session: (event: SessionEvent) => Promise<EngineResult<SessionAnswer>>;
  /** Several in one transaction: ten thousand agents come back at once. Answers have the order of the events. */
  readonly sessions: (batch: readonly SessionEvent[]) => Promise<EngineResult<readonly SessionAnswer[]>>;
  /** Lets presence look at what is due: call it every second or so. */
  readonly tick: () => Promise<EngineResult<void>>;
  readonly apply: <K extends OperationKind>(
    operation: Extract<Operation, { kind: K }>,
    requester: Requester,
  ) => Promise<EngineResult<OperationOutcome<K>>>;
  readonly stop: () => Promise<void>;
};

export type EngineResult<T> = {
  readonly answer: T;
  readonly events: readonly EngineEvent[];
  readonly directives: readonly Directive[];
};

export type Hashes = z.infer<typeof hashesSchema>;

/** A kept message whose body breaks the protocol: it has its place in the sequence, and is refused there. */
export type Unreadable = {
  readonly kind: "unreadable";
  readonly epoch: number;
  readonly sequence: number;
  readonly reason: string;
};

/** A kept message as it comes to the engine. */
export type TakenKept = Omit<Kept, "body"> & {
  readonly body:
    | Exclude<Kept["body"], { kind: "snapshot" }>
    | { readonly kind: "snapshot"; readonly snapshot: TakenSnapshot };
};

/** A message that was authenticated, bounded and parsed by a listener. */
export type Arrival = {
  readonly agentId: AgentId;
  readonly instance: number;
  /** The session it came in on; absent over MQTT for kept messages that outlived theirs at the broker. */
  readonly session?: string;
  /** Of the session's hello, so that a new welcome can answer it. */
  readonly nonce?: string;
  readonly message: TakenKept | Unreadable | Heartbeat | Hashes;
  /** The message as it came: between threads a large one travels as text, which costs a third of its object's copy. */
  readonly json?: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly receivedAtMs: number;
};

export type ArrivalAnswer = {
  readonly status: "accepted" | "duplicate" | "resend" | "stale" | "refused";
  /** What to say to the agent now, in order. */
  readonly down: readonly DownBody[];
  readonly reason?: string;
  /** The session goes on under this instance: its sequence proved to be another copy's. */
  readonly instance?: number;
};

export type SessionEvent =
  | {
      readonly kind: "hello";
      readonly hello: Hello;
      readonly uplink: "websocket" | "mqtt";
      /** Made by the listener; names the session in heartbeats. */
      readonly session: string;
      readonly remote: string;
      readonly receivedAtMs: number;
      /** Another connection of this key and instance was asked and answered just now: two copies are alive. */
      readonly otherAlive: boolean;
      /** The very process that spoke last for this copy says hello again: whatever its sequence says, it is no second one. */
      readonly isSame?: boolean;
    }
  | {
      readonly kind: "closed";
      readonly agentId: AgentId;
      readonly instance: number;
      readonly session: string;
      readonly how: CloseKind;
      readonly atMs: number;
    }
  /** The collector itself begins: sessions that were open when it ended are nobody's fault. */
  | { readonly kind: "collector-started"; readonly atMs: number };

export type SessionAnswer =
  | {
      readonly status: "welcome";
      readonly instance: number;
      /** Sent in order; the first is the welcome. */
      readonly down: readonly DownBody[];
      readonly pending: boolean;
    }
  | { readonly status: "refused"; readonly code: string; readonly reason: string }
  | { readonly status: "noted" };

/** What listeners are told to do, because of something decided elsewhere (a person revoked, a command was given). */
export type Directive =
  | { readonly kind: "send"; readonly agentId: AgentId; readonly instance: number; readonly body: DownBody }
  | {
      readonly kind: "disconnect";
      readonly agentId: AgentId;
      /** Absent: all of them. */
      readonly instance?: number;
      readonly code: string;
      readonly reason: string;
    }
  /** A section could not be told by the list `base`: it is not stored any more, or leads to another hash than `hash`. */
  | {
      readonly kind: "forget-list";
      readonly section: SectionName;
      readonly base: string;
      readonly hash: string;
    };

/**
 * What changed, for live views: they fetch what they show. On the SSE stream each is one event, `event:` its kind and
 * `data:` the object as JSON.
 */
export type EngineEvent =
  | { readonly kind: "asset"; readonly assetId: AssetId; readonly what: "added" | "updated" }
  | { readonly kind: "changes"; readonly assetId: AssetId; readonly count: number }
  | { readonly kind: "agent"; readonly agentId: AgentId }
  | { readonly kind: "sweep"; readonly sweepId: string; readonly realm: string }
  | { readonly kind: "incident"; readonly incidentId: IncidentId }
  | { readonly kind: "ticket"; readonly number: number };
