import type { DeviceType } from "../../shared/protocol/device-types.ts";
import { type Random, shuffled } from "../../shared/random.ts";
import { between, DAY, HOUR, MINUTE, pick, type Span } from "./habits.ts";
import type { SimEvent } from "./site-file.ts";
import type { Site, WorldOptions } from "./world.ts";

/** What happens to a world: disappearances, faults of observers, outages, loss. */

/** What others hang on: their absence is an outage. */
const carriers: ReadonlySet<DeviceType> = new Set(["switch", "router", "hypervisor"]);

export const goneEvents = (
  sites: readonly Site[],
  random: Random,
  { gone, days, intervalMs }: WorldOptions,
): SimEvent[] => {
  const all = sites.flatMap((site) => site.devices);
  const hosts = new Set(sites.flatMap((site) => site.agents.map((agent) => agent.host)));
  const always = all.filter((d) => d.class === "always-on" && !carriers.has(d.type) && !hosts.has(d.id));
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

export const faultEvents = (sites: readonly Site[], random: Random, options: WorldOptions): SimEvent[] => {
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

export const outageEvents = (sites: readonly Site[], random: Random, { outages, days }: WorldOptions): SimEvent[] => {
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
    const hypervisors = site.devices.filter(
      (d) => d.type === "hypervisor" && site.devices.filter(({ parent }) => parent === d.id).length >= 3,
    );
    if (kind === 9) out.push({ kind: "power-cut", site: site.id, ...span });
    else if (kind === 4 && hypervisors.length > 0)
      out.push({ kind: "outage", cause: pick(random, hypervisors).id, ...span });
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
export const lossEvents = (sites: readonly Site[], random: Random, { days }: WorldOptions): SimEvent[] =>
  sites.flatMap((site) => {
    const out: SimEvent[] = [];
    for (let left = 0.01 * days * DAY; left > 0; ) {
      const span = spanOf(random, days, 5 * MINUTE, 70 * MINUTE);
      left -= span.toMs - span.fromMs;
      out.push({ kind: "loss", site: site.id, loss: 0.6, ...span });
    }
    return out;
  });
