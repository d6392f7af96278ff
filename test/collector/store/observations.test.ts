import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { createAgentId, createAssetId } from "../../../shared/ids.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const T = Date.UTC(2026, 0, 5, 8);
const random = createSeededRandom(12);
const assetId = createAssetId(T, random);

describe("the newest intervals of a subject", () => {
  const folder = temporaryFolder("observations");

  it.each([1, 2, 8, 9, 20])("are told apart by who saw it: %i observers", async (count) => {
    const store = openSqliteStore(join(folder, `${count}.db`));
    const agents = Array.from({ length: count }, () => createAgentId(T, random));
    const observe = (n: number, atMs: number, value = "10.0.0.1") =>
      store.transaction(async (tx) =>
        tx.observations.observe({
          ...({ agentId: agents[n] as (typeof agents)[number], instance: 0, method: "arp", realm: "site" } as const),
          ...{ subjectId: "ip:10.0.0.1", keys: [{ kind: "ip" as const, value }], assetId, atMs },
        }),
      );
    const last = count - 1;
    for (let n = 0; n < count; n++) await observe(n, T);
    // The first one is told otherwise in between, and is an interval of its own from then on.
    await observe(0, T + 1_000, "10.0.0.2");
    for (let n = last; n >= 0; n--) await observe(n, T + 2_000 + n);
    await observe(last, T + 9_000);
    const seen = await store.transaction((tx) => tx.observations.ofAsset(assetId));
    const ofAgent = (n: number) => seen.filter(({ agentId }) => agentId === agents[n]);
    expect(ofAgent(0).map((row) => row.keys[0]?.value)).toEqual(["10.0.0.1", "10.0.0.2"]);
    for (let n = 1; n < count; n++)
      expect(ofAgent(n)).toMatchObject([{ count: n === last ? 3 : 2, firstAtMs: T, keys: [{ value: "10.0.0.1" }] }]);
    expect(ofAgent(last)[0]).toMatchObject({ lastAtMs: T + 9_000, count: count === 1 ? 2 : 3 });
    await store.close();
  });
});
