import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { defaultIncidentPolicy } from "../../collector/incidents/policy.ts";
import { addressKey } from "../../collector/presence/address-key.ts";
import { createWatch } from "../../collector/presence/evaluate.ts";
import { defaultPresencePolicy } from "../../collector/presence/policy.ts";
import { createTrack, type Track } from "../../collector/presence/track.ts";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import { type AgentId, createAgentId, createAssetId } from "../../shared/ids.ts";
import { ipv4FromNumber, ipv4ToNumber } from "../../shared/ip.ts";
import { silentLog } from "../../shared/log.ts";
import type { Sweep } from "../../shared/protocol/sweep.ts";
import { createSeededRandom, shuffled } from "../../shared/random.ts";

/**
 * `npm run bench -- presence [--once] [--json]`: a tick with a hundredth of the assets due and a thousandth changing, and one
 * sweep of 254 addresses committed with it, in a database on disk (synchronous=FULL). The same work is done at 10,000 and at
 * 100,000 assets: the last line is the ratio of the two, which tells whether the cost follows what changed or the total.
 */
const START = Date.UTC(2026, 2, 2, 10);
const INTERVAL = 900_000;
/** As the collector ticks; ticks that come much later doubt all that was heard. */
const ROUND_MS = 5_000;
/** The first one warms the program up and is not counted. */
const ROUNDS = 6;
const SWEPT = 254;

type Size = { readonly total: number; readonly due: number; readonly changing: number };
type Time = { readonly tickMs: number; readonly allMs: number; readonly cpuMs: number };

/** Who is due in which round: others each time, from all over the address range and the database. */
const makeTracks = ({ total, due, changing }: Size, agentId: AgentId): readonly Track[] => {
  const random = createSeededRandom(1);
  const base = ipv4ToNumber("10.0.0.1");
  const places = shuffled(
    Array.from({ length: total }, (_, i) => i),
    random,
  );
  // Addresses from the middle on belong to the sweeps: nobody there is due.
  const free = places.filter((i) => i < total / 2 || i >= total / 2 + ROUNDS * SWEPT);
  const roundOf = new Map(free.slice(0, ROUNDS * due).map((i, n) => [i, { round: Math.floor(n / due), n: n % due }]));
  return Array.from({ length: total }, (_, i) => {
    const address = ipv4FromNumber(base + i);
    const turn = roundOf.get(i);
    const dueMs = turn ? START + turn.round * ROUND_MS : START + 40 * INTERVAL;
    const isChanging = turn !== undefined && turn.n < changing;
    const lastSeenMs = isChanging ? dueMs - 1.6 * INTERVAL : dueMs - 60_000;
    const about = {
      name: address,
      deviceType: "server",
      criticality: "normal",
      lifecycle: "in-use",
      realm: "r",
    } as const;
    return {
      ...createTrack({ ...about, assetId: createAssetId(START, random) }, START - 86_400_000),
      address,
      addressKey: addressKey(address),
      mac: `00:16:3e:${[16, 8, 0].map((shift) => ((i >> shift) & 255).toString(16).padStart(2, "0")).join(":")}`,
      observerId: agentId,
      lastSeenMs: Math.min(START, lastSeenMs),
      dueMs,
      rhythm: "99".repeat(168),
      looks: [
        {
          agentId,
          scope: "s",
          intervalMs: INTERVAL,
          lastMs: Math.min(START, lastSeenMs),
          hitMs: Math.min(START, lastSeenMs),
          misses: 0,
          missFirstMs: null,
          missLastMs: null,
          grade: "key",
        },
      ],
    };
  });
};

/** A /24 in which two devices do not answer. */
const sweepOf = (swept: readonly Track[], now: number): Sweep => ({
  sweepId: `bench-${now}`,
  scope: "s",
  realm: "r",
  startedAtMs: now - 3_000,
  endedAtMs: now,
  coverage: [{ from: swept[0]!.address!, to: swept.at(-1)!.address!, asks: 2, spreadMs: 1_500, methods: ["arp"] }],
  proof: { verdict: "could-see", reasons: [], controls: [], loss: 0, latenessMs: 0 },
  sightings: swept.slice(2).map((track) => ({
    subject: {
      id: `mac:${track.mac}`,
      realm: "r",
      keys: [
        { kind: "mac" as const, value: track.mac! },
        { kind: "ip" as const, value: track.address! },
      ],
    },
    method: "arp" as const,
    observedAtMs: now - 100,
  })),
});

const openSite = async (path: string, size: Size) => {
  const random = createSeededRandom(2);
  const store = openSqliteStore(path);
  const agentId = createAgentId(START, random);
  const tracks = makeTracks(size, agentId);
  await store.transaction(async (tx) => {
    await tx.agents.put({
      agentId,
      instance: 0,
      name: "bench",
      publicKey: "k",
      state: "connected",
      stateSinceMs: START,
      enrolledAtMs: START,
      approvedAtMs: START,
      lastHeardAtMs: START,
      heartbeatMs: 30_000,
      epoch: 0,
      sequence: 0,
      scopes: [{ name: "s", realm: "r", targets: ["10.0.0.0/8"] }],
    });
    for (const track of tracks) await tx.presence.put(track);
  });
  const watch = createWatch({
    presence: { ...defaultPresencePolicy, lookIntervalMs: INTERVAL },
    incidents: defaultIncidentPolicy,
    random,
    log: silentLog,
  });
  await store.transaction((tx) => watch.start(tx, START - 4 * INTERVAL));
  await store.transaction((tx) => watch.session(tx, { agentId, instance: 0, kind: "connected" }, START));
  return { store, watch, agentId, tracks };
};

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const measure = async (size: Size): Promise<readonly Time[]> => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-presence-"));
  const { store, watch, agentId, tracks } = await openSite(join(folder, "bench.sqlite"), size);
  // Making so many rows left garbage and a long log behind; in the middle of a day there is neither.
  for (let i = 0; i < 3; i++) await store.transaction((tx) => tx.meta.put("bench", String(i)));
  collectGarbage();
  const times: Time[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const now = START + round * ROUND_MS;
    const first = size.total / 2 + round * SWEPT;
    const swept = tracks.slice(first, first + SWEPT);
    const assets = new Map(swept.slice(2).map((track) => [`mac:${track.mac}`, track.assetId]));
    const sweep = sweepOf(swept, now);
    await store.transaction((tx) => watch.session(tx, { agentId, instance: 0, kind: "heartbeat" }, now));
    const cpu = process.cpuUsage();
    const from = performance.now();
    let tickMs = 0;
    await store.transaction(async (tx) => {
      await watch.tick(tx, { now, monotonic: round * ROUND_MS });
      tickMs = performance.now() - from;
      await watch.sweep(tx, { agentId, instance: 0, clockOffsetMs: 0, assets, sweep }, now);
    });
    const allMs = performance.now() - from;
    const { user, system } = process.cpuUsage(cpu);
    if (round > 0) times.push({ tickMs, allMs, cpuMs: (user + system) / 1_000 });
  }
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  return times;
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const sizes: readonly Size[] = [
  { total: 10_000, due: 100, changing: 10 },
  { total: 10_000, due: 1_000, changing: 100 },
  { total: 100_000, due: 1_000, changing: 100 },
];

export const run = async (args: readonly string[]): Promise<void> => {
  const out = [];
  for (const size of sizes) {
    const times: Time[] = [];
    for (let i = 0; i < (args.includes("--once") ? 1 : 3); i++) times.push(...(await measure(size)));
    const of = (pick: (time: Time) => number) => Number(median(times.map(pick)).toFixed(1));
    const line = { ...size, tickMs: of((t) => t.tickMs), allMs: of((t) => t.allMs), cpuMs: of((t) => t.cpuMs) };
    out.push(line);
    process.stdout.write(
      `${String(line.total).padStart(8)} assets, ${String(line.due).padStart(5)} due, ${String(line.changing).padStart(4)} changing: tick ${line.tickMs} ms, with a sweep of ${SWEPT} and the commit ${line.allMs} ms (CPU ${line.cpuMs})\n`,
    );
  }
  const [small, large] = out.slice(-2);
  const ratio = Number((large!.allMs / small!.allMs).toFixed(2));
  const cpuRatio = Number((large!.cpuMs / small!.cpuMs).toFixed(2));
  process.stdout.write(`the same work at ten times the assets: ${ratio} times as long, ${cpuRatio} times the CPU\n`);
  if (args.includes("--json")) process.stdout.write(`${JSON.stringify({ rounds: out, ratio, cpuRatio })}\n`);
};
