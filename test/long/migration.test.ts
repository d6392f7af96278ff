import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zstdCompressSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDataFolder } from "../../collector/data-folder.ts";
import { migrate, readSchemaVersion, SCHEMA_VERSION } from "../../collector/store/migrations/migrate.ts";
import { openDatabase } from "../../collector/store/sqlite/database.ts";
import { systemClock } from "../../shared/clock.ts";
import { createAgentId, createAssetId } from "../../shared/ids.ts";
import { systemRandom } from "../../shared/random.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const program = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));
const HOSTS = 50;
const PACKAGES = 300;

/** A data folder as the first version left it: hosts with software, and a change of each. */
const writeVersion1 = (folder: string): string => {
  const { databasePath } = openDataFolder(folder, { clock: systemClock, random: systemRandom });
  const db = openDatabase(databasePath);
  migrate(db, { target: 1 });
  db.exec("BEGIN");
  for (let host = 0; host < HOSTS; host++) {
    const now = systemClock.now();
    const assetId = createAssetId(now, systemRandom);
    const agentId = createAgentId(now, systemRandom);
    db.run(
      `INSERT INTO assets (asset_id, name, type, realm, lifecycle, criticality, presence, presence_since, first_seen_at,
         last_seen_at, sources, locked, version) VALUES (?, ?, 'server', 'site', 'in-use', 'normal', 'present', 1, 1, 1, '["local"]', '[]', 1)`,
      ...[assetId, `host-${host}`],
    );
    db.run(
      `INSERT INTO streams (stream_no, agent_id, instance, stream, source, subject, asset_id, root, observed_at, recorded_at)
         VALUES (?, ?, 0, 'local/self', 'local', '{"id":"self","realm":"site","keys":[]}', ?, '', 1, 1)`,
      ...[host + 1, agentId, assetId],
    );
    const items = Array.from({ length: PACKAGES }, (_, p) => {
      const item = { manager: "dpkg", name: `package-${p}`, architecture: "all", version: `1.${host}` };
      return [`dpkg|package-${p}|all|`, `${p}`.padStart(32, "0"), item];
    });
    db.run(
      `INSERT INTO sections (stream_no, section, hash, item_count, observed_at, packed, items, patch)
         VALUES (?, 'software', ?, ?, 1, 1, ?, ?)`,
      ...[host + 1, `${host}`.padStart(32, "0"), PACKAGES, zstdCompressSync(Buffer.from(JSON.stringify(items)))],
      JSON.stringify({ put: [], drop: ["dpkg|package-7|all|"] }),
    );
    db.run("INSERT INTO accepted_sections (asset_id, section, stream_no) VALUES (?, 'software', ?)", assetId, host + 1);
    db.run(
      `INSERT INTO changes (change_id, asset_id, kind, section, item_key, observed_at, recorded_at, actor, weight)
         VALUES (?, ?, 'removed', 'software', 'dpkg|package-7|all|', 1, 1, ?, 'normal')`,
      ...[`chg_${assetId.slice(4)}`, assetId, JSON.stringify({ kind: "agent", agentId, method: "local" })],
    );
  }
  db.exec("COMMIT");
  db.close();
  return databasePath;
};

const startCollector = (folder: string, failPoint?: string) => {
  const child = spawn(process.execPath, [program, "run", "--data", folder, "--port", "0"], {
    env: { ...process.env, ...(failPoint === undefined ? {} : { ROLLCALL_FAIL_POINT: failPoint }) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  const ended = new Promise<string>((resolve) => child.once("exit", (code, signal) => resolve(signal ?? `${code}`)));
  return { ended, url: () => /listening on (\S+)/.exec(out)?.[1], stop: () => child.kill("SIGTERM") };
};

describe("a data folder of version 1", () => {
  it("is whole after the collector was killed inside every migration", async () => {
    const folder = join(temporaryFolder("migration"), "data");
    const path = writeVersion1(folder);
    const versionOf = () => {
      const db = openDatabase(path);
      const version = readSchemaVersion(db);
      db.close();
      return version;
    };
    // Each start carries out what the one before it was killed in, and dies in the next.
    for (let version = 1; version < SCHEMA_VERSION; version++) {
      const point = version === 1 ? "collector.migration:1" : "collector.migration:2";
      expect(await startCollector(folder, point).ended).toBe("SIGKILL");
      expect(versionOf()).toBe(version);
    }
    const collector = startCollector(folder);
    const url = await until("the collector listens", collector.url, { timeoutMs: 30_000 });
    const token = execFileSync(
      process.execPath,
      [program, "token", "create", "--role", "administrator", "--data", folder],
      { encoding: "utf8" },
    ).trim();
    const get = async (route: string) => {
      const answer = await fetch(`${url}/api/v1${route}`, { headers: { authorization: `Bearer ${token}` } });
      expect([route, answer.status]).toEqual([route, 200]);
      return answer.json() as Promise<{ items: Record<string, string>[]; total?: number }>;
    };
    const { items } = await get("/assets?limit=100");
    expect(items.map(({ name }) => name).sort()).toEqual(Array.from({ length: HOSTS }, (_, n) => `host-${n}`).sort());
    for (const { assetId } of items.slice(0, 5)) {
      expect((await get(`/assets/${assetId}/sections/software?limit=5`)).total).toBe(PACKAGES - 1);
      expect((await get(`/changes?limit=5&assetId=${assetId}`)).items).toHaveLength(1);
    }
    expect((await get("/assets?limit=100&q=host-17")).items).toHaveLength(1);
    collector.stop();
    await collector.ended;
    expect(versionOf()).toBe(SCHEMA_VERSION);
  }, 120_000);
});
