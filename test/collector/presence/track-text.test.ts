import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { learnHour } from "../../../collector/presence/rhythm.ts";
import { createTrack, type Track, type TrackSeed } from "../../../collector/presence/track.ts";
import { readTrack, spellTrack } from "../../../collector/presence/track-text.ts";
import type { AgentId, AssetId, IncidentId } from "../../../shared/ids.ts";

const seed: TrackSeed = {
  ...{ assetId: "ast_01m84qrhdn9e9yyzktvsy2jgq2" as AssetId, name: "db-1", deviceType: "server", realm: "lan" },
  ...{ criticality: "normal", lifecycle: "in-use" },
};
const agentId = "agt_01m84qqccxf7h2s1kf3ms527gx" as AgentId;

const rhythm = fc
  .array(fc.tuple(fc.nat({ max: 167 }), fc.boolean()), { maxLength: 400 })
  .map((hours) => hours.reduce((before, [slot, isSeen]) => learnHour(before, slot, isSeen), ""));
const orNull = <T>(value: T) => fc.constantFrom(value, null);
const look = { agentId, scope: "lan", intervalMs: 300_000, lastMs: 5, hitMs: 4, misses: 0, grade: "key" } as const;

const tracks: fc.Arbitrary<Track> = fc
  .record(
    {
      ...{ address: orNull("10.0.0.9"), mac: orNull("52:54:00:00:00:01"), agentId: orNull(agentId), rhythm },
      ...{ missed: fc.nat(), flaps: fc.nat({ max: 2 }), longestAwayMs: fc.nat(), learnedHour: fc.integer({ min: -1 }) },
      ...{ dueMs: fc.nat(), state: fc.constantFrom("present", "missing", "blind"), learnedSeen: fc.boolean() },
      looks: fc.constantFrom([], [{ ...look, missFirstMs: null, missLastMs: null }]),
      suspicion: orNull({ sinceMs: 0, asked: [] }),
      away: orNull({ untilMs: 0, reason: "z300. said goodbye" }),
      incidentId: orNull("inc_01m84qrhdn9e9yyzktvsy2jgq2" as IncidentId),
      apart: orNull({ misses: 0, lastMs: 0 }),
      movedMs: fc.nat(),
    },
    { requiredKeys: [] },
  )
  .map((told) => ({ ...createTrack(seed, 1_795_455_456_434), ...told }) as Track);

describe("the row of a track", () => {
  it("gives back what was written, whatever it is", () => {
    fc.assert(
      fc.property(tracks, (track) => {
        expect(readTrack(spellTrack(track))).toEqual(track);
      }),
    );
  });

  it("of before, which told everything, is read as well", () => {
    fc.assert(
      fc.property(tracks, (track) => {
        expect(readTrack(JSON.stringify(track))).toEqual(track);
      }),
    );
  });

  it("tells little of a device of which little is to be told, but always its state", () => {
    const track = { ...createTrack(seed, 1_795_455_456_434), rhythm: learnHour("", 17, true) };
    expect(spellTrack(track).length).toBeLessThan(JSON.stringify(track).length / 2);
    expect(JSON.parse(spellTrack(track))).toMatchObject({ assetId: seed.assetId, state: "present" });
  });
});
