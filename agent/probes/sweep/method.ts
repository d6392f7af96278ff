import type { Clock } from "../../../shared/clock.ts";
import type { IpAddress } from "../../../shared/ip.ts";
import type { Log } from "../../../shared/log.ts";
import type { MacAddress } from "../../../shared/mac.ts";
import type { Method } from "../../../shared/protocol/observation.ts";
import type { Random } from "../../../shared/random.ts";
import type { AskBook } from "./asks.ts";
import type { Link, Link6 } from "./local-network.ts";
import type { Targets } from "./targets.ts";

/** What one method learned of one address. */
export type Evidence = {
  readonly address: IpAddress;
  readonly method: Method;
  /** Wall time of the answer. */
  readonly atMs: number;
  /** Whether somebody at this address answered now. A name in the DNS, or an old row of a table, proves nothing. */
  readonly alive: boolean;
  readonly latencyMs?: number;
  readonly mac?: MacAddress;
  readonly device?: string;
  readonly hostnames?: readonly string[];
  /** Short facts: "port" of an open or refusing TCP port, "sysDescr", "engineId", "services" ... */
  readonly detail?: Readonly<Record<string, string>>;
};

export type SweepOptions = {
  readonly tcpPorts: readonly number[];
  /** A port that nobody listens on: the refusal is the answer. */
  readonly closedPort: number;
  /** How long an answer is waited for. Below the second after which kernels repeat a SYN on their own. */
  readonly timeoutMs: number;
  /** SNMP v1 and v2c communities, most likely first. */
  readonly communities: readonly string[];
  readonly procArpPath: string;
};

export type PermitOptions = {
  /** 1 unless said; 0 for the rest of a group whose first was permitted for all. */
  readonly frames?: number;
  /** The packets leave by another program, up to 130 ms later: with a promised rate, room is kept for them until then. */
  readonly late?: boolean;
  /** False where the method books asks itself, once it has seen that they left (ARP). */
  readonly book?: boolean;
};

/** What the proof of sight is made of; methods add to it. */
export type Tally = {
  /** Hosts that answered the kernel's first, second and third question of ARP. */
  readonly arpAnswers: number[];
  /** Addresses whose row never showed in the neighbour table: not asked, whatever was sent. */
  tableMisses: number;
  /** Answers and silences of hosts that were asked again although they had answered. */
  controlAnswers: number;
  controlSilences: number;
  /** Errors of sends, by code. */
  readonly failures: Map<string, number>;
};

export type MethodDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly targets: Targets;
  readonly options: SweepOptions;
  readonly book: AskBook;
  readonly tally: Tally;
  /** How long an answer of this address's kernel (a handshake, a refusal) is waited for, from the times seen around it. */
  readonly patienceMs: (address: IpAddress) => number;
  /** Milliseconds since the sweep began. */
  readonly elapsedMs: () => number;
  readonly linkOf: (address: IpAddress) => Link | undefined;
  readonly links6: readonly Link6[];
  /** No other method asks in this sweep. */
  readonly alone: boolean;
  /** Our addresses on segments that have IPv4 targets: where a question to a group goes out. */
  readonly groupLinks: readonly Link[];
  /** MACs seen so far, for addresses that are made of them. */
  readonly knownMacs: () => readonly MacAddress[];
  /**
   * Waits until a packet to this address fits the budget and the neighbour table, and books it as asked.
   * @throws RollcallError `sweep.outside` for an address that is no target: a bug that must not reach the wire.
   */
  readonly permit: (address: IpAddress, options?: PermitOptions) => Promise<void>;
  /** How many packets may be permitted and sent in one go. */
  readonly chunk: number;
  readonly charge: (frames: number) => void;
  readonly saw: (evidence: Evidence) => void;
  /** An error of a send that speaks against us, not against the target: no route, no right, no socket. */
  readonly failed: (error: unknown) => void;
  /** Waits until packets to somebody who is no target (resolvers, multicast groups) fit; the summary lists them. */
  readonly aside: (to: string, packets: number) => Promise<void>;
  /** Why this method can't work here, or not fully: one line for the summary. */
  readonly note: (text: string) => void;
};

/**
 * A way to ask. "ask": one question to each address, the answer proves life. "name": asked only of or about addresses that
 * are known to be there. "group": one question to a multicast group. "passive": reads what the kernel knows, sends nothing.
 */
export type SweepMethod = {
  readonly name: Method;
  readonly purpose: "ask" | "name" | "group" | "passive";
  readonly families: readonly (4 | 6)[];
  /** Packets to an address that stays silent; for the progress bar and the plan. */
  readonly packets: (options: SweepOptions) => number;
  /** Asks each address once (`addresses` can be walked again) and waits for the last answer or its time-out. Ends early, without throwing, when aborted. */
  readonly run: (addresses: Iterable<IpAddress>, deps: MethodDeps) => Promise<void>;
};

/** Bounds how many questions are open at once; `enter` waits for a place. */
export const createGate = (size: number) => {
  let open = 0;
  const waiting: (() => void)[] = [];
  const idle: (() => void)[] = [];
  return {
    enter: async (): Promise<void> => {
      if (open >= size) await new Promise<void>((resolve) => waiting.push(resolve));
      open++;
    },
    leave: (): void => {
      open--;
      waiting.shift()?.();
      if (open === 0) for (const resolve of idle.splice(0)) resolve();
    },
    /** Resolves when nothing is open. */
    drained: (): Promise<void> => (open === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  };
};

export type Answer = {
  readonly latencyMs: number;
  readonly detail: Readonly<Record<string, string>>;
  readonly hostnames?: readonly string[];
};

/** What to call when the sweep is stopped; one listener on the signal for all open questions. */
export type Stops = Set<() => void>;

/**
 * The loop of every method that opens one question per address: permit, open, wait for its end.
 * `open` resolves to what it learned, or undefined for silence; it must not reject and must end on its own.
 */
export const askEach = async (
  method: Method,
  addresses: Iterable<IpAddress>,
  deps: MethodDeps,
  {
    concurrency,
    frames = 1,
    open,
  }: { concurrency: number; frames?: number; open: (address: IpAddress, stops: Stops) => Promise<Answer | undefined> },
): Promise<void> => {
  const gate = createGate(concurrency);
  const stops: Stops = new Set();
  const stopAll = () => {
    for (const stop of [...stops]) stop();
  };
  deps.signal.addEventListener("abort", stopAll, { once: true });
  for (const address of addresses) {
    await gate.enter();
    try {
      deps.signal.throwIfAborted();
      await deps.permit(address, { frames });
    } catch (error) {
      gate.leave();
      if (deps.signal.aborted) break;
      throw error;
    }
    void open(address, stops).then((answer) => {
      if (answer !== undefined) deps.saw({ address, method, atMs: deps.clock.now(), alive: true, ...answer });
      gate.leave();
    });
  }
  await gate.drained();
  deps.signal.removeEventListener("abort", stopAll);
};

/** Runs `work` over all, `atOnce` at a time; starts nothing more once aborted. */
export const askAll = async <T>(
  items: Iterable<T>,
  atOnce: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const iterator = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = iterator.next(); !next.done && !signal.aborted; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

const ourFaults: ReadonlySet<string> = new Set([
  "ENETUNREACH",
  "ENETDOWN",
  "EACCES",
  "EPERM",
  "EADDRNOTAVAIL",
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
]);

/** The code of an error that is our own network's or kernel's fault. EHOSTUNREACH is not: it is how silence is told. */
export const ownFaultOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" && ourFaults.has(error.code)
    ? error.code
    : undefined;
