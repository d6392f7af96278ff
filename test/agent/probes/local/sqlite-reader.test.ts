import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { runInventory } from "../../../../agent/probes/local/run.ts";
import { readSqlite } from "../../../../agent/probes/local/sqlite-reader.ts";
import { createTree } from "../../../../agent/probes/local/tree.ts";
import { silentLog } from "../../../../shared/log.ts";
import { plantTree } from "../../../support/host-tree.ts";
import { temporaryFolder } from "../../../support/temporary.ts";
import { createVirtualClock } from "../../../support/virtual-clock.ts";

const clock = createVirtualClock();
const { signal } = new AbortController();
const query = "SELECT Name, Time FROM Lastlog2";
const path = "/var/lib/lastlog/lastlog2.db";

/** A host with lastlog2; `open` leaves the writer's connection and its -wal file there. */
const plant = (name: string, mode: "wal" | "delete", open: boolean) => {
  const root = temporaryFolder(name);
  plantTree(root, [
    ["etc/passwd", "ada:x:1000:1000::/home/ada:/bin/sh\n"],
    ["var/lib/lastlog/", null],
  ]);
  const database = new DatabaseSync(join(root, path));
  database.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE Lastlog2 (Name TEXT PRIMARY KEY, Time INTEGER)`);
  database.exec("INSERT INTO Lastlog2 VALUES ('ada', 1700000000)");
  if (!open) database.close();
  return { root, tree: createTree({ root, clock, signal, timeoutMs: 1_000 }), database };
};

describe("somebody else's SQLite file", () => {
  it.each(["wal", "delete"] as const)("is read without a file being left beside it (%s)", async (mode) => {
    const { root, tree } = plant(`sqlite-${mode}`, mode, false);
    const before = readdirSync(join(root, "var/lib/lastlog"));
    expect(await readSqlite(tree, path, query)).toEqual([{ Name: "ada", Time: 1_700_000_000 }]);
    expect(readdirSync(join(root, "var/lib/lastlog"))).toEqual(before);
  });

  it("is read with what stands in its write-ahead log only", async () => {
    const { tree, database } = plant("sqlite-open", "wal", true);
    expect(await readSqlite(tree, path, query)).toEqual([{ Name: "ada", Time: 1_700_000_000 }]);
    database.close();
  });

  it("is nothing where it is absent and an error where it is none", async () => {
    const { root, tree } = plant("sqlite-bad", "delete", false);
    expect(await readSqlite(tree, "/nothing.db", query)).toBeUndefined();
    await expect(readSqlite(tree, path, "SELECT x FROM Other")).rejects.toThrow(`reading the database ${path}`);
    writeFileSync(join(root, "text.db"), "no database ".repeat(1_000));
    await expect(readSqlite(tree, "/text.db", query)).rejects.toThrow("reading the database /text.db");
  });

  it("tells last logins", async () => {
    const { root } = plant("sqlite-users", "delete", false);
    const found = await runInventory({ root, only: ["users"] }, { clock, log: silentLog, signal, platform: "linux" });
    expect(found.sections.users).toMatchObject([{ name: "ada", lastLoginAt: "2023-11-14T22:13:20.000Z" }]);
  });
});
