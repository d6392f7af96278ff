/**
 * One SNMP round: many devices side by side, each opened with the credential that fits, checked for change, read as deep as
 * needed, and handed on as sections as soon as it is done.
 */
import type { Clock } from "../../../shared/clock.ts";
import { describeError } from "../../../shared/errors.ts";
import type { Log } from "../../../shared/log.ts";
import type { MacAddress } from "../../../shared/mac.ts";
import type { Subject } from "../../../shared/protocol/observation.ts";
import type { SectionContents, SectionName } from "../../../shared/protocol/sections.ts";
import type { Random } from "../../../shared/random.ts";
import { type CredentialMemory, createCredentialMemory, openAccess, type Refusal } from "../../snmp/access.ts";
import type { SnmpCredential } from "../../snmp/credentials.ts";
import { type Depth, type DeviceInventory, type InventoryOptions, readDevice } from "../../snmp/inventory.ts";
import type { Profile } from "../../snmp/profiles/profile.ts";
import type { SnmpSession } from "../../snmp/session.ts";
import { createSocketPool, type SocketPool, type SocketPoolStats } from "../../snmp/sockets.ts";
import type { SectionFailure } from "../probe.ts";
import { type DeviceState, isUnchanged, MAX_ADDRESSES, readSigns } from "./change-check.ts";
import { identityFailures, toFailures } from "./failures.ts";
import { liveSections, snmpSections, toGauges, toSections } from "./sections.ts";
import { subjectOf } from "./subject.ts";

export type SnmpTarget = { readonly address: string; readonly port: number };

export type SnmpRoundOptions = {
  readonly targets: readonly SnmpTarget[];
  readonly credentials: readonly SnmpCredential[];
  readonly profiles: readonly Profile[];
  readonly realm: string;
  /** Addresses that are tried at a time. More: silent addresses cost less time, and more packets are under way at once. */
  readonly concurrency?: number;
  /** Devices that are read at a time. More: far devices cost less time, and a round holds more in memory (about 3 MiB each). */
  readonly readers?: number;
  /** By "address|port"; devices that did not change since are read in their living tables only. */
  readonly states?: ReadonlyMap<string, DeviceState>;
  /** A device is read in full at least this often, whatever it says of itself. */
  readonly fullEveryMs?: number;
  /** The registry of makers by MAC address; loaded when the first device says nothing else of its maker. */
  readonly loadVendors?: () => Promise<(mac: MacAddress) => string | undefined>;
  /** Clients of wireless controllers: personal, off by default. */
  readonly wirelessClients?: boolean;
  readonly memory?: CredentialMemory;
  readonly maxRows?: number;
  /** After this a device's reading ends with what there is, marked as partial: one that answers slowly or nonsense must not hold up a round. */
  readonly deviceTimeoutMs?: number;
};

export type DeviceRound = {
  readonly target: SnmpTarget;
  readonly status: "read";
  /** Whether anything is missing that the device may have. */
  readonly partial: boolean;
  readonly depth: Depth;
  readonly observedAtMs: number;
  readonly subject: Subject;
  /** Whole sections only. */
  readonly contents: SectionContents;
  /** With what was read of the sections that are named in `failures`: for a person to look at, not to be compared. */
  readonly everything: SectionContents;
  /** Sections that this reading answers for. */
  readonly looked: ReadonlySet<SectionName>;
  readonly failures: readonly SectionFailure[];
  readonly gauges: Readonly<Record<string, number>>;
  readonly state: DeviceState;
  readonly device: DeviceInventory;
  readonly credential: SnmpCredential;
  readonly notes: readonly string[];
  readonly requests: number;
  readonly varbinds: number;
  readonly durationMs: number;
};
export type DeviceOutcome =
  | DeviceRound
  | { readonly target: SnmpTarget; readonly status: "silent" | "denied"; readonly refusals: readonly Refusal[] }
  | { readonly target: SnmpTarget; readonly status: "failed"; readonly reason: string };

export type SnmpRoundDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
};

export type SnmpRoundSummary = {
  readonly read: number;
  readonly partial: number;
  readonly silent: number;
  readonly denied: number;
  readonly failed: number;
  readonly packets: SocketPoolStats;
};

const DAY_MS = 86_400_000;
const DEFAULT_CONCURRENCY = 256;
const DEFAULT_READERS = 32;
const DEVICE_TIMEOUT_MS = 15 * 60_000;
export const stateKey = ({ address, port }: SnmpTarget): string => `${address}|${port}`;

export const runSnmpRound = async (
  options: SnmpRoundOptions,
  deps: SnmpRoundDeps,
  onDevice: (outcome: DeviceOutcome) => void | Promise<void>,
): Promise<SnmpRoundSummary> => {
  const pool = createSocketPool(deps);
  const memory = options.memory ?? createCredentialMemory(deps);
  for (const [key, state] of options.states ?? []) memory.worked(key, state.credential);
  const vendorOfMac = createVendorLookup(options.loadVendors);
  const inTurn = createGate(options.readers ?? DEFAULT_READERS);
  const counts = { read: 0, partial: 0, silent: 0, denied: 0, failed: 0 };
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < options.targets.length && !deps.signal.aborted; i = next++) {
      await lookAt(options.targets[i]!, { ...options, memory, vendorOfMac }, deps, pool, inTurn, async (outcome) => {
        counts[outcome.status]++;
        if (outcome.status === "read" && outcome.partial) counts.partial++;
        await onDevice(outcome);
      });
    }
  };
  try {
    await Promise.all(
      Array.from({ length: Math.min(options.concurrency ?? DEFAULT_CONCURRENCY, options.targets.length) }, lane),
    );
  } finally {
    await pool.close();
  }
  return { ...counts, packets: pool.stats() };
};

type VendorOfMac = NonNullable<InventoryOptions["vendorOfMac"]>;

const createVendorLookup = (load: SnmpRoundOptions["loadVendors"]): VendorOfMac | undefined => {
  if (load === undefined) return undefined;
  let loading: ReturnType<typeof load> | undefined;
  return async (mac) => {
    loading ??= load();
    return (await loading)(mac);
  };
};

type LookOptions = SnmpRoundOptions & { readonly vendorOfMac: VendorOfMac | undefined };

const lookAt = async (
  target: SnmpTarget,
  options: LookOptions,
  deps: SnmpRoundDeps,
  pool: SocketPool,
  inTurn: Gate,
  tell: (outcome: DeviceOutcome) => Promise<void>,
): Promise<void> => {
  const late = new AbortController();
  const access = await openAccess({
    pool,
    clock: deps.clock,
    signal: AbortSignal.any([deps.signal, late.signal]),
    target: { ...target, alsoFrom: options.states?.get(stateKey(target))?.addresses ?? [] },
    credentials: options.credentials,
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    ...(options.maxRows === undefined ? {} : { maxRows: options.maxRows }),
  });
  if (access.status !== "ok") return tell({ target, status: access.status, refusals: access.refusals });
  const read = async (): Promise<DeviceOutcome> => {
    const inTime = deps.clock.after(options.deviceTimeoutMs ?? DEVICE_TIMEOUT_MS, () => late.abort());
    try {
      return await readThrough(target, options, deps, access.session);
    } catch (error) {
      deps.log.warn("reading a device failed", { address: target.address, reason: describeError(error) });
      return { target, status: "failed", reason: describeError(error) };
    } finally {
      inTime();
      access.session.close();
    }
  };
  // Handing on is part of the turn: a slow receiver must not make finished devices pile up.
  return inTurn(async () => tell(await read()));
};

type Gate = <T>(run: () => Promise<T>) => Promise<T>;

/** Lets `limit` run at a time, the others in the order in which they came. */
const createGate = (limit: number): Gate => {
  const waiting: (() => void)[] = [];
  let free = limit;
  return async (run) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
};

const readThrough = async (
  target: SnmpTarget,
  options: LookOptions,
  deps: SnmpRoundDeps,
  session: SnmpSession,
): Promise<DeviceRound> => {
  const startedAt = deps.clock.monotonic();
  const observedAtMs = deps.clock.now();
  const before = options.states?.get(stateKey(target));
  const signs = await readSigns(session);
  const depth: Depth =
    before && isUnchanged(before, signs, observedAtMs, options.fullEveryMs ?? DAY_MS) ? "live" : "full";
  const device = await readDevice(session, {
    profiles: options.profiles,
    depth,
    ...(options.vendorOfMac && { vendorOfMac: options.vendorOfMac }),
    ...(options.wirelessClients === undefined ? {} : { wirelessClients: options.wirelessClients }),
    ...(options.maxRows === undefined ? {} : { maxRows: options.maxRows }),
  });
  const looked = new Set(depth === "full" ? snmpSections : liveSections);
  if (!options.wirelessClients) looked.delete("wirelessClients");
  const tableFaults = toFailures(device.truncated);
  // More routes than are read are no failure: they are not looked at.
  if (device.routes === undefined && !tableFaults.some(({ section }) => section === "routes")) looked.delete("routes");
  const faults = [
    ...tableFaults,
    ...identityFailures(device.identityFaults),
    ...(session.isSilent() ? silence(looked) : []),
  ];
  const failures = faults.filter(({ section }) => looked.has(section));
  const incomplete = new Set(failures.map(({ section }) => section));
  // Half a table would be taken for the whole: what ended early is told as a failure and left as it was.
  const everything = toSections(device);
  const contents = Object.fromEntries(
    Object.entries(everything).filter(
      ([name]) => looked.has(name as SectionName) && !incomplete.has(name as SectionName),
    ),
  ) as SectionContents;
  const { requests, varbinds } = session.stats();
  return {
    target,
    status: "read",
    partial: failures.length > 0,
    depth,
    observedAtMs,
    subject: subjectOf(device, options.realm, target.address),
    contents,
    everything,
    looked,
    failures: dedupe(failures),
    gauges: toGauges(device),
    state: {
      credential: session.credential.name,
      fullAtMs: depth === "full" && failures.length === 0 ? observedAtMs : (before?.fullAtMs ?? 0),
      readAtMs: observedAtMs,
      ...signs,
      addresses: ownAddresses(device),
    },
    device,
    credential: session.credential,
    notes: session.notes(),
    requests,
    varbinds,
    durationMs: deps.clock.monotonic() - startedAt,
  };
};

const ownAddresses = ({ addresses }: DeviceInventory) =>
  [...new Set(addresses.map(({ address }) => address))]
    .filter((address) => !/^(127\.|0\.0\.0\.0$|::1?$|fe80:)/.test(address))
    .slice(0, MAX_ADDRESSES);

/** A device that stopped answering on the way: nothing that was not read before can be told from absence. */
const silence = (looked: ReadonlySet<SectionName>): readonly SectionFailure[] =>
  [...looked].map((section) => ({ section, kind: "timed-out", reason: "the device stopped answering" }));

const dedupe = (failures: readonly SectionFailure[]): readonly SectionFailure[] => [
  ...new Map([...failures].reverse().map((failure) => [failure.section, failure])).values(),
];
