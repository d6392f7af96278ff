import type { AgentId, AssetId, IncidentId } from "../../shared/ids.ts";
import type { Command } from "../../shared/protocol/envelope.ts";

/** What an evaluation asks of the rest of the engine, after the commit: commands for agents, and what live readers should look at again. */
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
