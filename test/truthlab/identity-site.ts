import type { Method, SubjectKey } from "../../shared/protocol/observation.ts";
import { createSeededRandom, type Random } from "../../shared/random.ts";

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

export type Site = {
  readonly lines: readonly Line[];
  readonly truth: readonly TrueDevice[];
  readonly events: Readonly<Record<string, number>>;
};
export type SiteOptions = { readonly seed: number; readonly devices: number; readonly days: number };

type Kind = "pc" | "laptop" | "server" | "switch" | "printer" | "thing" | "phone" | "vm";
type Device = {
  readonly id: string;
  readonly kind: Kind;
  readonly realm: string;
  readonly own: Map<string, SubjectKey>;
  uuid: SubjectKey | undefined;
  serial: SubjectKey | undefined;
  macs: SubjectKey[];
  name: string;
  agent: string | undefined;
  address: string;
  dock: SubjectKey | undefined;
  hasNews: boolean;
};

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5);
const junkSerials = [
  "To be filled by O.E.M.",
  "0123456789",
  "Default string",
  "System Serial Number",
  "123456789",
  "None",
];
const vendors = ["dell inc.", "hp", "lenovo", "asus"];
/** Shares of the kinds, in percent. */
const shares: readonly (readonly [Kind, number])[] = [
  ["pc", 28],
  ["laptop", 16],
  ["server", 6],
  ["switch", 4],
  ["printer", 6],
  ["vm", 5],
  ["thing", 20],
  ["phone", 15],
];
const managed: ReadonlySet<Kind> = new Set(["pc", "laptop", "server", "vm"]);
const readBySnmp: ReadonlySet<Kind> = new Set(["server", "switch", "printer"]);

const hex = (random: Random, length: number): string =>
  Array.from({ length }, () => Math.floor(random.next() * 16).toString(16)).join("");

export const simulateSite = ({ seed, devices: total, days }: SiteOptions): Site => {
  const random = createSeededRandom(seed);
  const lines: Line[] = [];
  const events: Record<string, number> = {};
  const note = (event: string) => {
    events[event] = (events[event] ?? 0) + 1;
  };
  const chance = (p: number) => random.next() < p;
  let serials = 0;
  const newMac = (first = "00"): SubjectKey => {
    const n = (++serials).toString(16).padStart(6, "0");
    return { kind: "mac", value: `${first}:1b:21:${n.slice(0, 2)}:${n.slice(2, 4)}:${n.slice(4)}` };
  };
  const newUuid = (): SubjectKey => ({
    kind: "hardwareUuid",
    value: `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`,
  });
  const newSerial = (device: Device): SubjectKey => {
    const vendor = vendors[Math.floor(random.next() * vendors.length)] ?? "dell";
    if (chance(0.035)) {
      note("junk serial");
      return { kind: "serial", vendor, value: junkSerials[Math.floor(random.next() * junkSerials.length)] ?? "None" };
    }
    // A few texts are used by two makers.
    const value = `SN${hex(random, 3)}${(serials >> 1).toString(36)}`.toUpperCase();
    return own(device, { kind: "serial", vendor, value });
  };
  const own = (device: Device, key: SubjectKey): SubjectKey => {
    device.own.set(`${key.kind} ${key.vendor ?? ""} ${key.value}`, key);
    return key;
  };
  const free = new Map<string, number>();
  const nextAddress = (realm: string): string => {
    const n = (free.get(realm) ?? 10) + 1;
    free.set(realm, n);
    return `10.0.${n >> 8}.${n & 255}`;
  };
  let names = 0;

  const kinds = shares.flatMap(([kind, share]) =>
    Array.from({ length: Math.round((total * share) / 100) }, () => kind),
  );
  const fleet = kinds.map((kind, index): Device => {
    const realm = index % 2 === 0 ? "north" : "south";
    const device: Device = {
      id: `${kind}-${index}`,
      kind,
      realm,
      own: new Map(),
      uuid: undefined,
      serial: undefined,
      macs: [],
      name: `${kind}${++names}`,
      agent: undefined,
      address: nextAddress(realm),
      dock: undefined,
      hasNews: true,
    };
    if (kind !== "phone") {
      const count = kind === "switch" ? 8 : kind === "server" ? 2 : 1;
      device.macs = Array.from({ length: count }, () => own(device, newMac()));
    }
    if (managed.has(kind)) {
      device.uuid = own(device, newUuid());
      device.agent = `agent-${device.id}-1`;
    }
    if (kind !== "thing" && kind !== "phone" && kind !== "vm") device.serial = newSerial(device);
    return device;
  });
  const of = (...wanted: readonly Kind[]) => fleet.filter(({ kind }) => wanted.includes(kind));
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random.next() * from.length)];

  // Copies: the UUID of an image or of a template in more than one machine.
  const machines = of("pc", "vm", "server");
  for (let i = 0; i < Math.ceil(total * 0.012); i++) {
    const [from, to] = [pick(machines), pick(machines)];
    if (!from?.uuid || !to?.uuid || from === to) continue;
    to.own.delete(`hardwareUuid  ${to.uuid.value}`);
    from.own.delete(`hardwareUuid  ${from.uuid.value}`);
    to.uuid = from.uuid;
    note("cloned UUID");
  }
  const laptops = of("laptop");
  const docks = Array.from({ length: Math.max(1, Math.ceil(total * 0.06)) }, () => newMac("a0"));

  const keysOf = (device: Device): SubjectKey[] => [
    ...[device.uuid, device.serial, ...device.macs, device.dock].filter((key) => key !== undefined),
    { kind: "hostname", value: device.name },
    { kind: "ip", value: device.address },
  ];
  const say = (atMs: number, line: Omit<Observation, "atMs" | "heardMs">) =>
    void lines.push({
      atMs,
      heardMs: atMs + Math.floor(random.next() * (line.method === "local" ? 120_000 : 1_800_000)),
      ...line,
    });
  const report = (device: Device, atMs: number) => {
    if (device.agent === undefined) return;
    say(atMs, { realm: device.realm, method: "local", agent: device.agent, keys: keysOf(device) });
    device.hasNews = false;
  };
  const silence = (agent: string, atMs: number) => void lines.push({ atMs, heardMs: atMs, agent, ends: "lost" });

  const change = (device: Device, dayMs: number) => {
    if (device.agent === undefined) return;
    const atMs = dayMs + 9 * 3_600_000;
    const fate = random.next();
    if (fate < 0.003) {
      note("reinstall");
      silence(device.agent, atMs);
      const generation = Number(device.agent.slice(device.agent.lastIndexOf("-") + 1)) + 1;
      device.agent = `agent-${device.id}-${generation}`;
      device.hasNews = true;
    } else if (fate < 0.006) {
      note("rename");
      device.name = `${device.kind}${++names}`;
      device.hasNews = true;
    } else if (fate < 0.008) {
      note("new NIC");
      device.macs = [...device.macs.slice(1), own(device, newMac())];
      device.hasNews = true;
    } else if (device.kind === "pc" && fate < 0.01) {
      note("new mainboard");
      device.uuid = own(device, newUuid());
      device.macs = [own(device, newMac())];
      device.hasNews = true;
    } else if (device.kind === "pc" && fate < 0.012) {
      const other = pick(of("pc"));
      if (!other?.agent || other === device || other.uuid?.value === device.uuid?.value) return;
      note("disk moved");
      silence(other.agent, atMs);
      other.agent = device.agent;
      device.agent = undefined;
      other.hasNews = true;
    }
  };

  for (let day = 0; day < days; day++) {
    const dayMs = START + day * DAY;
    for (const device of fleet) change(device, dayMs);
    // Docks go to another laptop each day; addresses change hands.
    const docked = laptops.filter(() => chance(0.5)).slice(0, docks.length);
    for (const laptop of laptops) laptop.dock = undefined;
    docked.forEach((laptop, i) => {
      laptop.dock = docks[(i + day * 7) % docks.length];
      laptop.hasNews = true;
      note("docked");
    });
    for (const device of fleet) {
      if (!chance(0.05)) continue;
      const other = pick(fleet);
      if (!other || other.realm !== device.realm) continue;
      [device.address, other.address] = [other.address, device.address];
      device.hasNews = true;
      other.hasNews = true;
      note("address changes hands");
    }
    for (const device of fleet) {
      if (device.kind === "phone")
        device.macs = [own(device, { kind: "mac", value: `da:${hex(random, 10).replace(/(..)(?=.)/g, "$1:")}` })];
      if (device.hasNews || chance(0.02))
        report(device, dayMs + 9 * 3_600_000 + Math.floor(random.next() * 600_000) + 60_000);
      for (const hour of [10, 13, 16]) {
        if (chance(0.15)) continue;
        const atMs = dayMs + hour * 3_600_000 + Math.floor(random.next() * 600_000);
        const mac = device.dock ?? pick(device.macs);
        if (mac) say(atMs, { realm: device.realm, method: "arp", keys: [mac, { kind: "ip", value: device.address }] });
        if (chance(0.1))
          say(atMs + 1_000, { realm: device.realm, method: "icmp", keys: [{ kind: "ip", value: device.address }] });
      }
      if (readBySnmp.has(device.kind) && chance(0.9))
        say(dayMs + 15 * 3_600_000 + Math.floor(random.next() * 3_600_000), {
          realm: device.realm,
          method: "snmp",
          keys: keysOf({ ...device, uuid: undefined }),
        });
    }
    for (const realm of ["north", "south"])
      say(dayMs + 10 * 3_600_000, {
        realm,
        method: "arp",
        keys: [
          { kind: "mac", value: "00:00:5e:00:01:01" },
          { kind: "ip", value: "10.0.0.1" },
        ],
      });
  }
  return {
    lines: lines.sort((a, b) => a.heardMs - b.heardMs || a.atMs - b.atMs),
    truth: fleet.map(({ id, kind, own: keys }) => ({
      device: id,
      ...(kind === "phone" ? { visitor: true } : {}),
      keys: [...keys.values()],
    })),
    events,
  };
};
