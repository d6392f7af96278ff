import type { IpAddress } from "../../../shared/ip.ts";
import { isLocallyAdministered, type MacAddress } from "../../../shared/mac.ts";
import type { Method, Sighting } from "../../../shared/protocol/observation.ts";
import { type DeviceType, guessType } from "./guess.ts";
import type { Evidence } from "./method.ts";
import type { VendorOf } from "./vendor.ts";

/** One address and all that was learned of it. */
export type Device = {
  readonly address: IpAddress;
  readonly mac?: MacAddress;
  readonly macIsLocal?: boolean;
  readonly vendor?: string;
  readonly hostnames: readonly string[];
  readonly type: DeviceType;
  readonly typeReasons: readonly string[];
  readonly latencyMs?: number;
  readonly isSelf?: boolean;
  /** What each method saw, in the order in which it saw it. */
  readonly evidence: readonly DeviceEvidence[];
  /** Other addresses that answered with the same MAC: one device with many addresses, or a proxy that answers for others. */
  readonly sameMac?: number;
};

export type DeviceEvidence = {
  readonly method: Method;
  readonly atMs: number;
  readonly latencyMs?: number;
  readonly detail?: Readonly<Record<string, string>>;
};

type Known = {
  readonly address: IpAddress;
  mac?: MacAddress;
  device?: string;
  alive: boolean;
  readonly hostnames: Set<string>;
  readonly evidence: Map<Method, Told>;
};

/** What one method told; `mac` where it was read together with the answer. */
type Told = {
  readonly atMs: number;
  readonly alive: boolean;
  readonly mac?: MacAddress;
  readonly latencyMs?: number;
  readonly detail: Readonly<Record<string, string>>;
};

/** Who took the address in mid-sweep is told, not who had it before: what that one answered proves nothing of this one. */
const isOfHolder = ({ mac }: Known, told: Told): boolean => told.mac === undefined || told.mac === mac;

/** More than a /16 of living hosts; beyond it sightings are counted, not kept. */
const MAX_DEVICES = 70_000;
const MAX_NAMES = 16;
const MAX_DETAIL = 32;

export const createDevices = () => {
  const known = new Map<IpAddress, Known>();
  const byMac = new Map<MacAddress, number>();
  let dropped = 0;

  const add = (evidence: Evidence): { readonly firstSeen: boolean; readonly firstByMethod: boolean } => {
    let device = known.get(evidence.address);
    if (device === undefined) {
      if (known.size >= MAX_DEVICES) {
        dropped++;
        return { firstSeen: false, firstByMethod: false };
      }
      device = { address: evidence.address, alive: false, hostnames: new Set(), evidence: new Map() };
      known.set(evidence.address, device);
    }
    if (evidence.mac !== undefined && device.mac !== evidence.mac) {
      if (device.mac !== undefined) byMac.set(device.mac, (byMac.get(device.mac) ?? 1) - 1);
      device.mac = evidence.mac;
      byMac.set(evidence.mac, (byMac.get(evidence.mac) ?? 0) + 1);
    }
    if (evidence.device !== undefined) device.device = evidence.device;
    for (const name of evidence.hostnames ?? []) if (device.hostnames.size < MAX_NAMES) device.hostnames.add(name);
    const earlier = device.evidence.get(evidence.method);
    const before = earlier !== undefined && isOfHolder(device, earlier) ? earlier : undefined;
    const mac = evidence.mac ?? before?.mac;
    const detail: Record<string, string> = { ...before?.detail };
    for (const [key, value] of Object.entries(evidence.detail ?? {}))
      if (key in detail || Object.keys(detail).length < MAX_DETAIL) detail[key] = value;
    const latencyMs = Math.min(
      before?.latencyMs ?? Number.POSITIVE_INFINITY,
      evidence.latencyMs ?? Number.POSITIVE_INFINITY,
    );
    device.evidence.set(evidence.method, {
      atMs: evidence.atMs,
      alive: evidence.alive || (before?.alive ?? false),
      ...(mac !== undefined && { mac }),
      ...(Number.isFinite(latencyMs) && { latencyMs }),
      detail,
    });
    const firstSeen = evidence.alive && !device.alive;
    device.alive ||= evidence.alive;
    return { firstSeen, firstByMethod: earlier === undefined };
  };

  const alive = (): Known[] => [...known.values()].filter((device) => device.alive);
  const macs = () =>
    new Map(alive().flatMap(({ address, mac }) => (mac === undefined ? [] : [[address, mac] as const])));
  return {
    add,
    dropped: () => dropped,
    size: () => alive().length,
    isAlive: (address: IpAddress) => known.get(address)?.alive ?? false,
    macOf: (address: IpAddress) => known.get(address)?.mac,
    macs,
    alive: (): readonly IpAddress[] => alive().map((device) => device.address),
    seenBy: (method: Method): readonly IpAddress[] =>
      alive().flatMap(({ address, evidence }) => (evidence.get(method)?.alive ? [address] : [])),
    /** Living addresses, and those of which only a row of a table tells: worth asking by other methods. */
    worthAsking: (): readonly IpAddress[] => [...known.values()].map((device) => device.address),
    toDevices: (
      vendorOf: VendorOf,
      roles: { readonly gateways: ReadonlySet<string>; readonly selves: ReadonlySet<string> },
    ) => alive().map((device) => toDevice(device, vendorOf, roles, byMac)),
    toSightings: (realm: string, max: number): Sighting[] =>
      alive()
        .flatMap((device) => sightingsOf(device, realm))
        .slice(0, max),
  };
};
export type Devices = ReturnType<typeof createDevices>;

const toDevice = (
  known: Known,
  vendorOf: VendorOf,
  { gateways, selves }: { readonly gateways: ReadonlySet<string>; readonly selves: ReadonlySet<string> },
  byMac: ReadonlyMap<MacAddress, number>,
): Device => {
  const { address, mac } = known;
  const device = { ...known, evidence: new Map([...known.evidence].filter(([, told]) => isOfHolder(known, told))) };
  const vendor = mac && vendorOf(mac);
  const hostnames = [...device.hostnames];
  const detail = Object.assign({}, ...[...device.evidence.values()].map((e) => e.detail)) as Record<string, string>;
  const [isSelf, isGateway] = [selves.has(address), gateways.has(address)];
  const guess = guessType({ vendor, detail, hostnames, isSelf, isGateway });
  const latencies = [...device.evidence.values()].flatMap((e) => e.latencyMs ?? []);
  const shared = mac === undefined ? 0 : (byMac.get(mac) ?? 1) - 1;
  return {
    address,
    ...(mac && { mac, macIsLocal: isLocallyAdministered(mac) }),
    ...(vendor && { vendor }),
    hostnames,
    type: guess.type,
    typeReasons: guess.reasons,
    ...(latencies.length > 0 && { latencyMs: Math.min(...latencies) }),
    ...(isSelf && { isSelf }),
    evidence: [...device.evidence]
      // A row of a table that nobody confirmed proves nothing and is not shown; a name is worth showing.
      .filter(([method, e]) => e.alive || method === "rdns")
      .map(([method, { atMs, latencyMs, detail: facts }]) => ({
        ...{ method, atMs },
        ...(latencyMs !== undefined && { latencyMs: Math.round(latencyMs * 1_000) / 1_000 }),
        ...(Object.keys(facts).length > 0 && { detail: facts }),
      })),
    ...(shared > 0 && { sameMac: shared }),
  };
};

const cut = (text: string): string => text.slice(0, 256);

const sightingsOf = (known: Known, realm: string): Sighting[] => {
  const { address, mac, device, hostnames, evidence } = known;
  const engineId = evidence.get("snmp")?.detail["engineId"];
  const subject = {
    id: mac === undefined ? `ip:${address}` : `mac:${mac}`,
    realm,
    keys: [
      ...(engineId === undefined ? [] : [{ kind: "engineId" as const, value: engineId }]),
      ...(mac === undefined ? [] : [{ kind: "mac" as const, value: mac }]),
      ...[...hostnames].map((name) => ({
        kind: name.includes(".") ? ("fqdn" as const) : ("hostname" as const),
        value: cut(name),
      })),
      { kind: "ip" as const, value: address },
    ],
  };
  return [...evidence]
    .filter(([, e]) => e.alive && isOfHolder(known, e))
    .map(([method, e]) => ({
      ...{ subject, method, observedAtMs: e.atMs },
      ...(device !== undefined && { interface: device }),
      ...(e.latencyMs !== undefined && { latencyMs: e.latencyMs }),
      ...(Object.keys(e.detail).length > 0 && {
        detail: Object.fromEntries(Object.entries(e.detail).map(([key, value]) => [cut(key), cut(value)])),
      }),
    }));
};
