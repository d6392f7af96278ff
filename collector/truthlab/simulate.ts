import type { AgentId } from "../../shared/ids.ts";
import type { Command, KeptBody } from "../../shared/protocol/envelope.ts";
import type { Sweep } from "../../shared/protocol/sweep.ts";
import { createSeededRandom, type Random } from "../../shared/random.ts";
import type { Lab, LabAgent } from "./driver.ts";
import type { SimAgent, SimDevice, World } from "./site-file.ts";
import { STEP_MS } from "./step.ts";
import { switchSnapshot, typeSnapshot, wiringOf } from "./tables.ts";
import { createTruth, type Truth } from "./truth.ts";

/** What the strategies of others are told, too: one regular sweep of one agent. */
export type SweepSeen = {
  readonly atMs: number;
  readonly agent: string;
  readonly site: string;
  /** Devices (never visitors) that answered. */
  readonly seen: ReadonlySet<string>;
};

export type Simulation = {
  readonly truth: Truth;
  readonly onSweep: (handle: (sweep: SweepSeen) => void) => void;
  /** How long in that span some agent of the site was up and connected, whatever it could hear. */
  readonly watchedMs: (site: string, fromMs: number, toMs: number) => number;
  readonly run: (progress?: (share: number) => void) => Promise<void>;
};

const BEAT_MS = 300_000;
/** How long an agent needs to answer a command to look. */
const LOOK_MS = 20_000;

type Sim = {
  readonly spec: SimAgent;
  readonly agent: LabAgent;
  readonly beatPhase: number;
  readonly sweepPhase: number;
  readonly spool: KeptBody[];
  readonly asked: { readonly command: Command; readonly dueMs: number }[];
  /** Devices that answered its last sweep: what its control targets are drawn from. */
  seen: ReadonlySet<string>;
};

/**
 * Plays a world through the real collector: agents connect, beat, sweep, answer commands, fail; the collector is away and
 * comes back. Everything an agent says, it says because its side of the truth lets it: nothing here knows what is gone.
 */
export const createSimulation = async (world: World, lab: Lab, seed: number): Promise<Simulation> => {
  const random = createSeededRandom(seed ^ 0x5eed);
  const truth = createTruth(world);
  const wiring = wiringOf(world);
  const startMs = lab.clock.now();
  const handlers: ((sweep: SweepSeen) => void)[] = [];
  const bySite = Map.groupBy(world.devices, (device) => device.site);
  const visiting = world.devices.filter((device) => device.moves.some((move) => move.site !== undefined));
  const subnets = new Map(world.sites.map((site) => [site.id, site.subnets]));
  const sims: Sim[] = [];
  for (const spec of world.agents) {
    const agent = await lab.addAgent(
      spec.id,
      [{ name: "lan", realm: spec.site, targets: subnets.get(spec.site)!.map(({ from, to }) => `${from}-${to}`) }],
      BEAT_MS,
    );
    sims.push({
      spec,
      agent,
      beatPhase: Math.floor((random.next() * BEAT_MS) / STEP_MS) * STEP_MS,
      sweepPhase: Math.floor((random.next() * world.intervalMs) / STEP_MS) * STEP_MS,
      spool: [],
      asked: [],
      seen: new Set(),
    });
  }
  const byId = new Map(sims.map((sim) => [sim.agent.agentId, sim]));
  lab.onCommand((agentId: AgentId, command) => {
    byId.get(agentId)?.asked.push({ command, dueMs: lab.clock.now() + LOOK_MS });
  });

  const steps = Math.ceil(world.durationMs / STEP_MS) + 1;
  const watched = new Map(world.sites.map((site) => [site.id, new Uint32Array(steps)]));

  const candidatesAt = (site: string): readonly SimDevice[] => [
    ...(bySite.get(site) ?? []),
    ...visiting.filter((device) => device.site !== site),
  ];
  const candidates = new Map(world.sites.map((site) => [site.id, candidatesAt(site.id)]));

  const lookAt = (sim: Sim, atMs: number, targets: ReadonlySet<string> | null, commandId?: string) => {
    const { spec } = sim;
    const fault = truth.agentFault(spec.id, atMs);
    const isDeaf = fault === "deaf" || fault === "deaf-unaware" || !truth.isHostLinked(spec, atMs);
    const loss = truth.lossAt(spec.site, atMs);
    const asks = targets === null ? 2 : 3;
    const missChance = (1 - (1 - loss) ** 2) ** asks;
    const answers = (device: SimDevice) =>
      !isDeaf && truth.isReachable(spec, device, atMs) && random.next() >= missChance && random.next() >= world.noise;
    const sightings: Sweep["sightings"] = [];
    const seen = new Set<string>();
    for (const device of candidates.get(spec.site)!) {
      const place = truth.placeOf(device, atMs);
      if (place.site !== spec.site || (targets !== null && !targets.has(place.address))) continue;
      if (device.id !== spec.host && !answers(device)) continue;
      sightings.push(sightingOf(device, place.address, spec.site, clockOf(sim, atMs) - 1_000, atMs));
      if (device.class !== "visitor") seen.add(device.id);
    }
    const proof = proofOf(sim, { isDeaf, isAware: fault !== "deaf-unaware", loss, missChance }, truth, atMs, random);
    const kept =
      targets === null
        ? subnets.get(spec.site)!.map(({ from, to }) => ({ from, to }))
        : [...targets].map((t) => ({ from: t, to: t }));
    const body: KeptBody = {
      kind: "sweep",
      sweep: {
        sweepId: `${spec.id}-${atMs}${commandId ?? ""}`,
        scope: "lan",
        realm: spec.site,
        startedAtMs: clockOf(sim, atMs) - 5_000,
        endedAtMs: clockOf(sim, atMs),
        coverage: kept.map((run) => ({ ...run, asks, spreadMs: asks === 2 ? 1_100 : 2_200, methods: ["arp"] })),
        proof,
        sightings,
        ...(commandId !== undefined && { commandId }),
      },
    };
    return { body, seen };
  };
  const clockOf = (sim: Sim, atMs: number): number => Math.max(0, startMs + atMs + truth.clockError(sim.spec.id, atMs));

  /** What an agent is able to do now: run, reach the collector. */
  const stateOf = (sim: Sim, atMs: number) => {
    const fault = truth.agentFault(sim.spec.id, atMs);
    const hasPower = truth.hasPower(sim.spec.site, atMs) && truth.isOn(sim.spec.host, atMs);
    const runs = hasPower && fault !== "restart" && fault !== "hang";
    const reaches = truth.isUplinkUp(sim.spec, atMs) && fault !== "partition";
    return { fault, hasPower, runs, reaches, isConnected: runs && reaches && !truth.isCollectorAway(atMs) };
  };

  const stepAgent = async (sim: Sim, atMs: number) => {
    const { runs, isConnected, fault, hasPower, reaches } = stateOf(sim, atMs);
    sim.agent.setClockError(truth.clockError(sim.spec.id, atMs));
    if (!isConnected) {
      // A process that ends is told by its host's system; a hang, a cut or a power loss is told by nobody.
      if (sim.agent.isConnected() && fault === "restart" && hasPower && reaches) await sim.agent.close("fin");
      else sim.agent.lose();
    } else if (!sim.agent.isConnected()) {
      await sim.agent.connect();
      await sim.agent.sendAll(sim.spool.splice(0));
    }
    if (!runs) {
      sim.asked.length = 0;
      if (fault === "restart") sim.spool.length = 0;
      return;
    }
    if (isConnected && atMs % BEAT_MS === sim.beatPhase) await sim.agent.beat();
    if (sim.spec.sweeps && atMs % world.intervalMs === sim.sweepPhase) {
      const { body, seen } = lookAt(sim, atMs, null);
      sim.seen = seen;
      if (isConnected) await sim.agent.send(body);
      else sim.spool.push(body);
      for (const handle of handlers) if (isConnected) handle({ atMs, agent: sim.spec.id, site: sim.spec.site, seen });
    }
    await answer(sim, atMs, isConnected);
  };

  const answer = async (sim: Sim, atMs: number, isConnected: boolean) => {
    for (let i = 0; i < sim.asked.length; ) {
      const { command, dueMs } = sim.asked[i]!;
      if (startMs + atMs < dueMs) {
        i++;
        continue;
      }
      sim.asked.splice(i, 1);
      if (command.action.kind !== "look" || !isConnected) continue;
      await sim.agent.send(lookAt(sim, atMs, new Set(command.action.targets), command.commandId).body);
    }
  };

  /** At the start, and once a day when their clients are there, each site's switches are read by SNMP. */
  const readTables = async (atMs: number) => {
    for (const sim of sims) {
      if (!sim.agent.isConnected() || truth.agentFault(sim.spec.id, atMs) !== null) continue;
      if (sims.find((other) => other.spec.site === sim.spec.site) !== sim) continue;
      for (const device of bySite.get(sim.spec.site) ?? []) {
        const ageMs = atMs - (device.sinceMs ?? atMs + 1);
        const isFresh = ageMs >= 0 && ageMs < 2 * 86_400_000;
        if (isFresh && truth.isReachable(sim.spec, device, atMs))
          await sim.agent.send(typeSnapshot(device, startMs + atMs));
        if ((device.type === "switch" || device.type === "router") && truth.isReachable(sim.spec, device, atMs))
          await sim.agent.send(switchSnapshot(wiring, truth, device, sim.spec, startMs + atMs, atMs));
      }
    }
  };

  const hello = async () => {
    for (const sim of sims) {
      const host = world.devices.find((device) => device.id === sim.spec.host)!;
      await sim.agent.connect();
      await sim.agent.send(hostSnapshot(host, startMs));
    }
    for (const sim of sims) await sim.agent.sendAll(typesOf(world, sim.spec.site, startMs));
    await readTables(0);
  };

  const countWatched = (atMs: number) => {
    const index = atMs / STEP_MS;
    for (const [site, sums] of watched) {
      const isWatched = sims.some(({ spec, agent }) => spec.site === site && agent.isConnected());
      sums[index] = (index === 0 ? 0 : sums[index - 1]!) + (isWatched ? 1 : 0);
    }
  };

  return {
    truth,
    watchedMs: (site, fromMs, toMs) => {
      const sums = watched.get(site);
      const at = (ms: number) => sums?.[Math.max(0, Math.min(steps - 2, Math.floor(ms / STEP_MS)))] ?? 0;
      return (at(toMs) - at(fromMs)) * STEP_MS;
    },
    onSweep: (handle) => void handlers.push(handle),
    run: async (progress) => {
      await hello();
      let wasAway = false;
      for (let atMs = 0; atMs < world.durationMs; atMs += STEP_MS) {
        lab.clock.set(startMs + atMs);
        const isAway = truth.isCollectorAway(atMs);
        if (!isAway && wasAway) await lab.restart();
        wasAway = isAway;
        truth.advance(atMs);
        for (const sim of sims) await stepAgent(sim, atMs);
        countWatched(atMs);
        if (!isAway) await lab.tick();
        if (atMs % 86_400_000 === 10.5 * 3_600_000) await readTables(atMs);
        if (progress && atMs % 3_600_000 === 0) progress(atMs / world.durationMs);
      }
    },
  };
};

const sightingOf = (
  device: SimDevice,
  address: string,
  realm: string,
  observedAtMs: number,
  atMs: number,
): Sweep["sightings"][number] => {
  const mac = device.mac ?? visitorMac(device.id, atMs);
  return {
    subject: {
      id: `mac:${mac}`,
      realm,
      keys: [
        { kind: "mac", value: mac },
        { kind: "ip", value: address },
      ],
    },
    method: "arp",
    observedAtMs,
  };
};

/** Locally administered, another one each day. */
const visitorMac = (id: string, atMs: number): string => {
  let hash = Math.floor(atMs / 86_400_000) + 7;
  for (const c of id) hash = (Math.imul(hash, 31) + c.charCodeAt(0)) >>> 0;
  const hex = hash.toString(16).padStart(8, "0");
  return `02:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6, 8)}`;
};

/** Judged as an agent judges itself: by its gateway, a few steady neighbours, and the loss it measured. */
const proofOf = (
  sim: Sim,
  sight: { readonly isDeaf: boolean; readonly isAware: boolean; readonly loss: number; readonly missChance: number },
  truth: Truth,
  atMs: number,
  random: Random,
): Sweep["proof"] => {
  const controls = [...sim.seen].slice(0, 60).filter((_, i) => i % 7 === 0);
  const answered = controls.filter(
    (id) => !sight.isDeaf && truth.isUp(id, atMs) && random.next() >= sight.missChance,
  ).length;
  const isFine = controls.length === 0 ? !sight.isDeaf : answered >= 0.7 * controls.length && sight.loss < 0.2;
  // An agent that is wrong about itself says that it could see: it asked on another segment than it thinks.
  const verdict = sight.isDeaf ? (sight.isAware ? "blind" : "could-see") : isFine ? "could-see" : "partly";
  return {
    verdict,
    reasons: verdict === "could-see" ? [] : [`${answered} of ${controls.length} control targets answered`],
    controls: [],
    loss: Math.min(1, sight.loss),
    latenessMs: 0,
  };
};

const hostSnapshot = (host: SimDevice, atMs: number): KeptBody => ({
  kind: "snapshot",
  snapshot: {
    source: "local",
    subject: {
      id: "self",
      realm: host.site,
      keys: [
        { kind: "mac", value: host.mac ?? "" },
        { kind: "hostname", value: host.id },
        { kind: "ip", value: host.address },
      ],
    },
    observedAtMs: atMs,
    steps: [],
    failures: [],
  },
});

/** Kinds are learned before the run, as an inventory by SNMP, mDNS and vendors would have: a section "system" per device. */
const typesOf = (world: World, site: string, atMs: number): readonly KeptBody[] =>
  world.devices
    .filter((device) => device.site === site && device.mac !== undefined && device.sinceMs === undefined)
    .map((device) => typeSnapshot(device, atMs));
