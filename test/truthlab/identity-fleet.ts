import type { SubjectKey } from "../../shared/protocol/observation.ts";
import type { Random } from "../../shared/random.ts";

/** The devices of a simulated site, and what each is known by. */
export type Kind = "pc" | "laptop" | "server" | "switch" | "printer" | "thing" | "phone" | "vm" | "container";

export type Device = {
  readonly id: string;
  readonly kind: Kind;
  readonly realm: string;
  /** All lasting keys that were ever its own alone. */
  readonly own: Map<string, SubjectKey>;
  uuid: SubjectKey | undefined;
  serial: SubjectKey | undefined;
  macs: readonly SubjectKey[];
  chassis: SubjectKey | undefined;
  name: string | undefined;
  /** Its agents; the first is running. Two where two systems are started in turn. */
  agents: string[];
  /** Its agents, of which none is installed yet: others see it first. */
  waiting: string[] | undefined;
  /** Of the operating system, copied with it: nobody's own. */
  machine: SubjectKey | undefined;
  address: string;
  dock: SubjectKey | undefined;
  /** Other members of a stack, any of which may answer as its master. */
  members: readonly { readonly serial: SubjectKey; readonly chassis: SubjectKey }[];
  /** Another living copy of this one's agent state. */
  copyOf: Device | undefined;
  isGone: boolean;
  hasNews: boolean;
};

const junkSerials = [
  "To be filled by O.E.M.",
  "0123456789",
  "Default string",
  "System Serial Number",
  "123456789",
  "None",
];
const junkUuids = [
  "00000000-0000-0000-0000-000000000000",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
  "03000200-0400-0500-0006-000700080009",
];
const vendors = ["dell inc.", "hp", "lenovo", "asus"];
/** Shares of the kinds, in percent; a container lives on every sixth server beside them. */
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
const isIn = (texts: readonly string[], key: SubjectKey | undefined) => key !== undefined && texts.includes(key.value);
export const hasJunkUuid = ({ uuid }: Device): boolean => isIn(junkUuids, uuid);
export const hasJunkSerial = ({ serial }: Device): boolean => isIn(junkSerials, serial);
const managed: ReadonlySet<Kind> = new Set(["pc", "laptop", "server", "vm"]);
const labelled: ReadonlySet<Kind> = new Set(["pc", "laptop", "server", "switch", "printer"]);

/** Fixed rates: of serials that are junk, of devices with a cloned UUID and with a copied agent, of docks, of PCs with two systems. */
const DOCKER_MAC = "02:42:ac:11:00:02";
const JUNK_SERIALS = 0.06;
const JUNK_UUIDS = 0.01;
const CLONED_UUIDS = 0.012;
const COPIED_AGENTS = 0.002;
const DOCKS = 0.06;
const TWO_MAKERS = 0.02;
const USB_ADAPTERS = 0.01;
const DUAL_BOOT = 0.02;
const LATER_AGENTS = 0.3;

export type Fleet = {
  readonly devices: Device[];
  readonly docks: readonly SubjectKey[];
  /** USB network adapters, which travel like docks. */
  readonly adapters: readonly SubjectKey[];
  readonly newMac: (device: Device) => SubjectKey;
  readonly newUuid: (device: Device) => SubjectKey;
  readonly newName: (kind: Kind) => string;
  readonly randomMac: (device: Device) => SubjectKey;
  /** A device of the same kind with keys of its own, in the other's place. */
  readonly replace: (device: Device) => Device;
  /** A device with the same UUID, machine id and name, and a MAC and an agent of its own. */
  readonly copy: (device: Device) => Device;
  readonly pick: (kinds: readonly Kind[]) => Device | undefined;
};

export const createFleet = (random: Random, total: number, note: (event: string) => void): Fleet => {
  const chance = (p: number) => random.next() < p;
  const choose = <T>(from: readonly T[]): T | undefined => from[Math.floor(random.next() * from.length)];
  const hex = (length: number) => Array.from({ length }, () => Math.floor(random.next() * 16).toString(16)).join("");
  let [numbers, names] = [0, 0];
  const own = (device: Device, key: SubjectKey): SubjectKey => {
    device.own.set(`${key.kind} ${key.vendor ?? ""} ${key.value}`, key);
    return key;
  };
  const burntIn = (first: string): SubjectKey => {
    const n = (++numbers).toString(16).padStart(8, "0");
    return { kind: "mac", value: `${first}:1b:${n.replace(/(..)(?=.)/g, "$1:")}` };
  };
  const newMac = (device: Device) => own(device, burntIn("00"));
  const newUuid = (device: Device) =>
    own(device, { kind: "hardwareUuid", value: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}` });
  const junkUuid = (): SubjectKey => {
    note("junk UUID");
    return { kind: "hardwareUuid", value: choose(junkUuids) ?? "" };
  };
  const newName = (kind: Kind) => `${kind}${++names}`;
  let last: SubjectKey | undefined;
  const newSerial = (device: Device): SubjectKey => {
    const vendor = choose(vendors) ?? "dell";
    if (chance(JUNK_SERIALS)) {
      note("junk serial");
      return { kind: "serial", vendor, value: choose(junkSerials) ?? "None" };
    }
    const again = last && last.vendor !== vendor && chance(TWO_MAKERS) ? last.value : undefined;
    if (again !== undefined) note("serial of two makers");
    last = { kind: "serial", vendor, value: again ?? `SN${hex(3)}${(++numbers).toString(36)}`.toUpperCase() };
    const serial = own(device, last);
    if (again !== undefined) last = undefined;
    return serial;
  };
  const newChassis = (device: Device): SubjectKey => own(device, { ...newMac(device), kind: "chassisMac" });
  const free = new Map<string, number>();
  const nextAddress = (realm: string): string => {
    const n = (free.get(realm) ?? 10) + 1;
    free.set(realm, n);
    return `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
  };
  const devices: Device[] = [];
  const make = (kind: Kind, realm: string, fields: Partial<Device> = {}): Device => {
    const device: Device = {
      ...{ id: `${kind}-${devices.length}`, kind, realm, own: new Map(), uuid: undefined, serial: undefined },
      ...{ macs: [], chassis: undefined, name: newName(kind), agents: [], address: nextAddress(realm) },
      ...{
        waiting: undefined,
        machine: undefined,
        dock: undefined,
        members: [],
        copyOf: undefined,
        isGone: false,
        hasNews: true,
      },
      ...fields,
    };
    devices.push(device);
    if (kind === "phone")
      device.name = chance(0.6) ? `${device.name}-of-somebody` : choose(["iphone", "android", "galaxy-a54"]);
    if (kind === "phone" || kind === "container") return device;
    const count = kind === "switch" ? 8 : kind === "server" ? 2 : 1;
    device.macs = Array.from({ length: count }, () => newMac(device));
    if (managed.has(kind)) {
      device.uuid = kind === "pc" && chance(JUNK_UUIDS) ? junkUuid() : newUuid(device);
      device.machine = { kind: "machineId", value: hex(32) };
      device.agents = [`agent-${device.id}-1`];
    }
    if (labelled.has(kind)) device.serial = newSerial(device);
    if (kind === "switch") {
      device.chassis = newChassis(device);
      if (chance(0.2)) {
        note("stack");
        device.members = [1, 2].map(() => ({ serial: newSerial(device), chassis: newChassis(device) }));
      }
    }
    return device;
  };

  const kinds = shares.flatMap(([kind, share]) =>
    Array.from({ length: Math.round((total * share) / 100) }, () => kind),
  );
  for (const [index, kind] of kinds.entries()) make(kind, index % 2 === 0 ? "north" : "south");
  const pick: Fleet["pick"] = (wanted) => {
    for (let tries = 0; tries < 200; tries++) {
      const device = choose(devices);
      if (device && wanted.includes(device.kind) && !device.isGone) return device;
    }
    return undefined;
  };

  /** The UUID of an image or a template in more than one machine. */
  const disown = (device: Device, key: SubjectKey) => device.own.delete(`${key.kind} ${key.vendor ?? ""} ${key.value}`);
  for (let i = 0; i < Math.ceil(total * CLONED_UUIDS); i++) {
    const [from, to] = [pick(["pc", "vm", "server"]), pick(["pc", "vm", "server"])];
    if (!from?.uuid || !to?.uuid || from === to || [from, to].some(hasJunkUuid)) continue;
    disown(to, to.uuid);
    disown(from, from.uuid);
    to.uuid = from.uuid;
    note("cloned UUID");
  }
  const copyOf = (original: Device, fields: Partial<Device>): Device => {
    const copy = make("vm", original.realm, fields);
    for (const device of [original, copy]) if (device.uuid) disown(device, device.uuid);
    copy.uuid = original.uuid;
    copy.machine = original.machine;
    return copy;
  };
  for (let i = 0; i < Math.ceil(total * COPIED_AGENTS); i++) {
    const original = pick(["vm"]);
    if (!original?.uuid || original.copyOf || devices.some(({ copyOf }) => copyOf === original)) continue;
    copyOf(original, { copyOf: original }).agents = original.agents;
    note("copied agent");
  }
  for (const host of devices.filter(({ kind }, index) => kind === "server" && index % 6 === 0)) {
    // It reads the host's UUID. A container has an address that every host's containers have, a network namespace one of its own.
    const container = make("container", host.realm, { uuid: host.uuid, machine: host.machine });
    const isNamespace = chance(0.3);
    container.macs = [{ kind: "mac", value: isNamespace ? `ba:${hex(10).replace(/(..)(?=.)/g, "$1:")}` : DOCKER_MAC }];
    if (!isNamespace) container.address = "172.17.0.2";
    container.agents = [`agent-${container.id}-1`];
    own(container, { kind: "agent", value: `agent-${container.id}-1` });
    note(isNamespace ? "network namespace" : "container");
  }
  for (const pc of devices.filter(({ kind }) => kind === "pc"))
    if (chance(DUAL_BOOT)) {
      pc.agents.push(`agent-${pc.id}-other`);
      pc.machine = undefined;
      note("dual boot");
    }

  const copied = new Set(devices.flatMap((device) => (device.copyOf ? [device, device.copyOf] : [])));
  for (const device of devices)
    if (managed.has(device.kind) && !copied.has(device) && chance(LATER_AGENTS)) {
      device.waiting = device.agents;
      device.agents = [];
    }

  return {
    devices,
    adapters: Array.from({ length: Math.ceil(total * USB_ADAPTERS) }, () => burntIn("a8")),
    docks: Array.from({ length: Math.max(1, Math.ceil(total * DOCKS)) }, () => burntIn("a0")),
    newMac,
    newUuid,
    newName,
    randomMac: (device) => own(device, { kind: "mac", value: `da:${hex(10).replace(/(..)(?=.)/g, "$1:")}` }),
    replace: (device) => {
      device.isGone = true;
      return make(device.kind, device.realm, { name: device.name, address: device.address });
    },
    copy: (device) => copyOf(device, { name: device.name, address: device.address }),
    pick,
  };
};
