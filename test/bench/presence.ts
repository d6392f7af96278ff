import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultIncidentPolicy } from "../../collector/incidents/policy.ts";
import { addressKey } from "../../collector/presence/address-key.ts";
import { createWatch } from "../../collector/presence/evaluate.ts";
import { defaultPresencePolicy } from "../../collector/presence/policy.ts";
import { createTrack, type Track } from "../../collector/presence/track.ts";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import { createAgentId, createAssetId } from "../../shared/ids.ts";
import { ipv4FromNumber, ipv4ToNumber } from "../../shared/ip.ts";
import { silentLog } from "../../shared/log.ts";
import { createSeededRandom } from "../../shared/random.ts";

/**
 * `npm run bench -- presence`: one tick with a hundredth of the assets due and a thousandth changing, and one sweep of 254
 * addresses, each committed to a database on disk (synchronous=FULL), at growing totals. The cost should follow what is due
 * and what changed (second column), not the total (last lines: the same work at ten times the total).
 */
const START = Date.UTC(2026, 2, 2, 10);
const INTERVAL = 900_000;

type Round = { readonly total: number; readonly due: number; readonly changing: number };

const measure = async ({ total, due, changing }: Round) => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-presence-"));
  const random = createSeededRandom(1);
  const store = openSqliteStore(join(folder, "bench.sqlite"));
  const agentId = createAgentId(START, random);
  const base = ipv4ToNumber("10.0.0.1");
  const tracks: Track[] = [];
  for (let i = 0; i < total; i++) {
    const address = ipv4FromNumber(base + i);
    const isDue = i < due;
    const isChanging = i < changing;
    const seed = {
      name: address,
      deviceType: "server",
      criticality: "normal",
      lifecycle: "in-use",
      realm: "r",
    } as const;
    const lastSeenMs = isChanging ? START - 1.6 * INTERVAL : START - 60_000;
    tracks.push({
      ...createTrack({ ...seed, assetId: createAssetId(START, random) }, START - 86_400_000),
      address,
      addressKey: addressKey(address),
      mac: `00:16:3e:${[16, 8, 0].map((shift) => ((i >> shift) & 255).toString(16).padStart(2, "0")).join(":")}`,
      observerId: agentId,
      lastSeenMs,
      dueMs: isDue ? START : START + 3_600_000,
      rhythm: "99".repeat(168),
      looks: [
        {
          agentId,
          scope: "s",
          intervalMs: INTERVAL,
          lastMs: lastSeenMs,
          hitMs: lastSeenMs,
          misses: 0,
          missFirstMs: null,
          missLastMs: null,
          grade: "key",
        },
      ],
    });
  }
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
  const timed = async (work: () => Promise<unknown>) => {
    const from = performance.now();
    const cpu = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(cpu);
    return { wallMs: performance.now() - from, cpuMs: (user + system) / 1_000 };
  };
  // Writing 100,000 rows at once left a long log behind, which the next commit cuts; a tick in the middle of a day meets none.
  for (let i = 0; i < 3; i++) await store.transaction((tx) => tx.meta.put("bench", String(i)));
  const tick = await timed(() => store.transaction((tx) => watch.tick(tx, { now: START, monotonic: 0 })));
  // A sweep of a /24 in which two devices do not answer.
  const swept = tracks.slice(total / 2, total / 2 + 254);
  const assets = new Map(swept.slice(2).map((track) => [`mac:${track.mac}`, track.assetId]));
  const now = START + 1_000;
  const sweep = await timed(() =>
    store.transaction((tx) =>
      watch.sweep(
        tx,
        {
          agentId,
          instance: 0,
          clockOffsetMs: 0,
          assets,
          sweep: {
            sweepId: "bench",
            scope: "s",
            realm: "r",
            startedAtMs: now - 3_000,
            endedAtMs: now,
            coverage: [
              { from: swept[0]!.address!, to: swept.at(-1)!.address!, asks: 2, spreadMs: 1_500, methods: ["arp"] },
            ],
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
          },
        },
        now,
      ),
    ),
  );
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  return { tick, sweep };
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export const run = async (args: readonly string[]): Promise<void> => {
  const rounds: readonly Round[] = [
    { total: 10_000, due: 100, changing: 10 },
    { total: 100_000, due: 1_000, changing: 100 },
    { total: 10_000, due: 1_000, changing: 100 },
  ];
  const out = [];
  for (const round of rounds) {
    const times: Awaited<ReturnType<typeof measure>>[] = [];
    for (let i = 0; i < (args.includes("--once") ? 1 : 3); i++) times.push(await measure(round));
    const of = (pick: (time: (typeof times)[number]) => number) => Number(median(times.map(pick)).toFixed(1));
    const line = {
      ...round,
      tickMs: of((t) => t.tick.wallMs),
      tickCpuMs: of((t) => t.tick.cpuMs),
      sweepMs: of((t) => t.sweep.wallMs),
      sweepCpuMs: of((t) => t.sweep.cpuMs),
    };
    out.push(line);
    process.stdout.write(
      `${String(line.total).padStart(8)} assets, ${String(line.due).padStart(6)} due, ${String(line.changing).padStart(5)} changing: tick ${line.tickMs} ms (CPU ${line.tickCpuMs}), sweep of 254 ${line.sweepMs} ms (CPU ${line.sweepCpuMs})\n`,
    );
  }
  if (args.includes("--json")) process.stdout.write(`${JSON.stringify({ rounds: out })}\n`);
};
