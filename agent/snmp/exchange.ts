/**
 * One request, one answer: net-snmp behind one function that never throws and always settles. Time-outs follow the
 * device's own round-trip time (RFC 6298 with Karn's rule), so that a fast device costs little when it loses a packet and
 * a slow one is not asked twice for everything.
 */
import { isIPv6 } from "node:net";
import snmp from "net-snmp";
import type { SnmpCredential, UsmCredential } from "./credentials.ts";
import type { Varbind, VarbindValue } from "./reader.ts";
import type { FacadeTarget, SocketPool } from "./sockets.ts";

/** Why a device refused a credential. Each has its own remedy, so each is told apart. */
export type Denial =
  | "unknown-user"
  | "wrong-auth-key"
  | "wrong-privacy-key"
  | "clock"
  | "security-level"
  | "access"
  | "des-unavailable";

export type Answer =
  /** One list per asked OID, in request order; lists may be short or missing at the end. Exceptions keep their tags 128..130. */
  | { readonly status: "ok"; readonly columns: readonly (readonly Varbind[])[] }
  | { readonly status: "error"; readonly code: number; readonly oid?: string }
  | { readonly status: "timeout" }
  | { readonly status: "unreadable" }
  | { readonly status: "denied"; readonly denial: Denial };

export type Ask = {
  readonly kind: "get" | "next" | "bulk";
  readonly oids: readonly string[];
  readonly maxRepetitions?: number;
  /** Copies sent before giving up. */
  readonly sends: number;
};
export type Exchange = {
  readonly ask: (ask: Ask) => Promise<Answer>;
  readonly stats: () => ExchangeStats;
  readonly close: () => void;
};
export type ExchangeStats = {
  readonly requests: number;
  readonly varbinds: number;
  readonly timeouts: number;
  readonly rttMs: number | undefined;
};

export type ExchangeOptions = {
  readonly pool: Pick<SocketPool, "moduleFor">;
  readonly target: FacadeTarget;
  readonly credential: SnmpCredential;
  /** v3 context name; for communities the context is part of the community. */
  readonly context?: string;
  /** First time-out, before the device's own pace is known. */
  readonly timeoutMs: number;
  readonly maxTimeoutMs?: number;
};

/** SNMP error-status values we act upon (RFC 3416, 3). */
export const errorStatus = { tooBig: 1, noSuchName: 2, genErr: 5, authorizationError: 16 } as const;
export const exceptionTags = { noSuchObject: 128, noSuchInstance: 129, endOfMibView: 130 } as const;
export const isException = (varbind: Varbind): boolean => varbind.type >= 128 && varbind.type <= 130;

const MIN_TIMEOUT_MS = 250;
const BACKOFF = 1.6;

/** The parts of a net-snmp session that its type declarations leave out. */
type NetSession = Omit<snmp.Session, "cancelRequests"> & {
  timeout: number;
  retries: number;
  cancelRequests: (error: Error) => void;
};
type NetVarbind = { readonly oid: string; readonly type: number; readonly value: unknown };

const authProtocolOf: Record<UsmCredential["authProtocol"], snmp.AuthProtocols> = {
  md5: snmp.AuthProtocols.md5,
  sha1: snmp.AuthProtocols.sha,
  sha224: snmp.AuthProtocols.sha224,
  sha256: snmp.AuthProtocols.sha256,
  sha384: snmp.AuthProtocols.sha384,
  sha512: snmp.AuthProtocols.sha512,
};
const privProtocolOf: Record<UsmCredential["privProtocol"], snmp.PrivProtocols> = {
  des: snmp.PrivProtocols.des,
  aes128: snmp.PrivProtocols.aes,
  aes256: snmp.PrivProtocols.aes256b,
  aes256r: snmp.PrivProtocols.aes256r,
};

const toUser = (c: UsmCredential): snmp.User => ({
  name: c.user,
  level: snmp.SecurityLevel[c.level],
  ...(c.level === "noAuthNoPriv" ? {} : { authProtocol: authProtocolOf[c.authProtocol], authKey: c.authKey }),
  ...(c.level === "authPriv" ? { privProtocol: privProtocolOf[c.privProtocol], privKey: c.privKey } : {}),
});

export const createExchange = ({
  pool,
  target,
  credential,
  context,
  timeoutMs,
  maxTimeoutMs = 10_000,
}: ExchangeOptions): Exchange => {
  const pace = createPace(timeoutMs, maxTimeoutMs);
  let requests = 0;
  let varbinds = 0;
  let timeouts = 0;
  let settle: ((answer: Answer) => void) | undefined;
  let session: NetSession | undefined;

  const open = (): NetSession => {
    const dgramModule = pool.moduleFor(credential.version === "3" ? { ...target, level: credential.level } : target, {
      onAnswer: pace.observe,
      onUnreadable: () => settle?.({ status: "unreadable" }),
    });
    const common = {
      port: target.port,
      transport: isIPv6(target.address) ? ("udp6" as const) : ("udp4" as const),
      backoff: BACKOFF,
      dgramModule,
    };
    const opened =
      credential.version === "3"
        ? snmp.createV3Session(target.address, toUser(credential), {
            ...common,
            ...(context === undefined ? {} : { context }),
          })
        : snmp.createSession(
            target.address,
            context === undefined ? credential.community : `${credential.community}@${context}`,
            {
              ...common,
              version: credential.version === "1" ? snmp.Version1 : snmp.Version2c,
            },
          );
    return opened as unknown as NetSession;
  };

  const close = (): void => {
    session?.close();
    session = undefined;
  };

  const askOnce = (ask: Ask): Promise<Answer> =>
    new Promise((resolve) => {
      session ??= open();
      const current = session;
      requests++;
      settle = (answer) => {
        if (settle === undefined) return;
        settle = undefined;
        // Clears net-snmp's retry timer where it still waits for a better answer.
        if (answer.status === "unreadable") current.cancelRequests(new Error("unreadable answer"));
        if (answer.status === "timeout") {
          timeouts++;
          pace.onTimeout();
        }
        resolve(answer);
      };
      const done = settle;
      current.timeout = pace.timeoutMs();
      current.retries = ask.sends - 1;
      const onGrouped = (error: unknown, answer?: readonly unknown[]) =>
        done(error ? toFailure(error) : toColumns(answer ?? []));
      try {
        if (ask.kind === "bulk") current.getBulk([...ask.oids], 0, ask.maxRepetitions ?? 10, onGrouped);
        else if (ask.kind === "next") current.getNext([...ask.oids], onGrouped);
        else current.get([...ask.oids], onGrouped);
      } catch (error) {
        done(toFailure(error));
      }
    });

  const ask = async (request: Ask): Promise<Answer> => {
    let answer = await askOnce(request);
    // The device restarted, lost its clock or got another engine id: net-snmp's notion of it is stale, a new session asks afresh.
    if (credential.version === "3" && answer.status === "denied" && answer.denial === "clock") {
      close();
      answer = await askOnce(request);
    }
    if (answer.status === "ok") for (const column of answer.columns) varbinds += column.length;
    return answer;
  };

  return { ask, stats: () => ({ requests, varbinds, timeouts, rttMs: pace.rttMs() }), close };
};

/** Time-out from observed round trips: srtt + 4 rttvar, doubled while answers are ambiguous (RFC 6298; Karn and Partridge 1987). */
const createPace = (initialMs: number, maxMs: number) => {
  let smoothed: number | undefined;
  let variance = 0;
  let timeout = initialMs;
  const clamp = (ms: number) => Math.min(maxMs, Math.max(MIN_TIMEOUT_MS, ms));
  return {
    observe: (rttMs: number, resent: boolean): void => {
      if (resent) {
        if (rttMs > timeout) timeout = clamp(timeout * 1.5);
        return;
      }
      variance = smoothed === undefined ? rttMs / 2 : 0.75 * variance + 0.25 * Math.abs(smoothed - rttMs);
      smoothed = smoothed === undefined ? rttMs : 0.875 * smoothed + 0.125 * rttMs;
      timeout = clamp(smoothed + Math.max(50, 4 * variance));
    },
    onTimeout: (): void => {
      timeout = clamp(timeout * 1.5);
    },
    timeoutMs: (): number => Math.round(timeout),
    rttMs: (): number | undefined => smoothed,
  };
};

const toColumns = (answer: readonly unknown[]): Answer => ({
  status: "ok",
  columns: answer.map((column) =>
    (Array.isArray(column) ? (column as NetVarbind[]) : [column as NetVarbind]).map(toVarbind),
  ),
});

const toVarbind = ({ oid, type, value }: NetVarbind): Varbind => ({ oid, type, value: toValue(type, value) });

const toValue = (type: number, value: unknown): VarbindValue => {
  // A copy, so that a few octets do not keep the datagram that they came in; up to 64 of them need no memory outside V8's heap.
  if (value instanceof Uint8Array) return type === 70 ? toCounter(value) : new Uint8Array(value);
  if (typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return null;
};

/** Counter64 has up to nine octets, the first zero; longer ones were refused before. */
const toCounter = (bytes: Uint8Array): bigint => {
  let n = 0n;
  for (const b of bytes.subarray(0, 9)) n = (n << 8n) | BigInt(b);
  return BigInt.asUintN(64, n);
};

/** What net-snmp's errors mean. Its class names and USM texts are its interface here: it gives no other sign. */
const toFailure = (error: unknown): Answer => {
  const {
    name = "",
    message = "",
    status,
    code,
  } = error as { name?: string; message?: string; status?: number; code?: number };
  if (name === "RequestTimedOutError") return { status: "timeout" };
  if (name === "RequestFailedError") {
    if (status === errorStatus.authorizationError) return { status: "denied", denial: "access" };
    const oid = /: ([\d.]+)$/.exec(message)?.[1];
    return { status: "error", code: status ?? errorStatus.genErr, ...(oid === undefined ? {} : { oid }) };
  }
  const denial = usmDenials.find(([text]) => message.includes(text))?.[1];
  if (denial) return { status: "denied", denial };
  if (code === snmp.ResponseInvalidCode.ECouldNotDecrypt) return { status: "denied", denial: "wrong-privacy-key" };
  if (/unsupported|Unknown cipher|Invalid cipher|digital envelope/i.test(message))
    return { status: "denied", denial: "des-unavailable" };
  // Sending failed: no route, or the pool is closed. For the caller the device did not answer.
  if (name === "Error") return { status: "timeout" };
  return { status: "unreadable" };
};

const usmDenials: readonly (readonly [string, Denial])[] = [
  ["Unsupported Security Level", "security-level"],
  ["Not In Time Window", "clock"],
  ["outside the time window", "clock"],
  ["Unknown Engine ID", "clock"],
  ["Unknown User Name", "unknown-user"],
  ["Wrong Digest", "wrong-auth-key"],
  ["Authentication digest", "wrong-auth-key"],
  ["Decryption Error", "wrong-privacy-key"],
];
