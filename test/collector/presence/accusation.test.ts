import { describe, expect, it } from "vitest";
import { findCause } from "../../../collector/incidents/causes.ts";
import { createLocalTime } from "../../../collector/presence/local-time.ts";
import { applyHit, applyMiss } from "../../../collector/presence/looks.ts";
import { defaultPresencePolicy } from "../../../collector/presence/policy.ts";
import { learnHour, weightOf } from "../../../collector/presence/rhythm.ts";
import { judge } from "../../../collector/presence/states.ts";
import { weighSweep } from "../../../collector/presence/sweeps.ts";
import { createTrack, type Look, type Track } from "../../../collector/presence/track.ts";
import type { View } from "../../../collector/presence/verdict.ts";
import { days, hours, minutes } from "../../../shared/clock.ts";
import { type AssetId, createAgentId, createAssetId } from "../../../shared/ids.ts";
import { createSeededRandom } from "../../../shared/random.ts";

const T = Date.UTC(2026, 2, 4, 10);
const INTERVAL = minutes(30);
const random = createSeededRandom(1);
const agentId = createAgentId(T, random);
const local = createLocalTime("UTC");
const policy = { ...defaultPresencePolicy, lookIntervalMs: INTERVAL };

const lookOf = (fields: Partial<Look> = {}): Look => ({
  agentId,
  scope: "lan",
  intervalMs: INTERVAL,
  lastMs: T,
  hitMs: T - hours(1),
  misses: 0,
  sweepMisses: 0,
  missFirstMs: null,
  missLastMs: null,
  grade: "key",
  ...fields,
});
const trackOf = (fields: Partial<Track> = {}): Track => ({
  ...createTrack(
    {
      assetId: createAssetId(T, random),
      name: "host",
      deviceType: "server",
      criticality: "normal",
      lifecycle: "in-use",
      realm: "hq",
    },
    T - days(3),
  ),
  address: "10.0.0.7",
  addressKey: "40a000007",
  lastSeenMs: T - hours(1),
  looks: [lookOf()],
  ...fields,
});
const view: View = {
  nowMs: T,
  policy,
  local,
  hearableSinceMs: 0,
  own: null,
  canSee: () => true,
  isGone: () => false,
  maintenanceUntilMs: null,
};
const missed = (misses: number, sweepMisses: number, fields: Partial<Look> = {}) =>
  lookOf({
    misses,
    sweepMisses,
    missFirstMs: T - minutes(50),
    missBeforeMs: T - minutes(1),
    missLastMs: T,
    ...fields,
  });

/** Its misses that no restart explains two of, the last one so long ago. */
const apart = (misses: number, agoMs = 0) => ({ apart: { misses, lastMs: T - agoMs } });

describe("an accusation", () => {
  it("waits for a second whole sweep, however often the old address was asked: who moved would show there", () => {
    expect(judge(trackOf({ looks: [missed(6, 1)], ...apart(3) }), view)).toMatchObject({ state: "suspect" });
    expect(judge(trackOf({ looks: [missed(6, 1)], ...apart(3) }), view).wants).not.toBe("accuse");
    expect(judge(trackOf({ looks: [missed(4, 2)], ...apart(3) }), view).wants).toBe("accuse");
  });

  it("rests on misses so far apart that no restart explains two of them", () => {
    expect(judge(trackOf({ looks: [missed(9, 2)], ...apart(2) }), view).wants).not.toBe("accuse");
    const by = (atMs: number) => ({ agentId, scope: "lan", atMs, sweptMs: null });
    let track = trackOf({ looks: [lookOf()] });
    for (const minute of [1, 2, 3, 10, 14, 15, 20, 28]) track = applyMiss(track, by(T + minutes(minute)), policy);
    // Half an hour's looks: the next one that tells comes 13.5 minutes after the one before.
    expect(track.apart).toEqual({ misses: 2, lastMs: T + minutes(15) });
    const seen = { atMs: T + minutes(29), grade: "key" as const, everywhere: false, address: null, mac: null };
    expect(applyHit(track, seen, by(T + minutes(29)), policy, local).apart).toBeNull();
  });

  it("ends with a fresh look", () => {
    const stale = { missBeforeMs: T - minutes(30), missLastMs: T - minutes(10) };
    expect(judge(trackOf({ looks: [missed(4, 2, stale)], ...apart(3) }), view)).toMatchObject({
      state: "suspect",
      wants: "confirm",
    });
    const fresh = { missBeforeMs: T - minutes(30) };
    expect(judge(trackOf({ looks: [missed(5, 3, fresh)], ...apart(3) }), view).wants).toBe("accuse");
  });

  it("asks again when the answer tells more than the last one, or decides", () => {
    const asked = { sinceMs: T - hours(1), asked: [{ agentId, commandId: "cmd_1", untilMs: T - minutes(50) }] };
    const suspect = (looks: Look, misses: number, agoMs: number) =>
      judge(trackOf({ suspicion: asked, looks: [looks], ...apart(misses, agoMs) }), view);
    const stale = { missBeforeMs: T - minutes(30) };
    expect(suspect(missed(2, 1, stale), 1, minutes(14)).wants).toBe("confirm");
    // What a restart may still explain is asked again when none does any more.
    expect(suspect(missed(2, 1, stale), 1, minutes(5))).toMatchObject({ wants: null, dueMs: T + minutes(8.5) });
    expect(suspect(missed(4, 1, stale), 3, minutes(20)).wants).toBeNull();
    expect(suspect(missed(4, 2, stale), 3, minutes(20)).wants).toBe("confirm");
  });

  it("takes the sweeps of two observers together, and one miss fewer of them", () => {
    const other = missed(2, 1, { agentId: createAgentId(T + 1, random) });
    expect(judge(trackOf({ looks: [missed(2, 1), other], ...apart(2) }), view).wants).toBe("accuse");
    expect(judge(trackOf({ looks: [missed(2, 2)], ...apart(2) }), view).wants).not.toBe("accuse");
  });

  it("is slower for a day after a device came and went, and not for ever", () => {
    const flapped = { looks: [missed(4, 2)], flaps: 2, ...apart(3) };
    expect(judge(trackOf({ ...flapped, flapSinceMs: T - hours(3) }), view).wants).not.toBe("accuse");
    expect(judge(trackOf({ ...flapped, flapSinceMs: T - hours(30) }), view).wants).toBe("accuse");
  });
});

describe("what an absence teaches", () => {
  const by = (atMs: number) => ({ agentId, scope: "lan", atMs, sweptMs: atMs });
  /** Seen for a week at every hour, then away for so long. */
  const awayFor = (ms: number) => {
    let rhythm = "";
    for (let hour = 0; hour < 168; hour++) rhythm = learnHour(rhythm, hour, true);
    const before = trackOf({ deviceType: "desktop", rhythm, lastSeenMs: T, looks: [lookOf({ hitMs: T })] });
    let track = before;
    for (let at = T + INTERVAL; at <= T + ms; at += INTERVAL) track = applyMiss(track, by(at), policy);
    return { before, track };
  };
  const backAt = (track: Track, atMs: number) =>
    applyHit(track, { atMs, grade: "key", everywhere: false, address: null, mac: null }, by(atMs), policy, local);

  it("is nothing while it lasts, so that who stays away is measured by what it did before", () => {
    const { before, track } = awayFor(days(3));
    expect(track.rhythm).toBe(before.rhythm);
  });

  it("is learned by the hour on return", () => {
    const { before, track } = awayFor(hours(12));
    const after = weightOf(backAt(track, T + hours(12.5)).rhythm);
    const unseen = after.looks - after.hits - (weightOf(before.rhythm).looks - weightOf(before.rhythm).hits);
    expect(unseen).toBeGreaterThanOrEqual(11);
    expect(unseen).toBeLessThanOrEqual(13);
  });

  it("is no habit when it was longer than a weekend", () => {
    const { before, track } = awayFor(days(5));
    const after = weightOf(backAt(track, T + days(5) + INTERVAL).rhythm);
    expect(after.looks - after.hits).toBe(weightOf(before.rhythm).looks - weightOf(before.rhythm).hits);
  });
});

describe("a laptop known for four days", () => {
  const seenMs = Date.UTC(2026, 2, 5, 17);
  const firstSeenMs = Date.UTC(2026, 2, 2, 9);
  const workingHours = Array.from({ length: 5 * 24 }, (_, hour) => hour).filter(
    (hour) => hour % 24 >= 9 && hour % 24 < 17,
  );
  const rhythm = workingHours.reduce((learned, hour) => learnHour(learned, hour, true), "");
  const stateAt = (nowMs: number) => {
    const misses = (nowMs - seenMs) / INTERVAL;
    const missing = { misses, sweepMisses: misses, missFirstMs: seenMs + INTERVAL, missLastMs: nowMs, lastMs: nowMs };
    const look = lookOf({ hitMs: seenMs, ...missing });
    const laptop = trackOf({
      deviceType: "laptop",
      firstSeenMs,
      lastSeenMs: seenMs,
      rhythm,
      absences: 3,
      looks: [look],
    });
    return judge(laptop, { ...view, nowMs }).state;
  };

  it("may be on holiday for a week, and off on the days around it", () => {
    expect(stateAt(Date.UTC(2026, 2, 17, 16))).toBe("late");
    expect(stateAt(Date.UTC(2026, 2, 18, 16))).toBe("suspect");
  });
});

describe("a common cause", () => {
  const parent = trackOf({ name: "sw", deviceType: "switch", looks: [lookOf({ hitMs: T })], lastSeenMs: T });
  const child = (fields: Partial<Track>) => trackOf({ parentId: parent.assetId, port: "1", ...fields });
  const around = (tracks: readonly Track[]) => ({
    nowMs: T,
    track: (id: AssetId) => [parent, ...tracks].find((track) => track.assetId === id),
    behind: (id: AssetId) => tracks.filter((track) => track.parentId === id),
    neighboursOf: () => [],
  });

  it("is seen though nobody could look for a while and some were seen later than others", () => {
    const looks = [missed(3, 2)];
    const early = [1, 2].map(() => child({ lastSeenMs: T - hours(3), looks }));
    const late = [3, 4].map(() => child({ lastSeenMs: T - hours(1), looks }));
    expect(findCause(early[0]!, around([...early, ...late]))?.lost).toHaveLength(4);
    expect(findCause(late[0]!, around([...early, ...late]))?.lost).toHaveLength(4);
  });

  it("is none where one was missed before the others were seen for the last time", () => {
    const first = child({ lastSeenMs: T - hours(3), looks: [missed(9, 5, { missFirstMs: T - hours(2.5) })] });
    const rest = [1, 2, 3].map(() => child({ lastSeenMs: T - hours(1), looks: [missed(3, 2)] }));
    expect(findCause(first, around([first, ...rest]))).toBeUndefined();
  });
});

describe("a device that is new since its switch was read", () => {
  const looks = [missed(3, 2)];
  const seenMs = T - hours(1);
  const dead = (fields: Partial<Track>) => trackOf({ lastSeenMs: seenMs, looks, ...fields });
  const home = dead({ name: "sw", deviceType: "switch" });
  const placed = (fields: Partial<Track>) => trackOf({ parentId: home.assetId, port: "1", ...fields });
  const server = placed({ lastSeenMs: seenMs, looks });
  const newcomer = dead({ name: "camera-new", deviceType: "camera" });
  const causeOf = (neighbours: readonly Track[], taken = home) => {
    const tracks = [taken, server, newcomer, ...neighbours];
    return findCause(newcomer, {
      nowMs: T,
      track: (id) => tracks.find((track) => track.assetId === id),
      behind: (id) => tracks.filter((track) => track.parentId === id),
      neighboursOf: () => [newcomer, ...neighbours],
    });
  };
  /** Of its subnet, and gone long before. */
  const early = placed({ lastSeenMs: T - hours(240), looks: [missed(400, 2, { missFirstMs: T - hours(239) })] });

  it("went with the switch that went in the same look, where others of its subnet are at home", () => {
    expect(causeOf([early])).toMatchObject({ kind: "device", name: "sw", expected: 3, lost: { length: 3 } });
  });

  it("went alone where nobody of its subnet is at that switch, or the switch went at another time", () => {
    expect(causeOf([])).toBeUndefined();
    const before = { lastSeenMs: T - hours(9), looks: [missed(20, 2, { missFirstMs: T - hours(8) })] };
    expect(causeOf([early], { ...home, ...before })).toBeUndefined();
    expect(causeOf([early], { ...home, lastSeenMs: T, looks: [lookOf({ hitMs: T })] })).toBeUndefined();
  });
});

describe("a crowd of one subnet", () => {
  const INDEX = [1, 2, 3, 4, 5, 6] as const;
  const crowd = (times: number) => {
    const gone = (n: number, misses: number) =>
      trackOf({ name: `host-${n}`, looks: [missed(misses, misses)], ...apart(misses) });
    const [loss, ...others] = INDEX.map((n) => gone(n, n === 1 ? 3 : times));
    const tracks = [loss!, ...others];
    const around = { nowMs: T, track: () => undefined, behind: () => [], neighboursOf: () => tracks };
    return findCause(loss!, around);
  };

  it("has a common cause where all were missed again and again, and none where one look overlooked some", () => {
    expect(crowd(3)).toMatchObject({ kind: "subnet", lost: { length: 6 } });
    expect(crowd(1)).toBeUndefined();
  });
});

describe("a crowd that one look misses", () => {
  const steady = (count: number, fields: Partial<Track> = {}) =>
    Array.from({ length: count }, () => trackOf({ lastSeenMs: T, looks: [lookOf({ hitMs: T })], ...fields }));
  const switchId = createAssetId(T, random);

  it("is believed where all of it hangs on one port: a hypervisor with its guests", () => {
    const guests = steady(8, { parentId: switchId, port: "1/0/7" });
    const others = steady(6, { parentId: switchId, port: "1/0/8" }).concat(steady(4));
    const gone = new Set(guests.map((track) => track.assetId));
    const weighed = weighSweep([...guests, ...others], (id) => !gone.has(id), agentId, 0, policy);
    expect(weighed.missed).toHaveLength(8);
  });

  it("is doubted where nothing connects it", () => {
    const all = steady(18);
    const gone = new Set(all.slice(0, 8).map((track) => track.assetId));
    const weighed = weighSweep(all, (id) => !gone.has(id), agentId, 0, policy);
    expect(weighed).toMatchObject({ missed: [], sawNothing: false });
    expect(weighed.doubted).toHaveLength(8);
  });
});
