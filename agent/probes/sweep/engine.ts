import type { Clock } from "../../../shared/clock.ts";
import { RollcallError } from "../../../shared/errors.ts";
import { type IpAddress, ipv4FromNumber } from "../../../shared/ip.ts";
import type { Log } from "../../../shared/log.ts";
import { isLocallyAdministered, type MacAddress } from "../../../shared/mac.ts";
import type { Method } from "../../../shared/protocol/observation.ts";
import type { Sweep } from "../../../shared/protocol/sweep.ts";
import type { Random } from "../../../shared/random.ts";
import { createAskBook } from "./asks.ts";
import { createBudget, linkLimits, routedLimits, strictLimits } from "./budget.ts";
import { createDevices, type Device } from "./devices.ts";
import { isSegmentAddress, type LocalNetwork, linkOf, readLocalNetwork } from "./local-network.ts";
import {
  type Evidence,
  type MethodDeps,
  ownFaultOf,
  type PermitOptions,
  type SweepMethod,
  type SweepOptions,
  type Tally,
} from "./method.ts";
import { type Health, startMonitor } from "./monitor.ts";
import {
  type NeighbourRow,
  readKernelArp,
  readProcArp,
  readTableStatistics,
  type TableStatistics,
} from "./neighbour-table.ts";
import { createOrder } from "./order.ts";
import { sweepLinks, sweepRouted, sweepSparse } from "./phases.ts";
import * as registry from "./registry.ts";
import { concludeSweep } from "./result.ts";
import { createTableWindow } from "./table-window.ts";
import type { Targets } from "./targets.ts";
import type { VendorOf } from "./vendor.ts";

export type SweepRequest = {
  readonly sweepId: string;
  readonly scope: string;
  readonly realm: string;
  readonly commandId?: string;
  readonly targets: Targets;
  /** Absent: all that fit the targets. */
  readonly methods?: readonly Method[];
  /** Packets a second over all methods, the kernel's repeats included. Absent: 250 on a segment of ours, 1,000 routed. */
  readonly rate?: number;
  readonly options?: Partial<SweepOptions>;
};

export type SweepEvent =
  /** A host's first sign of life in this sweep. */
  | {
      readonly kind: "seen";
      readonly address: IpAddress;
      readonly mac?: MacAddress;
      readonly method: Method;
      readonly atMs: number;
    }
  | { readonly kind: "evidence"; readonly evidence: Evidence }
  | { readonly kind: "progress"; readonly sent: number; readonly planned: number; readonly seen: number };

export type SweepSummary = {
  readonly targets: number;
  readonly seen: number;
  /** Silent addresses that were asked twice or more over a second or more. */
  readonly covered: number;
  /** The least number of asks over the covered silent addresses. */
  readonly asks: number;
  readonly packets: number;
  readonly packetsByMethod: Readonly<Record<string, number>>;
  /** Packets to others than the targets, by whom. */
  readonly aside: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  readonly ms: number;
};

export type SweepResult = {
  readonly sweep: Sweep;
  readonly devices: readonly Device[];
  readonly summary: SweepSummary;
};

export type SweepDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Stops the wire at once; the sweep then resolves with what is known so far. */
  readonly signal: AbortSignal;
  /** `loadVendors` of vendor.ts where a person or program is shown them; sightings travel without. */
  readonly loadVendors?: () => Promise<VendorOf>;
  /** For tests, and where the network is known otherwise. */
  readonly readNetwork?: () => LocalNetwork;
  readonly readTable?: () => TableStatistics | undefined;
  readonly methods?: Readonly<Record<string, SweepMethod>>;
};

export const defaultOptions: SweepOptions = {
  tcpPorts: [443, 22, 80, 445],
  closedPort: 40_125,
  timeoutMs: 950,
  communities: ["public"],
  procArpPath: "/proc/net/arp",
};

/** Methods that run when none are named: all, since each says something that the others don't. */
const everyMethod: Readonly<Record<string, SweepMethod>> = registry;
export const methodNames: readonly string[] = Object.keys(registry);

/** All that one sweep shares between its methods and phases. */
export type SweepContext = {
  readonly request: SweepRequest;
  readonly network: LocalNetwork;
  readonly methods: readonly SweepMethod[];
  readonly depsOf: (method: SweepMethod) => MethodDeps;
  readonly devices: ReturnType<typeof createDevices>;
  readonly tally: Tally;
  readonly book: ReturnType<typeof createAskBook>;
  readonly book6: Map<IpAddress, { asks: number; firstMs: number; lastMs: number }>;
  readonly selves: ReadonlySet<string>;
  readonly knownBefore: readonly NeighbourRow[];
  readonly packetsByMethod: Map<string, number>;
  readonly aside: Map<string, number>;
  readonly notes: Set<string>;
  readonly health: Health;
  readonly startedAtMs: number;
  readonly elapsedMs: () => number;
  readonly order: (position: number) => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly sent: () => number;
  /** No host has it, or it is ourselves: not asked, and no gap in the coverage. */
  readonly skips: (index: number) => boolean;
};

/** When a program that was started may send what it was permitted at once; each covers 64 ms. */
const LATE_PROGRAM_MS = [4, 68];
const VENDORS_AT_MS = 450;

const chooseMethods = (request: SweepRequest, known: Readonly<Record<string, SweepMethod>>): SweepMethod[] => {
  const chosen = (request.methods ?? Object.keys(known)).map((name) => {
    const method = known[name];
    if (method === undefined)
      throw new RollcallError("usage.method", `"${name}" is no method; there are ${Object.keys(known).join(", ")}`);
    return method;
  });
  return [...new Set(chosen)];
};

const readRows = (path: string): NeighbourRow[] => {
  try {
    return readProcArp(path);
  } catch {
    return [];
  }
};

const count = (into: Map<string, number>, key: string, by: number): void =>
  void into.set(key, (into.get(key) ?? 0) + by);

const createTally = (): Tally => ({
  arpAnswers: [0, 0, 0],
  tableMisses: 0,
  controlAnswers: 0,
  controlSilences: 0,
  failures: new Map(),
});

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

/** Methods whose answers come from a kernel at once, so that their times are the network's. */
const kernelMethods: ReadonlySet<Method> = new Set(["icmp", "tcp", "udp"]);
const MIN_PATIENCE_MS = 250;
const ENOUGH_TIMES = 5;

/** Six times the slowest round trip, when there are enough to tell; never more than was configured. */
const createPatience = (mostMs: number) => {
  let [slowest, times] = [0, 0];
  return {
    learn: (latencyMs: number | undefined) => {
      if (latencyMs === undefined) return;
      slowest = Math.max(slowest, latencyMs);
      times++;
    },
    ms: () => (times < ENOUGH_TIMES ? mostMs : Math.min(mostMs, Math.max(MIN_PATIENCE_MS, 6 * slowest))),
  };
};

/** Our own addresses, and those that name a segment itself or everybody on it. */
const indexesOfNobody = (targets: Targets, network: LocalNetwork, selves: ReadonlySet<string>): ReadonlySet<number> => {
  const ends = network.links
    .flatMap((link) => [link.range.first, link.range.last].map((n) => [link, ipv4FromNumber(n)] as const))
    .filter(([link, address]) => isSegmentAddress(link, address))
    .map(([, address]) => address);
  return new Set([...selves, ...ends].map(targets.index4).filter((index) => index >= 0));
};

const createContext = (request: SweepRequest, deps: SweepDeps, emit: (event: SweepEvent) => void): SweepContext => {
  const { clock, random, log, signal, readNetwork = readLocalNetwork, readTable = readTableStatistics } = deps;
  const { targets } = request;
  const options = { ...defaultOptions, ...request.options };
  const network = readNetwork();
  const startedAt = clock.monotonic();
  const elapsedMs = () => clock.monotonic() - startedAt;
  const strict = request.rate === undefined ? undefined : createBudget(strictLimits(request.rate), deps);
  const linkBudget = strict ?? createBudget(linkLimits, deps);
  const routedBudget = strict ?? createBudget(routedLimits, deps);
  const limits = request.rate === undefined ? routedLimits : strictLimits(request.rate);
  const book = createAskBook(targets.size4);
  const book6: SweepContext["book6"] = new Map();
  const devices = createDevices();
  const tally = createTally();
  const packetsByMethod = new Map<string, number>();
  const aside = new Map<string, number>();
  const notes = new Set<string>();
  const selves = new Set<string>([...network.links, ...network.links6].map((link) => link.address));
  const skipped = indexesOfNobody(targets, network, selves);
  const repeats = createRepeats();
  const patience = createPatience(options.timeoutMs);
  const kernel = readKernelArp(network.links[0]?.device ?? "default");
  const window = createTableWindow(kernel.tableLimit, readTable()?.entries ?? 0, deps);
  let pressedAt = Number.NEGATIVE_INFINITY;
  const methods = chooseMethods(request, deps.methods ?? everyMethod);
  const isOnLink6 = (address: string) => address.includes(":") && network.links6.length > 0;

  const bookAsk = (address: IpAddress): void => {
    const index = targets.index4(address);
    if (index >= 0) {
      book.add(index, elapsedMs());
      return;
    }
    const before = book6.get(address) ?? { asks: 0, firstMs: elapsedMs(), lastMs: 0 };
    book6.set(address, { ...before, asks: before.asks + 1, lastMs: elapsedMs() });
  };
  const saw = (evidence: Evidence): void => {
    if (!targets.contains(evidence.address)) return;
    const { firstSeen } = devices.add(evidence);
    if (kernelMethods.has(evidence.method)) patience.learn(evidence.latencyMs);
    if (evidence.alive) {
      repeats.answered(evidence.address);
      const index = targets.index4(evidence.address);
      if (index >= 0) book.see(index);
    }
    emit({ kind: "evidence", evidence });
    if (!firstSeen) return;
    window.answered();
    const mac = evidence.mac ?? devices.macOf(evidence.address);
    emit({
      kind: "seen",
      address: evidence.address,
      method: evidence.method,
      atMs: evidence.atMs,
      ...(mac && { mac }),
    });
  };
  const permit = async (
    method: Method,
    address: IpAddress,
    { frames = 1, book: books = true, late = false }: PermitOptions = {},
  ): Promise<void> => {
    signal.throwIfAborted();
    if (!targets.contains(address)) throw new RollcallError("sweep.outside", `${address} is no target of this sweep`);
    const onLink = linkOf(network, address) !== undefined || isOnLink6(address);
    const unresolved = onLink && devices.macOf(address) === undefined;
    if (tally.tableMisses > 0 && elapsedMs() - pressedAt > 3_000 && tally.tableMisses > pressedMisses) {
      pressedAt = elapsedMs();
      pressedMisses = tally.tableMisses;
      window.pressed();
    }
    if (unresolved) await window.enter();
    if (frames > 0) {
      const repeated = unresolved
        ? Array.from({ length: kernel.solicits - 1 }, (_, i) => (i + 1) * kernel.retransMs)
        : [];
      const later = late && strict !== undefined ? [...LATE_PROGRAM_MS, ...repeated] : repeated;
      // The question and, once it is answered, the datagram that made the kernel ask.
      const both = unresolved && strict !== undefined ? 2 * frames : frames;
      const release = await (onLink ? linkBudget : routedBudget).take(both, later);
      if (unresolved) repeats.add(address, release);
    }
    count(packetsByMethod, method, frames);
    if (books) bookAsk(address);
  };
  let pressedMisses = 0;

  const depsOf = (method: SweepMethod): MethodDeps => ({
    ...{ clock, random, signal, log, targets, options, book, tally, elapsedMs, saw },
    patienceMs: patience.ms,
    linkOf: (address) => linkOf(network, address),
    alone: methods.every((m) => m.purpose === "passive"),
    groupLinks: network.links.filter(({ range }) =>
      targets.ranges4.some((r) => range.first <= r.last && range.last >= r.first),
    ),
    links6: network.links6,
    knownMacs: () => [...new Set(devices.macs().values())],
    permit: (address, how) => permit(method.name, address, how),
    chunk: Math.max(1, Math.min(64, Math.floor(limits.per100Ms / 4))),
    charge: (frames) => {
      routedBudget.charge(frames);
      count(packetsByMethod, method.name, frames);
    },
    aside: async (to, packets) => {
      await linkBudget.take(packets);
      count(aside, to, packets);
      count(packetsByMethod, method.name, packets);
    },
    note: (text) => notes.add(text),
    failed: (error) => {
      const code = ownFaultOf(error);
      if (code !== undefined) count(tally.failures, code, 1);
    },
  });
  return {
    ...{
      request,
      network,
      methods,
      depsOf,
      devices,
      tally,
      book,
      book6,
      selves,
      packetsByMethod,
      aside,
      notes,
      elapsedMs,
    },
    ...{ clock, random, signal },
    knownBefore: readRows(options.procArpPath).filter((row) => row.mac !== undefined && targets.contains(row.address)),
    health: startMonitor(clock, network, readNetwork, readTable),
    startedAtMs: clock.now(),
    order: createOrder(Math.max(1, targets.size4), random),
    sent: () => (strict === undefined ? linkBudget.sent() + routedBudget.sent() : strict.sent()),
    skips: (index) => skipped.has(index),
  };
};

/** Ourselves need no asking; we are in the range, so we are in the result. */
const seeSelves = (context: SweepContext): void => {
  for (const { address, mac, device } of [...context.network.links, ...context.network.links6]) {
    if (!context.request.targets.contains(address)) continue;
    const deps = context.depsOf({
      name: "local",
      purpose: "passive",
      families: [4, 6],
      packets: () => 0,
      run: async () => {},
    });
    deps.saw({ address, method: "local", atMs: context.clock.now(), alive: true, device, ...(mac && { mac }) });
  }
};

const reportProgress = (context: SweepContext, emit: (event: SweepEvent) => void): (() => void) => {
  const { targets } = context.request;
  const options = { ...defaultOptions, ...context.request.options };
  const onLinkOnly = targets.ranges4.every((r) =>
    context.network.links.some((l) => r.first >= l.range.first && r.last <= l.range.last),
  );
  const perAddress = onLinkOnly
    ? 1
    : context.methods
        .filter((m) => m.purpose === "ask" && m.families.includes(4))
        .reduce((sum, m) => sum + m.packets(options), 0);
  const planned = Math.max(1, targets.size4 * Math.max(1, perAddress));
  let cancel = () => {};
  const tick = () => {
    emit({ kind: "progress", sent: context.sent(), planned, seen: context.devices.size() });
    cancel = context.clock.after(200, tick);
  };
  cancel = context.clock.after(100, tick);
  return () => cancel();
};

/**
 * The registry of makers is large to parse: it is loaded while the kernel waits for its second question, and only when
 * vendors are wanted and a MAC with a maker was seen.
 */
const createVendors = ({ clock, loadVendors }: SweepDeps, { devices }: SweepContext) => {
  let loading: Promise<VendorOf> | undefined;
  const get = (): Promise<VendorOf> => {
    const hasMaker = () => [...devices.macs().values()].some((mac) => !isLocallyAdministered(mac));
    if (loadVendors === undefined || !hasMaker()) return Promise.resolve(() => undefined);
    loading ??= loadVendors();
    return loading;
  };
  const cancel = clock.after(VENDORS_AT_MS, () => void get().catch(() => {}));
  return {
    get: () => {
      cancel();
      return get();
    },
  };
};

/**
 * One pass over the targets. Never rejects for what the network does; an aborted sweep resolves with what is known.
 * @param emit is called as things are seen, from within the sweep: keep it short.
 * @throws RollcallError `usage.method` for a method that does not exist.
 */
export const runSweep = async (
  request: SweepRequest,
  deps: SweepDeps,
  emit: (event: SweepEvent) => void = () => {},
): Promise<SweepResult> => {
  const context = createContext(request, deps, emit);
  const vendors = createVendors(deps, context);
  const stopProgress = reportProgress(context, emit);
  try {
    seeSelves(context);
    await Promise.all([sweepLinks(context), sweepRouted(context), sweepSparse(context)]);
  } catch (error) {
    if (!deps.signal.aborted) throw error;
  } finally {
    stopProgress();
    context.health.stop();
  }
  return concludeSweep(context, await vendors.get());
};
