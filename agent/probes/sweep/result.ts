import type { IpAddress } from "../../../shared/ip.ts";
import type { Method } from "../../../shared/protocol/observation.ts";
import type { Coverage, ProofOfSight } from "../../../shared/protocol/sweep.ts";
import { readRows, type SweepContext } from "./context.ts";
import { measureCoverage, toCoverage } from "./coverage.ts";
import type { SweepResult } from "./engine.ts";
import { linkOf } from "./local-network.ts";
import { lossOf } from "./loss.ts";
import { readKernelArp } from "./neighbour-table.ts";
import { judgeSight } from "./sight.ts";
import type { VendorOf } from "./vendor.ts";

const MAX_SIGHTINGS = 70_000;
const MAX_NEIGHBOUR_CONTROLS = 16;
const SMALL_PREFIX = 120;

const controlsOf = (context: SweepContext): ProofOfSight["controls"] => {
  const { targets } = context.request;
  const seen = (address: IpAddress) => context.devices.isAlive(address);
  const gateways = new Set(context.network.links.flatMap((link) => link.gateway ?? []).filter(targets.contains));
  const selves = context.network.links.map((link) => link.address).filter(targets.contains);
  const neighbours = context.knownBefore.map((row) => row.address).filter((a) => !gateways.has(a));
  return [
    ...selves.map((address) => ({ address, role: "self" as const, seen: true })),
    ...[...gateways].map((address) => ({ address, role: "gateway" as const, seen: seen(address) })),
    ...neighbours
      .slice(0, MAX_NEIGHBOUR_CONTROLS)
      .map((address) => ({ address, role: "neighbour" as const, seen: seen(address) })),
  ].slice(0, 64);
};

/** How many of each segment's addresses were asked and answered; what is behind routers is one group. */
const groupsOf = (context: SweepContext) => {
  const groups = new Map<string, { asked: number; answered: number }>();
  const add = (name: string, asked: boolean, answered: boolean) => {
    const group = groups.get(name) ?? { asked: 0, answered: 0 };
    groups.set(name, { asked: group.asked + (asked ? 1 : 0), answered: group.answered + (answered ? 1 : 0) });
  };
  const { targets } = context.request;
  for (let i = 0; i < targets.size4; i++) {
    const asks = context.book.asks(i);
    const seen = context.book.isSeen(i);
    if (asks === 0 && !seen) continue;
    if (context.skips(i)) continue;
    const address = targets.at4(i);
    const link = linkOf(context.network, address);
    add(link === undefined ? "behind routers" : `on ${link.device}`, asks > 0 || seen, seen);
  }
  const seen6 = context.devices.alive().filter((a) => a.includes(":") && !context.selves.has(a)).length;
  if (targets.prefixes6.length > 0) groups.set("IPv6", { asked: Math.max(context.book6.size, seen6), answered: seen6 });
  return [...groups].map(([name, group]) => ({ name, ...group }));
};

/** Runs of one address each for IPv6: candidates lie scattered in their prefix. */
const coverage6 = ({ book6 }: SweepContext): Coverage[] =>
  [...book6].slice(0, 2_048).map(([address, { asks, firstMs, lastMs }]) => ({
    from: address,
    to: address,
    // The kernel solicits three times, a second apart, for each datagram to an address that it does not know.
    asks: asks === 1 && lastMs === firstMs ? 3 : asks,
    spreadMs: lastMs === firstMs ? 2_000 : lastMs - firstMs,
    methods: ["ndp"],
  }));

const methodsOfAddress = (context: SweepContext): ((address: string) => readonly Method[]) => {
  const asking = context.methods.filter((m) => m.purpose === "ask" && m.families.includes(4)).map((m) => m.name);
  const onLink: readonly Method[] = asking.includes("arp") ? ["arp"] : asking;
  const routed = asking.filter((name) => name !== "arp");
  return (address) => (linkOf(context.network, address as IpAddress) === undefined ? routed : onLink);
};

/** The greater of two measurements: by how many asks hosts needed, and by asking some that had answered once more. */
const lossOfSweep = ({ tally }: SweepContext): { readonly loss: number; readonly lossHosts: number } => {
  const controls = tally.controlAnswers + tally.controlSilences;
  const [byArp, byControls] = [lossOf(tally.arpAnswers), controls === 0 ? 0 : tally.controlSilences / controls];
  const answers = tally.arpAnswers.reduce((a, b) => a + b, 0);
  const loss = Math.round(Math.max(byArp, byControls) * 10_000) / 10_000;
  return { loss, lossHosts: byArp > byControls ? answers : controls };
};

const pressureOf = (context: SweepContext): number | undefined => {
  const peak = context.health.tablePeak();
  const limit = readKernelArp(context.network.links[0]?.device ?? "default").tableLimit;
  return peak === undefined || limit === undefined ? undefined : peak / limit;
};

/** Whose row the table has at the end, where it was another's before: that one spoke in mid-sweep, and has the address now. */
const seeNewHolders = ({ devices, options, network, clock }: SweepContext): void => {
  for (const { address, mac, device } of readRows(options.procArpPath)) {
    const before = devices.macOf(address);
    if (mac === undefined || before === undefined || mac === before || !devices.isAlive(address)) continue;
    if (linkOf(network, address)?.device === device)
      devices.add({ address, method: "neighbours", atMs: clock.now(), alive: true, mac, device });
  }
};

/** What a sweep comes to: the record for the collector, the devices, and the figures for a person. */
export const concludeSweep = (context: SweepContext, vendorOf: VendorOf): SweepResult => {
  const { request, book, devices, tally, health } = context;
  const { targets } = request;
  seeNewHolders(context);
  const measured = measureCoverage(book, context.skips);
  const proof = judgeSight({
    groups: groupsOf(context),
    controls: controlsOf(context),
    ...lossOfSweep(context),
    leastAsks: measured.leastAsks,
    uncovered: measured.uncovered,
    latenessMs: health.latenessMs(),
    tablePressure: pressureOf(context),
    tableMisses: tally.tableMisses,
    lostDevices: health.lostDevices(),
    interrupted: context.signal.aborted,
    sparse6: targets.prefixes6.some((p) => p.length < SMALL_PREFIX),
    failures: tally.failures,
  });
  const packets = Object.fromEntries(context.permits.packetsByMethod);
  const ms = Math.round(context.elapsedMs());
  const gateways = new Set<string>(context.network.links.flatMap((link) => link.gateway ?? []));
  return {
    sweep: {
      ...{ sweepId: request.sweepId, scope: request.scope, realm: request.realm },
      ...{ startedAtMs: context.startedAtMs, endedAtMs: context.clock.now() },
      coverage: [...toCoverage(targets, book, methodsOfAddress(context)), ...coverage6(context)].slice(0, 4_096),
      proof,
      sightings: devices.toSightings(request.realm, MAX_SIGHTINGS),
      packets,
      ...(request.commandId !== undefined && { commandId: request.commandId }),
    },
    devices: devices.toDevices(vendorOf, { gateways, selves: context.selves }),
    summary: {
      targets: targets.size4,
      seen: devices.size(),
      covered: measured.covered,
      asks: measured.leastAsks,
      packets: context.permits.sent(),
      packetsByMethod: packets,
      aside: Object.fromEntries(context.permits.aside),
      notes: [
        ...context.notes,
        ...(devices.dropped() > 0 ? [`${devices.dropped()} sightings beyond 70,000 hosts were not kept`] : []),
      ],
      ms,
    },
  };
};
