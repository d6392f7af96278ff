import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../../../collector/store/sqlite.ts";
import { type OpenLink, startBackFlow } from "../../../collector/tickets/back-flow.ts";
import type { Desk, DeskState } from "../../../collector/tickets/connector.ts";
import { createDeliveryQueue, followMerge, readOpenLinks } from "../../../collector/tickets/outbox.ts";
import { compareDesks, differencesOf, type ParityLink } from "../../../collector/tickets/parity.ts";
import { toTimestamp } from "../../../shared/clock.ts";
import { createIncidentId } from "../../../shared/ids.ts";
import { silentLog } from "../../../shared/log.ts";
import type { Incident } from "../../../shared/model/incident.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const random = createSeededRandom(3);
const signal = AbortSignal.timeout(60_000);
const incident = (over: Partial<Incident> = {}): Incident => ({
  incidentId: createIncidentId(1_000, random),
  kind: "device-missing",
  condition: "device-missing/x",
  state: "open",
  title: "printer is missing",
  summary: "Nobody has seen it.",
  impact: "medium",
  urgency: "medium",
  priority: 3,
  confidence: 0.9,
  openedAt: toTimestamp(1_000),
  reopened: 0,
  children: 0,
  version: 1,
  ...over,
});
const link = (over: Partial<Incident> = {}): ParityLink => ({
  desk: "rt",
  ref: { id: "7", number: "7" },
  incident: incident(over),
});

describe("parity", () => {
  it.each<[string, Partial<Incident>, DeskState, string[]]>([
    ["both open", {}, { state: "open" }, []],
    ["both over", { state: "resolved" }, { state: "resolved" }, []],
    [
      "taken there, acknowledged here",
      { state: "acknowledged", assignee: "al" },
      { state: "taken", assignee: "al" },
      [],
    ],
    ["resolved there, open here", {}, { state: "resolved" }, ["state"]],
    ["open there, resolved here", { state: "resolved" }, { state: "open" }, ["state"]],
    ["open there, part of another here", { state: "part-of" }, { state: "open" }, ["state"]],
    ["a person's ticket, over here", { state: "resolved" }, { state: "taken", assignee: "al" }, []],
    ["deleted there, open here", {}, { state: "gone" }, ["state"]],
    ["deleted there, over here", { state: "resolved" }, { state: "gone" }, []],
    ["somebody else's there", { assignee: "al" }, { state: "taken", assignee: "bo" }, ["assignee"]],
    ["judged there", { state: "resolved" }, { state: "resolved", verdict: "false" }, ["verdict"]],
    ["merged there", {}, { state: "open", mergedInto: { id: "5" } }, ["merged"]],
  ])("%s", (_name, ours, theirs, expected) =>
    expect(differencesOf(link(ours), theirs).map(({ what }) => what)).toEqual(expected),
  );

  it("tells a ticket that can't be read as such, goes on, and skips desks that can't be read", async () => {
    const desks = new Map<string, Desk>([
      ["mail", {} as Desk],
      [
        "rt",
        {
          read: async (ref) => {
            if (ref.id === "7") throw new Error("503");
            return { state: "resolved" };
          },
        } as Partial<Desk> as Desk,
      ],
    ]);
    const links = [link(), { ...link(), ref: { id: "8" } }, { ...link(), desk: "mail" }];
    const { compared, differences } = await compareDesks(desks, links, createVirtualClock(), signal);
    expect(compared).toBe(2);
    expect(differences.map(({ ticket, what }) => [ticket, what])).toEqual([
      ["7", "unreadable"],
      ["8", "state"],
    ]);
  });
});

describe("a ticket that was merged at the desk", () => {
  it("is followed to the survivor, which is only commented from then on", async () => {
    const store = openSqliteStore(":memory:");
    const one = incident();
    const key = `rollcall:${one.incidentId}`;
    await store.transaction(async (tx) => {
      await tx.incidents.put(one);
      await tx.outbox.putLink({ connector: "rt", key, ticketRef: "7", data: { number: "7" } });
    });
    const clock = createVirtualClock();
    const links = () => readOpenLinks(store, ["rt"], { over: false, nowMs: clock.now() });
    const asked: string[] = [];
    const desk = {
      read: async (ref) => {
        asked.push(ref.id);
        return ref.id === "7" ? { state: "open", mergedInto: { id: "5", number: "5" } } : { state: "open" };
      },
    } as Partial<Desk> as Desk;
    const flow = startBackFlow({
      desks: new Map([["rt", desk]]),
      links,
      follow: (from: OpenLink, survivor) => followMerge(store, from, survivor, clock.now()),
      tell: async () => {},
      clock,
      log: silentLog,
      everyMs: 0,
    });
    await flow.round();
    await flow.round();
    expect(asked).toEqual(["7", "5"]);
    await store.transaction((tx) =>
      tx.outbox.put({ outboxId: "o1", connector: "rt", key, action: "resolve", text: "back", attempts: 0, dueMs: 0 }),
    );
    const queue = createDeliveryQueue(store, () => ({ locale: "en", timeZone: "UTC" }), clock.now);
    expect(await queue.takeDeliveries(clock.now(), 10, "rt")).toMatchObject([{ action: "comment", ref: { id: "5" } }]);
    await store.close();
  });

  it("is not followed when somebody has put another ticket in its place meanwhile", async () => {
    const store = openSqliteStore(":memory:");
    const one = incident();
    const key = `rollcall:${one.incidentId}`;
    await store.transaction((tx) => tx.outbox.putLink({ connector: "rt", key, ticketRef: "9" }));
    await followMerge(store, { desk: "rt", ref: { id: "7" }, incident: one }, { id: "5" }, 1);
    expect(await store.transaction((tx) => tx.outbox.link("rt", key))).toMatchObject({ ticketRef: "9" });
    await store.close();
  });
});

describe("tickets of incidents that are over", () => {
  it("are read for the verdict of the morning after, until there is one", async () => {
    const store = openSqliteStore(":memory:");
    const nowMs = 30 * 86_400_000;
    const cases = [
      incident({ state: "resolved", openedAt: toTimestamp(nowMs - 86_400_000) }),
      incident({ state: "resolved", openedAt: toTimestamp(nowMs - 86_400_000), verdict: "true" }),
      incident({ state: "resolved", openedAt: toTimestamp(nowMs - 20 * 86_400_000) }),
    ];
    await store.transaction(async (tx) => {
      for (const [i, one] of cases.entries()) {
        await tx.incidents.put({ ...one, condition: `c${i}` });
        await tx.outbox.putLink({ connector: "rt", key: `rollcall:${one.incidentId}`, ticketRef: String(i) });
      }
    });
    expect((await readOpenLinks(store, ["rt"], { over: true, nowMs })).map(({ ref }) => ref.id)).toEqual(["0"]);
    expect(await readOpenLinks(store, ["rt"], { over: false, nowMs })).toEqual([]);
    await store.close();
  });
});
