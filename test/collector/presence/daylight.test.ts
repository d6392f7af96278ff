import { describe, expect, it } from "vitest";
import { businessDeadline } from "../../../collector/incidents/measures.ts";
import { createLocalTime } from "../../../collector/presence/local-time.ts";
import { openUntil } from "../../../collector/presence/maintenance.ts";
import { expectedDays, learnHour, presenceAt } from "../../../collector/presence/rhythm.ts";
import { days, hours, minutes } from "../../../shared/clock.ts";

/** The four kinds of change: the moment, and what local time is ahead of UTC before and after it. */
const changes = [
  { zone: "Europe/Berlin", at: "2026-03-29T01:00Z", before: 1, after: 2 },
  { zone: "Europe/Berlin", at: "2026-10-25T01:00Z", before: 2, after: 1 },
  { zone: "America/New_York", at: "2026-03-08T07:00Z", before: -5, after: -4 },
  { zone: "America/New_York", at: "2026-11-01T06:00Z", before: -4, after: -5 },
] as const;

describe.each(changes)("the change of $zone at $at", ({ zone, at, before, after }) => {
  const changeMs = Date.parse(at);
  const local = createLocalTime(zone);
  const wall = (atMs: number) => atMs + hours(atMs < changeMs ? before : after);
  /** The Sunday of the change, in local days. */
  const sunday = Math.floor(wall(changeMs) / days(1));
  const isForward = after > before;

  it("moves no hour of the week", () => {
    for (let atMs = changeMs - days(8); atMs < changeMs + days(8); atMs += minutes(15)) {
      expect(local.hourOfWeek(atMs)).toBe(Math.floor((wall(atMs) + days(3)) / hours(1)) % 168);
      expect(local.minuteOfDay(atMs)).toBe(Math.floor((wall(atMs) % days(1)) / minutes(1)));
    }
  });

  it("leaves a device with office hours expected at the same hours of the wall clock", () => {
    let rhythm = "";
    for (let atMs = changeMs - days(22); atMs < changeMs; atMs += hours(1)) {
      const slot = local.hourOfWeek(atMs);
      rhythm = learnHour(rhythm, slot, slot < 120 && slot % 24 >= 9 && slot % 24 < 17);
    }
    const monday = (hour: number) => local.atLocal(sunday + 1, hour * 60);
    const expectedAt = (hour: number) => presenceAt(rhythm, local.hourOfWeek(monday(hour)), "rhythmic");
    for (const hour of [9, 12, 16]) expect(expectedAt(hour), `${hour} o'clock`).toBeGreaterThan(0.8);
    for (const hour of [7, 8, 17, 18]) expect(expectedAt(hour), `${hour} o'clock`).toBeLessThan(0.2);
    const friday = local.atLocal(sunday - 2, 17 * 60);
    expect(expectedDays(rhythm, "rhythmic", friday, monday(8), local)).toBe(0);
    expect(expectedDays(rhythm, "rhythmic", friday, local.atLocal(sunday + 6, 0), local)).toBe(5);
  });

  it("counts business hours as they pass: the night of the change is an hour shorter, or longer", () => {
    const office = { days: ["mon", "tue", "wed", "thu", "fri"] as const, from: "09:00", to: "17:00" };
    const friday = local.atLocal(sunday - 2, 16 * 60);
    expect(businessDeadline(friday, 120, { ...office, days: [...office.days] }, local)).toBe(
      local.atLocal(sunday + 1, 10 * 60),
    );
    const nights = { days: ["sun" as const, "mon" as const], from: "00:00", to: "06:00" };
    const midnight = local.atLocal(sunday, 0);
    expect(local.atLocal(sunday, 6 * 60) - midnight).toBe(hours(isForward ? 5 : 7));
    expect(businessDeadline(midnight, 360, nights, local)).toBe(
      isForward ? local.atLocal(sunday + 1, 60) : local.atLocal(sunday, 5 * 60),
    );
  });

  it("lets a window of that night last as long as it says", () => {
    const window = { kind: "weekly", name: "patches", match: {}, days: ["sat"], at: "22:00" } as const;
    const begin = local.atLocal(sunday - 1, 22 * 60);
    const six = { ...window, days: [...window.days], durationMs: hours(6) };
    expect(openUntil(six, begin - 1, local)).toBeNull();
    expect(openUntil(six, begin + hours(5.9), local)).toBe(begin + hours(6));
    expect(openUntil(six, begin + hours(6), local)).toBeNull();
  });
});
