import { describe, expect, it } from "vitest";
import { type DeskWord, type OpenLink, startBackFlow, wordsOf } from "../../../collector/tickets/back-flow.ts";
import type { Desk, DeskState } from "../../../collector/tickets/connector.ts";
import { createIncidentId } from "../../../shared/ids.ts";
import { silentLog } from "../../../shared/log.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const incidentId = createIncidentId(0, createSeededRandom(1));
const link = (incident: Partial<OpenLink["incident"]> = {}): OpenLink => ({
  desk: "rt",
  ref: { id: "7", number: "7" },
  incident: { incidentId, state: "open", ...incident },
});
const kinds = (incident: Partial<OpenLink["incident"]>, state: DeskState) =>
  wordsOf(link(incident), state).map(({ kind }) => kind);

describe("what people do at a desk", () => {
  it.each<[string, Partial<OpenLink["incident"]>, DeskState, DeskWord["kind"][]]>([
    ["nothing yet", {}, { state: "open" }, []],
    ["took it over", {}, { state: "taken", assignee: "alice" }, ["incident.acknowledge"]],
    [
      "took it over, which we know",
      { state: "acknowledged", assignee: "alice" },
      { state: "taken", assignee: "alice" },
      [],
    ],
    [
      "handed it on",
      { state: "acknowledged", assignee: "alice" },
      { state: "taken", assignee: "bob" },
      ["incident.assign"],
    ],
    ["resolved it while the device is gone", {}, { state: "resolved" }, ["incident.acknowledge"]],
    ["deleted it", {}, { state: "gone" }, ["incident.acknowledge"]],
    ["called it false", { state: "acknowledged" }, { state: "resolved", verdict: "false" }, ["incident.verdict"]],
    [
      "called it false, which we know",
      { state: "acknowledged", verdict: "false" },
      { state: "resolved", verdict: "false" },
      [],
    ],
  ])("%s", (_name, incident, state, expected) => expect(kinds(incident, state)).toEqual(expected));

  it("names desk, ticket and person", () =>
    expect(wordsOf(link(), { state: "taken", assignee: "alice" })[0]).toMatchObject({
      note: "rt, ticket 7: taken over by alice",
      assignee: "alice",
    }));

  it("goes on with the next ticket when one can't be read", async () => {
    let asked = 0;
    const desk = {
      read: async () => {
        if (++asked === 1) throw new Error("broken");
        return { state: "taken" };
      },
    } as unknown as Desk;
    const told: DeskWord[] = [];
    const flow = startBackFlow({
      desks: new Map([["rt", desk]]),
      links: async () => [link(), link()],
      tell: async (word) => void told.push(word),
      clock: createVirtualClock(),
      log: silentLog,
      everyMs: 0,
    });
    expect(await flow.round()).toBe(1);
    expect(told).toHaveLength(1);
  });
});
