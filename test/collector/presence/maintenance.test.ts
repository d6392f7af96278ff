import { describe, expect, it } from "vitest";
import { createLearnedWatch } from "../../../collector/engine/learned-watch.ts";
import type { Watch } from "../../../collector/engine/watch.ts";
import { defaultIncidentPolicy } from "../../../collector/incidents/policy.ts";
import { createLocalTime } from "../../../collector/presence/local-time.ts";
import { MAINTENANCE_META, nextOccurrences, openUntil } from "../../../collector/presence/maintenance.ts";
import { defaultPresencePolicy, type MaintenanceWindow } from "../../../collector/presence/policy.ts";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { hours, toTimestamp } from "../../../shared/clock.ts";

const berlin = createLocalTime("Europe/Berlin");
const weekly = (days: readonly string[], at: string, durationMs: number): MaintenanceWindow =>
  ({ kind: "weekly", name: "night", match: {}, days, at, durationMs }) as MaintenanceWindow;
const shown = (window: MaintenanceWindow, at: string, limit = 3) =>
  nextOccurrences(window, Date.parse(at), berlin, limit).map(({ fromMs, toMs }) => [
    toTimestamp(fromMs),
    toTimestamp(toMs),
  ]);

describe("when a maintenance window is open next", () => {
  it("keeps to the wall clock over the change to summer time", () => {
    // 2026-03-29, 02:00 becomes 03:00 in Berlin.
    expect(shown(weekly(["sat", "sun"], "22:00", hours(2)), "2026-03-27T12:00:00Z")).toEqual([
      ["2026-03-28T21:00:00.000Z", "2026-03-28T23:00:00.000Z"],
      ["2026-03-29T20:00:00.000Z", "2026-03-29T22:00:00.000Z"],
      ["2026-04-04T20:00:00.000Z", "2026-04-04T22:00:00.000Z"],
    ]);
  });

  it("names the one that is open now first, also when it began days ago", () => {
    const window = weekly(["fri"], "20:00", hours(60));
    const now = "2026-01-11T10:00:00Z";
    expect(shown(window, now, 1)).toEqual([["2026-01-09T19:00:00.000Z", "2026-01-12T07:00:00.000Z"]]);
    expect(openUntil(window, Date.parse(now), berlin)).toBe(Date.parse("2026-01-12T07:00:00Z"));
  });

  it("is never for what is over", () => {
    const once = {
      kind: "once",
      name: "move",
      match: {},
      from: "2026-01-05T08:00:00Z",
      to: "2026-01-05T10:00:00Z",
    } as const;
    expect(shown(once, "2026-01-05T09:59:59Z")).toEqual([["2026-01-05T08:00:00.000Z", "2026-01-05T10:00:00.000Z"]]);
    expect(shown(once, "2026-01-05T10:00:00Z")).toEqual([]);
  });

  it("agrees with what the watch goes by, at every quarter hour of a month", () => {
    const window = weekly(["mon", "wed"], "23:30", hours(9));
    for (let at = Date.parse("2026-10-12T00:00:00Z"); at < Date.parse("2026-11-12T00:00:00Z"); at += 900_000) {
      const [first] = nextOccurrences(window, at, berlin, 1);
      const open = first !== undefined && first.fromMs <= at ? first.toMs : null;
      expect(openUntil(window, at, berlin)).toBe(open);
    }
  });
});

describe("maintenance windows that people set", () => {
  it("stand beside those of the file from the next tick on, and go again", async () => {
    const store = openSqliteStore(":memory:");
    const seen: string[][] = [];
    const configured = {
      presence: { ...defaultPresencePolicy, maintenance: [weekly(["mon"], "08:00", hours(1))] },
      incidents: defaultIncidentPolicy,
    };
    const watch = createLearnedWatch(configured, ({ presence }) => {
      seen.push(presence.maintenance.map(({ name }) => name));
      return { tick: async () => ({}) } as unknown as Watch;
    });
    const tick = () => store.transaction((tx) => watch.tick(tx, { nowMs: 1 } as never));
    const set = (windows: readonly MaintenanceWindow[]) =>
      store.transaction((tx) => tx.meta.put(MAINTENANCE_META, JSON.stringify(windows)));
    await tick();
    await set([{ ...weekly(["tue"], "09:00", hours(1)), name: "by hand" }]);
    await tick();
    await tick();
    await set([]);
    await tick();
    expect(seen).toEqual([["night"], ["night", "by hand"], ["night"]]);
    await store.close();
  });
});
