/**
 * A session with one device: a `DeviceReader` over UDP. One request is under way at a time (small devices drop what comes
 * side by side); hundreds of sessions run next to each other on the pool's few sockets.
 */
import type { SnmpCredential } from "./credentials.ts";
import { type Answer, type Ask, createExchange, type Exchange, type ExchangeStats } from "./exchange.ts";
import { getAll, nextAll } from "./get.ts";
import type { DeviceReader } from "./reader.ts";
import type { FacadeTarget, SocketPool } from "./sockets.ts";
import { createTuning, type Tuning } from "./tuning.ts";
import { walkAll } from "./walk.ts";

export type SessionOptions = {
  readonly pool: Pick<SocketPool, "moduleFor">;
  readonly target: FacadeTarget;
  readonly credential: SnmpCredential;
  /** First time-out, until the device's own round-trip time is known. */
  readonly timeoutMs?: number;
  /** Copies of a request before it counts as unanswered. More: survives worse networks. Fewer: gives up sooner on a device that died. */
  readonly sends?: number;
  readonly signal?: AbortSignal;
  readonly maxRows?: number;
};

export type SnmpSession = DeviceReader & {
  readonly credential: SnmpCredential;
  readonly stats: () => ExchangeStats;
  /** Whether the device stopped answering on the way: what was read is part of the truth. */
  readonly isSilent: () => boolean;
  /** Oddities met, for the person who wonders: "device does without GETBULK". */
  readonly notes: () => readonly string[];
  readonly close: () => void;
};

/** With 20 % loss six copies all get lost once in 15,000 requests. */
export const DEFAULT_SENDS = 6;
export const DEFAULT_TIMEOUT_MS = 1_500;

export const createSession = (options: SessionOptions): SnmpSession => {
  const { credential, sends = DEFAULT_SENDS, signal } = options;
  const tuning = createTuning(credential.version, sends);
  const root = createExchange({ ...options, timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS });
  const contexts = new Map<string, { readonly exchange: Exchange; readonly reader: DeviceReader }>();
  const inTurn = createTurns();

  const readerOver = (exchange: Exchange, its: Tuning, enter: (context: string) => DeviceReader): DeviceReader => {
    const ask = (request: Ask): Promise<Answer> => {
      if (signal?.aborted) its.silent = true;
      return its.silent ? Promise.resolve({ status: "timeout" }) : inTurn(() => exchange.ask(request));
    };
    return {
      get: (oids) => getAll(ask, its, oids),
      next: (oids) => nextAll(ask, its, oids),
      walk: (roots, { maxRows = options.maxRows } = {}) =>
        walkAll(ask, its, typeof roots === "string" ? [roots] : roots, maxRows === undefined ? {} : { maxRows }),
      inContext: enter,
    };
  };

  const inContext = (name: string): DeviceReader => {
    // Cisco names the v3 contexts of its VLANs "vlan-10", and takes the bare number as `community@10`.
    const context = credential.version === "3" && /^\d+$/.test(name) ? `vlan-${name}` : name;
    const known = contexts.get(context);
    if (known) return known.reader;
    // A context that the device does not know is met by silence: two copies at the device's own pace are enough to say so.
    const { rttMs } = root.stats();
    const timeoutMs = rttMs === undefined ? (options.timeoutMs ?? DEFAULT_TIMEOUT_MS) : 250 + 4 * rttMs;
    const exchange = createExchange({ ...options, context, timeoutMs });
    const its = createTuning(credential.version, Math.min(2, sends), { answered: false });
    const reader = readerOver(exchange, { ...its, bulk: tuning.bulk }, inContext);
    contexts.set(context, { exchange, reader });
    return reader;
  };

  const exchanges = () => [root, ...[...contexts.values()].map(({ exchange }) => exchange)];
  return {
    ...readerOver(root, tuning, inContext),
    credential,
    isSilent: () => tuning.silent,
    notes: () => (tuning.bulk === false && credential.version !== "1" ? ["device does without GETBULK"] : []),
    stats: () =>
      exchanges()
        .map((exchange) => exchange.stats())
        .reduce((sum, s) => ({
          requests: sum.requests + s.requests,
          varbinds: sum.varbinds + s.varbinds,
          timeouts: sum.timeouts + s.timeouts,
          rttMs: sum.rttMs,
        })),
    close: () => {
      for (const exchange of exchanges()) exchange.close();
    },
  };
};

/** Runs what it is given one after the other. */
const createTurns = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(run: () => Promise<T>): Promise<T> => {
    const mine = last.then(run, run);
    last = mine;
    return mine;
  };
};
