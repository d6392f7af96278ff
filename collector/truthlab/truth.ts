import type { SimAgent, SimDevice, SimEvent, World } from "./site-file.ts";

type Fault = Extract<SimEvent, { kind: "agent-fault" }>["fault"];

/** What is really so, moment by moment. `advance` moves it; the questions are about that moment. */
export type Truth = {
  readonly advance: (atMs: number) => void;
  /** Running, by its habit and as far as nobody took it away. */
  readonly isUp: (device: string, atMs: number) => boolean;
  readonly isOn: (device: string, atMs: number) => boolean;
  readonly hasPower: (site: string, atMs: number) => boolean;
  /** Up, and every switch between it and the agent's host is. */
  readonly isReachable: (agent: SimAgent, device: SimDevice, atMs: number) => boolean;
  /** The agent's host has a living switch to hang on. */
  readonly isHostLinked: (agent: SimAgent, atMs: number) => boolean;
  readonly isUplinkUp: (agent: SimAgent, atMs: number) => boolean;
  readonly placeOf: (device: SimDevice, atMs: number) => { readonly site: string; readonly address: string };
  readonly agentFault: (agent: string, atMs: number) => Fault | null;
  readonly clockError: (agent: string, atMs: number) => number;
  readonly lossAt: (site: string, atMs: number) => number;
  readonly isCollectorAway: (atMs: number) => boolean;
};

type Now = {
  readonly down: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  readonly powerless: ReadonlySet<string>;
  readonly faults: ReadonlyMap<string, Fault>;
  readonly clocks: ReadonlyMap<string, number>;
  readonly loss: ReadonlyMap<string, number>;
  readonly isAway: boolean;
};

const endOf = (event: SimEvent): number => event.toMs ?? Number.POSITIVE_INFINITY;

const snapshotOf = (events: readonly SimEvent[], atMs: number): Now => {
  const active = events.filter((event) => event.fromMs <= atMs && atMs < endOf(event));
  const of = <K extends SimEvent["kind"]>(kind: K) =>
    active.filter((event): event is Extract<SimEvent, { kind: K }> => event.kind === kind);
  return {
    down: new Set(of("outage").map((event) => event.cause)),
    gone: new Set(of("gone").map((event) => event.device)),
    powerless: new Set(of("power-cut").map((event) => event.site)),
    faults: new Map(of("agent-fault").map((event) => [event.agent, event.fault])),
    clocks: new Map(of("clock").map((event) => [event.agent, event.errorMs])),
    loss: new Map(of("loss").map((event) => [event.site, event.loss])),
    isAway: of("collector-away").length > 0,
  };
};

export const createTruth = (world: World): Truth => {
  const devices = new Map(world.devices.map((device) => [device.id, device]));
  const ancestors = new Map<string, readonly string[]>();
  for (const device of world.devices) {
    const path: string[] = [];
    for (let at = device.parent, depth = 0; at !== undefined && depth < 32; depth++) {
      path.push(at);
      at = devices.get(at)?.parent;
    }
    ancestors.set(device.id, path);
  }
  const boundaries = [...new Set(world.events.flatMap((event) => [event.fromMs, endOf(event)]))].sort((a, b) => a - b);
  let boundary = 0;
  let now = snapshotOf(world.events, 0);
  const cursors = new Map<string, number>();
  const moves = new Map<string, number>();

  const isOff = (device: SimDevice, atMs: number): boolean => {
    let i = cursors.get(device.id) ?? 0;
    while (i < device.off.length && device.off[i]!.toMs <= atMs) i++;
    cursors.set(device.id, i);
    const span = device.off[i];
    return span !== undefined && span.fromMs <= atMs;
  };
  const hasPower = (site: string) => !now.powerless.has(site);
  const isOn = (id: string, atMs: number) => {
    const device = devices.get(id);
    return device !== undefined && !isOff(device, atMs) && !now.gone.has(id) && !now.down.has(id);
  };
  const isUp = (id: string, atMs: number) => {
    const device = devices.get(id);
    return device !== undefined && hasPower(placeOf(device, atMs).site) && isOn(id, atMs);
  };
  const placeOf: Truth["placeOf"] = (device, atMs) => {
    if (device.moves.length === 0) return device;
    let i = moves.get(device.id) ?? 0;
    while (i < device.moves.length && device.moves[i]!.atMs <= atMs) i++;
    moves.set(device.id, i);
    const move = device.moves[i - 1];
    return move ? { site: move.site ?? device.site, address: move.address } : device;
  };
  const pathUp = (path: readonly string[], atMs: number) => path.every((id) => isUp(id, atMs));

  return {
    advance: (atMs) => {
      if (boundary >= boundaries.length || boundaries[boundary]! > atMs) return;
      while (boundary < boundaries.length && boundaries[boundary]! <= atMs) boundary++;
      now = snapshotOf(world.events, atMs);
    },
    isUp,
    isOn,
    hasPower,
    placeOf,
    isReachable: (agent, device, atMs) => {
      if (!isUp(device.id, atMs)) return false;
      const ours = ancestors.get(agent.host) ?? [];
      // A roaming device hangs on the root of where it is.
      const theirs = placeOf(device, atMs).site === device.site ? (ancestors.get(device.id) ?? []) : [];
      const meeting = ours.find((id) => theirs.includes(id)) ?? ours.at(-1);
      const upTo = (path: readonly string[]) =>
        meeting === undefined ? path : path.slice(0, path.indexOf(meeting) + 1);
      if (theirs.length === 0) return pathUp(ours, atMs);
      return pathUp(upTo(ours), atMs) && pathUp(upTo(theirs), atMs);
    },
    isHostLinked: (agent, atMs) => {
      const parent = ancestors.get(agent.host)?.[0];
      return parent === undefined || isUp(parent, atMs);
    },
    isUplinkUp: (agent, atMs) => pathUp(ancestors.get(agent.host) ?? [], atMs),
    agentFault: (agent) => now.faults.get(agent) ?? null,
    clockError: (agent) => now.clocks.get(agent) ?? 0,
    lossAt: (site) => now.loss.get(site) ?? world.loss,
    isCollectorAway: () => now.isAway,
  };
};
