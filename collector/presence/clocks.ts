import { toTimestamp } from "../../shared/clock.ts";
import { type ObserverKey, silentPatienceMs } from "./observers.ts";
import type { Work } from "./work.ts";

/** So many others are asked what time it is. */
const PEERS = 50;
const MOST = 0.7;

/** Where (nearly) all agents are off by the same, it is the collector's clock that was set or jumped. */
const isOurClock = async ({ tx, memory, deps }: Work, offsetMs: number): Promise<boolean> => {
  const offsets: number[] = [];
  for (const { agentId, instance } of [...memory.observers.values()].slice(0, PEERS)) {
    const row = await tx.agents.get(agentId, instance);
    if (row?.state === "connected" && row.clockOffsetMs !== undefined) offsets.push(row.clockOffsetMs);
  }
  const alike = offsets.filter((other) => Math.abs(other - offsetMs) <= deps.presence.clockWrongMs / 2);
  return offsets.length >= 3 && alike.length >= MOST * offsets.length;
};

/** An agent's wrong clock is corrected and told; its evidence counts at the corrected time. */
export const noteClock = async (work: Work, key: ObserverKey): Promise<void> => {
  const observer = work.memory.observers.get(key);
  const offsetMs = observer?.row.clockOffsetMs;
  if (observer?.row.state !== "connected" || offsetMs === undefined) return;
  const isWrong = Math.abs(offsetMs) > work.deps.presence.clockWrongMs;
  if (isWrong === observer.isClockWrong) return;
  // Nobody's clock is judged before all could have said what time it is since our start, or since our own clock jumped.
  const isEarly = work.nowMs - work.hearableSinceMs < silentPatienceMs(observer.row, work.deps.presence);
  if (isWrong && (isEarly || (await isOurClock(work, offsetMs)))) return;
  work.keepObserver({ ...observer, isClockWrong: isWrong });
  const condition = `clock-wrong/${observer.key}`;
  if (!isWrong) {
    const [known] = await work.tx.incidents.byCondition(condition, 1);
    if (known) await work.cases.resolve(known, "the agent's clock is right again");
    return;
  }
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const words = `${minutes < 10_000 ? `${minutes} minutes` : `${Math.round(minutes / 1_440)} days`} ${offsetMs > 0 ? "ahead" : "behind"}`;
  await work.cases.open({
    kind: "clock-wrong",
    condition,
    agentId: observer.agentId,
    ...(observer.row.assetId !== undefined && { assetId: observer.row.assetId }),
    title: `Clock of ${observer.row.name} is ${words}`,
    summary: `The clock of ${observer.row.name} is ${words}. Its times are corrected by what was measured; nothing was concluded from uncorrected ones.`,
    impact: "low",
    urgency: "low",
    confidence: 0.99,
    nextStep: "Set up time synchronisation on the host (chrony, systemd-timesyncd, w32time).",
    evidence: [
      {
        at: toTimestamp(work.nowMs),
        observer: { kind: "collector" },
        method: "clock",
        couldSee: "could-see",
        bearing: "for",
        statement: `measured offset ${Math.round(offsetMs / 1_000)} s`,
      },
    ],
  });
};
