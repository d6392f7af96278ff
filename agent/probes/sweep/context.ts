import type { Clock } from "../../../shared/clock.ts";
import { RollcallError } from "../../../shared/errors.ts";
import { type IpAddress, ipv4FromNumber } from "../../../shared/ip.ts";
import type { Method } from "../../../shared/protocol/observation.ts";
import type { Random } from "../../../shared/random.ts";
import { createAskBook } from "./asks.ts";
import { createDevices } from "./devices.ts";
import type { SweepDeps, SweepEvent, SweepRequest } from "./engine.ts";
import { isSegmentAddress, type LocalNetwork, linkOf, readLocalNetwork } from "./local-network.ts";
import {
  type Evidence,
  type MethodDeps,
  ownFaultOf,
  type SweepMethod,
  type SweepOptions,
  type Tally,
} from "./method.ts";
import { type Health, startMonitor } from "./monitor.ts";
import { type NeighbourRow, readProcArp, readTableStatistics } from "./neighbour-table.ts";
import { createOrder } from "./order.ts";
import { createPatience } from "./patience.ts";
import { createPermits, type Permits } from "./permits.ts";
import * as registry from "./registry.ts";
import type { Targets } from "./targets.ts";

export const defaultOptions: SweepOptions = {
  tcpPorts: [443, 22, 80, 445],
  closedPort: 40_125,
  timeoutMs: 950,
  communities: ["public"],
  procArpPath: "/proc/net/arp",
};

/** All that one sweep shares between its methods and phases. */
export type SweepContext = {
  readonly request: SweepRequest;
  readonly options: SweepOptions;
  readonly network: LocalNetwork;
  readonly methods: readonly SweepMethod[];
  readonly depsOf: (method: SweepMethod) => MethodDeps;
  readonly devices: ReturnType<typeof createDevices>;
  readonly permits: Permits;
  readonly tally: Tally;
  readonly book: ReturnType<typeof createAskBook>;
  readonly book6: Map<IpAddress, { asks: number; firstMs: number; lastMs: number }>;
  readonly selves: ReadonlySet<string>;
  readonly knownBefore: readonly NeighbourRow[];
  readonly notes: Set<string>;
  readonly health: Health;
  readonly startedAtMs: number;
  readonly elapsedMs: () => number;
  readonly order: (position: number) => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** No host has it, or it is ourselves: not asked, and no gap in the coverage. */
  readonly skips: (index: number) => boolean;
};

/** Methods that run when none are named: all, since each says something that the others don't. */
const everyMethod: Readonly<Record<string, SweepMethod>> = registry;
export const methodNames: readonly string[] = Object.keys(registry);

const chooseMethods = (request: SweepRequest, known: Readonly<Record<string, SweepMethod>>): SweepMethod[] => {
  const chosen = (request.methods ?? Object.keys(known)).map((name) => {
    const method = known[name];
    if (method === undefined)
      throw new RollcallError("usage.method", `"${name}" is no method; there are ${Object.keys(known).join(", ")}`);
    return method;
  });
  return [...new Set(chosen)];
};

export const readRows = (path: string): NeighbourRow[] => {
  try {
    return readProcArp(path);
  } catch {
    return [];
  }
};

const createTally = (): Tally => ({
  arpAnswers: [0, 0, 0],
  tableMisses: 0,
  controlAnswers: 0,
  controlSilences: 0,
  failures: new Map(),
});

/** Our own addresses, and those that name a segment itself or everybody on it. */
const indexesOfNobody = (targets: Targets, network: LocalNetwork, selves: ReadonlySet<string>): ReadonlySet<number> => {
  const ends = network.links
    .flatMap((link) => [link.range.first, link.range.last].map((n) => [link, ipv4FromNumber(n)] as const))
    .filter(([link, address]) => isSegmentAddress(link, address))
    .map(([, address]) => address);
  return new Set([...selves, ...ends].map(targets.index4).filter((index) => index >= 0));
};

/** A segment of ours; else a /24, or the four first groups of IPv6: what lies at one place. */
const networkOf = (network: LocalNetwork, address: IpAddress): string => {
  const link = linkOf(network, address);
  if (link !== undefined) return link.device;
  return address.includes(":") ? address.split(":", 4).join(":") : address.slice(0, address.lastIndexOf("."));
};

/** Methods whose answers come from a kernel at once, so that their times are the network's. */
const kernelMethods: ReadonlySet<Method> = new Set(["icmp", "tcp", "udp"]);

/** What every method and phase needs of one sweep, made before the first packet. */
export const createContext = (
  request: SweepRequest,
  deps: SweepDeps,
  emit: (event: SweepEvent) => void,
): SweepContext => {
  const { clock, random, signal, readNetwork = readLocalNetwork, readTable = readTableStatistics } = deps;
  const { targets } = request;
  const options = { ...defaultOptions, ...request.options };
  const network = readNetwork();
  const startedAt = clock.monotonic();
  const elapsedMs = () => clock.monotonic() - startedAt;
  const [devices, tally] = [createDevices(), createTally()];
  const selves = new Set<string>([...network.links, ...network.links6].map((link) => link.address));
  const skipped = indexesOfNobody(targets, network, selves);
  const tableEntries = readTable()?.entries ?? 0;
  const context = {
    ...{ request, options, network, devices, tally, selves, elapsedMs, clock, random, signal },
    methods: chooseMethods(request, deps.methods ?? everyMethod),
    permits: createPermits({
      ...{ targets, network, rate: request.rate, tableEntries, devices, tally, elapsedMs, clock, signal },
    }),
    book: createAskBook(targets.size4),
    book6: new Map() as SweepContext["book6"],
    notes: new Set<string>(),
    knownBefore: readRows(options.procArpPath).filter((row) => row.mac !== undefined && targets.contains(row.address)),
    health: startMonitor(clock, network, readNetwork, readTable),
    startedAtMs: clock.now(),
    order: createOrder(Math.max(1, targets.size4), random),
    skips: (index: number) => skipped.has(index),
  };
  return { ...context, depsOf: createDepsOf(context, deps, emit) };
};

type WithoutDeps = Omit<SweepContext, "depsOf">;

const createDepsOf = (
  context: WithoutDeps,
  { log }: Pick<SweepDeps, "log">,
  emit: (event: SweepEvent) => void,
): SweepContext["depsOf"] => {
  const { clock, random, signal, options, network, devices, permits, tally, book, notes, elapsedMs, methods } = context;
  const { targets } = context.request;
  const patience = createPatience(options.timeoutMs, (address) => networkOf(network, address));
  const saw = createSaw(context, patience.learn, emit);
  const bookAsk = createBookAsk(context);
  const shared = {
    ...{ clock, random, signal, log, targets, options, book, tally, elapsedMs, saw },
    patienceMs: patience.ms,
    linkOf: (address: IpAddress) => linkOf(network, address),
    alone: methods.every((m) => m.purpose === "passive"),
    groupLinks: network.links.filter(({ range }) =>
      targets.ranges4.some((r) => range.first <= r.last && range.last >= r.first),
    ),
    links6: network.links6,
    knownMacs: () => [...new Set(devices.macs().values())],
    chunk: permits.chunk,
    note: (text: string) => void notes.add(text),
    failed: (error: unknown) => {
      const code = ownFaultOf(error);
      if (code !== undefined) tally.failures.set(code, (tally.failures.get(code) ?? 0) + 1);
    },
  };
  return ({ name }) => ({
    ...shared,
    permit: async (address, how = {}) => {
      await permits.take(name, address, how);
      if (how.book ?? true) bookAsk(address);
    },
    charge: (frames) => permits.charge(name, frames),
    aside: (to, packets) => permits.takeAside(name, to, packets),
  });
};

const createBookAsk =
  ({ request: { targets }, book, book6, elapsedMs }: WithoutDeps) =>
  (address: IpAddress): void => {
    const index = targets.index4(address);
    if (index >= 0) {
      book.add(index, elapsedMs());
      return;
    }
    const before = book6.get(address) ?? { asks: 0, firstMs: elapsedMs(), lastMs: 0 };
    book6.set(address, { ...before, asks: before.asks + 1, lastMs: elapsedMs() });
  };

const createSaw =
  (
    { request: { targets }, devices, permits, book }: WithoutDeps,
    learn: (address: IpAddress, latencyMs: number) => void,
    emit: (event: SweepEvent) => void,
  ) =>
  (evidence: Evidence): void => {
    const { address, method, alive, latencyMs, atMs } = evidence;
    if (!targets.contains(address)) return;
    const { firstSeen } = devices.add(evidence);
    if (kernelMethods.has(method) && latencyMs !== undefined) learn(address, latencyMs);
    if (alive) {
      permits.answered(address, firstSeen);
      const index = targets.index4(address);
      if (index >= 0) book.see(index);
    }
    emit({ kind: "evidence", evidence });
    if (!firstSeen) return;
    const mac = evidence.mac ?? devices.macOf(address);
    emit({ kind: "seen", address, method, atMs, ...(mac && { mac }) });
  };
