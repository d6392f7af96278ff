import type { Clock } from "../../../shared/clock.ts";
import { RollcallError } from "../../../shared/errors.ts";
import type { IpAddress } from "../../../shared/ip.ts";
import type { Method } from "../../../shared/protocol/observation.ts";
import { createBudget, linkLimits, routedLimits, strictLimits } from "./budget.ts";
import type { Devices } from "./devices.ts";
import { type LocalNetwork, linkOf } from "./local-network.ts";
import type { PermitOptions, Tally } from "./method.ts";
import { readKernelArp } from "./neighbour-table.ts";
import { createTableWindow } from "./table-window.ts";
import type { Targets } from "./targets.ts";

export type PermitsDeps = {
  readonly targets: Targets;
  readonly network: LocalNetwork;
  /** Packets a second over everything; absent: the defaults of the segment and of what is routed. */
  readonly rate: number | undefined;
  /** Rows of the neighbour table at the start. */
  readonly tableEntries: number;
  readonly devices: Pick<Devices, "macOf">;
  readonly tally: Pick<Tally, "tableMisses">;
  readonly elapsedMs: () => number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/** Leave to send: the one way to the wire, for all methods of a sweep together. */
export type Permits = {
  /** Waits until a packet fits. @throws RollcallError `sweep.outside` */
  readonly take: (method: Method, address: IpAddress, options: PermitOptions) => Promise<void>;
  /** Packets that followed from an answer, and can't wait. */
  readonly charge: (method: Method, frames: number) => void;
  /** Waits until packets to somebody who is no target fit. */
  readonly takeAside: (method: Method, to: string, packets: number) => Promise<void>;
  /** An address answered: its repeats won't come. `isNew`: its row stays in the table. */
  readonly answered: (address: IpAddress, isNew: boolean) => void;
  /** Twice the default pace behind routers, or back to it. A rate that was asked for stays what it is. */
  readonly hurry: (yes: boolean) => void;
  /** How many may be sent in one go. */
  readonly chunk: number;
  readonly sent: () => number;
  readonly packetsByMethod: ReadonlyMap<string, number>;
  readonly aside: ReadonlyMap<string, number>;
};

/** When a program that was started may send what it was permitted at once; each covers 64 ms. */
const LATE_PROGRAM_MS = [4, 68];
const PRESSED_EVERY_MS = 3_000;
const HURRY = 2;

const count = (into: Map<string, number>, key: string, by: number): void =>
  void into.set(key, (into.get(key) ?? 0) + by);

/** Addresses whose repeats by the kernel are still to come; an answer gives the room back. */
const createRepeats = () => {
  const open = new Map<IpAddress, () => void>();
  return {
    add: (address: IpAddress, release: () => void) => {
      // Repeats are over after 3 s: the oldest thousands are past.
      if (open.size > 8_192) for (const old of [...open.keys()].slice(0, 4_096)) open.delete(old);
      open.set(address, release);
    },
    answered: (address: IpAddress) => {
      open.get(address)?.();
      open.delete(address);
    },
  };
};

/** Rows of the neighbour table: a place for each that the kernel opens, fewer where rows don't appear. */
const createRows = ({ network, tableEntries, tally, elapsedMs, clock, signal }: PermitsDeps) => {
  const kernel = readKernelArp(network.links[0]?.device ?? "default");
  const window = createTableWindow(kernel.tableLimit, tableEntries, { clock, signal });
  let pressedAt = Number.NEGATIVE_INFINITY;
  let pressedMisses = 0;
  return {
    /** When the kernel asks again for a row that gets no answer. */
    repeatsMs: Array.from({ length: kernel.solicits - 1 }, (_, i) => (i + 1) * kernel.retransMs),
    answered: window.answered,
    relieve: () => {
      if (tally.tableMisses <= pressedMisses || elapsedMs() - pressedAt <= PRESSED_EVERY_MS) return;
      pressedAt = elapsedMs();
      pressedMisses = tally.tableMisses;
      window.pressed();
    },
    enter: window.enter,
  };
};

export const createPermits = (deps: PermitsDeps): Permits => {
  const { targets, network, rate, devices, signal } = deps;
  const strict = rate === undefined ? undefined : createBudget(strictLimits(rate), deps);
  const linkBudget = strict ?? createBudget(linkLimits, deps);
  const routedBudget = strict ?? createBudget(routedLimits, deps);
  const limits = rate === undefined ? routedLimits : strictLimits(rate);
  const repeats = createRepeats();
  const rows = createRows(deps);
  const packetsByMethod = new Map<string, number>();
  const aside = new Map<string, number>();
  const isOnLink = (address: IpAddress): boolean =>
    linkOf(network, address) !== undefined || (address.includes(":") && network.links6.length > 0);

  const takeFrames = async (address: IpAddress, frames: number, late: boolean): Promise<void> => {
    const onLink = isOnLink(address);
    const unresolved = onLink && devices.macOf(address) === undefined;
    rows.relieve();
    if (unresolved) await rows.enter();
    if (frames === 0) return;
    const repeated = unresolved ? rows.repeatsMs : [];
    const later = late && strict !== undefined ? [...LATE_PROGRAM_MS, ...repeated] : repeated;
    // The question and, once it is answered, the datagram that made the kernel ask.
    const both = unresolved && strict !== undefined ? 2 * frames : frames;
    const release = await (onLink ? linkBudget : routedBudget).take(both, later);
    if (unresolved) repeats.add(address, release);
  };

  return {
    take: async (method, address, { frames = 1, late = false }) => {
      signal.throwIfAborted();
      if (!targets.contains(address)) throw new RollcallError("sweep.outside", `${address} is no target of this sweep`);
      await takeFrames(address, frames, late);
      count(packetsByMethod, method, frames);
    },
    charge: (method, frames) => {
      routedBudget.charge(frames);
      count(packetsByMethod, method, frames);
    },
    takeAside: async (method, to, packets) => {
      await linkBudget.take(packets);
      count(aside, to, packets);
      count(packetsByMethod, method, packets);
    },
    answered: (address, isNew) => {
      repeats.answered(address);
      if (isNew) rows.answered();
    },
    hurry: (yes) => {
      if (strict === undefined) routedBudget.pace(yes ? HURRY : 1);
    },
    chunk: Math.max(1, Math.min(64, Math.floor(limits.per100Ms / 4))),
    sent: () => (strict === undefined ? linkBudget.sent() + routedBudget.sent() : strict.sent()),
    packetsByMethod,
    aside,
  };
};
