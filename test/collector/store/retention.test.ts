import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { checkLedger } from "../../../collector/engine/check-ledger.ts";
import { readFacts } from "../../../collector/store/reads/facts.ts";
import { openDatabase } from "../../../collector/store/sqlite/database.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import type { AssetId } from "../../../shared/ids.ts";
import {
  beginStory,
  carryOut,
  type Deed,
  deedArbitrary,
  report,
  reportSnmp,
  type Story,
  stateThen,
} from "../../support/past-story.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const folder = temporaryFolder("retention");

const ask = (path: string, sql: string) => {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
};
const number = (path: string, sql: string): number => Number(Object.values(ask(path, sql)[0] ?? {})[0]);
const drop = async (path: string, beforeMs: number): Promise<void> => {
  const store = openSqliteStore(path);
  for (let n = 0; n < 8; n++) await store.transaction((tx) => tx.past.dropBefore(beforeMs));
  await store.close();
};

type Told = { readonly times: readonly number[]; readonly assets: readonly AssetId[] };
const MINUTE_MS = 60_000;
/** A story told to its end; every third look at a host is told late, after others that were made later. */
const tell = async (path: string, deeds: readonly Deed[]): Promise<Told> => {
  const story = await beginStory(path);
  const decisions: { assetId: AssetId; decisionId: string }[] = [];
  const times = [story.lab.lab.clock.now()];
  let looks = 0;
  for (const deed of deeds) {
    story.lab.pass(10 * MINUTE_MS);
    if (deed.kind === "look" && ++looks % 3 === 0) await reportSnmp(story, deed.host, deed.look, 25 * MINUTE_MS);
    else await carryOut(story, decisions, deed);
    const now = story.lab.lab.clock.now();
    times.push(now - 20 * MINUTE_MS, now - 5 * MINUTE_MS, now);
  }
  await story.lab.stop();
  return { times, assets: story.assets };
};

/** What is told of each asset at each time; undefined where that is refused as too long ago. */
const states = (path: string, { times, assets }: Told): readonly (ReturnType<typeof stateThen> | undefined)[] => {
  const db = openDatabase(path, { readOnly: true });
  const told = times.flatMap((atMs) =>
    assets.map((assetId) => {
      try {
        return stateThen(db, assetId, atMs);
      } catch (error) {
        if (/are kept since|was first seen|was part of/.test(String(error))) return undefined;
        throw error;
      }
    }),
  );
  db.close();
  return told;
};

describe("history after its time", () => {
  it("goes, and what is younger is told as before, or of older times nothing that was not so", async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(deedArbitrary, { minLength: 6, maxLength: 16 }),
        fc.double({ min: 0.2, max: 0.9, noNaN: true }),
        async (deeds, share) => {
          const path = join(folder, `story-${++n}.db`);
          const told = await tell(path, deeds);
          const before = states(path, told);
          const faults = checkLedger(path).faults;
          const beforeMs = told.times[Math.floor(told.times.length * share)] ?? 0;
          await drop(path, beforeMs);
          const after = states(path, told);
          for (const [i, state] of after.entries()) {
            const atMs = told.times[Math.floor(i / told.assets.length)] ?? 0;
            if (atMs >= beforeMs) expect(state).toEqual(before[i]);
            else if (state) {
              const { sections, ...rest } = before[i] ?? {};
              expect(state).toMatchObject(rest);
              expect(sections).toMatchObject(state.sections);
            }
          }
          expect(checkLedger(path).faults).toEqual(faults);
        },
      ),
      { numRuns: 12, seed: 5 },
    );
  }, 60_000);
});

const look = (os: number) => ({ os, drift: 0, disks: [os], gone: false });
const itemsAt = (path: string, section: string, { assets }: Story, atMs: number): readonly string[] | undefined => {
  const db = openDatabase(path, { readOnly: true });
  try {
    return stateThen(db, assets[0] as AssetId, atMs).sections[section]?.items.map(([key]) => key);
  } finally {
    db.close();
  }
};

describe("what a section was", () => {
  it("stays as long as what it came after, also where that was told late", async () => {
    const path = join(folder, "late.db");
    const story = await beginStory(path);
    await reportSnmp(story, 0, look(0));
    const beginMs = story.lab.lab.clock.now();
    story.lab.pass(60 * MINUTE_MS);
    await reportSnmp(story, 0, look(1));
    await reportSnmp(story, 0, look(2), 40 * MINUTE_MS);
    await story.lab.stop();
    const between = beginMs + 50 * MINUTE_MS;
    expect(itemsAt(path, "vlans", story, between)).toEqual(["1"]);
    await drop(path, beginMs + 30 * MINUTE_MS);
    expect(itemsAt(path, "vlans", story, between)).toEqual(["1"]);
  });

  it("is told from when on it is kept, and not before", async () => {
    const path = join(folder, "disks.db");
    const story = await beginStory(path);
    const beginMs = story.lab.lab.clock.now();
    story.lab.pass(60 * MINUTE_MS);
    await report(story, 0, look(2));
    await story.lab.stop();
    expect(itemsAt(path, "disks", story, beginMs)).toEqual(["sd1"]);
    const beforeMs = beginMs + 120 * MINUTE_MS;
    await drop(path, beforeMs);
    expect(ask(path, "SELECT count(*) AS n FROM section_past")).toEqual([{ n: 0 }]);
    expect(itemsAt(path, "disks", story, beforeMs)).toEqual(["sd2"]);
    expect(() => itemsAt(path, "disks", story, beginMs)).toThrow("earlier states are kept since 2026-01-05T10:");
  });
});

describe("what was dropped", () => {
  const kept = join(folder, "kept.db");
  let told: Told;
  beforeAll(async () => {
    const looks = Array.from({ length: 12 }, (_, i) => ({
      kind: "look" as const,
      ...{ host: i % 2, look: { os: i % 3, drift: i % 4, disks: [1 + (i % 3)], gone: false } },
    }));
    told = await tell(kept, looks);
  });
  const copyOf = (name: string): string => {
    const path = join(folder, `${name}.db`);
    copyFileSync(kept, path);
    return path;
  };
  const middle = () => told.times[Math.floor(told.times.length / 2)] ?? 0;

  it("is older than what is kept, to the row", async () => {
    const path = copyOf("rows");
    const beforeMs = middle();
    await drop(path, beforeMs);
    for (const [table, column] of [
      ["changes", "recorded_at"],
      ["section_past", "at"],
      ["asset_past", "at"],
    ] as const) {
      const young = `SELECT * FROM ${table} WHERE ${column} >= ${beforeMs} ORDER BY 1, 2, 3`;
      expect(ask(path, young)).toEqual(ask(kept, young));
      const old = `SELECT count(*) FROM ${table} WHERE ${column} < ${beforeMs}`;
      expect([table, number(kept, old) > 0, number(path, old) < number(kept, old)]).toEqual([table, true, true]);
    }
    expect(number(path, `SELECT count(*) FROM changes WHERE recorded_at < ${beforeMs}`)).toBe(0);
  });

  it("is nothing that a person wrote: who did, and when, is told for as long as it holds", async () => {
    const path = join(folder, "edited.db");
    const edit = { kind: "edit" as const, host: 0, name: "till 1", release: false };
    const look = (os: number) => ({ kind: "look" as const, host: 0, look: { os, drift: 0, disks: [], gone: false } });
    const { assets } = await tell(path, [look(1), edit, look(2), look(0)]);
    const factsOf = () => {
      const db = openDatabase(path, { readOnly: true });
      const facts = readFacts(db, assets[0] as AssetId, Date.UTC(2026, 1, 1));
      db.close();
      return facts.filter(({ locked }) => locked);
    };
    const before = factsOf();
    expect(before).toContainEqual(expect.objectContaining({ source: { kind: "person", name: "kim" } }));
    await drop(path, Number.MAX_SAFE_INTEGER);
    expect(factsOf()).toEqual(before);
    const left = "SELECT count(*) FROM changes WHERE actor ->> '$.kind' <> 'person'";
    expect(number(path, left)).toBeLessThanOrEqual(1);
    expect(checkLedger(path).faults).toEqual([]);
  });

  it("is never all of the changes: the last one keeps the number of those to come", async () => {
    const path = copyOf("last");
    const last = "SELECT max(change_no) FROM changes";
    await drop(path, Number.MAX_SAFE_INTEGER);
    expect(ask(path, "SELECT count(*) AS n FROM changes")).toEqual([{ n: 1 }]);
    expect(ask(path, last)).toEqual(ask(kept, last));
    expect(checkLedger(path).faults).toEqual([]);
  });

  it("is known: a change that others took away from the beginning is missed", async () => {
    const path = copyOf("missing");
    await drop(path, middle());
    const db = new DatabaseSync(path);
    db.exec("DELETE FROM changes WHERE change_no = (SELECT min(change_no) FROM changes)");
    db.close();
    expect(checkLedger(path).faults).toContainEqual(
      expect.objectContaining({ table: "changes", reason: expect.stringContaining("is missing") }),
    );
  });

  it("leaves the check of what is kept: a younger change that no content bears out is named", async () => {
    const path = copyOf("altered");
    await drop(path, middle());
    const db = new DatabaseSync(path);
    const step = "SELECT stream_no, section, step_no FROM section_past ORDER BY at DESC LIMIT 1";
    db.exec(`DELETE FROM section_past WHERE (stream_no, section, step_no) = (${step})`);
    db.close();
    expect(checkLedger(path).faults).toContainEqual(
      expect.objectContaining({ table: "changes", reason: expect.stringContaining("bears it out") }),
    );
  });
});
