import { describe, expect, it } from "vitest";
import { connectDesks, deskConfigSchema } from "../../../collector/tickets/desks.ts";
import { createHttpClient } from "../../../collector/tickets/http.ts";
import { routeSchema, whyNot } from "../../../collector/tickets/routes.ts";
import { silentLog } from "../../../shared/log.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const incident = { kind: "device-missing", priority: 3 } as const;
const printer = { type: "printer", realm: "hq", site: "north", criticality: "normal" } as const;
const monday = Date.UTC(2026, 0, 5, 8);

describe("routes", () => {
  it.each([
    [{}, undefined],
    [{ kinds: ["device-missing"], types: ["printer"], sites: ["north"] }, undefined],
    [{ kinds: ["agent-silent"] }, "kind is device-missing"],
    [{ types: ["switch"] }, "type is printer"],
    [{ upToPriority: 2 }, "priority is 3"],
    [{ hours: { days: ["mon"], from: "08:00", to: "18:00", timeZone: "UTC" } }, undefined],
    [
      { hours: { days: ["mon"], from: "08:00", to: "18:00", timeZone: "America/New_York" } },
      "it opened on mon at 03:00",
    ],
    [{ hours: { days: ["sat", "sun"], from: "00:00", to: "24:00", timeZone: "UTC" } }, "it opened on mon at 08:00"],
  ])("%j", (route, reason) => expect(whyNot(routeSchema.parse(route), incident, printer, monday)).toBe(reason));

  it("sends what has no device nowhere that asks for one", () =>
    expect(whyNot(routeSchema.parse({ sites: ["north"] }), incident, undefined, monday)).toBe("site is not known"));
});

describe("configured desks", () => {
  const deps = { clock: createVirtualClock(), log: silentLog, http: createHttpClient() };
  const zammad = (over: object) =>
    deskConfigSchema.parse({
      name: "help",
      connector: "zammad",
      settings: {
        baseUrl: "http://127.0.0.1:1",
        token: "env:TOKEN",
        group: "Users",
        customer: "a@example.org",
        ...over,
      },
    });

  it("reads secrets by their reference and never keeps the literal", () => {
    const asked: string[] = [];
    const readSecret = (reference: string) => {
      asked.push(reference);
      return "the-secret";
    };
    const [desk] = connectDesks([zammad({})], deps, readSecret);
    expect(asked).toEqual(["env:TOKEN"]);
    expect(JSON.stringify(desk?.config)).not.toContain("the-secret");
  });

  it("tells every fault of every desk at once", () => {
    const connect = () =>
      connectDesks([zammad({ customer: "nobody" }), zammad({ baseUrl: 7 })], deps, (reference) => reference);
    expect(connect).toThrow(/customer.*two desks have this name.*baseUrl/s);
  });
});
