/**
 * Which credential opens which device. The cost of finding out must not be credentials x dead addresses x time-out, and no
 * stranger is handed every community: what worked last is tried first, what failed is not tried again for a while, v3 (whose
 * discovery gives nothing away) comes before communities.
 */
import type { Clock } from "../../shared/clock.ts";
import { describeCredentialFault, orderCredentials, type SnmpCredential, type UsmCredential } from "./credentials.ts";
import { type Answer, createExchange, type Denial } from "./exchange.ts";
import { createSession, type SessionOptions, type SnmpSession } from "./session.ts";

export type Refusal = { readonly credential: string; readonly denial: Denial | "invalid"; readonly detail: string };

export type Access =
  | { readonly status: "ok"; readonly session: SnmpSession }
  /** Nobody there, no SNMP there, or a community that it does not know: these cannot be told apart. */
  | { readonly status: "silent"; readonly refusals: readonly Refusal[] }
  /** It speaks SNMPv3 and said why not. */
  | { readonly status: "denied"; readonly refusals: readonly Refusal[] };

export type AccessOptions = Omit<SessionOptions, "credential"> & {
  readonly credentials: readonly SnmpCredential[];
  readonly clock: Clock;
  readonly memory?: CredentialMemory;
  /** Copies of the first request to an address that nothing is known of. */
  readonly strangerSends?: number;
};

const PROBE_OIDS = ["1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.3.0"];

export const openAccess = async (options: AccessOptions): Promise<Access> => {
  const { memory, target } = options;
  const address = `${target.address}|${target.port}`;
  const refusals: Refusal[] = [];
  const ordered =
    memory?.order(address, orderCredentials(options.credentials)) ?? orderCredentials(options.credentials);
  for (const group of groupByCommunity(ordered)) {
    if (options.signal?.aborted) break;
    const fault = group.map(describeCredentialFault).find((f) => f !== undefined);
    if (fault) {
      refusals.push({ credential: group[0]!.name, denial: "invalid", detail: fault });
      continue;
    }
    const result = await tryGroup(options, group);
    if (result.status === "opened") {
      memory?.worked(address, result.credential.name);
      return { status: "ok", session: createSession({ ...options, credential: result.credential }) };
    }
    for (const credential of group) memory?.failed(address, credential.name);
    if (result.status === "denied") refusals.push(refusalOf(group[0]!, result.denial));
  }
  return { status: refusals.some((r) => r.denial !== "invalid") ? "denied" : "silent", refusals };
};

type Trial =
  | { readonly status: "opened"; readonly credential: SnmpCredential }
  | { readonly status: "silent" }
  | { readonly status: "denied"; readonly denial: Denial };

/** One v3 credential, or one community in the versions it may be used with, asked side by side: the newest that answers wins. */
const tryGroup = async (options: AccessOptions, group: readonly SnmpCredential[]): Promise<Trial> => {
  const [first] = group;
  if (first === undefined) return { status: "silent" };
  if (first.version === "3") return tryUsm(options, first);
  const trials = group.map((credential) => probe(options, credential));
  const answers = trials.map(async (trial, i) => ({ i, opened: isOpen(await trial) }));
  const earliest = await firstOpen(answers);
  if (earliest === undefined) return { status: "silent" };
  // v2c may be a moment behind v1 of the same device.
  const better =
    earliest === 0 ? 0 : await Promise.race([whenFirst(answers, earliest), afterGrace(options.clock, earliest)]);
  return { status: "opened", credential: group[better]! };
};

const GRACE_MS = 400;
const afterGrace = (clock: Clock, otherwise: number): Promise<number> => clock.sleep(GRACE_MS).then(() => otherwise);
const whenFirst = async (
  answers: readonly Promise<{ i: number; opened: boolean }>[],
  otherwise: number,
): Promise<number> => ((await answers[0])?.opened ? 0 : otherwise);

const firstOpen = (answers: readonly Promise<{ i: number; opened: boolean }>[]): Promise<number | undefined> =>
  new Promise((resolve) => {
    let left = answers.length;
    for (const answer of answers)
      void answer.then(({ i, opened }) => {
        left--;
        if (opened) resolve(i);
        else if (left === 0) resolve(undefined);
      });
  });

const tryUsm = async (options: AccessOptions, credential: UsmCredential): Promise<Trial> => {
  const answer = await probe(options, credential);
  if (isOpen(answer)) return { status: "opened", credential };
  if (answer.status === "denied") return { status: "denied", denial: answer.denial };
  if (answer.status === "timeout" && credential.level === "authPriv") {
    // Many agents drop what they cannot decrypt. The same user without encryption tells: an answer of any kind means that
    // user and authentication key are right.
    const unencrypted = await probe(options, { ...credential, level: "authNoPriv" });
    if (
      isOpen(unencrypted) ||
      (unencrypted.status === "denied" && (unencrypted.denial === "security-level" || unencrypted.denial === "access"))
    )
      return { status: "denied", denial: "wrong-privacy-key" };
    if (unencrypted.status === "denied") return { status: "denied", denial: unencrypted.denial };
  }
  return { status: "silent" };
};

const probe = async (options: AccessOptions, credential: SnmpCredential): Promise<Answer> => {
  const exchange = createExchange({
    ...options,
    credential,
    timeoutMs: options.timeoutMs ?? 1_000,
    maxTimeoutMs: 5_000,
  });
  try {
    return await exchange.ask({ kind: "get", oids: PROBE_OIDS, sends: options.strangerSends ?? 2 });
  } finally {
    exchange.close();
  }
};

/** An error-status is an answer too: the credential was taken. */
const isOpen = (answer: Answer): boolean =>
  answer.status === "ok" || answer.status === "error" || answer.status === "unreadable";

const groupByCommunity = (credentials: readonly SnmpCredential[]): readonly (readonly SnmpCredential[])[] => {
  const groups = new Map<string, SnmpCredential[]>();
  for (const [i, credential] of credentials.entries()) {
    const key = credential.version === "3" ? `user ${i}` : `community ${credential.community}`;
    groups.set(key, [...(groups.get(key) ?? []), credential]);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => b.version.localeCompare(a.version)));
};

const remedies: Record<Denial, string> = {
  "unknown-user": "the device does not know this user; create it there or correct the name",
  "wrong-auth-key": "the user exists, its authentication pass phrase or protocol is another",
  "wrong-privacy-key": "user and authentication are right, the privacy pass phrase or protocol is another",
  clock:
    "the device rejects the time in our messages even after synchronising; its clock or engine boots counter jumps",
  "security-level": "the device does not allow this user at this security level",
  access: "the device knows the user but grants it no view (VACM)",
  "des-unavailable": "DES is off in this OpenSSL; use AES, or switch the legacy provider on",
};
const refusalOf = (credential: SnmpCredential, denial: Denial): Refusal => ({
  credential: credential.name,
  denial,
  detail: remedies[denial],
});

export type CredentialMemory = ReturnType<typeof createCredentialMemory>;

/** What worked and what failed, per address; forgets failures after `failureTtlMs`, and the oldest addresses beyond `maxAddresses`. */
export const createCredentialMemory = ({
  clock,
  failureTtlMs = 6 * 3_600_000,
  maxAddresses = 100_000,
}: {
  readonly clock: Pick<Clock, "monotonic">;
  readonly failureTtlMs?: number;
  readonly maxAddresses?: number;
}) => {
  const known = new Map<string, { worked?: string; failed: Map<string, number> }>();
  const entryOf = (address: string) => {
    const entry = known.get(address) ?? { failed: new Map<string, number>() };
    known.delete(address);
    known.set(address, entry);
    if (known.size > maxAddresses) known.delete(known.keys().next().value!);
    return entry;
  };
  return {
    worked: (address: string, credential: string): void => {
      const entry = entryOf(address);
      entry.worked = credential;
      entry.failed.delete(credential);
    },
    failed: (address: string, credential: string): void => {
      const entry = entryOf(address);
      if (entry.worked === credential) delete entry.worked;
      entry.failed.set(credential, clock.monotonic() + failureTtlMs);
    },
    /** Last success first, recent failures left out. */
    order: (address: string, credentials: readonly SnmpCredential[]): readonly SnmpCredential[] => {
      const entry = known.get(address);
      if (entry === undefined) return credentials;
      const now = clock.monotonic();
      const open = credentials.filter((c) => (entry.failed.get(c.name) ?? 0) <= now || c.name === entry.worked);
      return [...open.filter((c) => c.name === entry.worked), ...open.filter((c) => c.name !== entry.worked)];
    },
  };
};
