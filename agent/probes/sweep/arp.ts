import type { IpAddress } from "../../../shared/ip.ts";
import type { MacAddress } from "../../../shared/mac.ts";
import { type KnownRows, proveKnown, rememberKnown } from "./arp-known.ts";
import { type ArpWire, createArpWire } from "./arp-wire.ts";
import { lossOf, RESIDUAL } from "./loss.ts";
import type { MethodDeps, SweepMethod } from "./method.ts";
import { isReadable, type KernelArp, type NeighbourRow, readKernelArp } from "./neighbour-table.ts";
import { sweepByNodeArp } from "./node-arp.ts";

/** An address that the kernel is asking for on our behalf. */
type Pending = {
  readonly address: IpAddress;
  readonly device: string;
  readonly sentAt: number;
  /** The same moment as `sentAt`, in milliseconds since the sweep began. */
  readonly sentAtMs: number;
  /** Asks of this cycle that are booked: those during which its row was seen. */
  booked: number;
};

const POLL_BUSY_MS = 20;
const POLL_MS = 100;
const LATE_MS = 500;
/** How long answers to the last ask are waited for, if those seen so far were not slower; its timer may be 64 ms late. */
const GRACE_MS = 200;
/** While answers come in, nothing is given up: they tell how many asks are enough. */
const QUIET_MS = 100;
/** A row shows at once; one that has not shown by now was refused by a full table. */
const ROW_WAIT_MS = 400;
const MAX_RESENDS = 3;
const MAX_CYCLES = 2;

export type ArpDeps = MethodDeps & { readonly wire: ArpWire; readonly kernelOf: (device: string) => KernelArp };

const createState = (deps: ArpDeps) => ({
  pending: new Map<IpAddress, Pending>(),
  known: new Map() as KnownRows,
  resends: new Map<IpAddress, number>(),
  again: [] as IpAddress[],
  slowestMs: 0,
  foundAt: Number.NEGATIVE_INFINITY,
  polledAt: deps.clock.monotonic(),
  /** Answers that came while we were late. */
  unsure: 0,
  /** The table was last read so long ago that an answer can't be given to its question. */
  late: false,
  sending: true,
  kernels: new Map<string, KernelArp>(),
  kernel(device: string): KernelArp {
    const known = this.kernels.get(device) ?? deps.kernelOf(device);
    this.kernels.set(device, known);
    return known;
  },
});
type State = ReturnType<typeof createState>;

const isSeen = (deps: ArpDeps, address: IpAddress): boolean => deps.book.isSeen(deps.targets.index4(address));

const found = (state: State, deps: ArpDeps, row: NeighbourRow, mac: MacAddress): void => {
  const { retransMs, solicits } = state.kernel(row.device);
  const asked = state.pending.get(row.address);
  // As of when the table was read: telling of a hundred hosts may take a while, or be interrupted.
  const sinceMs = asked === undefined ? undefined : state.polledAt - asked.sentAt;
  state.pending.delete(row.address);
  state.foundAt = deps.clock.monotonic();
  if (isSeen(deps, row.address) && asked === undefined) return;
  if (asked !== undefined && sinceMs !== undefined) {
    const ask = Math.min(solicits - 1, Math.floor(sinceMs / retransMs));
    if (asked.booked === 0) deps.book.add(deps.targets.index4(row.address), asked.sentAtMs);
    // After a pause of ours nobody can tell which question was answered: such an answer says nothing of loss.
    if (state.late) state.unsure++;
    else deps.tally.arpAnswers[ask] = (deps.tally.arpAnswers[ask] ?? 0) + 1;
    state.slowestMs = Math.max(state.slowestMs, Math.min(500, sinceMs - ask * retransMs));
  }
  const { address, device } = row;
  const latency = sinceMs === undefined ? {} : { latencyMs: Math.max(0, sinceMs % retransMs) };
  deps.saw({ address, method: "arp", atMs: deps.clock.now(), alive: true, mac, device, ...latency });
};

/** Books the asks that the kernel has made by now; its row stays in the table while it asks and after it gave up. */
const bookAsks = (state: State, deps: ArpDeps, asked: Pending, now: number): void => {
  const { retransMs, solicits } = state.kernel(asked.device);
  const due = Math.min(solicits, 1 + Math.floor((now - asked.sentAt - 10) / retransMs));
  const index = deps.targets.index4(asked.address);
  for (; asked.booked < due; asked.booked++) deps.book.add(index, asked.sentAtMs + asked.booked * retransMs);
};

const poll = (state: State, deps: ArpDeps): void => {
  const now = deps.clock.monotonic();
  state.late = now - state.polledAt > LATE_MS;
  state.polledAt = now;
  const present = new Set<IpAddress>();
  for (const row of deps.wire.rows()) {
    const asked = state.pending.get(row.address);
    if (asked !== undefined && asked.device === row.device) {
      present.add(row.address);
      if (row.mac === undefined) bookAsks(state, deps, asked, now);
      else found(state, deps, row, row.mac);
    } else if (row.mac !== undefined && !state.known.has(row.address)) lateAnswer(state, deps, row, row.mac);
  }
  for (const asked of [...state.pending.values()]) settle(state, deps, asked, present.has(asked.address), now);
};

/** An answer to the third ask of an address that was given up after two. */
const lateAnswer = (state: State, deps: ArpDeps, row: NeighbourRow, mac: MacAddress): void => {
  const index = deps.targets.index4(row.address);
  if (index < 0 || deps.book.asks(index) === 0 || deps.book.isSeen(index)) return;
  if (deps.linkOf(row.address)?.device !== row.device) return;
  if (!state.late) deps.tally.arpAnswers[2] = (deps.tally.arpAnswers[2] ?? 0) + 1;
  found(state, deps, row, mac);
};

/** Two asks are enough where nothing is lost; three where something is, or where nobody has answered yet. */
const enoughAsks = (state: State, deps: ArpDeps, solicits: number): number => {
  if (state.unsure > 0) return solicits;
  const answered = deps.tally.arpAnswers.reduce((sum, n) => sum + n, 0);
  return answered > 0 && lossOf(deps.tally.arpAnswers) ** 2 <= RESIDUAL ? Math.min(2, solicits) : solicits;
};

const settle = (state: State, deps: ArpDeps, asked: Pending, present: boolean, now: number): void => {
  const { retransMs, solicits } = state.kernel(asked.device);
  const enough = enoughAsks(state, deps, solicits);
  const isQuiet = now - state.foundAt >= QUIET_MS;
  const waitMs = Math.max(GRACE_MS, 3 * state.slowestMs);
  if (isQuiet && asked.booked >= enough && now - asked.sentAt >= (enough - 1) * retransMs + waitMs)
    state.pending.delete(asked.address);
  else if (!present && asked.booked === 0 && now - asked.sentAt > ROW_WAIT_MS) {
    state.pending.delete(asked.address);
    const resends = (state.resends.get(asked.address) ?? 0) + 1;
    state.resends.set(asked.address, resends);
    // No row and a failed send: the interface is gone, not the room in the table. Asking again would only take time.
    if (deps.tally.failures.size > 0) return;
    deps.tally.tableMisses++;
    if (resends <= MAX_RESENDS) state.again.push(asked.address);
  } else if (now - asked.sentAt > solicits * retransMs + 2_000) state.pending.delete(asked.address);
};

const pollUntilDone = async (state: State, deps: ArpDeps): Promise<void> => {
  let quietSince = deps.clock.monotonic();
  while (!deps.signal.aborted && (state.sending || state.pending.size > 0)) {
    const before = state.pending.size;
    poll(state, deps);
    if (state.sending || state.pending.size !== before) quietSince = deps.clock.monotonic();
    const busy = deps.clock.monotonic() - quietSince < 200;
    await deps.clock.sleep(busy && before < 300 ? POLL_BUSY_MS : POLL_MS, deps.signal).catch(() => {});
  }
  poll(state, deps);
};

const send = async (state: State, deps: ArpDeps, address: IpAddress): Promise<void> => {
  const device = deps.linkOf(address)?.device;
  if (device === undefined) return;
  await deps.permit(address, { book: false });
  deps.wire.send(address);
  if (!state.known.has(address))
    state.pending.set(address, {
      address,
      device,
      sentAt: deps.clock.monotonic(),
      sentAtMs: deps.elapsedMs(),
      booked: 0,
    });
};

const sendAll = async (state: State, deps: ArpDeps, addresses: Iterable<IpAddress>): Promise<void> => {
  try {
    for (const address of addresses) {
      if (deps.signal.aborted) break;
      await send(state, deps, address);
    }
    // What a full table refused, until it is through or given up.
    while (!deps.signal.aborted && (state.again.length > 0 || (state.pending.size > 0 && deps.tally.tableMisses > 0))) {
      const address = state.again.shift();
      if (address === undefined) await deps.clock.sleep(POLL_MS, deps.signal);
      else await send(state, deps, address);
    }
  } catch (error) {
    if (!deps.signal.aborted) throw error;
  } finally {
    state.sending = false;
  }
};

const cycle = async (state: State, deps: ArpDeps, addresses: Iterable<IpAddress>): Promise<void> => {
  state.sending = true;
  const sent = sendAll(state, deps, addresses);
  await pollUntilDone(state, deps);
  await sent;
};

function* silentAgain(deps: ArpDeps, state: State): Generator<IpAddress> {
  for (let i = 0; i < deps.book.size; i++) {
    const address = deps.targets.at4(i);
    if (
      deps.book.asks(i) > 0 &&
      !deps.book.isSeen(i) &&
      deps.linkOf(address) !== undefined &&
      !state.known.has(address)
    )
      yield address;
  }
}

/** The sweep over the kernel's ARP. Exported for tests, which give it a simulated kernel. */
export const sweepArp = async (addresses: Iterable<IpAddress>, deps: ArpDeps): Promise<void> => {
  const state = createState(deps);
  rememberKnown(state.known, deps);
  const fresh = function* () {
    for (const address of addresses) if (!state.known.has(address)) yield address;
  };
  const knownDone = proveKnown(state.known, deps);
  await cycle(state, deps, fresh());
  for (let cycles = 1; cycles < MAX_CYCLES && !deps.signal.aborted; cycles++) {
    // One more loss than was seen: a sample of a few dozen hosts is not exact.
    const [once = 0, again = 0, third = 0] = deps.tally.arpAnswers;
    const loss = again + third + state.unsure === 0 ? 0 : lossOf([once, again, third + 1 + state.unsure]);
    const asksSoFar = 3 * cycles;
    if (loss === 0 || loss ** asksSoFar <= RESIDUAL) break;
    // Once the kernel has given up on them (a wait after its third question) a datagram makes it ask anew.
    const longest = Math.max(0, ...[...state.kernels.values()].map((kernel) => kernel.retransMs));
    await deps.clock.sleep(longest + GRACE_MS, deps.signal).catch(() => {});
    await cycle(state, deps, silentAgain(deps, state));
  }
  await knownDone;
};

/**
 * Address resolution by the kernel, which any user may cause: who has the address, on this segment, with which MAC.
 * Sees every IPv4 host that is awake, whatever its firewall does.
 */
export const arp: SweepMethod = {
  name: "arp",
  purpose: "ask",
  families: [4],
  packets: () => 1,
  run: async (addresses, deps) => {
    if (!isReadable(deps.options.procArpPath)) return sweepByNodeArp(addresses, deps);
    const wire = createArpWire(deps.options, deps.clock.after, deps.failed);
    try {
      await sweepArp(addresses, { ...deps, wire, kernelOf: readKernelArp });
    } finally {
      wire.close();
    }
  },
};
