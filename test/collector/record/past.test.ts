import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readThen } from "../../../collector/store/reads/then.ts";
import { type Database, openDatabase } from "../../../collector/store/sqlite/database.ts";
import type { AssetId } from "../../../shared/ids.ts";
import { keysOf } from "../../support/identity-lab.ts";
import {
  beginStory,
  carryOut,
  deedArbitrary,
  person,
  report,
  type Story,
  stateOf,
  stateThen,
} from "../../support/past-story.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const folder = temporaryFolder("past");

describe("an asset as it was", () => {
  it("is at each time what it was then, whatever came after", async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(deedArbitrary, { minLength: 4, maxLength: 14 }), async (deeds) => {
        const path = join(folder, `story-${++n}.db`);
        const story = await beginStory(path);
        const { lab, assets } = story;
        const decisions: { assetId: AssetId; decisionId: string }[] = [];
        const seen: { atMs: number; assetId: AssetId; state: unknown }[] = [];
        const look = async () => {
          for (const assetId of assets)
            seen.push({ atMs: lab.lab.clock.now(), assetId, state: await stateOf(lab, assetId) });
        };
        await look();
        for (const deed of deeds) {
          await carryOut(story, decisions, deed);
          await look();
        }
        const db = openDatabase(path, { readOnly: true });
        for (const { atMs, assetId, state } of seen) expect(stateThen(db, assetId, atMs)).toEqual(state);
        db.close();
        await lab.stop();
      }),
      { numRuns: 10, seed: 21 },
    );
  }, 60_000);
});

describe("what came late, and what is not known", () => {
  let story: Story;
  let db: Database;
  beforeAll(async () => {
    const path = join(folder, "late.db");
    story = await beginStory(path);
    db = openDatabase(path, { readOnly: true });
  });
  afterAll(async () => {
    db.close();
    await story.lab.stop();
  });
  const at = (n: number) => story.assets[n] as AssetId;
  const osAt = (atMs: number) =>
    readThen(db, at(0), atMs)
      ?.sections.find(({ section }) => section === "os")
      ?.items()
      .get("")?.item["version"];

  it("counts what an agent kept while it was cut off from when it was observed", async () => {
    const { lab } = story;
    const before = lab.lab.clock.now();
    lab.pass(5 * 3_600_000);
    await report(story, 0, { os: 1, drift: 1, disks: [], gone: false }, 2 * 3_600_000);
    const now = lab.lab.clock.now();
    expect(osAt(before)).toBe("10");
    expect(osAt(now - 2 * 3_600_000 - 1)).toBe("10");
    expect(osAt(now - 2 * 3_600_000)).toBe("11");
    expect(readThen(db, at(0), now - 2 * 3_600_000)?.row.osVersion).toBe("11");
    expect(readThen(db, at(0), now - 2 * 3_600_000 - 1)?.row.osVersion).toBe("10");
  });

  it("says since when a content was so, and by which look it was found last", async () => {
    const { lab } = story;
    await report(story, 2, { os: 2, drift: 0, disks: [], gone: false });
    const since = lab.lab.clock.now();
    await report(story, 2, { os: 2, drift: 1, disks: [], gone: false });
    const again = lab.lab.clock.now();
    await report(story, 2, { os: 0, drift: 1, disks: [], gone: false });
    const os = readThen(db, at(2), since + 1)?.sections.find(({ section }) => section === "os");
    expect(os).toMatchObject({ sinceMs: since, observedAtMs: again });
  });

  it("refuses a time before the first sight, and says which one to ask for", () => {
    expect(() => readThen(db, at(0), Date.UTC(2020, 0, 1))).toThrow(
      /was first seen at 2026-01-05T08:.* ask for that time or a later one/,
    );
  });

  it("says of what was split off whose part it was before", async () => {
    const { lab } = story;
    const before = lab.lab.clock.now();
    lab.pass(60_000);
    const { answer } = await lab.lab
      .engine()
      .apply({ kind: "asset.split", assetId: at(1), keys: keysOf("mac=00:1b:21:0a:00:01") }, person);
    if (answer.status !== "ok") throw new Error(answer.reason);
    const { assetId: apart } = answer.result as { assetId: AssetId };
    expect(() => readThen(db, apart, before)).toThrow(`was part of ${at(1)} until`);
    expect(readThen(db, at(1), before)?.keys.map(({ kind }) => kind)).toContain("mac");
    expect(readThen(db, at(1), lab.lab.clock.now())?.keys.map(({ kind }) => kind)).not.toContain("mac");
  });
});
