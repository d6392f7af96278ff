import type { Method, SubjectKey } from "../../shared/protocol/observation.ts";
import { createSeededRandom } from "../../shared/random.ts";
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

const keysOf = (device: Device): SubjectKey[] => [
  ...[device.uuid, device.serial, device.chassis, ...device.macs, device.dock].filter((key) => key !== undefined),
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

  /** What a day may do to a device with an agent of its own. */
  const changeManaged = (device: Device, atMs: number, fate: number): void => {
    const [agent, ...others] = device.agents;
    if (agent === undefined || device.kind === "container" || device.copyOf) return;
    if (fate < 0.003) {
      if (devices.some(({ copyOf }) => copyOf === device)) return;
      note("reinstall");
      silence(agent, atMs);
      device.agents = [`${agent}+`, ...others];
    } else if (fate < 0.006) {
      note("rename");
      device.name = fleet.newName(device.kind);
    } else if (fate < 0.008) {
      note("new NIC");
      device.macs = [...device.macs.slice(1), fleet.newMac(device)];
    } else if (device.kind === "pc" && fate < 0.01) {
      note("new mainboard");
      device.uuid = fleet.newUuid(device);
      device.macs = [fleet.newMac(device)];
    } else if (device.kind === "pc" && fate < 0.012) {
      const other = fleet.pick(["pc"]);
      if (!other || other === device || other.agents.length !== 1 || others.length > 0) return;
      if (other.uuid?.value === device.uuid?.value) return;
      note("disk moved");
      silence(other.agents[0], atMs);
      other.agents = device.agents;
      device.agents = [];
      other.hasNews = true;
    } else if (others.length > 0 && fate > 0.7) {
      note("other system started");
      silence(agent, atMs - HOUR);
      device.agents = [...others, agent];
    } else return;
    device.hasNews = true;
  };
  const changeSwitch = (device: Device, fate: number): void => {
    const [next, ...rest] = device.members;
    if (next && device.serial && device.chassis && fate < 0.02) {
      note("another master");
      device.members = [...rest, { serial: device.serial, chassis: device.chassis }];
      device.serial = next.serial;
      device.chassis = next.chassis;
    } else if (!next && fate > 0.998) {
      note("warm spare");
      fleet.replace(device);
    }
  };

  const dock = (day: number) => {
    const laptops = devices.filter(({ kind }) => kind === "laptop");
    for (const laptop of laptops) laptop.dock = undefined;
    const docked = laptops.filter(() => chance(0.5)).slice(0, fleet.docks.length);
    for (const [i, laptop] of docked.entries()) {
      laptop.dock = fleet.docks[(i + day * 7) % fleet.docks.length];
      laptop.hasNews = true;
      note("docked");
    }
  };
  const swapAddresses = () => {
    for (const device of devices) {
      if (!chance(0.05) || device.kind === "container" || device.isGone) continue;
      const other = devices[Math.floor(random.next() * devices.length)];
      if (!other || other.realm !== device.realm || other.kind === "container" || other.isGone) continue;
      [device.address, other.address] = [other.address, device.address];
      device.hasNews = true;
      other.hasNews = true;
      note("address changes hands");
    }
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
      if (mac) say(atMs, { realm, method: "arp", keys: [mac, ip] });
      if (chance(0.1)) say(atMs + 1_000, { realm, method: "icmp", keys: [ip] });
    }
    if (readBySnmp.has(device.kind) && chance(0.9)) {
      const atMs = dayMs + 15 * HOUR + Math.floor(random.next() * HOUR);
      say(atMs, { realm, method: "snmp", keys: keysOf({ ...device, uuid: undefined }) });
    }
  };

  const liveDay = (day: number): readonly Line[] => {
    const dayMs = START + day * DAY;
    lines = [];
    for (const device of [...devices]) {
      if (device.isGone) continue;
      const fate = random.next();
      if (device.kind === "switch") changeSwitch(device, fate);
      else changeManaged(device, dayMs + 9 * HOUR, fate);
    }
    dock(day);
    swapAddresses();
    for (const device of devices) if (!device.isGone) look(device, dayMs);
    for (const realm of ["north", "south"])
      say(dayMs + 10 * HOUR, {
        ...{ realm, method: "arp" },
        keys: [
          { kind: "mac", value: "00:00:5e:00:01:01" },
          { kind: "ip", value: "10.0.0.1" },
        ],
      });
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
