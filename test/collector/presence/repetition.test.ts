import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultIncidentPolicy } from "../../../collector/incidents/policy.ts";
import { parsePresencePolicy } from "../../../collector/presence/policy.ts";
import { createLab, type Lab } from "../../../collector/truthlab/driver.ts";
import { parseRecordLine, type RecordLine } from "../../../collector/truthlab/record.ts";
import { type Replayed, replay } from "../../../collector/truthlab/replay.ts";
import { hours, minutes } from "../../../shared/clock.ts";
import { INTERVAL_MS, openSegment } from "../../support/presence-lab.ts";

/** A site's day with losses, returns and restarts of the collector, recorded; then told again, once, twice, and late. */

const DEVICES = Array.from({ length: 8 }, (_, i) => 20 + i);
const policy = { flapDoublings: 0, reopenWithinMs: 1 };

type Act = { readonly toggles: readonly number[]; readonly minutes: number; readonly restarts: boolean };
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.record({
    toggles: fc.uniqueArray(fc.constantFrom(...DEVICES.slice(0, 4)), { maxLength: 2 }),
    minutes: fc.integer({ min: 5, max: 40 }),
    restarts: fc.boolean(),
  }),
  { minLength: 2, maxLength: 4 },
);

const START = Date.UTC(2026, 0, 5, 8);

/** `tailMs`: what the day went on after the last line. */
type Day = { readonly lines: readonly string[]; readonly tailMs: number; readonly cases: readonly string[] };

const recordDay = async (day: readonly Act[]): Promise<Day> => {
  const lines: string[] = [];
  const segment = await openSegment(policy, { startMs: START, record: (line) => void lines.push(line) });
  try {
    const { up, pass, agent, lab } = segment;
    const observers = [await agent("watcher", 6), await agent("other", 7)];
    for (const one of observers) one.verdict = "could-see";
    for (const n of DEVICES) up.add(n);
    await pass(INTERVAL_MS + hours(1));
    for (const { toggles, minutes: count, restarts } of day) {
      for (const n of toggles) if (!up.delete(n)) up.add(n);
      await pass(minutes(count));
      if (!restarts) continue;
      await lab.restart();
      for (const one of observers) await one.agent.connect();
    }
    await pass(hours(1));
    const tailMs = lab.clock.now() - parseRecordLine(lines.at(-1) ?? "", lines.length).atMs;
    return { lines, tailMs, cases: (await segment.incidents()).filter((one) => one.includes(" open: ")).sort() };
  } finally {
    await segment.stop();
  }
};

type Retelling = { readonly deliveries?: number; readonly evaluations?: number };
/** Told again to a collector that knows nothing yet. */
const tell = async ({ lines, tailMs }: Day, { deliveries = 1, evaluations = 1 }: Retelling): Promise<Replayed> => {
  const policies = { presence: parsePresencePolicy(policy), incidents: defaultIncidentPolicy };
  const lab = await createLab({ ...policies, seed: 7, startMs: START });
  const repeated: Lab = {
    ...lab,
    tick: async () => {
      for (let i = 0; i < evaluations; i++) await lab.tick();
    },
  };
  async function* told(): AsyncGenerator<RecordLine> {
    for (const [i, text] of lines.entries()) {
      const line = parseRecordLine(text, i + 1);
      for (let n = 0; n < (line.kind === "arrival" ? deliveries : 1); n++) yield line;
    }
  }
  try {
    return await replay(repeated, told(), tailMs);
  } finally {
    await lab.stop();
  }
};

describe("what is told or judged more than once", () => {
  it("comes to the same cases, tickets and states as once: replay, double delivery, two evaluations at one instant", async () => {
    let losses = 0;
    await fc.assert(
      fc.asyncProperty(acts, async (day) => {
        const recorded = await recordDay(day);
        const once = await tell(recorded, {});
        const open = once.incidents
          .filter(({ state }) => state === "open")
          .map(({ kind, state, title }) => `${kind} ${state}: ${title}`);
        expect(open.sort()).toEqual(recorded.cases);
        losses += once.missing.length;
        const twice = await tell(recorded, { deliveries: 2, evaluations: 2 });
        expect({ ...twice, messages: once.messages }).toEqual(once);
      }),
      { numRuns: 5, seed: 20_261_122 },
    );
    expect(losses).toBeGreaterThan(5);
  }, 120_000);
});
