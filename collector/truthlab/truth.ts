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

/** A device with what was found out about it at the moment that was asked about last. */
type State = {
  readonly device: SimDevice;
  /** What it hangs on, the nearest first. */
  readonly path: readonly State[];
  /** First absence and first move that are not over. */
  offAt: number;
  moveAt: number;
  askedMs: number;
  isUp: boolean;
};

const MAX_DEPTH = 32;

const statesOf = (world: World): ReadonlyMap<string, State> => {
  const states = new Map<string, State & { path: State[] }>();
  for (const device of world.devices)
    states.set(device.id, { device, path: [], offAt: 0, moveAt: 0, askedMs: -1, isUp: false });
  for (const state of states.values())
    for (let at = state.device.parent; at !== undefined && state.path.length < MAX_DEPTH; ) {
      const next = states.get(at);
      if (!next) break;
      state.path.push(next);
      at = next.device.parent;
    }
  return states;
};

export const createTruth = (world: World): Truth => {
  const states = statesOf(world);
  const boundaries = [...new Set(world.events.flatMap((event) => [event.fromMs, endOf(event)]))].sort((a, b) => a - b);
  let boundary = 0;
  let now = snapshotOf(world.events, 0);
  const stateOf = (id: string): State | undefined => states.get(id);

  const isOff = (state: State, atMs: number): boolean => {
    const { off, sinceMs } = state.device;
    if (sinceMs !== undefined && atMs < sinceMs) return true;
    while (state.offAt < off.length && off[state.offAt]!.toMs <= atMs) state.offAt++;
    const span = off[state.offAt];
    return span !== undefined && span.fromMs <= atMs;
  };
  const placeAt = (state: State, atMs: number) => {
    const { device } = state;
    if (device.moves.length === 0) return device;
    while (state.moveAt < device.moves.length && device.moves[state.moveAt]!.atMs <= atMs) state.moveAt++;
    const move = device.moves[state.moveAt - 1];
    return move ? { site: move.site ?? device.site, address: move.address } : device;
  };
  const isStateOn = (state: State, atMs: number) =>
    !isOff(state, atMs) && !now.gone.has(state.device.id) && !now.down.has(state.device.id);
  const isStateUp = (state: State, atMs: number): boolean => {
    if (state.askedMs === atMs) return state.isUp;
    state.askedMs = atMs;
    state.isUp = isStateOn(state, atMs) && (now.powerless.size === 0 || !now.powerless.has(placeAt(state, atMs).site));
    return state.isUp;
  };
  const arePathsUp = (path: readonly State[], atMs: number) => path.every((state) => isStateUp(state, atMs));

  /** What has to be up between an agent's host and a device: both ways to where they meet. */
  const ways = new Map<string, Map<State | null, readonly State[]>>();
  const wayBetween = (host: State | undefined, device: State | null): readonly State[] => {
    const ofHost = ways.get(host?.device.id ?? "") ?? new Map<State | null, readonly State[]>();
    ways.set(host?.device.id ?? "", ofHost);
    const known = ofHost.get(device);
    if (known) return known;
    const ours = host?.path ?? [];
    const theirs = device?.path ?? [];
    const meeting = ours.find((state) => theirs.includes(state)) ?? ours.at(-1);
    const upTo = (path: readonly State[]) => (meeting === undefined ? path : path.slice(0, path.indexOf(meeting) + 1));
    const way = theirs.length === 0 ? ours : [...upTo(ours), ...upTo(theirs)];
    ofHost.set(device, way);
    return way;
  };

  return {
    advance: (atMs) => {
      if (boundary >= boundaries.length || boundaries[boundary]! > atMs) return;
      while (boundary < boundaries.length && boundaries[boundary]! <= atMs) boundary++;
      now = snapshotOf(world.events, atMs);
      for (const state of states.values()) state.askedMs = -1;
    },
    isUp: (id, atMs) => {
      const state = stateOf(id);
      return state !== undefined && isStateUp(state, atMs);
    },
    isOn: (id, atMs) => {
      const state = stateOf(id);
      return state !== undefined && isStateOn(state, atMs);
    },
    hasPower: (site) => !now.powerless.has(site),
    placeOf: (device, atMs) => {
      const state = device.moves.length === 0 ? undefined : stateOf(device.id);
      return state ? placeAt(state, atMs) : device;
    },
    isReachable: (agent, device, atMs) => {
      const state = stateOf(device.id);
      if (!state || !isStateUp(state, atMs)) return false;
      // A roaming device hangs on the root of where it is.
      const isHome = placeAt(state, atMs).site === device.site;
      return arePathsUp(wayBetween(stateOf(agent.host), isHome ? state : null), atMs);
    },
    isHostLinked: (agent, atMs) => {
      const parent = stateOf(agent.host)?.path[0];
      return parent === undefined || isStateUp(parent, atMs);
    },
    isUplinkUp: (agent, atMs) => arePathsUp(stateOf(agent.host)?.path ?? [], atMs),
    agentFault: (agent) => now.faults.get(agent) ?? null,
    clockError: (agent) => now.clocks.get(agent) ?? 0,
    lossAt: (site) => now.loss.get(site) ?? world.loss,
    isCollectorAway: () => now.isAway,
  };
};
