/**
 * A few real UDP sockets for any number of net-snmp sessions. net-snmp opens a socket per session and believes whoever
 * answers; the facade that it is handed as `dgramModule` sends from a shared socket, gives v1 and v2c requests ids that
 * nobody can guess, and passes on only what the asked device may have said:
 *
 * - from the address and port that was asked, or from one of the target's `alsoFrom` addresses;
 * - with the id of a request that is under way on that socket (v3's msgID is under the signature and stays net-snmp's own);
 * - for an authenticated v3 session: authenticated (and encrypted), unless it is a Report. net-snmp takes the peer's word
 *   for the level and would believe an unsigned answer.
 *
 * What fits none of these is counted and dropped; the request stays open for the true answer.
 */
import dgram from "node:dgram";
import { isIPv6 } from "node:net";
import type { Clock } from "../../shared/clock.ts";
import type { Random } from "../../shared/random.ts";
import { type MessageHeader, overwriteRequestId, parseHeader, pduTags, repairAnswer, withRequestId } from "./ber.ts";

export type FacadeTarget = {
  readonly address: string;
  readonly port: number;
  /** Other addresses the same device is known to answer from (a router with several interfaces). */
  readonly alsoFrom?: readonly string[];
  /** What answers must carry; communities need nothing. */
  readonly level?: "noAuthNoPriv" | "authNoPriv" | "authPriv";
};

export type FacadeEvents = {
  /** An answer came `rttMs` after its request; `resent` when more than one copy was sent, so that the time may be too long. */
  readonly onAnswer?: (rttMs: number, resent: boolean) => void;
  /** The device's answer could not be read as it came. If the request is still open after this call, it gets no better one. */
  readonly onUnreadable?: () => void;
};

/** What net-snmp asks of a socket. */
export type SocketFacade = {
  on(event: string, listener: (...args: never[]) => void): void;
  send(
    buffer: Uint8Array,
    offset: number,
    length: number,
    port: number,
    address: string,
    done?: (error: Error | null) => void,
  ): void;
  bind(): void;
  ref(): void;
  unref(): void;
  close(): void;
};

export type SocketPoolStats = {
  readonly sent: number;
  readonly received: number;
  readonly strangers: number;
  readonly malformed: number;
  readonly unsigned: number;
  readonly repaired: number;
};

type Pending = {
  readonly facade: Facade;
  readonly originalId: number;
  readonly wire: Uint8Array;
  readonly firstSentAt: number;
  sends: number;
};
type Facade = {
  readonly target: FacadeTarget;
  readonly events: FacadeEvents;
  readonly deliver: (message: Buffer) => boolean;
  readonly keys: string[];
};
type RealSocket = { readonly socket: dgram.Socket; readonly pending: Map<string, Pending> };

export type SocketPoolOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** Real sockets per address family. More spread bursts over more kernel buffers. Default 4. */
  readonly sockets?: number;
};

export type SocketPool = ReturnType<typeof createSocketPool>;

/** A session has one request under way and perhaps a late one; older ones are forgotten. */
const MAX_PENDING_PER_SESSION = 4;

export const createSocketPool = ({ clock, random, sockets = 4 }: SocketPoolOptions) => {
  const stats = { sent: 0, received: 0, strangers: 0, malformed: 0, unsigned: 0, repaired: 0 };
  const families = new Map<"udp4" | "udp6", RealSocket[]>();
  let turn = 0;
  let closed = false;

  const openReal = (family: "udp4" | "udp6"): RealSocket => {
    const socket = dgram.createSocket({ type: family, recvBufferSize: 4 << 20 });
    const real: RealSocket = { socket, pending: new Map() };
    socket.on("message", (message, sender) => receive(real, message, sender.address, sender.port));
    // ICMP errors and full buffers: the request times out as if lost.
    socket.on("error", () => {});
    socket.unref();
    return real;
  };

  const realFor = (family: "udp4" | "udp6"): RealSocket => {
    const reals = families.get(family) ?? [];
    families.set(family, reals);
    if (reals.length < sockets) reals.push(openReal(family));
    return reals[turn++ % reals.length]!;
  };

  const receive = (real: RealSocket, message: Buffer, address: string, port: number): void => {
    stats.received++;
    const header = parseHeader(message);
    if (header === undefined) {
      stats.malformed++;
      return;
    }
    const key = pendingKey(header, address, port, real);
    const pending = key === undefined ? undefined : real.pending.get(key);
    if (key === undefined || pending === undefined) {
      stats.strangers++;
      return;
    }
    if (!isAsSecure(header, pending.facade.target.level)) {
      stats.unsigned++;
      return;
    }
    real.pending.delete(key);
    pending.facade.events.onAnswer?.(clock.monotonic() - pending.firstSentAt, pending.sends > 1);
    passOn(pending, header, message);
  };

  /** The key under which the asked device's request waits, also when it answers from another address it is known by. */
  const pendingKey = (header: MessageHeader, address: string, port: number, real: RealSocket): string | undefined => {
    const from = plainAddress(address);
    const direct = `${header.id}|${from}|${port}`;
    if (real.pending.has(direct)) return direct;
    for (const [key, { facade }] of real.pending)
      if (facade.target.alsoFrom?.includes(from) && key.startsWith(`${header.id}|`)) return key;
    return undefined;
  };

  const passOn = ({ facade, originalId }: Pending, header: MessageHeader, message: Buffer): void => {
    const readable = header.version === 3 || overwriteRequestId(message, header, originalId);
    if (readable && facade.deliver(message)) return;
    const repaired = readable ? repairAnswer(message, header) : undefined;
    stats.repaired++;
    if (repaired !== undefined) facade.deliver(repaired);
    // Also after a repair: an exception behind the parser leaves the request unanswered, and only its owner knows.
    facade.events.onUnreadable?.();
  };

  const sendFrom = (
    real: RealSocket,
    facade: Facade,
    sentByBuffer: Map<Uint8Array, string>,
    buffer: Uint8Array,
  ): Pending | undefined => {
    const known = sentByBuffer.get(buffer);
    const again = known === undefined ? undefined : real.pending.get(known);
    if (again) {
      again.sends++;
      return again;
    }
    const header = parseHeader(buffer);
    if (header === undefined) return undefined;
    const { address, port } = facade.target;
    let id = header.id;
    let key = `${id}|${address}|${port}`;
    if (header.version !== 3)
      do {
        id = newRequestId(random);
        key = `${id}|${address}|${port}`;
      } while (real.pending.has(key));
    const wire = header.version === 3 ? buffer : withRequestId(buffer, header, id);
    const pending: Pending = { facade, originalId: header.id, wire, firstSentAt: clock.monotonic(), sends: 1 };
    real.pending.set(key, pending);
    sentByBuffer.set(buffer, key);
    facade.keys.push(key);
    if (facade.keys.length > MAX_PENDING_PER_SESSION) {
      const oldest = facade.keys.shift()!;
      real.pending.delete(oldest);
      for (const [b, k] of sentByBuffer) if (k === oldest) sentByBuffer.delete(b);
    }
    return pending;
  };

  /** The `dgramModule` for one session with one target. */
  const moduleFor = (target: FacadeTarget, events: FacadeEvents = {}) => {
    const plainTarget = { ...target, address: plainAddress(target.address) };
    const createSocket = (): SocketFacade => {
      const real = realFor(isIPv6(plainTarget.address) ? "udp6" : "udp4");
      const listeners = new Map<string, (...args: never[]) => void>();
      const sentByBuffer = new Map<Uint8Array, string>();
      const deliver = (message: Buffer): boolean => {
        const listener = listeners.get("message") as ((message: Buffer) => void) | undefined;
        try {
          listener?.(message);
          return true;
        } catch {
          return false;
        }
      };
      const facade: Facade = { target: plainTarget, events, deliver, keys: [] };
      return {
        on: (event, listener) => void listeners.set(event, listener),
        send: (buffer, offset, length, port, _address, done) => {
          const whole = offset === 0 && length === buffer.length ? buffer : buffer.subarray(offset, offset + length);
          const pending = closed ? undefined : sendFrom(real, facade, sentByBuffer, whole);
          if (pending === undefined) return void done?.(new Error("socket pool closed"));
          stats.sent++;
          real.socket.send(pending.wire, port, target.address, (error) => done?.(error));
        },
        bind: () => {},
        ref: () => {},
        unref: () => {},
        close: () => {
          for (const key of facade.keys) real.pending.delete(key);
          sentByBuffer.clear();
          (listeners.get("close") as (() => void) | undefined)?.();
        },
      };
    };
    return { createSocket };
  };

  const close = async (): Promise<void> => {
    closed = true;
    const all = [...families.values()].flat();
    families.clear();
    await Promise.all(all.map(({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  };

  return { moduleFor, stats: (): SocketPoolStats => ({ ...stats }), close };
};

/** 30 unguessable bits with the top octet set, so that the id always has four octets and is positive. */
const newRequestId = (random: Random): number => {
  const [a, b, c, d] = random.bytes(4) as unknown as [number, number, number, number];
  return ((a & 0x3f) | 0x40) * 0x1_00_00_00 + b * 0x1_00_00 + c * 0x1_00 + d;
};

const isAsSecure = (header: MessageHeader, level: FacadeTarget["level"]): boolean => {
  if (header.version !== 3 || level === undefined || level === "noAuthNoPriv") return true;
  const needed = level === "authPriv" ? 3 : 1;
  return (header.flags & needed) === needed || header.pduTag === pduTags.report;
};

/** Without zone and without the IPv4-mapped prefix, as senders and targets are compared. */
const plainAddress = (address: string): string => address.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
