import type { Ticket } from "./naive.ts";
import type { SimDevice, World } from "./site-file.ts";

/** A share with its 95 % interval (Wilson), which stays sensible at 0, at 1 and for few cases. */
export type Share = {
  readonly value: number | null;
  readonly hits: number;
  readonly of: number;
  readonly low: number;
  readonly high: number;
};

export const shareOf = (hits: number, of: number): Share => {
  if (of === 0) return { value: null, hits, of, low: 0, high: 1 };
  const z = 1.96;
  const p = hits / of;
  const middle = p + (z * z) / (2 * of);
  const spread = z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  return {
    value: p,
    hits,
    of,
    low: Math.max(0, (middle - spread) / scale),
    high: Math.min(1, (middle + spread) / scale),
  };
};

export type ClassScore = {
  readonly precision: Share;
  readonly recall: Share;
  readonly medianIntervals: number | null;
  readonly p95Intervals: number | null;
  /** From going to its first case, in intervals, ascending. */
  readonly delays: readonly number[];
};

export type Score = {
  readonly alwaysOn: ClassScore;
  readonly roaming: ClassScore;
  readonly overall: ClassScore;
  /** Tickets about visitors, or about an asset that is no device of the world: all false. */
  readonly nobody: number;
  readonly tickets: number;
  readonly ticketsPerDayPer1000: number;
  /** Hours in which more than ten tickets were opened. */
  readonly storms: number;
  /** Tickets for a disappearance beyond its first. */
  readonly duplicates: number;
};

export type Disappearance = { readonly device: string; readonly fromMs: number; readonly toMs: number };

const quantile = (sorted: readonly number[], q: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;

const HOUR_MS = 3_600_000;

export const isWithin = ({ device, fromMs, toMs }: Disappearance, ticket: Ticket): boolean =>
  ticket.device === device && ticket.openedMs >= fromMs && ticket.openedMs <= toMs;

/**
 * `eligible`: disappearances that somebody in reach could have seen long enough. A ticket is false unless its device was
 * gone when it was opened; a ticket about nobody that the world knows is false, too. `found`: the tickets, and whatever else
 * names a device as missing.
 */
export const scoreTickets = (
  world: World,
  tickets: readonly Ticket[],
  found: readonly Ticket[],
  all: readonly Disappearance[],
  eligible: readonly Disappearance[],
): Score => {
  const devices = new Map(world.devices.map((device) => [device.id, device]));
  const goneOf = Map.groupBy(all, (gone) => gone.device);
  const isTrue = (ticket: Ticket) => (goneOf.get(ticket.device) ?? []).some((gone) => isWithin(gone, ticket));
  const within = (of: ReadonlyMap<string, readonly Ticket[]>, gone: Disappearance): readonly number[] =>
    (of.get(gone.device) ?? [])
      .map(({ openedMs }) => openedMs)
      .filter((ms) => ms >= gone.fromMs && ms <= gone.toMs)
      .sort((a, b) => a - b);
  const ticketsOf = Map.groupBy(tickets, (ticket) => ticket.device);
  const foundOf = found === tickets ? ticketsOf : Map.groupBy(found, (ticket) => ticket.device);

  const classScore = (belongs: (device: SimDevice | undefined) => boolean): ClassScore => {
    const mine = tickets.filter((ticket) => belongs(devices.get(ticket.device)));
    const truths = eligible.filter((gone) => belongs(devices.get(gone.device)));
    const delays = truths
      .flatMap((gone) => {
        const [at] = within(foundOf, gone);
        return at === undefined ? [] : [(at - gone.fromMs) / world.intervalMs];
      })
      .sort((a, b) => a - b);
    return {
      precision: shareOf(mine.filter(isTrue).length, mine.length),
      recall: shareOf(delays.length, truths.length),
      medianIntervals: quantile(delays, 0.5),
      p95Intervals: quantile(delays, 0.95),
      delays,
    };
  };
  const isKnown = (device: SimDevice | undefined) => device !== undefined && device.class !== "visitor";
  const hours = Map.groupBy(tickets, (ticket) => Math.floor(ticket.openedMs / HOUR_MS));
  const perGone = all.map((gone) => within(ticketsOf, gone).length);
  const known = world.devices.filter(isKnown).length;
  return {
    alwaysOn: classScore((device) => device?.class === "always-on"),
    roaming: classScore((device) => device?.class === "roaming"),
    nobody: tickets.filter((ticket) => !isKnown(devices.get(ticket.device))).length,
    overall: classScore(() => true),
    tickets: tickets.length,
    ticketsPerDayPer1000: tickets.length / (world.durationMs / 86_400_000) / (known / 1_000),
    storms: [...hours.values()].filter((list) => list.length > 10).length,
    duplicates: perGone.reduce((n, count) => n + Math.max(0, count - 1), 0),
  };
};
