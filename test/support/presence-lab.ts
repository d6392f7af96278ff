import { parseIncidentPolicy } from "../../collector/incidents/policy.ts";
import { parsePresencePolicy } from "../../collector/presence/policy.ts";
import { NEVER } from "../../collector/presence/track.ts";
import type { RoutedDesk } from "../../collector/tickets/routes.ts";
import { createLab, type Lab, type LabAgent } from "../../collector/truthlab/driver.ts";
import type { AgentId } from "../../shared/ids.ts";
import type { Command, KeptBody } from "../../shared/protocol/envelope.ts";
import type { SightVerdict } from "../../shared/protocol/sweep.ts";

/** One segment, its devices by number (10.0.0.N), and agents that sweep it, over the real engine on virtual time. */
export type Segment = {
  readonly lab: Lab;
  /** Numbers of the devices that answer now. */
  readonly up: Set<number>;
  readonly agent: (name: string, host?: number) => Promise<Observer>;
  /** Lets time pass in steps (of ten seconds by default): beats, ticks, sweeps, answers to commands. */
  readonly pass: (ms: number) => Promise<void>;
  readonly incidents: () => Promise<readonly string[]>;
  readonly tickets: () => Promise<readonly string[]>;
  readonly presence: (name: string) => Promise<string | undefined>;
  /** The MAC that answers for a number, where it is not the device's own. */
  readonly macs: Map<number, string>;
  readonly stop: () => Promise<void>;
};

export type Observer = {
  readonly agent: LabAgent;
  /** What its sweeps say of themselves; null: it sends none. */
  verdict: SightVerdict | null;
  /** Sends heartbeats. */
  speaks: boolean;
  /** Sees nothing of the segment, whatever its verdict says. */
  isDeaf: boolean;
};

export const macOf = (n: number): string => `00:11:22:33:44:${n.toString(16).padStart(2, "0")}`;
const START = Date.UTC(2026, 0, 5, 8);
export const INTERVAL_MS = 600_000;

export const openSegment = async (
  presence: Record<string, unknown> = {},
  options: {
    readonly startMs?: number;
    readonly incidents?: Record<string, unknown>;
    readonly desks?: readonly RoutedDesk[];
    /** How far time moves at once; agents beat as often. Longer: weeks pass quicker. */
    readonly stepMs?: number;
    /** Where the database lies; in memory by default. */
    readonly path?: string;
    /** Is told each line of a recording, as `run --record` writes it. */
    readonly record?: (line: string) => void;
  } = {},
): Promise<Segment> => {
  const stepMs = options.stepMs ?? 10_000;
  const lab = await createLab({
    presence: parsePresencePolicy({ ownLatenessMs: Math.max(30_000, 3 * stepMs), ...presence }),
    incidents: parseIncidentPolicy(options.incidents ?? {}),
    seed: 7,
    startMs: options.startMs ?? START,
    ...(options.desks === undefined ? {} : { desks: options.desks }),
    ...(options.path === undefined ? {} : { path: options.path }),
    ...(options.record === undefined ? {} : { record: options.record }),
  });
  const up = new Set<number>();
  const macs = new Map<number, string>();
  const observers: Observer[] = [];
  const asked: { readonly agentId: AgentId; readonly command: Command }[] = [];
  lab.onCommand((agentId, command) => void asked.push({ agentId, command }));
  let sweeps = 0;

  const sighting = (n: number) => {
    const mac = macs.get(n) ?? macOf(n);
    return {
      subject: {
        id: `mac:${mac}`,
        realm: "site",
        keys: [
          { kind: "mac" as const, value: mac },
          { kind: "ip" as const, value: `10.0.0.${n}` },
        ],
      },
      method: "arp" as const,
      observedAtMs: lab.clock.now() - 500,
    };
  };
  const sweep = (observer: Observer, from: string, to: string, commandId?: string): KeptBody => {
    const seen = observer.isDeaf ? [] : [...up].filter((n) => from !== to || from === `10.0.0.${n}`);
    return {
      kind: "sweep",
      sweep: {
        sweepId: `sweep-${++sweeps}`,
        scope: "lan",
        realm: "site",
        startedAtMs: lab.clock.now() - 3_000,
        endedAtMs: lab.clock.now(),
        coverage: coverageOf(Number(from.split(".")[3]), Number(to.split(".")[3]), new Set(seen)),
        proof: { verdict: observer.verdict ?? "blind", reasons: [], controls: [], loss: 0, latenessMs: 0 },
        sightings: seen.map(sighting),
        ...(commandId !== undefined && { commandId }),
      },
    };
  };
  const answer = async () => {
    for (const { agentId, command } of asked.splice(0)) {
      const observer = observers.find((o) => o.agent.agentId === agentId);
      if (!observer?.speaks || observer.verdict === null || command.action.kind !== "look") continue;
      for (const target of command.action.targets)
        await observer.agent.send(sweep(observer, target, target, command.commandId));
    }
  };

  return {
    lab,
    up,
    macs,
    agent: async (name, host) => {
      const agent = await lab.addAgent(
        name,
        [{ name: "lan", realm: "site", targets: ["10.0.0.0/24"] }],
        Math.max(30_000, stepMs),
      );
      await agent.connect();
      if (host !== undefined) {
        up.add(host);
        await agent.send(hostSnapshot(name, host, lab.clock.now()));
      }
      const observer: Observer = { agent, verdict: null, speaks: true, isDeaf: false };
      observers.push(observer);
      return observer;
    },
    pass: async (ms) => {
      const until = lab.clock.now() + ms;
      while (lab.clock.now() < until) {
        const before = lab.clock.now();
        lab.clock.set(Math.min(until, before + stepMs));
        const now = lab.clock.now();
        const isDue = Math.floor(now / INTERVAL_MS) !== Math.floor(before / INTERVAL_MS);
        for (const observer of observers) {
          if (!observer.speaks) continue;
          await observer.agent.beat();
          if (isDue && observer.verdict !== null) await observer.agent.send(sweep(observer, "10.0.0.1", "10.0.0.254"));
        }
        await lab.tick();
        await answer();
      }
    },
    incidents: () =>
      lab.read(async (tx) => (await tx.incidents.open(1_000)).map((i) => `${i.kind} ${i.state}: ${i.title}`)),
    tickets: () =>
      lab.read(async (tx) => {
        const out: string[] = [];
        for (let n = 1; n < 200; n++) {
          const ticket = await tx.tickets.get(n);
          if (!ticket) break;
          out.push(`${ticket.state}: ${ticket.subject}`);
        }
        return out;
      }),
    presence: (name) =>
      lab.read(async (tx) => (await tx.presence.due(NEVER, 100_000)).find((track) => track.name === name)?.state),
    stop: lab.stop,
  };
};

/** As real agents have it: who answers is asked once, who does not twice, over more than a second. */
const coverageOf = (from: number, to: number, answering: ReadonlySet<number>) => {
  const runs: { from: string; to: string; asks: number; spreadMs: number; methods: "arp"[] }[] = [];
  for (let n = from, first = from; n <= to; n++) {
    if (n < to && answering.has(n) === answering.has(n + 1)) continue;
    const [asks, spreadMs] = answering.has(n) ? [1, 0] : [2, 1_500];
    runs.push({ from: `10.0.0.${first}`, to: `10.0.0.${n}`, asks, spreadMs, methods: ["arp"] });
    first = n + 1;
  }
  return runs;
};

/** What an agent says of its own host: a server with one address. */
export const hostSnapshot = (name: string, n: number, atMs: number): KeptBody => ({
  kind: "snapshot",
  snapshot: {
    source: "local",
    subject: {
      id: "self",
      realm: "site",
      keys: [
        { kind: "mac", value: macOf(n) },
        { kind: "hostname", value: name },
        { kind: "ip", value: `10.0.0.${n}` },
      ],
    },
    observedAtMs: atMs,
    steps: [],
    failures: [],
  },
});
