import { describe, expect, it } from "vitest";
import { businessDeadline, measure, punctuality, targetsOf } from "../../../collector/incidents/measures.ts";
import { defaultIncidentPolicy, handlingOf, parseIncidentPolicy } from "../../../collector/incidents/policy.ts";
import { impactOf, impactOfMany, priorityOf } from "../../../collector/incidents/priority.ts";
import { createLocalTime } from "../../../collector/presence/local-time.ts";

const utc = createLocalTime("UTC");
const berlin = createLocalTime("Europe/Berlin");
const office = { days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:00" } as const;
const hours = { ...office, days: [...office.days] };

describe("measures", () => {
  it("are means over the cases that have both ends", () => {
    expect(
      measure([
        {
          lastSeenAt: "2026-03-02T10:00:00.000Z",
          openedAt: "2026-03-02T10:10:00.000Z",
          resolvedAt: "2026-03-02T11:10:00.000Z",
        },
        { lastSeenAt: "2026-03-02T10:00:00.000Z", openedAt: "2026-03-02T10:30:00.000Z" },
      ]),
    ).toEqual({ mttdMs: 1_200_000, mttaMs: null, mttrMs: 3_600_000 });
  });

  it("say how many targets were met, of those that are due or were met", () => {
    const now = Date.UTC(2026, 2, 2, 12);
    const at = (hour: number) => new Date(Date.UTC(2026, 2, 2, hour)).toISOString();
    const opened = { openedAt: at(8), respondBy: at(9), resolveBy: at(16) };
    const cases = [
      { ...opened, acknowledgedAt: at(8), resolvedAt: at(10) },
      { ...opened, acknowledgedAt: at(10) },
      // Nobody answered, and nobody had to: it was over by itself before.
      { ...opened, resolvedAt: at(8) },
      opened,
      // Not due yet.
      { ...opened, respondBy: at(13) },
    ];
    expect(punctuality(cases, ["respondBy", "acknowledgedAt"], now)).toEqual({ inTime: 2, of: 4 });
    expect(punctuality(cases, ["resolveBy", "resolvedAt"], now)).toEqual({ inTime: 2, of: 2 });
  });

  it("count targets in business hours: Friday afternoon's four hours end on Monday", () => {
    const friday = Date.UTC(2026, 2, 6, 15);
    expect(businessDeadline(friday, 240, hours, utc)).toBe(Date.UTC(2026, 2, 9, 11));
  });

  it("count them over the change to summer time by the wall clock", () => {
    // Friday 16:00 in Berlin is 15:00 UTC; Monday after the change 10:00 is 08:00 UTC.
    expect(businessDeadline(Date.UTC(2026, 2, 27, 15), 120, hours, berlin)).toBe(Date.UTC(2026, 2, 30, 8));
  });

  it("begin at the next opening for what happens at night", () => {
    expect(businessDeadline(Date.UTC(2026, 2, 3, 2), 60, hours, utc)).toBe(Date.UTC(2026, 2, 3, 10));
  });

  it("are stricter for higher priorities", () => {
    const at = (priority: number) =>
      targetsOf({ openedAt: "2026-03-02T10:00:00.000Z", priority }, defaultIncidentPolicy, utc);
    expect(at(1).respondByMs).toBeLessThan(at(3).respondByMs);
    expect(at(1).resolveByMs).toBeLessThan(at(5).resolveByMs);
  });
});

describe("priority", () => {
  it("is impact times urgency", () => {
    expect(priorityOf("high", "high")).toBe(1);
    expect(priorityOf("medium", "medium")).toBe(3);
    expect(priorityOf("low", "low")).toBe(5);
  });

  it("follows what a person said before what the device is", () => {
    expect(impactOf("switch", "normal")).toBe("high");
    expect(impactOf("switch", "low")).toBe("low");
    expect(impactOf("laptop", "critical")).toBe("high");
    expect(impactOfMany("low", 12)).toBe("high");
  });
});

describe("incident policy", () => {
  it("refuses contradictions with their reasons", () => {
    expect(() =>
      parseIncidentPolicy({
        businessHours: { days: ["mon"], from: "17:00", to: "09:00" },
        responseMinutes: [999, 1, 1, 1, 1],
      }),
    ).toThrow(/business hours end.*before they begin.*priority 1 would have to be resolved before it is answered/);
  });

  it("refuses less time for what is less urgent", () => {
    expect(() => parseIncidentPolicy({ responseMinutes: [60, 30, 120, 480, 960] })).toThrow(
      /responseMinutes\.1: priority 2 would have less time than priority 1/,
    );
  });

  it("says which kinds become a ticket", () => {
    expect(handlingOf(defaultIncidentPolicy, "device-missing")).toBe("ticket");
    expect(handlingOf(parseIncidentPolicy({ handling: { "device-missing": "nothing" } }), "device-missing")).toBe(
      "nothing",
    );
  });
});
