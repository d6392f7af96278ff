import type { Raised } from "./raised.ts";
import type { Disappearance } from "./score.ts";
import type { SimEvent, World } from "./site-file.ts";

/** Whether an outage came to exactly one incident. */
export type Outage = Extract<SimEvent, { kind: "outage" | "power-cut" }>;

const outagesOf = (world: World): readonly Outage[] =>
  world.events.filter((event): event is Outage => event.kind === "outage" || event.kind === "power-cut");

/** What an outage took: its cause and all that hangs on it, or all of its site. */
export const affectedIn = (world: World): ((outage: Outage) => ReadonlySet<string>) => {
  const behind = Map.groupBy(world.devices, (device) => device.parent);
  const bySite = Map.groupBy(world.devices, (device) => device.site);
  return (outage) => {
    if (outage.kind === "power-cut") return new Set(bySite.get(outage.site)?.map(({ id }) => id));
    const out = new Set([outage.cause]);
    for (const id of out) for (const device of behind.get(id) ?? []) out.add(device.id);
    return out;
  };
};

export type Taken = { readonly outage: Outage; readonly affected: ReadonlySet<string> };
export const takenBy = (world: World): readonly Taken[] => {
  const affectedBy = affectedIn(world);
  return outagesOf(world).map((outage) => ({ outage, affected: affectedBy(outage) }));
};

const siteOf = (world: World, outage: Outage): string =>
  (outage.kind === "outage" ? world.devices.find((device) => device.id === outage.cause)?.site : outage.site) ?? "";

/** A case that was opened again later on has had its own time each time. */
const timesOf = ({ timesMs, openedMs }: Raised): readonly number[] => (timesMs.length > 0 ? timesMs : [openedMs]);

/** Intervals after an outage's end within which what is opened is still its doing. */
export const SLACK_INTERVALS = 3;

/**
 * Cases on their own (not part of another) that an outage made: of what it took, while it lasted and a little after. Cases of an
 * agent's own fault of the same time are that fault's; where there are no others they speak for the outage too.
 */
export const casesOf = (
  world: World,
  { outage, affected }: Taken,
  raised: readonly Raised[],
  gone: readonly Disappearance[],
): readonly Raised[] => {
  const agents = new Set(world.agents.filter((agent) => affected.has(agent.host)).map((agent) => agent.id));
  const site = siteOf(world, outage);
  const slackMs = SLACK_INTERVALS * world.intervalMs;
  // One case tells of all of a site that see nothing.
  const siteAgents = new Set(world.agents.filter((agent) => agent.site === site).map((agent) => agent.id));
  const isOfAgent = ({ agent, incident }: Raised, id: string) =>
    agent === id || (agent !== undefined && incident.kind === "segment-unreachable" && siteAgents.has(id));
  const isOwnFault = (row: Raised, ms: number) =>
    world.events.some(
      (event) => event.kind === "agent-fault" && isOfAgent(row, event.agent) && event.fromMs <= ms && ms <= event.toMs,
    );
  const isAtThatTime = (row: Raised) =>
    timesOf(row).some((ms) => ms >= outage.fromMs && ms <= outage.toMs + slackMs && !isOwnFault(row, ms));
  const isAbout = (row: Raised): boolean => {
    if (row.incident.parentId !== undefined) return false;
    if (row.incident.kind === "device-missing") {
      // By the time its own ticket was opened it was gone for a reason of its own.
      const isOwn = timesOf(row).some((ms) =>
        gone.some((g) => g.device === row.device && g.fromMs <= ms && ms <= g.toMs + slackMs),
      );
      return row.device !== undefined && affected.has(row.device) && !isOwn;
    }
    if (row.incident.kind === "agent-silent") return row.agent !== undefined && agents.has(row.agent);
    if (row.incident.kind !== "segment-unreachable") return false;
    if (row.device !== undefined) return affected.has(row.device);
    return isNamed(site, `${row.incident.title} ${row.incident.lastKnownPlace ?? ""}`);
  };
  const isOpenThen = ({ openedMs, endedMs }: Raised) => openedMs <= outage.toMs && endedMs > outage.fromMs;
  const own = raised.filter(isAtThatTime).filter(isAbout);
  return own.length > 0 ? own : raised.filter(isOpenThen).filter(isAbout);
};

/** As a word: "site-1" is not in "site-10". */
const isNamed = (site: string, text: string): boolean => text.split(/[^\w-]+/).includes(site);
