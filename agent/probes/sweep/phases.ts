import type { IpAddress } from "../../../shared/ip.ts";
import { shuffled } from "../../../shared/random.ts";
import type { SweepContext } from "./context.ts";
import { linkOf } from "./local-network.ts";
import { RESIDUAL } from "./loss.ts";
import type { MethodDeps, SweepMethod } from "./method.ts";

/** How often new hosts are handed on to the methods that ask only whom they know. */
const ROUND_MS = 60;
const MAX_ROUNDS = 3;
/** Hosts that answered are asked again, to learn how much is lost. */
const CONTROLS = 32;
/** Let the first burst of ARP have the wire for itself. */
const HEAD_START_MS = 150;

const isFor = (method: SweepMethod, family: 4 | 6): boolean => method.families.includes(family);

/** IPv4 targets in random order, of our segments or behind routers; can be walked again and again. */
const walk = (context: SweepContext, onLink: boolean, silentOnly = false): Iterable<IpAddress> => ({
  *[Symbol.iterator]() {
    for (let position = 0; position < context.request.targets.size4; position++) {
      const index = context.order(position);
      if (context.skips(index) || (silentOnly && context.book.isSeen(index))) continue;
      const address = context.request.targets.at4(index);
      if ((linkOf(context.network, address) !== undefined) === onLink) yield address;
    }
  },
});

/** Whether any target is on a segment of ours, without walking them. */
const hasOnLink = ({ request: { targets }, network }: SweepContext): boolean =>
  targets.ranges4.some((r) => network.links.some(({ range }) => r.first <= range.last && r.last >= range.first));

const hasRouted = ({ request: { targets }, network }: SweepContext): boolean =>
  targets.ranges4.some((r) => !network.links.some(({ range }) => r.first >= range.first && r.last <= range.last));

const runAll = async (
  context: SweepContext,
  methods: readonly SweepMethod[],
  addresses: Iterable<IpAddress>,
): Promise<void> => {
  await Promise.all(methods.map((method) => method.run(addresses, context.depsOf(method))));
};

/**
 * Asks hosts by all further methods as they are found, until `found` has ended and nobody is left.
 * @param wanted whom of the known addresses this phase is about.
 */
const askFound = async (
  context: SweepContext,
  methods: readonly SweepMethod[],
  wanted: (address: IpAddress) => boolean,
  found: Promise<void>,
): Promise<void> => {
  const asked = new Set<IpAddress>();
  let ended = false;
  const watching = found.finally(() => {
    ended = true;
  });
  watching.catch(() => {});
  await context.clock.sleep(HEAD_START_MS, context.signal).catch(() => {});
  for (;;) {
    const last = ended;
    const fresh = context.devices.worthAsking().filter((a) => !asked.has(a) && wanted(a) && !context.selves.has(a));
    for (const address of fresh) asked.add(address);
    if (fresh.length > 0) await runAll(context, methods, fresh);
    else if (last || context.signal.aborted) break;
    else await context.clock.sleep(ROUND_MS, context.signal).catch(() => {});
  }
  await watching;
};

/** Ranges on our own segments: nobody there can be reached by IP who does not answer ARP, so ARP goes first. */
export const sweepLinks = async (context: SweepContext): Promise<void> => {
  if (!hasOnLink(context)) return;
  const addresses = walk(context, true);
  const methods = context.methods.filter((m) => isFor(m, 4));
  const arp = methods.find((m) => m.name === "arp");
  const groups = methods.filter((m) => m.purpose === "group" || m.purpose === "passive");
  const asks = methods.filter((m) => m.purpose === "ask" && m !== arp);
  const names = methods.filter((m) => m.purpose === "name" || m.name === "mdns");
  const onLink = (address: IpAddress) => linkOf(context.network, address) !== undefined;
  const grouped = runAll(context, groups, []);
  const first = arp === undefined ? askTwice(context, asks, addresses) : arp.run(addresses, context.depsOf(arp));
  const later = arp === undefined ? names : [...asks, ...names];
  if (later.length === 0) await first;
  else
    await askFound(
      context,
      later,
      onLink,
      Promise.all([first, grouped]).then(() => {}),
    );
  await grouped;
};

/** In a wide range the last of the usual TCP ports is tried only on who was found: a tenth of all packets. */
const WIDE = 4_096;
const WIDE_PORTS = 3;

const forDiscovery = (context: SweepContext, method: SweepMethod): MethodDeps => {
  const deps = context.depsOf(method);
  if (context.request.options?.tcpPorts !== undefined || context.request.targets.size4 <= WIDE) return deps;
  return { ...deps, options: { ...deps.options, tcpPorts: deps.options.tcpPorts.slice(0, WIDE_PORTS) } };
};

/** Two asks of an address must lie a second apart to count as two. */
const APART_MS = 1_050;

/** Each method once over all; a lone one twice, since a miss needs two asks. Passes go in the same order. */
const askTwice = async (
  context: SweepContext,
  asks: readonly SweepMethod[],
  addresses: Iterable<IpAddress>,
  afterPass: (method: SweepMethod) => Promise<void> = async () => {},
): Promise<void> => {
  const passes = asks.length === 1 ? [...asks, ...asks] : asks;
  for (const [i, method] of passes.entries()) {
    if (context.signal.aborted) return;
    const deps = forDiscovery(context, method);
    if (i === 1)
      await context.clock.sleep(Math.max(0, APART_MS - deps.options.timeoutMs), context.signal).catch(() => {});
    await method.run(addresses, deps);
    if (i < passes.length - 1 && !context.signal.aborted) await afterPass(method);
  }
};

type Measured = { readonly loss: number; readonly controls: number };

/** Asks a sample of those who answered once more, by the method that saw them: their silence is our loss. */
const measureLoss = async (context: SweepContext, asks: readonly SweepMethod[]): Promise<Measured> => {
  let [answered, silent] = [0, 0];
  const routed = (address: IpAddress) => !address.includes(":") && linkOf(context.network, address) === undefined;
  for (const method of asks) {
    const seen = context.devices.seenBy(method.name).filter(routed);
    const sample = shuffled(seen, context.random).slice(0, Math.ceil(CONTROLS / asks.length));
    if (sample.length === 0) continue;
    const heard = new Set<IpAddress>();
    const deps = context.depsOf(method);
    await method.run(sample, {
      ...deps,
      saw: (evidence) => {
        heard.add(evidence.address);
        deps.saw(evidence);
      },
    });
    answered += heard.size;
    silent += sample.length - heard.size;
  }
  context.tally.controlAnswers += answered;
  context.tally.controlSilences += silent;
  const controls = answered + silent;
  return { controls, loss: controls === 0 ? 0 : silent / controls };
};

/** So many controls must have answered before silence of none of them says that the way can take more. */
const ENOUGH_CONTROLS = 16;

/** In a wide range: twice the pace from the first pass on whose controls all answered, and back when one does not. */
const setPace = async (context: SweepContext, method: SweepMethod): Promise<void> => {
  if (context.request.targets.size4 <= WIDE) return;
  const { loss, controls } = await measureLoss(context, [method]);
  if (loss > 0) context.permits.hurry(false);
  else if (controls >= ENOUGH_CONTROLS) context.permits.hurry(true);
};

/** Ranges behind routers: every asking method over all addresses, again over the silent ones while much is lost. */
export const sweepRouted = async (context: SweepContext): Promise<void> => {
  if (!hasRouted(context)) return;
  const addresses = walk(context, false);
  const asks = context.methods.filter((m) => isFor(m, 4) && m.purpose === "ask" && m.name !== "arp");
  const names = context.methods.filter((m) => isFor(m, 4) && m.purpose === "name");
  if (asks.length === 0)
    context.notes.add("behind routers only icmp, tcp, udp and snmp can ask: none of them was chosen");
  await askTwice(context, asks, addresses, (method) => setPace(context, method));
  for (let round = 1; round < MAX_ROUNDS && !context.signal.aborted; round++) {
    const { loss } = await measureLoss(context, asks);
    if (loss ** round <= RESIDUAL) break;
    const silent = walk(context, false, true);
    for (const method of asks) if (!context.signal.aborted) await method.run(silent, forDiscovery(context, method));
  }
  const routed = context.devices.alive().filter((a) => !a.includes(":") && linkOf(context.network, a) === undefined);
  const further = asks.filter(
    (m) =>
      forDiscovery(context, m).options.tcpPorts.length < context.depsOf(m).options.tcpPorts.length && m.name === "tcp",
  );
  if (routed.length > 0 && !context.signal.aborted) await runAll(context, [...names, ...further], routed);
};

/** IPv6: what the segment tells, then every other method on whom that found or who was named. */
export const sweepSparse = async (context: SweepContext): Promise<void> => {
  const { prefixes6 } = context.request.targets;
  if (prefixes6.length === 0) return;
  const methods = context.methods.filter((m) => isFor(m, 6));
  const ndp = methods.find((m) => m.name === "ndp");
  const named = prefixes6.filter((p) => p.length === 128).map((p) => p.address);
  const groups = methods.filter((m) => m.name === "mdns" || m.purpose === "passive");
  const asks = methods.filter((m) => m !== ndp && !groups.includes(m));
  // MACs that ARP finds on the same segments make candidates for addresses: give it time to find some.
  const mixed = context.request.targets.size4 > 0;
  if (mixed) await context.clock.sleep(1_000, context.signal).catch(() => {});
  const found = Promise.all([ndp?.run([], context.depsOf(ndp)), runAll(context, groups, [])]).then(() => {});
  const first = runAll(
    context,
    asks.filter((m) => m.purpose === "ask"),
    named,
  );
  const isNew = (address: IpAddress) => address.includes(":") && !named.includes(address);
  await askFound(
    context,
    asks,
    isNew,
    Promise.all([found, first]).then(() => {}),
  );
};
