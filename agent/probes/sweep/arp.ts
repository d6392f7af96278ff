import type { IpAddress } from "../../../shared/ip.ts";
import type { MacAddress } from "../../../shared/mac.ts";
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

/** A row that was there before we asked: it proves nothing until its host answers anew. */
type Known = { readonly mac: MacAddress; readonly device: string };

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
/** A stale row is probed 5 s after use (delay_first_probe_time), three times, a second apart. */
const STALE_WAIT_MS = 8_400;
/** A REACHABLE row was confirmed at most 1.5 × 30 s ago (base_reachable_time). */
const FRESH_S = 45;
const MAX_KNOCKS = 64;

export type ArpDeps = MethodDeps & { readonly wire: ArpWire; readonly kernelOf: (device: string) => KernelArp };

const createState = (deps: ArpDeps) => ({
  pending: new Map<IpAddress, Pending>(),
  known: new Map<IpAddress, Known>(),
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

/** Rows with a MAC that we did not ask for: of hosts that talked lately, or that are gone. */
const rememberKnown = (state: State, deps: ArpDeps): void => {
  for (const row of deps.wire.rows()) {
    if (row.mac === undefined || !deps.targets.contains(row.address)) continue;
    if (deps.linkOf(row.address)?.device !== row.device) continue;
    state.known.set(row.address, { mac: row.mac, device: row.device });
  }
};

const confirm = (
  deps: ArpDeps,
  address: IpAddress,
  known: Known,
  method: "arp" | "udp" | "neighbours",
  agoS = 0,
): void => {
  const { mac, device } = known;
  const detail = agoS > 0 ? { detail: { confirmed: `${agoS} s ago` } } : {};
  deps.saw({ address, method, atMs: deps.clock.now() - agoS * 1_000, alive: true, mac, device, ...detail });
};

const knock = async (state: State, deps: ArpDeps): Promise<void> => {
  const waiting = [...state.known];
  const worker = async () => {
    for (let next = waiting.pop(); next !== undefined && !deps.signal.aborted; next = waiting.pop()) {
      const [address, known] = next;
      await deps.permit(address);
      if (await deps.wire.knock(address, deps.options.timeoutMs)) confirm(deps, address, known, "udp");
    }
  };
  await Promise.all(Array.from({ length: Math.min(MAX_KNOCKS, waiting.length) }, worker)).catch((error: unknown) => {
    if (!deps.signal.aborted) throw error;
  });
};

/**
 * Proves or refutes the rows that were there before: by a refusal of UDP, by any other method of the sweep, or by the
 * kernel's own probes, which come 5 s after use. An ordinary user can't make it ask sooner.
 */
const proveKnown = async (state: State, deps: ArpDeps): Promise<void> => {
  const startedAt = deps.clock.monotonic();
  for (const [address, { mac, device }] of state.known)
    deps.saw({ address, method: "neighbours", atMs: deps.clock.now(), alive: false, mac, device });
  await knock(state, deps);
  const open = () => [...state.known].filter(([address]) => !isSeen(deps, address));
  while (open().length > 0 && !deps.signal.aborted) {
    const sinceMs = deps.clock.monotonic() - startedAt;
    const last = sinceMs >= STALE_WAIT_MS;
    await judgeKnown(state, deps, open(), sinceMs, last);
    if (last) break;
    await deps.clock.sleep(500, deps.signal).catch(() => {});
  }
};

const judgeKnown = async (
  state: State,
  deps: ArpDeps,
  open: readonly [IpAddress, Known][],
  sinceMs: number,
  last: boolean,
) => {
  const rows = new Map<string, NeighbourRow>();
  for (const device of new Set(open.map(([, known]) => known.device)))
    for (const row of (await deps.wire.agedRows(device)) ?? []) rows.set(`${device} ${row.address}`, row);
  const plain = rows.size === 0 ? new Set(deps.wire.rows().flatMap((r) => (r.mac ? [r.address] : []))) : undefined;
  for (const [address, known] of open) {
    const row = rows.get(`${known.device} ${address}`);
    const confirmedMs = (row?.confirmedS ?? Number.POSITIVE_INFINITY) * 1_000;
    if (row?.mac !== undefined && confirmedMs + 1_000 < sinceMs)
      confirm(deps, address, { ...known, mac: row.mac }, "arp");
    else if (last && row?.state === "REACHABLE" && (row.confirmedS ?? 99) <= FRESH_S)
      confirm(deps, address, known, "neighbours", row.confirmedS);
    else if (last && plain?.has(address)) confirm(deps, address, known, "neighbours");
    else if (row?.state === "FAILED" || (last && row === undefined)) {
      const index = deps.targets.index4(address);
      // Three probes, sent to its last MAC, a second apart.
      deps.book.add(index, deps.elapsedMs() - 2_000);
      deps.book.add(index, deps.elapsedMs() - 1_000, 2);
      state.known.delete(address);
    }
  }
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
  rememberKnown(state, deps);
  const fresh = function* () {
    for (const address of addresses) if (!state.known.has(address)) yield address;
  };
  const knownDone = proveKnown(state, deps);
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
