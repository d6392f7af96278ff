import type { Log } from "../../shared/log.ts";
import type { Incident } from "../../shared/model/incident.ts";
import { defaultIncidentPolicy } from "../incidents/policy.ts";
import { parsePresencePolicy } from "../presence/policy.ts";
import { createLab, type Lab } from "./driver.ts";
import { createStrategies, type Ticket } from "./naive.ts";
import { type Disappearance, type Score, type Share, scoreTickets, shareOf } from "./score.ts";
import { createSimulation } from "./simulate.ts";
import type { SimEvent, World } from "./site-file.ts";

export type TrialOptions = {
  readonly seed: number;
  /** Overrides of the presence policy, as in the collector's configuration. */
  readonly presence?: Record<string, unknown>;
  readonly log?: Log;
  readonly progress?: (share: number) => void;
  /** Keeps in Maps what is written by the million; else the collector's own store has all of it. */
  readonly isQuick?: boolean;
};

export type Trial = {
  readonly seed: number;
  readonly rollcall: Score & {
    readonly oneIncidentPerCause: Share;
    /** Cases of every kind that asked somebody to act. */
    readonly allTickets: number;
  };
  readonly naive: Readonly<Record<string, Score>>;
  readonly rates: Readonly<Record<string, number>>;
  /** Why a run does not count, if it does not. */
  readonly invalid: readonly string[];
  readonly falseTickets: readonly string[];
  readonly missed: readonly string[];
  readonly causes: readonly string[];
};

type Outage = Extract<SimEvent, { kind: "outage" | "power-cut" }>;

/** Plays one world through the real collector and through the strategies of others, and scores both against the truth. */
export const runTrial = async (world: World, options: TrialOptions): Promise<Trial> => {
  const startMs = Date.parse(world.startAt);
  const lab = await createLab({
    presence: parsePresencePolicy({ timeZone: world.timeZone, lookIntervalMs: world.intervalMs, ...options.presence }),
    incidents: defaultIncidentPolicy,
    seed: options.seed,
    startMs,
    isQuick: options.isQuick ?? true,
    ...(options.log && { log: options.log }),
  });
  try {
    const simulation = await createSimulation(world, lab, options.seed);
    const strategies = createStrategies(world);
    simulation.onSweep(strategies.hear);
    await simulation.run(options.progress);
    const all = disappearances(world);
    const eligible = all.filter((gone) => isEligible(world, simulation.watchedMs, gone));
    const incidents = await readIncidents(lab, world, startMs);
    const opened = incidents.filter((row) => row.incident.kind === "device-missing");
    const tickets = opened.flatMap((row) => (row.hasTicket ? row.tickets : []));
    const found = opened.flatMap((row) => row.tickets);
    const naive = Object.fromEntries(
      strategies.all.map(({ name, tickets: of }) => [name, scoreTickets(world, of(), of(), all, eligible)]),
    );
    const outages = world.events.filter(
      (event): event is Outage =>
        (event.kind === "outage" || event.kind === "power-cut") && isSeenByAny(world, simulation.watchedMs, event),
    );
    const causes = outages.map((outage) => ({ outage, count: incidentsOf(world, outage, incidents, all) }));
    const isGone = ({ device, openedMs }: Ticket) =>
      all.some((gone) => gone.device === device && gone.fromMs <= openedMs && openedMs <= gone.toMs);
    return {
      seed: options.seed,
      rollcall: {
        ...scoreTickets(world, tickets, found, all, eligible),
        oneIncidentPerCause: shareOf(causes.filter(({ count }) => count.length === 1).length, causes.length),
        allTickets: incidents.filter((row) => row.hasTicket).length,
      },
      naive,
      rates: ratesOf(world, eligible.length, outages.length),
      invalid: invalidity(naive),
      falseTickets: opened
        .filter((row) => row.hasTicket)
        .flatMap((row) =>
          row.tickets.filter((t) => !isGone(t)).map((t) => `${t.device} at ${hoursOf(t.openedMs)} h: ${wordsOf(row)}`),
        ),
      missed: eligible
        .filter(
          (gone) =>
            !found.some((t) => t.device === gone.device && t.openedMs >= gone.fromMs && t.openedMs <= gone.toMs),
        )
        .map((gone) => `${gone.device} from ${hoursOf(gone.fromMs)} h to ${hoursOf(gone.toMs)} h`),
      causes: causes
        .filter(({ count }) => count.length !== 1)
        .map(
          ({ outage, count }) =>
            `${outage.kind === "outage" ? outage.cause : outage.site} from ${hoursOf(outage.fromMs)} h: ${count.length} (${count.join("; ")})`,
        ),
    };
  } finally {
    await lab.stop();
  }
};

const wordsOf = ({ incident }: Found): string =>
  `${incident.summary.split("\n")[0]} (${incident.lastKnownPlace ?? "no place"}; ${incident.resolution ?? incident.state})`;

const hoursOf = (ms: number): string => (ms / 3_600_000).toFixed(1);

const disappearances = (world: World): readonly Disappearance[] =>
  world.events.flatMap((event) =>
    event.kind === "gone" ? [{ device: event.device, fromMs: event.fromMs, toMs: event.toMs ?? world.durationMs }] : [],
  );

/** At least three intervals long, two of them with some agent of its site up, connected and in its senses. */
const isEligible = (
  world: World,
  watchedMs: (site: string, fromMs: number, toMs: number) => number,
  gone: Disappearance,
): boolean => {
  const site = world.devices.find((device) => device.id === gone.device)?.site ?? "";
  return (
    gone.toMs - gone.fromMs >= 3 * world.intervalMs && watchedMs(site, gone.fromMs, gone.toMs) >= 2 * world.intervalMs
  );
};

/** Somebody of its site was in its senses just before it, so that its own silence tells, or for two intervals of it. */
const isSeenByAny = (
  world: World,
  watchedMs: (site: string, fromMs: number, toMs: number) => number,
  outage: Outage,
): boolean => {
  const site = siteOf(world, outage);
  const { fromMs, toMs } = outage;
  return (
    watchedMs(site, fromMs - world.intervalMs, fromMs) >= world.intervalMs / 2 ||
    watchedMs(site, fromMs, toMs) >= 2 * world.intervalMs
  );
};

const siteOf = (world: World, outage: Outage): string =>
  (outage.kind === "outage" ? world.devices.find((device) => device.id === outage.cause)?.site : outage.site) ?? "";

type Found = {
  readonly incident: Incident;
  readonly device: string | undefined;
  readonly agent: string | undefined;
  readonly hasTicket: boolean;
  /** Times at which it was opened or opened again, with its device. */
  readonly tickets: readonly Ticket[];
  readonly openedMs: number;
  readonly endedMs: number;
  /** Whenever it asked somebody to act; a child that never did: when it began. */
  readonly timesMs: readonly number[];
};

const MAX_TICKETS = 5_000_000;

/** Everything that was ever raised, by the built-in queue and by device. */
const readIncidents = (lab: Lab, world: World, startMs: number): Promise<readonly Found[]> =>
  lab.read(async (tx) => {
    const byMac = new Map(
      world.devices.flatMap((device) => (device.mac === undefined ? [] : [[device.mac, device.id] as const])),
    );
    const out: Found[] = [];
    const known = new Set<string>();
    const add = async (incident: Incident, times: readonly string[], hasTicket: boolean) => {
      if (known.has(incident.incidentId)) return;
      known.add(incident.incidentId);
      const asset = incident.assetId === undefined ? undefined : await tx.assets.get(incident.assetId);
      const keys = asset ? await tx.assets.keys(asset.assetId) : [];
      const device = keys.flatMap((key) => byMac.get(key.value) ?? [])[0];
      const agent = incident.agentId === undefined ? undefined : (await tx.agents.get(incident.agentId, 0))?.name;
      const openedMs = Date.parse(incident.openedAt) - startMs;
      const tickets = device === undefined ? [] : times.map((at) => ({ device, openedMs: Date.parse(at) - startMs }));
      const timesMs = times.map((at) => Date.parse(at) - startMs);
      const endedMs = incident.resolvedAt === undefined ? world.durationMs : Date.parse(incident.resolvedAt) - startMs;
      out.push({ incident, device, agent, hasTicket, tickets, openedMs, endedMs, timesMs });
      for (const child of await tx.incidents.children(incident.incidentId, 100_000))
        await add(child, [child.openedAt], false);
    };
    for (let number = 1; number < MAX_TICKETS; number++) {
      const ticket = await tx.tickets.get(number);
      if (!ticket) break;
      const incident = await tx.incidents.get(ticket.incidentId);
      if (!incident) continue;
      const events = await tx.ticketEvents.list(number, 1_000);
      const times = events
        .filter((event) => event.kind === "opened" || event.kind === "reopened")
        .map((event) => event.at);
      await add(incident, times, true);
    }
    return out;
  });

/** Cases on their own (not part of another) that an outage made: of what it took, while it lasted and a little after. */
const incidentsOf = (
  world: World,
  outage: Outage,
  incidents: readonly Found[],
  gone: readonly Disappearance[],
): readonly string[] => {
  const affected = affectedBy(world, outage);
  const agents = new Set(world.agents.filter((agent) => affected.has(agent.host)).map((agent) => agent.id));
  const site = siteOf(world, outage);
  const slackMs = 3 * world.intervalMs;
  // A case that was opened again later on has had its own time each time.
  const timesOf = ({ timesMs, openedMs }: Found) => (timesMs.length > 0 ? timesMs : [openedMs]);
  // What another fault of the same agent did at that time is that one's; one case tells of all of a site that see nothing.
  const siteAgents = new Set(world.agents.filter((agent) => agent.site === site).map((agent) => agent.id));
  const isOfAgent = ({ agent, incident }: Found, id: string) =>
    agent === id || (agent !== undefined && incident.kind === "segment-unreachable" && siteAgents.has(id));
  const isOwnFault = (row: Found, ms: number) =>
    world.events.some(
      (event) => event.kind === "agent-fault" && isOfAgent(row, event.agent) && event.fromMs <= ms && ms <= event.toMs,
    );
  const isAtThatTime = (row: Found) =>
    timesOf(row).some((ms) => ms >= outage.fromMs && ms <= outage.toMs + slackMs && !isOwnFault(row, ms));
  const isAbout = (row: Found): boolean => {
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
  const isOpenThen = ({ openedMs, endedMs }: Found) => openedMs <= outage.toMs && endedMs > outage.fromMs;
  const own = incidents.filter(isAtThatTime).filter(isAbout);
  // Else a case of the same agents or site, of a fault of their own, was open meanwhile and spoke for it.
  const speaking = incidents.filter(isOpenThen).filter(isAbout);
  return (own.length > 0 ? own : speaking).map(
    (row) => `${row.incident.kind} at ${hoursOf(row.openedMs)} h: ${wordsOf(row)}`,
  );
};

/** As a word: "site-1" is not in "site-10". */
const isNamed = (site: string, text: string): boolean => text.split(/[^\w-]+/).includes(site);

const affectedBy = (world: World, outage: Outage): ReadonlySet<string> => {
  if (outage.kind === "power-cut")
    return new Set(world.devices.filter((device) => device.site === outage.site).map((device) => device.id));
  const out = new Set([outage.cause]);
  for (let before = 0; before !== out.size; ) {
    before = out.size;
    for (const device of world.devices) if (device.parent !== undefined && out.has(device.parent)) out.add(device.id);
  }
  return out;
};

const ratesOf = (world: World, eligible: number, seenOutages: number): Record<string, number> => {
  const count = (kind: SimEvent["kind"]) => world.events.filter((event) => event.kind === kind).length;
  return {
    sites: world.sites.length,
    devices: world.devices.length,
    days: world.durationMs / 86_400_000,
    intervalMinutes: world.intervalMs / 60_000,
    disappearances: count("gone"),
    eligible,
    observerFaults: count("agent-fault"),
    outages: count("outage") + count("power-cut"),
    outagesJudged: seenOutages,
    wrongClocks: count("clock"),
    replaced: world.devices.filter((device) => device.sinceMs !== undefined).length,
    addressMoves: world.devices.reduce((n, device) => n + device.moves.length, 0),
    lossBursts: count("loss"),
    collectorAway: count("collector-away"),
  };
};

/** A run counts only if it was hard for those who look no further. */
const invalidity = (naive: Readonly<Record<string, Score>>): readonly string[] => {
  const tooEasy = (name: string, limit: number) => {
    const precision = naive[name]?.overall.precision.value ?? 0;
    return precision > limit ? [`too easy: ${name} has precision ${precision.toFixed(2)}, over ${limit}`] : [];
  };
  return [...tooEasy("oneMiss", 0.1), ...tooEasy("threeMisses", 0.6)];
};
