import type { AgentId, AssetId } from "../../../shared/ids.ts";
import type { Agent } from "../../../shared/model/agent.ts";
import type { ClockReading, Command, Goodbye, Hello } from "../../../shared/protocol/envelope.ts";

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
