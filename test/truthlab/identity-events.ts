import type { Random } from "../../shared/random.ts";
import { type Device, type Fleet, hasJunkSerial, hasJunkUuid, type Kind } from "./identity-fleet.ts";

/** What a day may do to the devices of a simulated site. */
export type Events = {
  /** One device; `atMs`: when its agent falls silent, where it does. */
  readonly change: (device: Device, atMs: number) => void;
  /** Who has which dock or USB adapter today. */
  readonly dock: (day: number) => void;
  readonly swapAddresses: () => void;
  /** Two of one network that change their addresses. */
  readonly pairs: (share: number) => (readonly [Device, Device])[];
};

const HOUR = 3_600_000;
const addressed: readonly Kind[] = ["pc", "laptop", "server", "printer", "vm", "thing"];

export const createEvents = (
  fleet: Fleet,
  random: Random,
  note: (event: string) => void,
  silence: (agent: string | undefined, atMs: number) => void,
): Events => {
  const { devices } = fleet;
  const chance = (p: number) => random.next() < p;

  const reinstall = (device: Device, atMs: number): void => {
    const [agent, ...others] = device.agents;
    if (devices.some(({ copyOf }) => copyOf === device)) return;
    note("reinstall");
    silence(agent, atMs);
    device.agents = [`${agent}+`, ...others];
  };
  const moveDisk = (device: Device, atMs: number): void => {
    const other = fleet.pick(["pc"]);
    if (!other || other === device || other.agents.length !== 1 || device.agents.length !== 1) return;
    const isUuidOther = !hasJunkUuid(device) && !hasJunkUuid(other) && other.uuid?.value !== device.uuid?.value;
    const isSerialOther =
      !hasJunkSerial(device) && !hasJunkSerial(other) && other.serial?.value !== device.serial?.value;
    // With neither it looks like a new NIC.
    if (!isUuidOther && !isSerialOther) return;
    note("disk moved");
    silence(other.agents[0], atMs);
    other.agents = device.agents;
    device.agents = [];
    other.hasNews = true;
  };
  /** A copy of a machine that is off from then on: its hardware's numbers, another MAC, and an agent that enrolled anew. */
  const copyAfterwards = (device: Device, atMs: number): void => {
    if (!device.uuid || device.copyOf || devices.some(({ copyOf }) => copyOf === device)) return;
    note("clone after the original");
    silence(device.agents[0], atMs);
    fleet.copy(device);
    device.isGone = true;
  };
  const changeManaged = (device: Device, atMs: number, fate: number): void => {
    const [agent, ...others] = device.agents;
    if (agent === undefined || device.kind === "container" || device.copyOf) return;
    if (fate < 0.003) reinstall(device, atMs);
    else if (fate < 0.006) {
      note("rename");
      device.name = fleet.newName(device.kind);
    } else if (fate < 0.008) {
      note("new NIC");
      device.macs = [...device.macs.slice(1), fleet.newMac(device)];
    } else if (device.kind === "pc" && fate < 0.01) {
      note("new mainboard");
      device.uuid = fleet.newUuid(device);
      device.macs = [fleet.newMac(device)];
    } else if (device.kind === "pc" && fate < 0.012) moveDisk(device, atMs);
    else if (device.kind === "vm" && fate < 0.01) copyAfterwards(device, atMs);
    else if (others.length > 0 && fate > 0.7) {
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
  const change = (device: Device, atMs: number): void => {
    const fate = random.next();
    if (device.waiting !== undefined && fate < 0.25) {
      note("agent installed later");
      device.agents = device.waiting;
      device.waiting = undefined;
      device.hasNews = true;
    } else if (device.kind === "switch") changeSwitch(device, fate);
    else changeManaged(device, atMs, fate);
  };

  const dock = (day: number) => {
    const laptops = devices.filter(({ kind, isGone }) => kind === "laptop" && !isGone);
    for (const laptop of laptops) laptop.dock = undefined;
    const docked = laptops.filter(() => chance(0.5)).slice(0, fleet.docks.length);
    for (const [i, laptop] of docked.entries()) {
      laptop.dock = fleet.docks[(i + day * 7) % fleet.docks.length];
      laptop.hasNews = true;
      note("docked");
    }
    for (const adapter of fleet.adapters) {
      const user = fleet.pick(["laptop", "pc"]);
      if (!user || user.dock || chance(0.5)) continue;
      user.dock = adapter;
      user.hasNews = true;
      note("USB adapter");
    }
    // Whoever had an adapter yesterday and is no laptop has none today.
    for (const device of devices) if (device.kind === "pc" && !device.hasNews) device.dock = undefined;
  };
  const swap = (device: Device, other: Device) => {
    [device.address, other.address] = [other.address, device.address];
    device.hasNews = true;
    other.hasNews = true;
  };
  const swapAddresses = () => {
    for (const device of devices) {
      if (!chance(0.05) || device.kind === "container" || device.isGone) continue;
      const other = devices[Math.floor(random.next() * devices.length)];
      if (!other || other.realm !== device.realm || other.kind === "container" || other.isGone) continue;
      swap(device, other);
      note("address changes hands");
    }
  };
  const pairs = (share: number) =>
    Array.from({ length: Math.ceil(devices.length * share) }, () => [fleet.pick(addressed), fleet.pick(addressed)])
      .filter((pair): pair is [Device, Device] => pair[0] !== undefined && pair[1] !== undefined)
      .filter(([a, b]) => a !== b && a.realm === b.realm)
      .map(([a, b]) => {
        note("address re-used within minutes");
        return [a, b] as const;
      });
  return { change, dock, swapAddresses, pairs };
};
