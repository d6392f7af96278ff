import { mkdtempSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { incidentPolicySchema } from "../../collector/incidents/policy.ts";
import { presencePolicySchema } from "../../collector/presence/policy.ts";
import { createLab, type Lab, type LabAgent } from "../../collector/truthlab/driver.ts";
import type { Method, Sighting } from "../../shared/protocol/observation.ts";
import type { Sweep } from "../../shared/protocol/sweep.ts";
import { tableSizes } from "../support/database-size.ts";

/**
 * `npm run bench -- observations [--devices 10000] [--days 30] [--rounds 4]`: devices that never change, seen by three methods
 * in so many sweeps a day, through the real engine (identity, record, presence) into the file store. Told is by how much what is
 * stored grew after the first day, for each device, method and day. Aim (issue 5, design §13): 20 bytes. The log of what was
 * seen in the last half minute is told apart: days pass here in seconds, so that it holds whole days.
 */
const AIM_BYTES = 20;
/** The table of what is not in its rows yet (`store/sqlite/late.ts`). */
const LOG = "late";
const METHODS: readonly Method[] = ["arp", "icmp", "mdns"];
const IN_SUBNET = 250;
const START = Date.UTC(2026, 0, 5, 8);
const DAY_MS = 86_400_000;

const addressOf = (device: number): string =>
  `10.${Math.floor(device / IN_SUBNET / 250)}.${Math.floor(device / IN_SUBNET) % 250}.${(device % IN_SUBNET) + 2}`;
const macOf = (device: number): string =>
  `00:50:56:${device
    .toString(16)
    .padStart(6, "0")
    .replace(/(..)(?=.)/g, "$1:")}`;

const sightingsOf = (device: number, observedAtMs: number): Sighting[] => {
  const [ip, mac] = [addressOf(device), macOf(device)];
  return METHODS.map((method) => ({
    subject: {
      id: `mac:${mac}`,
      realm: "bench",
      keys: [
        { kind: "mac", value: mac },
        ...(method === "mdns" ? [{ kind: "hostname" as const, value: `device-${device}` }] : []),
        { kind: "ip", value: ip },
      ],
    },
    ...{ method, observedAtMs },
  }));
};

const sweepOf = (subnet: number, devices: number, atMs: number): Sweep => {
  const first = subnet * IN_SUBNET;
  const here = Array.from({ length: Math.min(IN_SUBNET, devices - first) }, (_, i) => first + i);
  const [from, to] = [addressOf(first), addressOf(first + IN_SUBNET - 1)];
  return {
    ...{ sweepId: `swp_${subnet}_${atMs}`, scope: `subnet-${subnet}`, realm: "bench" },
    ...{ startedAtMs: atMs - 4_000, endedAtMs: atMs },
    coverage: [{ from, to, asks: 3, spreadMs: 2_000, methods: [...METHODS] }],
    proof: {
      ...({ verdict: "could-see", reasons: [], loss: 0, latenessMs: 3 } as const),
      controls: [{ address: from, role: "gateway", seen: true }],
    },
    sightings: here.flatMap((device) => sightingsOf(device, atMs - 1_000)),
  };
};

const runDay = async (
  lab: Lab,
  agents: readonly LabAgent[],
  { day, rounds, devices }: { readonly day: number; readonly rounds: number; readonly devices: number },
) => {
  for (let round = 0; round < rounds; round++) {
    lab.clock.set(START + day * DAY_MS + (round * DAY_MS) / rounds);
    await lab.tick();
    for (const [subnet, agent] of agents.entries()) {
      await agent.beat();
      await agent.send({ kind: "sweep", sweep: sweepOf(subnet, devices, lab.clock.now()) });
    }
  }
};

/** In use, without the log. */
const total = (tables: ReadonlyMap<string, number>): number =>
  [...tables].reduce((sum, [name, bytes]) => (name === LOG ? sum : sum + bytes), 0);

export const run = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: "string", default: "10000" },
      days: { type: "string", default: "30" },
      rounds: { type: "string", default: "4" },
    },
  });
  const [devices, days, rounds] = [Number(values.devices), Number(values.days), Number(values.rounds)];
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-observations-"));
  const path = join(folder, "rollcall.db");
  console.log(
    `${devices} devices × ${METHODS.length} methods × ${days} days, ${rounds} sweeps a day; load ${loadavg()[0]?.toFixed(1)}`,
  );
  try {
    const policy = { presence: presencePolicySchema.parse({}), incidents: incidentPolicySchema.parse({}) };
    const lab = await createLab({ ...policy, seed: 1, startMs: START - DAY_MS, path });
    const agents: LabAgent[] = [];
    for (let subnet = 0; subnet < Math.ceil(devices / IN_SUBNET); subnet++)
      agents.push(await lab.addAgent(`agent-${subnet}`, [{ name: `subnet-${subnet}`, realm: "bench", targets: [] }]));
    for (const agent of agents) await agent.connect();
    await runDay(lab, agents, { day: 0, rounds, devices });
    const before = tableSizes(path);
    const storedBefore = total(before);
    const begun = performance.now();
    for (let day = 1; day <= days; day++) await runDay(lab, agents, { day, rounds, devices });
    const seconds = (performance.now() - begun) / 1_000;
    const logBytes = tableSizes(path).get(LOG) ?? 0;
    const fileBytes = statSync(path).size;
    await lab.stop();
    const after = tableSizes(path);
    const units = devices * METHODS.length * days;
    const grown = total(after) - storedBefore;
    console.log(`${units * rounds} sightings in ${seconds.toFixed(0)} s: ${((units * rounds) / seconds).toFixed(0)}/s`);
    console.log(
      `after a day ${(storedBefore / 1e6).toFixed(1)} MB, ${(storedBefore / devices).toFixed(0)} bytes a device; grew by ${(grown / 1e6).toFixed(2)} MB in ${days} days: ${(grown / units).toFixed(2)} bytes for each device, method and unchanged day (aim ${AIM_BYTES})`,
    );
    console.log(
      `the log held ${(logBytes / 1e6).toFixed(2)} MB, ${(logBytes / (devices * METHODS.length)).toFixed(0)} bytes for each device and method; the file is ${(fileBytes / 1e6).toFixed(1)} MB with the room that it took`,
    );
    const tables = [...after].map(([name, bytes]) => ({ name, grown: bytes - (before.get(name) ?? 0), bytes }));
    for (const { name, grown, bytes } of tables.sort((a, b) => b.bytes - a.bytes).slice(0, 12))
      console.log(`  ${name}: ${(bytes / 1e6).toFixed(2)} MB, grew by ${(grown / units).toFixed(2)} bytes`);
    process.exitCode = grown / units <= AIM_BYTES ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
