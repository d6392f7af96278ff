import type { DeviceType } from "../../shared/protocol/device-types.ts";
import { createSeededRandom, type Random } from "../../shared/random.ts";
import { between, DAY, HOUR, habitOf, MINUTE, pick, tidy } from "./habits.ts";
import { faultEvents, goneEvents, lossEvents, outageEvents } from "./happenings.ts";
import type { SimAgent, SimDevice, SimEvent, World } from "./site-file.ts";

/** The base rates of a run; the counts are of the whole world, whatever its size. */
export type WorldOptions = {
  readonly seed: number;
  readonly sites: number;
  readonly devices: number;
  readonly days: number;
  readonly intervalMs: number;
  readonly gone: number;
  readonly observerFaults: number;
  readonly outages: number;
  readonly wrongClocks: number;
  /** Of what is gone for good, so many are replaced: another device at the same port and address. */
  readonly replaced: number;
  /** Times at which all that hangs on one access switch gets addresses of another VLAN. */
  readonly vlanMoves: number;
};

export const fullWorld: Omit<WorldOptions, "seed"> = {
  sites: 10,
  devices: 10_000,
  days: 30,
  intervalMs: 30 * MINUTE,
  gone: 120,
  observerFaults: 200,
  // Eight of ten are of a switch or an uplink, the others of hypervisors and of power.
  outages: 75,
  wrongClocks: 20,
  replaced: 12,
  vlanMoves: 20,
};

type Kind = { readonly type: DeviceType; readonly share: number; readonly class: SimDevice["class"] };
const kinds: readonly Kind[] = [
  { type: "server", share: 0.1, class: "always-on" },
  { type: "virtual-machine", share: 0.12, class: "always-on" },
  { type: "camera", share: 0.08, class: "always-on" },
  { type: "phone", share: 0.1, class: "always-on" },
  { type: "access-point", share: 0.03, class: "always-on" },
  { type: "printer", share: 0.05, class: "roaming" },
  { type: "desktop", share: 0.2, class: "roaming" },
  { type: "laptop", share: 0.27, class: "roaming" },
  { type: "mobile", share: 0.05, class: "visitor" },
];

const hex = (n: number, width: number): string => n.toString(16).padStart(width, "0");
export const macOf = (n: number): string =>
  `00:16:3e:${hex((n >> 16) & 255, 2)}:${hex((n >> 8) & 255, 2)}:${hex(n & 255, 2)}`;

const PORTS = 36;

const pickKind = (random: Random): Kind => {
  let at = random.next();
  for (const kind of kinds) {
    at -= kind.share;
    if (at < 0) return kind;
  }
  return kinds[0]!;
};

export type Site = {
  readonly id: string;
  readonly index: number;
  readonly devices: SimDevice[];
  readonly switches: SimDevice[];
  readonly agents: SimAgent[];
};

const buildSite = (index: number, random: Random, { devices: total, sites, days }: WorldOptions): Site => {
  const id = `site-${index + 1}`;
  const count = Math.floor(total / sites);
  let host = 1;
  const nextAddress = () => {
    const n = host++;
    return `10.${index + 1}.${Math.floor(n / 250)}.${(n % 250) + 1}`;
  };
  const out: SimDevice[] = [];
  let serial = 0;
  const make = (
    type: DeviceType,
    kind: SimDevice["class"],
    parent: string | undefined,
    port: string | undefined,
  ): SimDevice => {
    const device: SimDevice = {
      id: `${id}-${type}-${++serial}`,
      site: id,
      type,
      ...(kind !== "visitor" && { mac: macOf(index * 65_536 + serial) }),
      address: nextAddress(),
      ...(parent !== undefined && { parent }),
      ...(port !== undefined && { port }),
      class: kind,
      off: habitOf(type, random, days),
      moves: [],
    };
    out.push(device);
    return device;
  };
  // One router, floors with a distribution switch each, access switches below; what is wired hangs on those.
  const root = make("router", "always-on", undefined, undefined);
  const access = Math.max(2, Math.ceil(count / PORTS));
  const floors = Math.max(1, Math.ceil(access / 6));
  const floorSwitches = Array.from({ length: floors }, (_, i) => make("switch", "always-on", root.id, `1/${i + 1}`));
  const accessSwitches = Array.from({ length: access }, (_, i) =>
    make("switch", "always-on", floorSwitches[i % floors]!.id, `1/${Math.floor(i / floors) + 1}`),
  );
  // Agents' hosts hang near the root, as servers do.
  const hosts = Array.from({ length: index % 3 === 0 ? 2 : 1 }, (_, i) =>
    make("server", "always-on", root.id, `2/${i + 1}`),
  );
  for (const one of hosts) one.off.length = 0;
  const ports = new Map<string, number>();
  const portAt = (parent: SimDevice) => {
    const port = (ports.get(parent.id) ?? 0) + 1;
    ports.set(parent.id, port);
    return `1/0/${port}`;
  };
  let hypervisor: SimDevice | undefined;
  let room = 0;
  while (out.length < count) {
    const kind = pickKind(random);
    const parent = pick(random, accessSwitches);
    if (kind.type === "virtual-machine") {
      if (hypervisor === undefined || room-- === 0) {
        hypervisor = make("hypervisor", "always-on", parent.id, portAt(parent));
        room = Math.floor(between(random, 5, 13));
      }
      make(kind.type, kind.class, hypervisor.id, undefined);
      continue;
    }
    const port = portAt(parent);
    make(kind.type, kind.class, kind.type === "laptop" || kind.class === "visitor" ? undefined : parent.id, port);
  }
  return {
    id,
    index,
    devices: out,
    switches: [...floorSwitches, ...accessSwitches],
    agents: hosts.map((one, i) => ({ id: `${id}-agent-${i + 1}`, site: id, host: one.id, sweeps: true })),
  };
};

/** DHCP: who comes in the morning may get another address than yesterday, one of a pool that goes round. */
const churn = (site: Site, random: Random) => {
  const net = site.devices[0]!.address.split(".").slice(0, 2).join(".");
  let next = 0;
  for (const device of site.devices) {
    if (device.type !== "laptop" && device.type !== "desktop") continue;
    for (const span of device.off) {
      if (span.toMs - span.fromMs <= 6 * HOUR || random.next() > 0.08) continue;
      const n = next++;
      device.moves.push({
        atMs: span.toMs - 1,
        address: `${net}.${100 + (Math.floor(n / 250) % 80)}.${(n % 250) + 1}`,
      });
    }
  }
};

/** All that hangs on one access switch gets other addresses at one time, after a moment without any. */
const moveVlans = (sites: readonly Site[], random: Random, { vlanMoves, days }: WorldOptions) => {
  for (let n = 0; n < vlanMoves; n++) {
    const site = pick(random, sites);
    const parent = pick(random, site.switches);
    const atMs = Math.round(between(random, 0.1, 0.95) * days * DAY);
    let host = 1;
    for (const device of site.devices) {
      const holder = site.devices.find((other) => other.id === device.parent);
      const hangsThere = device.parent === parent.id || holder?.parent === parent.id;
      if (!hangsThere || device.type === "switch" || device.class === "visitor" || host > 250) continue;
      const fresh = { atMs, address: `10.${site.index + 1}.${230 + n}.${host++}` };
      device.moves.push(fresh);
      const off = tidy([...device.off, { fromMs: atMs, toMs: atMs + between(random, 1, 5) * MINUTE }], days * DAY);
      device.off.splice(0, device.off.length, ...off);
    }
  }
};

/** Laptops that spend a day at another site. */
const roam = (sites: readonly Site[], random: Random) => {
  if (sites.length < 2) return;
  let visits = 1;
  for (const site of sites)
    for (const device of site.devices) {
      if (device.type !== "laptop" || random.next() > 0.1) continue;
      const off = pick(random, device.off);
      const index = device.off.indexOf(off);
      const next = device.off[index + 1];
      const other = pick(random, sites);
      if (!next || other === site) continue;
      const away = `${other.devices[0]!.address.split(".").slice(0, 2).join(".")}.${200 + (visits >> 8)}.${visits++ & 255}`;
      device.moves.push({ atMs: off.toMs - 1, address: away, site: other.id });
      device.moves.push({ atMs: next.toMs - 1, address: device.address, site: site.id });
    }
};

/** Somebody takes a device away and puts another one in its place. */
const replace = (sites: readonly Site[], random: Random, gone: SimEvent[], { replaced, intervalMs }: WorldOptions) => {
  let left = replaced;
  for (const [i, event] of gone.entries()) {
    if (left === 0 || event.kind !== "gone") continue;
    const site = sites.find(({ devices }) => devices.some(({ id }) => id === event.device));
    const old = site?.devices.find(({ id }) => id === event.device);
    if (!site || !old || old.class !== "always-on" || old.type === "virtual-machine") continue;
    left--;
    gone[i] = { kind: "gone", device: old.id, fromMs: event.fromMs };
    const sinceMs = Math.round(event.fromMs + between(random, 0.3, 4) * intervalMs);
    const address = old.moves.findLast(({ atMs }) => atMs <= sinceMs)?.address ?? old.address;
    site.devices.push({
      ...old,
      id: `${old.id}-new`,
      mac: macOf(0x80_00_00 + site.index * 4_096 + left),
      address,
      sinceMs,
      off: [],
      moves: old.moves.filter(({ atMs }) => atMs > sinceMs),
    });
  }
};

/** A world from a seed: the same seed and options give the same world. */
export const createWorld = (options: WorldOptions): World => {
  const random = createSeededRandom(options.seed);
  const sites = Array.from({ length: options.sites }, (_, i) => buildSite(i, random, options));
  for (const site of sites) churn(site, random);
  roam(sites, random);
  moveVlans(sites, random, options);
  const gone = goneEvents(sites, random, options);
  replace(sites, random, gone, options);
  const events = [
    ...gone,
    ...faultEvents(sites, random, options),
    ...outageEvents(sites, random, options),
    ...lossEvents(sites, random, options),
  ].sort((a, b) => a.fromMs - b.fromMs);
  for (const site of sites) for (const device of site.devices) device.moves.sort((a, b) => a.atMs - b.atMs);
  return {
    version: 1,
    startAt: "2026-03-02T00:00:00.000Z",
    durationMs: options.days * DAY,
    intervalMs: options.intervalMs,
    timeZone: "UTC",
    noise: 0.003,
    loss: 0.005,
    sites: sites.map((site, i) => ({ id: site.id, subnets: [{ from: `10.${i + 1}.0.0`, to: `10.${i + 1}.255.255` }] })),
    devices: sites.flatMap((site) => site.devices),
    agents: sites.flatMap((site) => site.agents),
    events,
  };
};
