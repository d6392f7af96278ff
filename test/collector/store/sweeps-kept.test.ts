import { expect, it } from "vitest";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import type { SweepRow } from "../../../collector/store/store.ts";
import { createAgentId } from "../../../shared/ids.ts";
import { createSeededRandom } from "../../../shared/random.ts";

const T = Date.UTC(2026, 0, 5, 8);
const HOUR = 3_600_000;
const agentId = createAgentId(T, createSeededRandom(1));

const sweep = (hour: number, verdict: SweepRow["verdict"], scope = "office"): SweepRow => ({
  ...{ sweepId: `${scope}-${hour}`, agentId, instance: 0, scope, realm: "site", verdict, coverage: [] },
  ...{ startedAtMs: T + hour * HOUR - 1, endedAtMs: T + hour * HOUR, addressCount: 256, sightingCount: hour % 3 },
  proof: { verdict, reasons: [], controls: [], loss: 0, latenessMs: 0 },
});

it("keeps every sweep for a day, then those that saw more or less than the one before, and none for ever", async () => {
  const store = openSqliteStore(":memory:");
  const kept = (scope: string) =>
    store.transaction(async (tx) =>
      (await tx.coverage.since("site", 0))
        .filter((row) => row.scope === scope)
        .map((row) => (row.endedAtMs - T) / HOUR),
    );
  const add = (row: SweepRow) => store.transaction((tx) => tx.coverage.add(row));
  await add(sweep(0, "could-see", "elsewhere"));
  for (let hour = 0; hour < 72; hour++) await add(sweep(hour, hour === 20 || hour === 21 ? "blind" : "could-see"));
  const lastDay = Array.from({ length: 25 }, (_, i) => 71 - i);
  expect(await kept("office")).toEqual([...lastDay, 22, 20, 0]);
  await add(sweep(91 * 24, "could-see"));
  expect(Math.min(...(await kept("office")))).toBe(47);
  expect(await kept("elsewhere")).toEqual([0]);
  await store.close();
});
