import { DatabaseSync } from "node:sqlite";
import type { Run, RunOptions } from "./identity-run.ts";
import type { Line, Observation } from "./identity-site.ts";

/**
 * What Rollcall's rate is told beside, in the same run: the least that an inventory which lasts can do with an observation. A row
 * for each MAC (its name, its address, when it was seen) and one for each observer, method, MAC and address, as scanners keep
 * them in a database; nothing is compared, joined, explained or undone. The file, its log and its syncs are as at Rollcall's
 * store, and so are its transactions, one for a quarter of an hour of simulated time.
 */
const SCHEMA = `
  PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=12000; PRAGMA cache_size=-65536;
  CREATE TABLE devices (mac TEXT PRIMARY KEY, name TEXT, address TEXT, first_at INTEGER, last_at INTEGER) WITHOUT ROWID;
  CREATE TABLE sightings (observer TEXT, method TEXT, mac TEXT, address TEXT, first_at INTEGER, last_at INTEGER, count INTEGER,
    PRIMARY KEY (mac, observer, method, address)) WITHOUT ROWID;`;

const DEVICE = `INSERT INTO devices VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT DO UPDATE SET
  name = coalesce(excluded.name, name), address = coalesce(excluded.address, address), last_at = max(last_at, excluded.last_at)`;
const SIGHTING = `INSERT INTO sightings VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1) ON CONFLICT DO UPDATE SET
  last_at = max(last_at, excluded.last_at), count = count + 1`;

const BATCH_MS = 900_000;

export const runPeer = async (
  path: string,
  lines: AsyncIterable<Line>,
  { monotonic, cpuMs }: Pick<RunOptions, "monotonic" | "cpuMs">,
): Promise<Run> => {
  const db = new DatabaseSync(path);
  db.exec(SCHEMA);
  const [device, sighting] = [db.prepare(DEVICE), db.prepare(SIGHTING)];
  const take = ({ keys, realm, agent, method, atMs }: Observation): void => {
    const firstOf = (kind: string) => keys.find((key) => key.kind === kind)?.value ?? null;
    const [name, address] = [firstOf("hostname"), firstOf("ip")];
    const macs = keys.filter(({ kind }) => kind === "mac").map(({ value }) => value);
    // What has no MAC is known by its address.
    for (const mac of macs.length > 0 ? macs : [`${realm} ${address ?? ""}`]) {
      device.run(mac, name, address, atMs);
      sighting.run(agent ?? realm, method, mac, address ?? "", atMs);
    }
  };

  let waiting: Observation[] = [];
  let sinceMs = 0;
  let [tookMs, tookCpuMs, observations] = [0, 0, 0];
  const commit = () => {
    const [began, beganCpu] = [monotonic(), cpuMs()];
    db.exec("BEGIN");
    for (const line of waiting) take(line);
    db.exec("COMMIT");
    tookMs += monotonic() - began;
    tookCpuMs += cpuMs() - beganCpu;
    observations += waiting.length;
    waiting = [];
  };
  for await (const line of lines) {
    if (line.heardMs - sinceMs > BATCH_MS) {
      commit();
      sinceMs = line.heardMs;
    }
    if ("keys" in line) waiting.push(line);
  }
  commit();
  db.close();
  return { tookMs, tookCpuMs, observations, sessionsMs: 0, refused: 0 };
};
