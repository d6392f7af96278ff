import type { SweepSeen } from "./simulate.ts";
import type { World } from "./site-file.ts";

/**
 * What others do, on the same sweeps: they see who answered, and know nothing of proof of sight, habits or causes. To be
 * fair they are told each device's identity (no visitors, no trouble with changing addresses), and the ping round has the
 * site's wiring drawn by hand without a fault.
 */
export type Ticket = { readonly device: string; readonly openedMs: number };
export type Strategy = {
  readonly name: string;
  readonly hear: (sweep: SweepSeen) => void;
  readonly tickets: () => readonly Ticket[];
};

type Known = { misses: number; seenMs: number; isOpen: boolean };

const createCounting = (
  name: string,
  world: World,
  isGone: (known: Known, atMs: number) => boolean,
  isExcused: (device: string, isMissed: (device: string) => boolean) => boolean = () => false,
): Strategy => {
  const tickets: Ticket[] = [];
  const known = new Map<string, Known>();
  const homes = new Map(world.devices.filter((d) => d.class !== "visitor").map((d) => [d.id, d.site]));
  const bySite = Map.groupBy(homes.keys(), (id) => homes.get(id) ?? "");
  return {
    name,
    tickets: () => tickets,
    hear: ({ atMs, site, seen }) => {
      const missed: string[] = [];
      for (const id of seen) {
        const entry = known.get(id) ?? { misses: 0, seenMs: atMs, isOpen: false };
        known.set(id, entry);
        entry.misses = 0;
        entry.seenMs = atMs;
        entry.isOpen = false;
      }
      for (const id of bySite.get(site) ?? []) {
        const entry = known.get(id);
        if (!entry || seen.has(id)) continue;
        entry.misses++;
        missed.push(id);
      }
      const isMissed = (id: string) => (known.get(id)?.misses ?? 0) > 0;
      for (const id of missed) {
        const entry = known.get(id)!;
        if (entry.isOpen || !isGone(entry, atMs) || isExcused(id, isMissed)) continue;
        entry.isOpen = true;
        tickets.push({ device: id, openedMs: atMs });
      }
    },
  };
};

const AGE_MS = 86_400_000;

export const createStrategies = (world: World): readonly Strategy[] => {
  const parents = new Map(world.devices.map((device) => [device.id, device.parent]));
  return [
    createCounting("oneMiss", world, ({ misses }) => misses >= 1),
    createCounting("threeMisses", world, ({ misses }) => misses >= 3),
    createCounting("age", world, ({ seenMs }, atMs) => atMs - seenMs > AGE_MS),
    createCounting(
      "pingWithParents",
      world,
      ({ misses }) => misses >= 3,
      (id, isMissed) => {
        const parent = parents.get(id);
        return parent !== undefined && isMissed(parent);
      },
    ),
  ];
};
