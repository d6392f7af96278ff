import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import type { Store } from "../../collector/store/store.ts";
import { isRollcallError } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Transactions between two checkpoints of the store. */
const ROUND = 200;

describeWith("a disk without room for a checkpoint", [{ root: true }, { program: "mount" }], () => {
  const disk = join(temporaryFolder("checkpoint-full"), "disk");
  afterAll(() => void spawnSync("umount", ["-l", disk]));

  const lines: string[] = [];
  const note = (level: string) => (message: string, fields?: object) =>
    void lines.push(`${level}: ${message} ${JSON.stringify(fields ?? {})}`);
  const log: Log = {
    ...{ error: note("error"), warn: note("warn"), info: note("info"), debug: () => {} },
    child: () => log,
  };
  const accepted: string[] = [];
  /** Commits one after the other until one is refused; gives how many were taken. */
  const commit = async (store: Store, count: number, bytes: number): Promise<number> => {
    for (let i = 0; i < count; i++) {
      const name = `${accepted.length}`.padStart(6, "0");
      try {
        await store.transaction((tx) => tx.meta.put(name, "x".repeat(bytes)));
      } catch (error) {
        expect(isRollcallError(error) && [error.code, error.remedy]).toEqual(["store.full", "retry"]);
        return i;
      }
      accepted.push(name);
    }
    return count;
  };
  const sizeOf = (name: string) => statSync(join(disk, name)).size;

  it("loses nothing that was accepted, says so once, and makes up for it when there is room", async () => {
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", `rollcall-test-${process.pid}`, disk]);
    const path = join(disk, "rollcall.db");
    const store = openSqliteStore(path, { log });
    // Large transactions first: what they leave of the log is room that later ones need not ask the disk for.
    expect(await commit(store, ROUND, 16_000)).toBe(ROUND);
    const before = sizeOf("rollcall.db");
    const filler = join(disk, "filler");
    spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=4k", "count=8000"]);

    expect(await commit(store, ROUND, 8_000)).toBe(ROUND);
    expect(lines).toEqual([expect.stringMatching(/^warn: checkpoint put off: .*no space left on the disk/)]);
    expect(sizeOf("rollcall.db")).toBeLessThan(before + ROUND * 8_000);
    // The log itself is full at last: refused, to be sent again.
    expect(await commit(store, 20 * ROUND, 16_000)).toBeLessThan(20 * ROUND);
    expect(lines).toHaveLength(1);

    rmSync(filler);
    expect(await commit(store, 2 * ROUND, 100)).toBe(2 * ROUND);
    expect(lines.slice(1)).toEqual([expect.stringContaining("info: checkpoint made up for")]);
    await store.close();
    const again = openSqliteStore(path);
    await again.transaction(async (tx) => {
      for (const name of accepted) expect(await tx.meta.get(name)).toMatch(/^x+$/);
    });
    await again.close();
  }, 60_000);
});
