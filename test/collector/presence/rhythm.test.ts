import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressKey, rangeSize } from "../../../collector/presence/address-key.ts";
import { createDueQueue } from "../../../collector/presence/due-queue.ts";
import { createLocalTime } from "../../../collector/presence/local-time.ts";
import { openUntil } from "../../../collector/presence/maintenance.ts";
import { type MaintenanceWindow, parsePresencePolicy } from "../../../collector/presence/policy.ts";
import { expectedDays, learnHour, presenceAt, weightOf } from "../../../collector/presence/rhythm.ts";
import { days, hours } from "../../../shared/clock.ts";

const utc = createLocalTime("UTC");
const berlin = createLocalTime("Europe/Berlin");
const MONDAY = Date.UTC(2026, 2, 2);

/** Some weeks of a person who is there from nine to five on working days. */
const officeWeeks = (weeks: number): string => {
  let rhythm = "";
  for (let hour = 0; hour < weeks * 168; hour++) {
    const slot = hour % 168;
    rhythm = learnHour(rhythm, slot, slot < 120 && slot % 24 >= 9 && slot % 24 < 17);
  }
  return rhythm;
};

describe("rhythm", () => {
  it("expects a device at the hours it keeps, and not at night or at weekends", () => {
    const rhythm = officeWeeks(3);
    expect(presenceAt(rhythm, 10, "rhythmic")).toBeGreaterThan(0.8);
    expect(presenceAt(rhythm, 3, "rhythmic")).toBeLessThan(0.2);
    expect(presenceAt(rhythm, 5 * 24 + 10, "rhythmic")).toBeLessThan(0.2);
  });

  it("counts the days that a device with habits has missed: a weekend is none, a week is five", () => {
    const rhythm = officeWeeks(3);
    const friday = MONDAY + days(4) + hours(17);
    expect(expectedDays(rhythm, "rhythmic", friday, MONDAY + days(7) + hours(8), utc)).toBe(0);
    expect(expectedDays(rhythm, "rhythmic", friday, friday + days(7), utc)).toBe(5);
  });

  it("forgets old habits: what changed for good is known after some weeks", () => {
    let rhythm = officeWeeks(10);
    for (let week = 0; week < 16; week++) rhythm = learnHour(rhythm, 10, false);
    expect(presenceAt(rhythm, 10, "rhythmic")).toBeLessThan(0.5);
  });

  it("stays within its size and counts no more hits than looks, whatever is learned", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 167 }), fc.boolean()), { maxLength: 300 }), (seen) => {
        const rhythm = seen.reduce((before, [slot, isSeen]) => learnHour(before, slot, isSeen), "");
        expect(rhythm.length === 0 || rhythm.length === 336).toBe(true);
        const { looks, hits } = weightOf(rhythm);
        expect(hits).toBeLessThanOrEqual(looks);
        for (let slot = 0; slot < 168; slot += 13) {
          const p = presenceAt(rhythm, slot, "rhythmic");
          expect(p >= 0 && p <= 1).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("local time", () => {
  it("keeps the hour of the week over daylight saving", () => {
    // Berlin leaves winter time on 2026-03-29: nine o'clock is 08:00 UTC before and 07:00 UTC after.
    expect(berlin.hourOfWeek(Date.UTC(2026, 2, 27, 8))).toBe(4 * 24 + 9);
    expect(berlin.hourOfWeek(Date.UTC(2026, 3, 3, 7))).toBe(4 * 24 + 9);
  });

  it("finds the moment of a wall time on both sides of a change", () => {
    for (const day of [Date.UTC(2026, 2, 27), Date.UTC(2026, 3, 3), Date.UTC(2026, 9, 24), Date.UTC(2026, 9, 27)]) {
      const at = berlin.atLocal(Math.floor(day / days(1)), 9 * 60);
      expect(berlin.minuteOfDay(at)).toBe(9 * 60);
      expect(berlin.dayNumber(at)).toBe(Math.floor(day / days(1)));
    }
  });
});

describe("maintenance windows", () => {
  const window: MaintenanceWindow = {
    kind: "weekly",
    name: "patch night",
    match: {},
    days: ["sat"],
    at: "22:00",
    durationMs: hours(6),
  };

  it("reach over midnight and end where they should, in local time", () => {
    const saturday = Math.floor(Date.UTC(2026, 2, 28) / days(1));
    const begin = berlin.atLocal(saturday, 22 * 60);
    expect(openUntil(window, begin - 1, berlin)).toBeNull();
    expect(openUntil(window, begin, berlin)).toBe(begin + hours(6));
    // That night is an hour shorter on the clock; the window lasts its six hours all the same.
    expect(openUntil(window, begin + hours(5.9), berlin)).toBe(begin + hours(6));
    expect(openUntil(window, begin + hours(6), berlin)).toBeNull();
  });
});

describe("policies", () => {
  it("that contradict themselves are refused with every reason at once", () => {
    const parse = () =>
      parsePresencePolicy({
        timeZone: "Mars/Olympus",
        blindAfterIntervals: 1,
        patienceIntervals: 2,
        minSpreadMs: 100_000,
        ownLatenessMs: 500,
        maintenance: [
          {
            ...{ kind: "weekly", name: "for ever", match: {}, at: "00:00", durationMs: days(1) },
            days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
          },
          { kind: "weekly", name: "nightly", match: {}, at: "01:00", durationMs: hours(3), days: ["mon", "thu"] },
          { kind: "once", name: "backwards", match: {}, from: "2026-03-02T10:00:00Z", to: "2026-03-02T09:00:00Z" },
        ],
      });
    expect(parse).toThrow(/blindAfterIntervals.*blind before they can be missing/);
    expect(parse).toThrow(/Mars\/Olympus/);
    expect(parse).toThrow(/window "backwards" ends before it begins/);
    expect(parse).toThrow(/window "for ever" opens again before it closes/);
    expect(parse).not.toThrow(/nightly/);
    expect(parse).toThrow(/minSpreadMs: is no shorter than confirmMs/);
    expect(parse).toThrow(/ownLatenessMs: is less than 2000/);
  });

  it("with a typo are refused", () => {
    expect(() => parsePresencePolicy({ patience: 3 })).toThrow(/patience/);
  });
});

describe("address keys", () => {
  it("sort as addresses do, and ranges know their size", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), (a, b) => {
        const number = (ip: string) => ip.split(".").reduce((n, part) => n * 256 + Number(part), 0);
        expect(Math.sign(number(a) - number(b))).toBe(
          addressKey(a) < addressKey(b) ? -1 : addressKey(a) > addressKey(b) ? 1 : 0,
        );
      }),
    );
    expect(rangeSize(addressKey("10.0.0.0"), addressKey("10.0.0.255"))).toBe(256);
    expect(rangeSize(addressKey("10.0.0.9"), addressKey("10.0.0.1"))).toBeUndefined();
    expect(rangeSize(addressKey("10.0.0.9"), addressKey("fe80::1"))).toBeUndefined();
    expect(addressKey("fe80::1")).toBe(`6fe80${"0".repeat(27)}1`);
  });
});

describe("due queue", () => {
  it("gives what is due, earliest first, by each key's latest time", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1_000 })), { maxLength: 200 }),
        (sets) => {
          const queue = createDueQueue<number>();
          const model = new Map<number, number>();
          for (const [key, dueMs] of sets) {
            queue.set(key, dueMs);
            model.set(key, dueMs);
          }
          const taken = queue.take(500, 1_000);
          expect([...taken].sort((a, b) => a - b)).toEqual(
            [...model]
              .filter(([, due]) => due <= 500)
              .map(([key]) => key)
              .sort((a, b) => a - b),
          );
          const times = taken.map((key) => model.get(key)!);
          expect(times).toEqual([...times].sort((a, b) => a - b));
          expect(queue.nextMs()).toBe([...model.values()].filter((due) => due > 500).sort((a, b) => a - b)[0]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
