import type { Clock } from "../../shared/clock.ts";
import type { FailPoint } from "../../shared/fail-point.ts";
import type { AssetId, CollectorId } from "../../shared/ids.ts";
import type { Log } from "../../shared/log.ts";
import type { Random } from "../../shared/random.ts";
import type { Policy } from "../incidents/learning.ts";
import type { Store, Tx } from "../store/store.ts";
import type { Directive, EngineEvent } from "./engine.ts";
import type { Recognised } from "./recognised.ts";
import type { Outcome, Watch } from "./watch.ts";

export type EngineDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly watch: Watch;
  /** As configured, before anything that was accepted of proposals; the defaults where it does not matter. */
  readonly policy?: Policy;
  /** For so long observations are kept one by one; beyond, as checkpoints. Default: 90. */
  readonly observationDays?: number;
  /** For so long changes are kept, and what was before them. Default: 3 years. */
  readonly historyDays?: number;
  readonly collectorId: CollectorId;
  /** Ed25519, raw, base64url: told to agents at enrolment. */
  readonly collectorPublicKey: string;
  readonly failPoint?: FailPoint;
};

/** What one transaction has come to so far: told to the world after its commit, forgotten if it fails. */
export type Work = {
  readonly tx: Tx;
  readonly deps: EngineDeps;
  readonly recognised: Recognised;
  readonly nowMs: number;
  readonly emit: (event: EngineEvent) => void;
  readonly direct: (directive: Directive) => void;
  /** Takes over what presence, incidents and tickets came to. */
  readonly take: <O extends Outcome>(outcome: O) => Promise<O>;
  readonly touchAsset: (assetId: AssetId, what: "added" | "updated") => void;
  readonly events: () => readonly EngineEvent[];
  readonly directives: () => readonly Directive[];
};

export const createWork = (bare: Tx, deps: EngineDeps, recognised: Recognised): Work => {
  const tx = recognised.watching(bare);
  const nowMs = deps.clock.now();
  tx.past.mark(nowMs);
  const assets = new Map<AssetId, "added" | "updated">();
  const events: EngineEvent[] = [];
  const directives: Directive[] = [];
  const touchAsset = (assetId: AssetId, what: "added" | "updated") => {
    if (assets.get(assetId) !== "added") assets.set(assetId, what);
  };
  const sendCommand = async ({ agentId, instance, command }: Outcome["commands"][number]) => {
    const { commandId } = command;
    await tx.agents.putCommand({ commandId, agentId, instance, command, createdAtMs: nowMs, state: "open" });
    directives.push({ kind: "send", agentId, instance, body: { kind: "command", command } });
  };
  return {
    tx,
    deps,
    recognised,
    nowMs,
    emit: (event) => void events.push(event),
    direct: (directive) => void directives.push(directive),
    touchAsset,
    take: async (outcome) => {
      for (const command of outcome.commands) await sendCommand(command);
      for (const assetId of outcome.touched.assets) touchAsset(assetId, "updated");
      for (const incidentId of outcome.touched.incidents) events.push({ kind: "incident", incidentId });
      for (const number of outcome.touched.tickets) events.push({ kind: "ticket", number });
      for (const agentId of outcome.touched.agents) events.push({ kind: "agent", agentId });
      return outcome;
    },
    events: () => [...Array.from(assets, ([assetId, what]) => ({ kind: "asset", assetId, what }) as const), ...events],
    directives: () => directives,
  };
};
