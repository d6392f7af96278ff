import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toCondition } from "../../../collector/query/condition.ts";
import { fields } from "../../../collector/query/fields.ts";
import { parse } from "../../../collector/query/parse.ts";
import { print } from "../../../collector/query/print.ts";
import type { Query } from "../../../collector/query/query.ts";
import type { Reads } from "../../../collector/store/reads.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { openSqliteReads } from "../../../collector/store/sqlite-reads.ts";
import type { Store } from "../../../collector/store/store.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { anyQuery } from "../../support/any-query.ts";
import { holds, type PlainAsset, putRandomAssets } from "../../support/query-site.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const NOW = Date.UTC(2026, 10, 22, 3);
const folder = temporaryFolder("query");
let store: Store;
let read: { reads: Reads; close: () => void };
let assets: PlainAsset[];

beforeAll(async () => {
  const path = join(folder, "assets.db");
  store = openSqliteStore(path);
  assets = await putRandomAssets(store, createSeededRandom(11), NOW, 160);
  read = openSqliteReads(path, { clock: createVirtualClock() });
});
afterAll(async () => {
  read.close();
  await store.close();
});

const answer = async (query: Query): Promise<string[]> => {
  const { items } = await read.reads.assets({ limit: 1_000, where: toCondition(query, NOW) });
  return items.map(({ assetId }) => assetId).sort();
};

describe("the answer to a query", () => {
  it("is what the query says of each asset, for any query", async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(anyQuery(), async (query) => {
        const expected = assets.filter((asset) => holds(query, asset, NOW)).map(({ assetId }) => assetId);
        expect([print(query), await answer(query)]).toEqual([print(query), expected.sort()]);
        expect(await read.reads.assetCount({ where: toCondition(query, NOW) })).toBe(expected.length);
        if (expected.length > 0 && expected.length < assets.length) found++;
      }),
      { numRuns: 300, seed: 20_261_122 },
    );
    // Most of them tell some assets from others.
    expect(found).toBeGreaterThan(130);
  }, 60_000);

  it("knows what was learned of an asset that was joined into another", async () => {
    const [one, other] = assets.filter(({ fields: { mac, hostname } }) => mac?.length === 0 && hostname?.length === 0);
    if (!one || !other) throw new Error("none without MAC and name");
    await store.transaction(async (tx) => {
      const row = await tx.assets.get(other.assetId);
      if (!row) throw new Error("not stored");
      const times = { firstSeenAtMs: NOW, lastSeenAtMs: NOW };
      await tx.assets.putKey({ assetId: other.assetId, realm: "r", kind: "mac", value: "02:aa:00:00:00:01", ...times });
      await tx.assets.put({ ...row, mergedInto: one.assetId });
    });
    expect(await answer(parse("mac:02:aa:*"))).toEqual([one.assetId]);
    await store.transaction(async (tx) => {
      const { mergedInto: _, ...row } = (await tx.assets.get(other.assetId)) ?? {};
      await tx.assets.put(row as Parameters<typeof tx.assets.put>[0]);
    });
    expect(await answer(parse("mac:02:aa:*"))).toEqual([other.assetId]);
  });

  it("can be had for every field, and for its absence", async () => {
    // Those of sections are made by one rule.
    const looked = fields.filter(({ name }, i) => !name.includes(".") || i % 6 === 0);
    for (const { name, example, kind } of looked) {
      await answer(parse(example));
      const none = kind === "yes-no" ? `${name}:no` : `${name}:""`;
      const some = await answer(parse(`not ${none}`));
      expect([name, some.length + (await answer(parse(none))).length]).toEqual([name, assets.length]);
    }
  }, 60_000);
});
