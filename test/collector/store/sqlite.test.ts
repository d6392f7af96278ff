import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockDatabase } from "../../../collector/store/sqlite/lock.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { temporaryFolder } from "../../support/temporary.ts";

describe("sqlite store", () => {
  const folder = temporaryFolder("sqlite");

  it("passes its fail points in order, and a checkpoint now and then and at the end", async () => {
    const passed: string[] = [];
    const store = openSqliteStore(join(folder, "points.db"), { failPoint: (name) => void passed.push(name) });
    passed.length = 0;
    await store.transaction((tx) => tx.meta.put("a", "b"));
    expect(passed).toEqual(["collector.commit.inside", "collector.commit.before", "collector.commit.after"]);
    for (let i = 0; i < 200; i++) await store.transaction((tx) => tx.meta.put("a", String(i)));
    expect(passed.filter((name) => name === "collector.checkpoint")).toHaveLength(1);
    await store.close();
    expect(passed.slice(-2)).toEqual(["collector.checkpoint", "collector.checkpoint.after"]);
  });

  it("goes on after a transaction that failed in its commit", async () => {
    let isBroken = true;
    const failPoint = (name: string) => {
      if (isBroken && name === "collector.commit.before") throw new Error("power cut");
    };
    const store = openSqliteStore(join(folder, "broken.db"), { failPoint });
    await expect(store.transaction((tx) => tx.meta.put("a", "1"))).rejects.toThrow("power cut");
    isBroken = false;
    expect(await store.transaction((tx) => tx.meta.get("a"))).toBeUndefined();
    await store.transaction((tx) => tx.meta.put("a", "2"));
    expect(await store.transaction((tx) => tx.meta.get("a"))).toBe("2");
    await store.close();
  });

  it("gives a lock to one holder at a time", () => {
    const path = join(folder, "lock");
    const unlock = lockDatabase(path);
    expect(unlock).toBeDefined();
    expect(lockDatabase(path)).toBeUndefined();
    unlock?.();
    const again = lockDatabase(path);
    expect(again).toBeDefined();
    again?.();
  });
});
