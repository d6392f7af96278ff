import type { Method, SubjectKey } from "../../shared/protocol/observation.ts";
import { createSeededRandom } from "../../shared/random.ts";
import { createEvents } from "./identity-events.ts";
import { createFleet, type Device, type Kind } from "./identity-fleet.ts";

/**
 * Simulated sites with ground truth for identity: what observers and agents of two sites with one private range would say of
 * devices that are reinstalled, renamed, repaired, cloned, docked and moved. Every line is in the form of
 * `shared/protocol/README.md`, "Observations and truth in files".
 */
export type Observation = {
  readonly atMs: number;
  /** When the collector hears of it. */
  readonly heardMs: number;
  readonly realm: string;
  readonly method: Method;
  /** For "local": the agent that speaks of its own host. */
  readonly agent?: string;
  /** For "local": which living copy of that agent's state, where it was copied; 0 is the first. */
  readonly copy?: number;
  readonly keys: readonly SubjectKey[];
};
/** An agent's session ends without a goodbye. */
export type Silence = {
  readonly atMs: number;
  readonly heardMs: number;
  readonly agent: string;
  readonly ends: "lost";
};
export type Line = Observation | Silence;

/** A true device, with all lasting keys that are its own alone. Visitors have none but those of a day. */
export type TrueDevice = { readonly device: string; readonly visitor?: boolean; readonly keys: readonly SubjectKey[] };

/** `lines` come in the order in which they are heard, and can be walked once; `truth` and `events` are told after that. */
export type Site = {
  readonly lines: Iterable<Line>;
  readonly truth: () => readonly TrueDevice[];
  readonly events: Readonly<Record<string, number>>;
};
export type SiteOptions = { readonly seed: number; readonly devices: number; readonly days: number };

const DAY = 86_400_000;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5);
const readBySnmp: ReadonlySet<Kind> = new Set(["server", "switch", "printer"]);

const sharedMacs = [
  "00:00:5e:00:01:01",
  "00:00:5e:00:01:fe",
  "00:00:0c:07:ac:01",
  "00:07:b4:00:01:01",
  "02:bf:0a:00:00:05",
];

const keysOf = (device: Device): SubjectKey[] => [
  ...[device.uuid, device.serial, device.chassis, ...device.macs, device.dock, device.machine].filter(
    (key) => key !== undefined,
  ),
  ...(device.name === undefined ? [] : [{ kind: "hostname" as const, value: device.name }]),
  { kind: "ip", value: device.address },
];

export const simulateSite = ({ seed, devices: total, days }: SiteOptions): Site => {
  const random = createSeededRandom(seed);
  const events: Record<string, number> = {};
  const note = (event: string) => {
    events[event] = (events[event] ?? 0) + 1;
  };
  const chance = (p: number) => random.next() < p;
  const fleet = createFleet(random, total, note);
  const { devices } = fleet;
  let lines: Line[] = [];

  const say = (atMs: number, line: Omit<Observation, "atMs" | "heardMs">) =>
    void lines.push({
      atMs,
      heardMs: atMs + Math.floor(random.next() * (line.method === "local" ? 120_000 : 1_800_000)),
      ...line,
    });
  const silence = (agent: string | undefined, atMs: number) => {
    if (agent !== undefined) lines.push({ atMs, heardMs: atMs, agent, ends: "lost" });
  };
  const report = (device: Device, atMs: number) => {
    const [agent] = device.agents;
    if (agent === undefined) return;
    const copy = device.copyOf ? { copy: 1 } : {};
    say(atMs, { realm: device.realm, method: "local", agent, ...copy, keys: keysOf(device) });
    device.hasNews = false;
  };

  const { change, dock, swapAddresses, pairs } = createEvents(fleet, random, note, silence);

  /** Addresses that several devices take in turn: VRRP and CARP, HSRP, GLBP, NLB. Either of two may be seen by one. */
  const shared = (realm: string, atMs: number) => {
    for (const [i, value] of sharedMacs.entries()) {
      note("shared MAC");
      const key: SubjectKey = { kind: "mac", value };
      say(atMs, { realm, method: "arp", keys: [key, { kind: "ip", value: `10.0.0.${i + 1}` }] });
      const router = fleet.pick(["switch"]);
      const address: SubjectKey = { kind: "ip", value: router?.address ?? "10.0.0.1" };
      if (router) say(atMs, { realm: router.realm, method: "arp", keys: [key, address] });
    }
  };
  /** The address of one goes to another within three minutes, while both are looked at. */
  const passAddress = (a: Device, b: Device, atMs: number) => {
    const see = (device: Device, at: number) => {
      const mac = device.dock ?? device.macs[0];
      const keys: SubjectKey[] = [{ kind: "ip", value: device.address }];
      if (mac) say(at, { realm: device.realm, method: "arp", keys: [mac, ...keys] });
    };
    see(a, atMs);
    [a.address, b.address] = [b.address, a.address];
    a.hasNews = true;
    b.hasNews = true;
    see(b, atMs + 180_000);
    see(a, atMs + 200_000);
  };

  const look = (device: Device, dayMs: number) => {
    const { realm } = device;
    const ip: SubjectKey = { kind: "ip", value: device.address };
    if (device.kind === "phone") {
      if (chance(0.3)) return;
      device.macs = [fleet.randomMac(device)];
      const name: SubjectKey[] = device.name === undefined ? [] : [{ kind: "hostname", value: device.name }];
      say(dayMs + 9 * HOUR, { realm, method: "dhcp", keys: [...device.macs, ip, ...name] });
    }
    if (device.hasNews || chance(0.02)) report(device, dayMs + 9 * HOUR + Math.floor(random.next() * 600_000) + 60_000);
    if (device.kind === "container") return;
    for (const hour of [10, 13, 16]) {
      if (chance(0.15)) continue;
      const atMs = dayMs + hour * HOUR + Math.floor(random.next() * 600_000);
      const mac = device.dock ?? device.macs[Math.floor(random.next() * device.macs.length)];
      if (mac) say(atMs, { realm, method: chance(0.1) ? "router-arp" : "arp", keys: [mac, ip] });
      if (mac && chance(0.05)) say(atMs + 500, { realm, method: "fdb", keys: [mac] });
      if (device.name !== undefined && chance(0.03))
        say(atMs + 700, { realm, method: "mdns", keys: [ip, { kind: "hostname", value: device.name }] });
      if (chance(0.1)) say(atMs + 1_000, { realm, method: "icmp", keys: [ip] });
    }
    if (readBySnmp.has(device.kind) && chance(0.9)) {
      const atMs = dayMs + 15 * HOUR + Math.floor(random.next() * HOUR);
      say(atMs, { realm, method: "snmp", keys: keysOf({ ...device, uuid: undefined, machine: undefined }) });
    }
  };

  const liveDay = (day: number): readonly Line[] => {
    const dayMs = START + day * DAY;
    lines = [];
    for (const device of [...devices]) if (!device.isGone) change(device, dayMs + 9 * HOUR);
    dock(day);
    swapAddresses();
    for (const device of devices) if (!device.isGone) look(device, dayMs);
    for (const [a, b] of pairs(0.005)) passAddress(a, b, dayMs + 18 * HOUR);
    for (const realm of ["north", "south"]) shared(realm, dayMs + 10 * HOUR);
    return lines.sort((a, b) => a.heardMs - b.heardMs || a.atMs - b.atMs);
  };
  const live = function* (): Generator<Line> {
    for (let day = 0; day < days; day++) yield* liveDay(day);
  };
  return {
    lines: live(),
    truth: () =>
      devices.map(({ id, kind, own }) => ({
        device: id,
        ...(kind === "phone" ? { visitor: true } : {}),
        keys: [...own.values()],
      })),
    events,
  };
};
