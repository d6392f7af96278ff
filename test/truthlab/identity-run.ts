import { DatabaseSync } from "node:sqlite";
import { parseIncidentPolicy } from "../../collector/incidents/policy.ts";
import { parsePresencePolicy } from "../../collector/presence/policy.ts";
import { createLab, type LabAgent } from "../../collector/truthlab/driver.ts";
import type { KeptBody } from "../../shared/protocol/envelope.ts";
import type { Sighting } from "../../shared/protocol/observation.ts";
import type { Placed } from "./identity-score.ts";
import type { Line, Observation } from "./identity-site.ts";

/** Messages in one transaction, and sightings in one message, as agents send them. */
const BATCH = 40;
const SIGHTINGS = 200;

const idOf = ({ keys, realm }: Observation): string => {
  const key = keys.find(({ kind }) => kind === "mac" || kind === "chassisMac") ?? keys[0];
  return `${realm} ${key?.kind}:${key?.value}`;
};

/** Tells it all to the real engine over a store at `path`; gives what became of each observation, and how long it took, ms. */
export const runRollcall = async (
  path: string,
  lines: readonly Line[],
  monotonic: () => number,
): Promise<{ readonly placed: readonly Placed[]; readonly tookMs: number; readonly conflicts: number }> => {
  const lab = await createLab({
    presence: parsePresencePolicy({}),
    incidents: parseIncidentPolicy({}),
    seed: 1,
    startMs: (lines[0]?.atMs ?? 0) - 1,
    path,
  });
  const agents = new Map<string, LabAgent>();
  const agentOf = async (name: string): Promise<LabAgent> => {
    const agent =
      agents.get(name) ?? (await lab.addAgent(name, [{ name: "lan", realm: "site", targets: ["10.0.0.0/8"] }]));
    agents.set(name, agent);
    if (!agent.isConnected()) await agent.connect();
    return agent;
  };
  const waiting = new Map<string, { bodies: KeptBody[]; sightings: Sighting[] }>();
  let tookMs = 0;
  const flush = async () => {
    for (const [name, { bodies, sightings }] of waiting) {
      const agent = await agentOf(name);
      if (sightings.length > 0) bodies.push({ kind: "sightings", sightings });
      const began = monotonic();
      await agent.sendAll(bodies);
      tookMs += monotonic() - began;
    }
    waiting.clear();
  };
  for (const line of lines) {
    lab.clock.set(Math.max(lab.clock.now(), line.heardMs));
    if ("ends" in line) {
      await flush();
      await agents.get(line.agent)?.close(line.ends);
      continue;
    }
    const { keys, realm, method, atMs } = line;
    const isOwn = method === "local";
    // What an agent says of itself keeps its place among what others say of it.
    if (isOwn) await flush();
    const name = isOwn ? (line.agent ?? "agent") : `observer of ${realm}`;
    const box = waiting.get(name) ?? { bodies: [], sightings: [] };
    waiting.set(name, box);
    const subject = { id: isOwn ? "self" : idOf(line), realm, keys: [...keys] };
    if (method === "local" || method === "snmp") {
      if (box.sightings.length > 0) box.bodies.push({ kind: "sightings", sightings: box.sightings.splice(0) });
      box.bodies.push({
        kind: "snapshot",
        snapshot: { source: method, subject, observedAtMs: atMs, steps: [], failures: [] },
      });
    } else box.sightings.push({ subject, method, observedAtMs: atMs });
    if (box.sightings.length >= SIGHTINGS) box.bodies.push({ kind: "sightings", sightings: box.sightings.splice(0) });
    if (isOwn || box.bodies.length >= BATCH) await flush();
  }
  await flush();
  const conflicts = await lab.read(
    async (tx) => (await tx.incidents.open(100_000)).filter(({ kind }) => kind === "identity-conflict").length,
  );
  await lab.stop();
  return { placed: readPlaced(path), tookMs, conflicts };
};

const readPlaced = (path: string): Placed[] => {
  const db = new DatabaseSync(path, { readOnly: true });
  const into = new Map(
    db
      .prepare("SELECT asset_id, merged_into FROM assets WHERE merged_into IS NOT NULL")
      .all()
      .map((row) => [String(row["asset_id"]), String(row["merged_into"])]),
  );
  const survivor = (id: string): string => {
    const next = into.get(id);
    return next === undefined ? id : survivor(next);
  };
  const rows = db.prepare("SELECT keys, asset_id FROM observations").all();
  db.close();
  return rows.map((row) => ({
    keys: JSON.parse(String(row["keys"])),
    asset: row["asset_id"] === null ? undefined : survivor(String(row["asset_id"])),
  }));
};
