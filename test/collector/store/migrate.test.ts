import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { migrate, readSchemaVersion, SCHEMA_VERSION } from "../../../collector/store/migrations/migrate.ts";
import { openDatabase } from "../../../collector/store/sqlite/database.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { openSqliteReads } from "../../../collector/store/sqlite-reads.ts";
import type { AssetId } from "../../../shared/ids.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const folder = temporaryFolder("migrate");
let count = 0;
const newPath = () => join(folder, `${++count}.db`);

/** A database as version 1 left it, with one asset. */
const openVersion1 = (path: string) => {
  const db = openDatabase(path);
  migrate(db, { target: 1 });
  db.run(
    `INSERT INTO assets (asset_id, name, type, realm, lifecycle, criticality, presence, presence_since, first_seen_at,
       last_seen_at, sources, locked, version) VALUES (?, 'Printer-7', 'printer', 'site', 'in-use', 'normal', 'present', 1, 1, 1, '["snmp"]', '[]', 1)`,
    "ast_01m7zvr5r3p8g3xrhz6px33tkc",
  );
  db.run(
    "INSERT INTO asset_keys (asset_id, kind, value, realm, first_seen_at, last_seen_at) VALUES (?, 'serial', 'XK-4711', '', 1, 1)",
    "ast_01m7zvr5r3p8g3xrhz6px33tkc",
  );
  return db;
};

describe("migrations", () => {
  it("bring a database of version 1 to this version with everything in it", async () => {
    const path = newPath();
    openVersion1(path).close();
    const store = openSqliteStore(path);
    const asset = await store.transaction((tx) => tx.assets.get("ast_01m7zvr5r3p8g3xrhz6px33tkc" as AssetId));
    expect(asset).toMatchObject({ name: "Printer-7", sources: ["snmp"] });
    const { reads, close } = openSqliteReads(path, { clock: createVirtualClock() });
    for (const search of ["rinter", "xk-47"])
      expect((await reads.assets({ limit: 10, search })).items.map(({ name }) => name)).toEqual(["Printer-7"]);
    close();
    await store.close();
  });

  it("make the same schema from nothing and from version 1", () => {
    const schemaOf = (db: ReturnType<typeof openDatabase>) =>
      db.all("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
    const fresh = openDatabase(newPath());
    migrate(fresh);
    const old = openVersion1(newPath());
    migrate(old);
    expect(schemaOf(old)).toEqual(schemaOf(fresh));
    fresh.close();
    old.close();
  });

  it("leave the version before when they are cut short, and go on from there", () => {
    const path = newPath();
    const db = openVersion1(path);
    const failPoint = () => {
      throw new Error("killed");
    };
    expect(() => migrate(db, { failPoint })).toThrow("killed");
    expect(readSchemaVersion(db)).toBe(1);
    migrate(db);
    expect(readSchemaVersion(db)).toBe(SCHEMA_VERSION);
    db.close();
  });

  it("do nothing to a database that is up to date", () => {
    const db = openDatabase(newPath());
    migrate(db);
    const before = db.all("SELECT * FROM sqlite_schema");
    migrate(db);
    expect(db.all("SELECT * FROM sqlite_schema")).toEqual(before);
    db.close();
  });

  it("refuse a database of a newer program, and leave it alone", () => {
    const path = newPath();
    const db = openDatabase(path);
    migrate(db);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    db.close();
    expect(() => openSqliteStore(path)).toThrow("install the newer version again");
  });
});
