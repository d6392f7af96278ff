import { toTimestamp } from "../../shared/clock.ts";
import type { AssetId } from "../../shared/ids.ts";
import { impactOf, impactOfMany } from "../incidents/priority.ts";
import type { Observer, Sight } from "./observers.ts";
import type { Track } from "./track.ts";
import type { Work } from "./work.ts";

export type Look = {
  readonly scope: string;
  readonly realm: string;
  readonly sight: Sight;
  readonly sawNothing: boolean;
  readonly doubted: readonly Track[];
};

/**
 * An agent that is heard but sees nothing, look after look: one case speaks for all that it can't judge meanwhile. Gives
 * whether one is open.
 */
export const noteBlindness = async (work: Work, observer: Observer, look: Look): Promise<boolean> => {
  const { sight, scope, realm } = look;
  // Two agents that see nothing of one segment are one case.
  const condition = `segment-unreachable/unseen:${realm}:${scope}`.slice(0, 256);
  if (sight.blindSinceMs === null) {
    // Told before our last start, perhaps: the first look that sees asks.
    if (!sight.isTold && sight.intervalMs > 0) return false;
    const [known] = await work.tx.incidents.byCondition(condition, 1);
    if (known) await work.cases.resolve(known, `agent ${observer.row.name} sees again`);
    return false;
  }
  // What comes late out of a spool tells how it was, not how it is.
  if (sight.lastMs <= observer.row.stateSinceMs || work.nowMs - sight.lastMs > sight.intervalMs / 2)
    return sight.isTold;
  const isLong =
    sight.intervalMs > 0 &&
    sight.lastMs - sight.blindSinceMs >= (work.deps.presence.blindAfterIntervals - 1) * 0.95 * sight.intervalMs;
  if (sight.isTold || !isLong || !look.sawNothing) return sight.isTold;
  const count = work.memory
    .watchedBy(observer.agentId)
    .filter(({ looks }) => looks.some((one) => one.agentId === observer.agentId && one.scope === scope)).length;
  const root = rootOf(look.doubted);
  // Where it still sees something else, it is the way there that is cut, and not the agent.
  const sees = Object.entries(observer.sights).some(([name, one]) => name !== scope && one.blindSinceMs === null);
  const what = root
    ? `${root.name} and all ${look.doubted.length} behind it are out of sight of ${observer.row.name}`
    : `Agent ${observer.row.name} sees nothing ${sees ? `of scope ${scope}` : ""} in ${realm}`.replace("  ", " ");
  await work.cases.open({
    kind: "segment-unreachable",
    condition,
    agentId: observer.agentId,
    ...(root && { assetId: root.assetId }),
    title: what,
    summary: `${what}: its looks at scope "${scope}" since ${toTimestamp(sight.blindSinceMs)} saw (nearly) nothing, while the agent itself is connected.\nNobody is called missing for that. ${count} devices that it watches cannot be judged meanwhile.`,
    impact: impactOfMany(root ? impactOf(root.deviceType, root.criticality) : "medium", count),
    urgency: "medium",
    confidence: 0.9,
    lastSeenMs: sight.blindSinceMs,
    nextStep: root
      ? `Look at ${root.name} first, then at the agent's interface.`
      : sees
        ? `The agent sees its other scopes: look at the way to ${scope}, its router, line and firewall.`
        : "Look at the agent's interface, its port and its VLAN.",
    evidence: [
      {
        at: toTimestamp(sight.lastMs),
        observer: { kind: "agent", agentId: observer.agentId, name: observer.row.name },
        method: "arp",
        couldSee: "blind",
        bearing: "neither",
        statement: "looked several times and saw nearly nothing of what it saw before",
      },
    ],
  });
  return true;
};

/** The one thing among what is not seen that (nearly) all the rest hangs on. */
const rootOf = (doubted: readonly Track[]): Track | undefined => {
  const byId = new Map<AssetId, Track>(doubted.map((track) => [track.assetId, track]));
  const tops = new Map<AssetId, number>();
  for (const track of doubted) {
    let top = track;
    for (let depth = 0; depth < 16 && top.parentId !== null && byId.has(top.parentId); depth++)
      top = byId.get(top.parentId)!;
    tops.set(top.assetId, (tops.get(top.assetId) ?? 0) + 1);
  }
  const [best] = [...tops].sort((a, b) => b[1] - a[1]);
  return best && best[1] >= 3 && best[1] >= 0.8 * doubted.length ? byId.get(best[0]) : undefined;
};
