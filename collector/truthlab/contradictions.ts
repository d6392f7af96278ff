import { isIpv4 } from "../../shared/ip.ts";
import { addressKey } from "../presence/address-key.ts";
import { takenBy } from "./one-cause.ts";
import type { SimDevice, SimEvent, World } from "./site-file.ts";

/** What a site file says that can't be so, each with its place and what to do about it. */
export const contradictionsIn = (world: World): readonly string[] => {
  const faults = [...twins(world), ...unknownNames(world)];
  // The other questions are about what is named.
  return faults.length > 0 ? faults : [...loops(world), ...places(world), ...times(world), ...overlaps(world)];
};

const nameOf = (list: string, index: number, id?: string): string =>
  `${list}.${index}${id === undefined ? "" : ` (${id})`}`;
const deviceAt = (index: number, { id }: SimDevice): string => nameOf("devices", index, id);
const eventAt = (index: number, { kind }: SimEvent): string => nameOf("events", index, kind);

const twins = (world: World): string[] => {
  const out: string[] = [];
  for (const list of ["sites", "devices", "agents"] as const) {
    const seen = new Set<string>();
    for (const [i, { id }] of world[list].entries())
      if (seen.has(id)) out.push(`${nameOf(list, i, id)}: another one has this id: give it its own`);
      else seen.add(id);
  }
  const macs = new Map<string, string>();
  for (const [i, device] of world.devices.entries()) {
    const { id, mac, class: kind } = device;
    if (mac === undefined && kind !== "visitor")
      out.push(`${deviceAt(i, device)}: has no mac: give it one, or class "visitor" if it has another each day`);
    if (mac === undefined) continue;
    const other = macs.get(mac);
    if (other !== undefined) out.push(`${deviceAt(i, device)}: ${other} has the same mac: one of the two must differ`);
    macs.set(mac, id);
  }
  return out;
};

const unknownNames = (world: World): string[] => {
  const known = {
    device: new Set(world.devices.map(({ id }) => id)),
    agent: new Set(world.agents.map(({ id }) => id)),
    site: new Set(world.sites.map(({ id }) => id)),
  };
  const out: string[] = [];
  const ask = (place: string, field: string, kind: keyof typeof known, id: string | undefined) => {
    if (id !== undefined && !known[kind].has(id))
      out.push(`${place}: ${field} "${id}" is no ${kind} of this file: add it to ${kind}s, or correct the name`);
  };
  for (const [i, device] of world.devices.entries()) {
    ask(deviceAt(i, device), "parent", "device", device.parent);
    ask(deviceAt(i, device), "site", "site", device.site);
    for (const move of device.moves) ask(deviceAt(i, device), "a move's site", "site", move.site);
  }
  for (const [i, agent] of world.agents.entries()) {
    ask(nameOf("agents", i, agent.id), "host", "device", agent.host);
    ask(nameOf("agents", i, agent.id), "site", "site", agent.site);
  }
  for (const [i, event] of world.events.entries()) {
    if ("device" in event) ask(eventAt(i, event), "device", "device", event.device);
    if ("cause" in event) ask(eventAt(i, event), "cause", "device", event.cause);
    if ("agent" in event) ask(eventAt(i, event), "agent", "agent", event.agent);
    if ("site" in event) ask(eventAt(i, event), "site", "site", event.site);
  }
  return out;
};

/** As deep as wiring is followed. */
const MAX_DEPTH = 32;

const loops = (world: World): string[] => {
  const devices = new Map(world.devices.map((device) => [device.id, device]));
  return world.devices.flatMap((device, i) => {
    let depth = 0;
    for (let at = device.parent; at !== undefined; at = devices.get(at)?.parent)
      if (++depth > MAX_DEPTH)
        return [`${deviceAt(i, device)}: hangs on more than ${MAX_DEPTH} devices, or on itself: correct its parents`];
    return [];
  });
};

const places = (world: World): string[] => {
  const sites = new Map(world.sites.map((site) => [site.id, site]));
  const devices = new Map(world.devices.map((device) => [device.id, device]));
  const isIn = (address: string, site: string) =>
    (sites.get(site)?.subnets ?? []).some(
      ({ from, to }) =>
        isIpv4(from) === isIpv4(address) &&
        addressKey(from) <= addressKey(address) &&
        addressKey(address) <= addressKey(to),
    );
  const outside = (place: string, address: string, site: string) =>
    isIn(address, site)
      ? []
      : [`${place}: ${address} lies in no subnet of site "${site}", so that nobody would ask it: widen one`];
  return [
    ...world.sites.flatMap((site, i) =>
      site.subnets
        .filter(({ from, to }) => isIpv4(from) !== isIpv4(to) || addressKey(from) > addressKey(to))
        .map(({ from, to }) => `${nameOf("sites", i, site.id)}: subnet ${from} to ${to} ends before it begins`),
    ),
    ...world.devices.flatMap((device, i) => [
      ...outside(deviceAt(i, device), device.address, device.site),
      ...device.moves.flatMap((move) => outside(deviceAt(i, device), move.address, move.site ?? device.site)),
    ]),
    ...world.agents
      .map((agent, i) => ({ agent, place: nameOf("agents", i, agent.id), host: devices.get(agent.host) }))
      .flatMap(({ agent, place, host }) => [
        ...(host?.site === agent.site ? [] : [`${place}: its host is at site "${host?.site}": name that one`]),
        ...(host?.mac === undefined ? [`${place}: its host is a visitor: name a device with a mac`] : []),
      ]),
  ];
};

const times = (world: World): string[] => [
  ...world.devices.flatMap((device, i) => {
    const { off, moves } = device;
    const isOrdered = off.every((span, n) => span.fromMs < span.toMs && span.fromMs >= (off[n - 1]?.toMs ?? 0));
    return [
      ...(isOrdered ? [] : [`${deviceAt(i, device)}: off must be spans that end after they begin, ascending, apart`]),
      ...(moves.every(({ atMs }, n) => atMs >= (moves[n - 1]?.atMs ?? 0))
        ? []
        : [`${deviceAt(i, device)}: moves must be ascending`]),
    ];
  }),
  ...world.events.flatMap((event, i) => {
    if (event.fromMs >= world.durationMs)
      return [`${eventAt(i, event)}: begins at ${event.fromMs}, after the run's end (durationMs ${world.durationMs})`];
    return event.toMs !== undefined && event.toMs <= event.fromMs
      ? [`${eventAt(i, event)}: ends (toMs ${event.toMs}) before it begins (fromMs ${event.fromMs})`]
      : [];
  }),
];

/** A file that is wrong throughout is told of some of it. */
const MAX_PAIRS = 20;

/** Pairs that overlap in time. */
const meeting = <T>(
  items: readonly T[],
  eventOf: (item: T) => SimEvent,
  endMs: number,
): readonly (readonly [T, T])[] => {
  const sorted = items.toSorted((a, b) => eventOf(a).fromMs - eventOf(b).fromMs);
  return sorted.flatMap((item, i) => {
    const toMs = eventOf(item).toMs ?? endMs;
    const out: (readonly [T, T])[] = [];
    for (let n = i + 1; n < sorted.length && out.length < MAX_PAIRS; n++) {
      if (eventOf(sorted[n]!).fromMs >= toMs) break;
      out.push([item, sorted[n]!]);
    }
    return out;
  });
};

/** What nobody could tell apart: one device gone twice at a time, one outage within another. */
const overlaps = (world: World): string[] => {
  const indexes = new Map(world.events.map((event, i) => [event, i]));
  const at = (event: SimEvent) => eventAt(indexes.get(event) ?? 0, event);
  const gone = Map.groupBy(
    world.events.filter((event) => event.kind === "gone"),
    ({ device }) => device,
  );
  const twice = [...gone].flatMap(([device, list]) =>
    meeting(list, (event) => event, world.durationMs).map(
      ([a, b]) => `${at(b)}: ${device} is gone then already (${at(a)}): join the two`,
    ),
  );
  const shared = meeting(takenBy(world), ({ outage }) => outage, world.durationMs)
    .filter(([a, b]) => [...b.affected].some((id) => a.affected.has(id)))
    .map(
      ([a, b]) =>
        `${at(b.outage)}: overlaps ${at(a.outage)}, which takes some of the same devices, so that their causes could not be told apart: move or join them`,
    );
  return [...twice, ...shared];
};
