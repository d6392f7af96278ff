import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findInstallations, type Hit } from "../../../collector/store/reads/installations.ts";
import { type Database, openDatabase } from "../../../collector/store/sqlite/database.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const HOSTS = 1_200;
const PACKAGES = 30;

/** Hosts with sets and drift; gives what each accepted one has. Package 30 is on the last hosts only, by their drift. */
const fill = (db: Database): ReadonlyMap<number, ReadonlySet<number>> => {
  const random = createSeededRandom(5);
  const sets = Array.from({ length: 6 }, (_, set) => {
    const numbers = Array.from({ length: PACKAGES - 1 }, (_, p) => p + 1).filter(() => random.next() < 0.5);
    for (const number of numbers)
      db.run("INSERT INTO software_in_sets (software_no, set_no) VALUES (?, ?)", number, set + 1);
    return new Set(numbers);
  });
  const has = new Map<number, ReadonlySet<number>>();
  for (let streamNo = 1; streamNo <= HOSTS; streamNo++) {
    const setNo = 1 + Math.floor(random.next() * sets.length);
    const own = new Set(sets[setNo - 1]);
    const drift: number[] = [];
    for (let number = 1; number <= PACKAGES; number++) {
      if (number === PACKAGES ? streamNo < HOSTS - 20 : random.next() > 0.05) continue;
      const isMore = !own.has(number);
      if (isMore) own.add(number);
      else own.delete(number);
      drift.push(isMore ? number : -number);
      db.run("INSERT INTO software_drift (software_no, stream_no, has) VALUES (?, ?, ?)", number, streamNo, +isMore);
    }
    const blob = drift.length === 0 ? null : new Uint8Array(Int32Array.from(drift).buffer);
    const accepted = random.next() < 0.9;
    db.run(
      "INSERT INTO installed (stream_no, set_no, accepted, drift) VALUES (?, ?, ?, ?)",
      ...[streamNo, setNo, +accepted, blob],
    );
    if (accepted) has.set(streamNo, own);
  }
  return has;
};

describe("who has a package", () => {
  it("is the same whether hosts are sorted, gone through in order, or that is given up", async () => {
    const path = join(temporaryFolder("installations"), "one.db");
    await openSqliteStore(path).close();
    const db = openDatabase(path);
    db.exec("BEGIN");
    const has = fill(db);
    db.exec("COMMIT");
    for (const numbers of [[3], [2, 5, 9], [PACKAGES], [1, PACKAGES], [PACKAGES + 1]]) {
      const expected = [...has].flatMap(([streamNo, own]) =>
        numbers.filter((number) => own.has(number)).map((softwareNo) => ({ streamNo, softwareNo })),
      );
      for (const how of [{}, { sortUpTo: 0, maxScanned: 10_000 }, { sortUpTo: 0, maxScanned: 500 }]) {
        const found = findInstallations(db, numbers, how);
        expect(found.total).toBe(new Set(expected.map(({ streamNo }) => streamNo)).size);
        const seen: Hit[] = [];
        for (;;) {
          const page = found.page(seen.at(-1) ?? { streamNo: 0, softwareNo: 0 }, 130);
          seen.push(...page);
          if (page.length < 130) break;
        }
        expect(seen).toEqual(expected);
      }
    }
    db.close();
  });
});
