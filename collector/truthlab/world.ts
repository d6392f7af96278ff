import type { DeviceType } from "../../shared/protocol/sections.ts";
import { createSeededRandom, type Random, shuffled } from "../../shared/random.ts";
import type { SimAgent, SimDevice, SimEvent, World } from "./site-file.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

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
};

export const fullWorld: Omit<WorldOptions, "seed"> = {
  sites: 10,
  devices: 10_000,
  days: 30,
  intervalMs: 30 * MINUTE,
  gone: 120,
  observerFaults: 200,
  outages: 60,
  wrongClocks: 20,
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

const between = (random: Random, low: number, high: number): number => low + random.next() * (high - low);
const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random.next() * items.length)]!;
const hex = (n: number, width: number): string => n.toString(16).padStart(width, "0");
const macOf = (n: number): string => `00:16:3e:${hex((n >> 16) & 255, 2)}:${hex((n >> 8) & 255, 2)}:${hex(n & 255, 2)}`;

type Span = { fromMs: number; toMs: number };

/** Joins what overlaps; ascending. */
const tidy = (spans: readonly Span[], endMs: number): Span[] => {
  const out: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const fromMs = Math.round(Math.max(0, span.fromMs));
    const toMs = Math.round(Math.min(endMs, span.toMs));
    const last = out.at(-1);
    if (toMs <= fromMs) continue;
    if (last && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else out.push({ fromMs, toMs });
  }
  return out;
};

/** Off at all times but the given ones. */
const invert = (on: readonly Span[], endMs: number): Span[] => {
  const out: Span[] = [];
  let at = 0;
  for (const span of tidy(on, endMs)) {
    if (span.fromMs > at) out.push({ fromMs: at, toMs: span.fromMs });
    at = span.toMs;
  }
  if (at < endMs) out.push({ fromMs: at, toMs: endMs });
  return out;
};

/** The run starts on a Monday at midnight. */
const isWorkday = (day: number): boolean => day % 7 < 5;

const reboots = (random: Random, endMs: number, everyMs: number, low: number, high: number): Span[] => {
  const out: Span[] = [];
  for (let at = random.next() * everyMs; at < endMs; at += between(random, 0.5, 1.5) * everyMs)
    out.push({ fromMs: at, toMs: at + between(random, low, high) });
  return out;
};

/** Working days of a person: arrives, leaves, some days off, now and then a week. */
const officeDays = (random: Random, days: number, offShare: number, holidays: boolean): Span[] => {
  const arrive = between(random, 7.5, 9.5);
  const stay = between(random, 7, 9.5);
  const holidayAt = holidays && random.next() < 0.04 ? Math.floor(random.next() * (days / 7)) : -1;
  const out: Span[] = [];
  for (let day = 0; day < days; day++) {
    const isAway = Math.floor(day / 7) === holidayAt || random.next() < offShare;
    if (!isWorkday(day) || isAway) continue;
    const from = day * DAY + (arrive + between(random, -0.6, 0.6)) * HOUR;
    out.push({ fromMs: from, toMs: from + (stay + between(random, -1, 1)) * HOUR });
  }
  return out;
};

const habitOf = (type: DeviceType, random: Random, days: number): Span[] => {
  const end = days * DAY;
  switch (type) {
    case "desktop":
      // A third is never switched off.
      return random.next() < 0.33
        ? tidy(reboots(random, end, 10 * DAY, 2 * MINUTE, 8 * MINUTE), end)
        : invert(officeDays(random, days, 0.08, true), end);
    case "laptop":
      return invert(
        officeDays(random, days, 0.15, true).flatMap((span) =>
          // Lunch and meetings: lid shut for a while.
          random.next() < 0.5
            ? [
                { fromMs: span.fromMs, toMs: span.fromMs + 4 * HOUR },
                { fromMs: span.fromMs + between(random, 4.3, 6) * HOUR, toMs: span.toMs },
              ]
            : [span],
        ),
        end,
      );
    case "printer":
      // Deep sleep that answers nothing, after an hour without a job.
      return random.next() < 0.5
        ? []
        : invert(
            Array.from({ length: days * 4 }, (_, i) => {
              const day = Math.floor(i / 4);
              const from = day * DAY + (8 + (i % 4) * 2.5 + between(random, 0, 1.2)) * HOUR;
              return { fromMs: from, toMs: from + between(random, 1, 2.4) * HOUR };
            }).filter((span) => isWorkday(Math.floor(span.fromMs / DAY))),
            end,
          );
    case "mobile":
      return invert(officeDays(random, days, 0.15, false), end);
    case "server":
    case "virtual-machine":
      return tidy(reboots(random, end, 9 * DAY, 1.5 * MINUTE, 12 * MINUTE), end);
    default:
      return tidy(reboots(random, end, 25 * DAY, MINUTE, 4 * MINUTE), end);
  }
};

const PORTS = 36;

const pickKind = (random: Random): Kind => {
  let at = random.next();
  for (const kind of kinds) {
    at -= kind.share;
    if (at < 0) return kind;
  }
  return kinds[0]!;
};

type Site = {
  readonly id: string;
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
  while (out.length < count) {
    const kind = pickKind(random);
    const parent = pick(random, accessSwitches);
    const port = (ports.get(parent.id) ?? 0) + 1;
    ports.set(parent.id, port);
    make(
      kind.type,
      kind.class,
      kind.type === "laptop" || kind.class === "visitor" ? undefined : parent.id,
      `1/0/${port}`,
    );
  }
  return {
    id,
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

const goneEvents = (sites: readonly Site[], random: Random, { gone, days, intervalMs }: WorldOptions): SimEvent[] => {
  const all = sites.flatMap((site) => site.devices);
  const hosts = new Set(sites.flatMap((site) => site.agents.map((agent) => agent.host)));
  const always = all.filter(
    (d) => d.class === "always-on" && d.type !== "switch" && d.type !== "router" && !hosts.has(d.id),
  );
  const roaming = all.filter((d) => d.class === "roaming");
  const end = days * DAY;
  const ofAlways = shuffled(always, random)
    .slice(0, Math.ceil(gone * 0.7))
    .map((device): SimEvent => {
      const fromMs = Math.round(between(random, 0.1, 0.95) * end);
      const toMs = Math.round(fromMs + Math.max(3.2 * intervalMs, random.next() ** 2 * 5 * DAY));
      return random.next() < 0.5 || toMs >= end
        ? { kind: "gone", device: device.id, fromMs }
        : { kind: "gone", device: device.id, fromMs, toMs };
    })
    .filter((event) => end - event.fromMs > 4 * intervalMs);
  // A habit has to be known, and its absence to be long, before anybody could tell: between the 10th day and the 17th.
  const ofRoaming = shuffled(roaming, random)
    .slice(0, Math.floor(gone * 0.3))
    .map(
      (device): SimEvent => ({
        kind: "gone",
        device: device.id,
        fromMs: Math.round(between(random, 0.33, 0.57) * end),
      }),
    );
  return [...ofAlways, ...ofRoaming];
};

const spanOf = (random: Random, days: number, low: number, high: number): Span => {
  const fromMs = Math.round(between(random, 0.05, 0.97) * days * DAY);
  return { fromMs, toMs: Math.round(Math.min(days * DAY, fromMs + between(random, low, high))) };
};

const faultEvents = (sites: readonly Site[], random: Random, options: WorldOptions): SimEvent[] => {
  const { days } = options;
  const agents = sites.flatMap((site) => site.agents);
  const out: SimEvent[] = [];
  const spans: Record<Extract<SimEvent, { kind: "agent-fault" }>["fault"], readonly [number, number]> = {
    restart: [MINUTE, 20 * MINUTE],
    hang: [10 * MINUTE, 4 * HOUR],
    deaf: [HOUR, 6 * HOUR],
    "deaf-unaware": [HOUR, 4 * HOUR],
    partition: [HOUR, 8 * HOUR],
  };
  for (let i = 0; i < options.observerFaults; i++) {
    const fault = (["restart", "hang", "deaf", "partition", random.next() < 0.25 ? "deaf-unaware" : "hang"] as const)[
      i % 5
    ]!;
    out.push({ kind: "agent-fault", agent: pick(random, agents).id, fault, ...spanOf(random, days, ...spans[fault]) });
  }
  for (let i = 0; i < options.wrongClocks; i++) {
    const errorMs = Math.round(
      (random.next() < 0.5 ? -1 : 1) * pick(random, [HOUR, 5 * HOUR, DAY, 40 * DAY, 3 * 365 * DAY]),
    );
    out.push({ kind: "clock", agent: pick(random, agents).id, errorMs, ...spanOf(random, days, 6 * HOUR, 4 * DAY) });
  }
  for (let i = 0; i < 5; i++) out.push({ kind: "collector-away", ...spanOf(random, days, 5 * MINUTE, 70 * MINUTE) });
  return out;
};

const outageEvents = (sites: readonly Site[], random: Random, { outages, days }: WorldOptions): SimEvent[] => {
  const out: SimEvent[] = [];
  const busy: { site: string; span: Span }[] = [];
  for (let tries = 0; out.length < outages && tries < outages * 50; tries++) {
    const site = pick(random, sites);
    const span = spanOf(random, days, 1.6 * HOUR, 9 * HOUR);
    // Two outages of one site at once would be two causes that nobody could tell apart.
    const clashes = busy.some(
      (b) => b.site === site.id && b.span.fromMs - 3 * HOUR < span.toMs && span.fromMs < b.span.toMs + 3 * HOUR,
    );
    if (clashes) continue;
    busy.push({ site: site.id, span });
    const kind = out.length % 10;
    const floors = site.switches.filter((s) => s.parent === site.devices[0]!.id);
    if (kind === 9) out.push({ kind: "power-cut", site: site.id, ...span });
    else if (kind >= 7) out.push({ kind: "outage", cause: site.devices[0]!.id, ...span });
    else if (kind >= 5) out.push({ kind: "outage", cause: pick(random, floors).id, ...span });
    else
      out.push({
        kind: "outage",
        cause: pick(
          random,
          site.switches.filter((s) => !floors.includes(s)),
        ).id,
        ...span,
      });
  }
  return out;
};

/** One per cent of the time, sixty per cent of the packets. */
const lossEvents = (sites: readonly Site[], random: Random, { days }: WorldOptions): SimEvent[] =>
  sites.flatMap((site) => {
    const out: SimEvent[] = [];
    for (let left = 0.01 * days * DAY; left > 0; ) {
      const span = spanOf(random, days, 5 * MINUTE, 70 * MINUTE);
      left -= span.toMs - span.fromMs;
      out.push({ kind: "loss", site: site.id, loss: 0.6, ...span });
    }
    return out;
  });

/** A world from a seed: the same seed and options give the same world. */
export const createWorld = (options: WorldOptions): World => {
  const random = createSeededRandom(options.seed);
  const sites = Array.from({ length: options.sites }, (_, i) => buildSite(i, random, options));
  for (const site of sites) churn(site, random);
  roam(sites, random);
  const events = [
    ...goneEvents(sites, random, options),
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
