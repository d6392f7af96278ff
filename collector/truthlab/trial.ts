import type { Log } from "../../shared/log.ts";
import { defaultIncidentPolicy } from "../incidents/policy.ts";
import { parsePresencePolicy } from "../presence/policy.ts";
import { createLab } from "./driver.ts";
import { createStrategies, type Ticket } from "./naive.ts";
import { casesOf, SLACK_INTERVALS, type Taken, takenBy } from "./one-cause.ts";
import { type Raised, readRaised, ticketsOf } from "./raised.ts";
import { type Disappearance, isWithin, type Score, type Share, scoreTickets, shareOf } from "./score.ts";
import { createSimulation } from "./simulate.ts";
import type { SimDevice, SimEvent, World } from "./site-file.ts";

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
    /** Of what was found, so many never had a ticket of their own: they are named in one that tells of several. */
    readonly foundAsPart: number;
    readonly oneIncidentPerCause: Share;
    /** Of those outages, the ones with a further ticket that was taken back as part of that one case. */
    readonly regrouped: number;
    /** Cases of every kind that asked somebody to act. */
    readonly allTickets: number;
  };
  readonly naive: Readonly<Record<string, Score>>;
  /** Precision of the strategies of others where who is behind a dead switch counts as not being on the network. */
  readonly hardness: Readonly<Record<string, Share>>;
  readonly rates: Readonly<Record<string, number>>;
  /** Why a run does not count, if it does not. */
  readonly invalid: readonly string[];
  readonly falseTickets: readonly string[];
  readonly missed: readonly string[];
  readonly causes: readonly string[];
};

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
    const raised = await readRaised(lab, world, startMs);
    return scoreTrial(world, options.seed, {
      raised,
      naive: strategies.all.map(({ name, tickets }) => ({ name, tickets: tickets() })),
      watchedMs: simulation.watchedMs,
    });
  } finally {
    await lab.stop();
  }
};

type Played = {
  readonly raised: readonly Raised[];
  readonly naive: readonly { readonly name: string; readonly tickets: readonly Ticket[] }[];
  readonly watchedMs: (site: string, fromMs: number, toMs: number) => number;
};

/** What came of a run against what was so. */
export const scoreTrial = (world: World, seed: number, { raised, naive, watchedMs }: Played): Trial => {
  const all = disappearances(world);
  const eligible = all.filter((gone) => isEligible(world, watchedMs, gone));
  const own = raised.filter((row) => row.incident.kind === "device-missing" && row.hasTicket);
  const tickets = own.flatMap(ticketsOf);
  const goneOf = Map.groupBy(all, ({ device }) => device);
  const isTrue = (ticket: Ticket) => (goneOf.get(ticket.device) ?? []).some((gone) => isWithin(gone, ticket));
  const taken = takenBy(world);
  const causes = taken.map((one) => ({ outage: one.outage, cases: casesOf(world, one, raised, all) }));
  const single = causes.filter(({ cases }) => cases.length === 1);
  const wasTicket = new Set(raised.flatMap((row) => (row.hasTicket ? (row.incident.parentId ?? []) : [])));
  const isCutOff = cutOffIn(world, taken);
  // What is part of another case names its device; within an outage's case it is no more than unreachable, though.
  const parts = raised
    .filter((row) => row.incident.kind === "device-missing" && !row.hasTicket)
    .flatMap(ticketsOf)
    .filter((part) => !isCutOff(part));
  const found = [...tickets, ...parts];
  const hardness = hardnessOf(naive, isTrue, isCutOff);
  return {
    seed,
    rollcall: {
      ...scoreTickets(world, tickets, found, all, eligible),
      foundAsPart: eligible.filter((gone) => isIn(parts, gone) && !isIn(tickets, gone)).length,
      oneIncidentPerCause: shareOf(single.length, causes.length),
      regrouped: single.filter(({ cases }) => wasTicket.has(cases[0]!.incident.incidentId)).length,
      allTickets: raised.filter((row) => row.hasTicket).length,
    },
    naive: Object.fromEntries(naive.map((of) => [of.name, scoreTickets(world, of.tickets, of.tickets, all, eligible)])),
    hardness,
    rates: ratesOf(world, eligible.length),
    invalid: invalidity(hardness),
    falseTickets: own.flatMap((row) =>
      ticketsOf(row)
        .filter((ticket) => !isTrue(ticket))
        .map(({ device, openedMs }) => `${device || "nobody"} at ${hoursOf(openedMs)} h: ${wordsOf(row)}`),
    ),
    missed: eligible
      .filter((gone) => !isIn(found, gone))
      .map((gone) => `${gone.device} from ${hoursOf(gone.fromMs)} h to ${hoursOf(gone.toMs)} h`),
    causes: causes
      .filter(({ cases }) => cases.length !== 1)
      .map(
        ({ outage, cases }) =>
          `${outage.kind === "outage" ? outage.cause : outage.site} from ${hoursOf(outage.fromMs)} h to ${hoursOf(outage.toMs)} h: ${cases.length} (${cases.map((row) => `${row.incident.kind} at ${hoursOf(row.openedMs)} h: ${wordsOf(row)}`).join("; ")})`,
      ),
  };
};

const isIn = (tickets: readonly Ticket[], gone: Disappearance): boolean =>
  tickets.some((ticket) => isWithin(gone, ticket));

const wordsOf = ({ incident }: Raised): string =>
  `${incident.summary.split("\n")[0]} (${incident.lastKnownPlace ?? "no place"}; ${incident.resolution ?? incident.state})`;

const hoursOf = (ms: number): string => (ms / 3_600_000).toFixed(1);

const disappearances = (world: World): readonly Disappearance[] =>
  world.events.flatMap((event) =>
    event.kind === "gone"
      ? [
          {
            device: event.device,
            fromMs: event.fromMs,
            toMs: Math.min(event.toMs ?? world.durationMs, world.durationMs),
          },
        ]
      : [],
  );

/** At least three intervals long, two of them with some agent of its site up and connected. */
const isEligible = (world: World, watchedMs: Played["watchedMs"], gone: Disappearance): boolean => {
  const site = world.devices.find((device) => device.id === gone.device)?.site ?? "";
  return (
    gone.toMs - gone.fromMs >= 3 * world.intervalMs && watchedMs(site, gone.fromMs, gone.toMs) >= 2 * world.intervalMs
  );
};

const ratesOf = (world: World, eligible: number): Record<string, number> => {
  const isCarrier = ({ type }: SimDevice) => type === "switch" || type === "router" || type === "access-point";
  const carriers = new Set(world.devices.filter(isCarrier).map(({ id }) => id));
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
    switchOrUplinkOutages: world.events.filter((event) => event.kind === "outage" && carriers.has(event.cause)).length,
    wrongClocks: count("clock"),
    replaced: world.devices.filter((device) => device.sinceMs !== undefined).length,
    addressMoves: world.devices.reduce((n, device) => n + device.moves.length, 0),
    lossBursts: count("loss"),
    collectorAway: count("collector-away"),
  };
};

/** Whether an outage stood between the device and its site at that time, or had just ended. */
const cutOffIn = (world: World, taken: readonly Taken[]): ((ticket: Ticket) => boolean) => {
  const slackMs = SLACK_INTERVALS * world.intervalMs;
  return ({ device, openedMs }) =>
    taken.some(
      ({ outage: { fromMs, toMs }, affected }) =>
        openedMs >= fromMs && openedMs <= toMs + slackMs && affected.has(device),
    );
};

/**
 * A device behind a dead switch is not on its network, so that a ticket for it is neither true nor false. Rollcall and the figures
 * beside it are held to more: there it is false. For telling whether a run was hard it is left out.
 */
const hardnessOf = (
  naive: Played["naive"],
  isTrue: (ticket: Ticket) => boolean,
  isCutOff: (ticket: Ticket) => boolean,
): Record<string, Share> =>
  Object.fromEntries(
    naive.map(({ name, tickets }) => {
      const hits = tickets.filter(isTrue).length;
      const others = tickets.filter((ticket) => !isTrue(ticket) && !isCutOff(ticket)).length;
      return [name, shareOf(hits, hits + others)];
    }),
  );

const MOST_PRECISE = { oneMiss: 0.1, threeMisses: 0.6 } as const;

/** A run counts only if it was hard for those who look no further. */
const invalidity = (hardness: Readonly<Record<string, Share>>): readonly string[] =>
  Object.entries(MOST_PRECISE).flatMap(([name, limit]) => {
    const precision = hardness[name]?.value ?? null;
    if (precision === null) return [`too easy: ${name} opened no ticket`];
    return precision > limit ? [`too easy: ${name} has precision ${precision.toFixed(2)}, over ${limit}`] : [];
  });
