import type { SweepSeen } from "./simulate.ts";
import type { World } from "./site-file.ts";

/**
 * What others do, on the same sweeps: they see who answered, and know nothing of proof of sight, habits or causes. To be
 * fair they are told each device's identity (no visitors, no trouble with changing addresses), and the ping round has the
 * site's wiring drawn by hand without a fault.
 */
export type Ticket = { readonly device: string; readonly openedMs: number };
export type Strategy = { readonly name: string; readonly tickets: () => readonly Ticket[] };
export type Strategies = { readonly hear: (sweep: SweepSeen) => void; readonly all: readonly Strategy[] };

type Known = { readonly id: string; readonly parent: Known | undefined; misses: number; seenMs: number; open: number };
type Rule = { readonly name: string; readonly accuses: (known: Known, atMs: number) => boolean };

const AGE_MS = 86_400_000;

const rules: readonly Rule[] = [
  { name: "oneMiss", accuses: ({ misses }) => misses >= 1 },
  { name: "threeMisses", accuses: ({ misses }) => misses >= 3 },
  { name: "age", accuses: ({ seenMs }, atMs) => atMs - seenMs > AGE_MS },
  { name: "pingWithParents", accuses: ({ misses, parent }) => misses >= 3 && (parent?.misses ?? 0) === 0 },
];

const NEVER_SEEN = -1;

export const createStrategies = (world: World): Strategies => {
  const known = new Map<string, Known>();
  const devices = new Map(world.devices.map((device) => [device.id, device]));
  const knownOf = (id: string): Known | undefined => {
    const device = devices.get(id);
    if (!device || device.class === "visitor") return undefined;
    const parent = device.parent === undefined ? undefined : knownOf(device.parent);
    const entry = known.get(id) ?? { id, parent, misses: 0, seenMs: NEVER_SEEN, open: 0 };
    known.set(id, entry);
    return entry;
  };
  const bySite = new Map<string, Known[]>();
  for (const { id, site } of world.devices) {
    const entry = knownOf(id);
    const list = bySite.get(site) ?? [];
    if (entry) list.push(entry);
    bySite.set(site, list);
  }
  const tickets = rules.map((): Ticket[] => []);
  return {
    all: rules.map(({ name }, i) => ({ name, tickets: () => tickets[i] ?? [] })),
    hear: ({ atMs, site, seen }) => {
      for (const id of seen) {
        const entry = known.get(id);
        if (!entry) continue;
        entry.misses = 0;
        entry.seenMs = atMs;
        entry.open = 0;
      }
      const missed = (bySite.get(site) ?? []).filter((entry) => entry.seenMs !== NEVER_SEEN && !seen.has(entry.id));
      for (const entry of missed) entry.misses++;
      for (const entry of missed)
        for (const [i, rule] of rules.entries()) {
          const bit = 1 << i;
          if ((entry.open & bit) !== 0 || !rule.accuses(entry, atMs)) continue;
          entry.open |= bit;
          tickets[i]?.push({ device: entry.id, openedMs: atMs });
        }
    },
  };
};
