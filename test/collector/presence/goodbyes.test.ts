import { afterEach, describe, expect, it } from "vitest";
import { hours, minutes, seconds } from "../../../shared/clock.ts";
import { openSegment, type Segment } from "../../support/presence-lab.ts";

let segment: Segment;
afterEach(() => segment.stop());

describe("a goodbye", () => {
  it("that an agent kept while nobody could be reached is taken back by what it says after its return", async () => {
    segment = await openSegment();
    const { agent, pass, lab } = segment;
    const one = await agent("web-1", 5);
    await pass(minutes(5));
    // Its host restarted while the collector was away: the word of the old life is told by the new one.
    const atMs = lab.clock.now();
    one.speaks = false;
    lab.clock.set(lab.clock.now() + minutes(4));
    await lab.restart();
    one.speaks = true;
    await one.agent.connect();
    await one.agent.goodbye({ reason: "service-stop", atMs });
    await pass(seconds(40));
    expect(await segment.presence("web-1")).toBe("present");
    await pass(hours(3));
    expect(await segment.incidents()).toEqual([]);
    // And its silence is noticed as anybody's.
    one.speaks = false;
    one.agent.lose();
    await pass(minutes(5));
    expect(await segment.incidents()).toEqual(["agent-silent open: Agent on web-1 is silent"]);
  });

  it("is not taken back by beats that were on their way beside it", async () => {
    segment = await openSegment();
    const { agent, pass, lab } = segment;
    const one = await agent("web-1", 5);
    await pass(minutes(5));
    await one.agent.goodbye({ reason: "sleep", atMs: lab.clock.now() });
    await pass(seconds(30));
    await one.agent.close("fin");
    one.speaks = false;
    await pass(hours(15));
    expect(await segment.presence("web-1")).toBe("away");
    expect(await segment.incidents()).toEqual([]);
    one.speaks = true;
    await one.agent.connect();
    await pass(minutes(2));
    expect(await segment.presence("web-1")).toBe("present");
  });

  it.each([
    ["takes some minutes to be gone, and is not missed", 12, "away"],
    ["was there long after its last word, and is missed when it vanishes", 40, "missing"],
  ])("of a host that %s", async (_, minutesMore, presence) => {
    segment = await openSegment();
    const { agent, up, pass, lab } = segment;
    for (const [name, n] of [
      ["watcher", 6],
      ["other", 7],
    ] as const)
      (await agent(name, n)).verdict = "could-see";
    const laptop = await agent("laptop", 5);
    await pass(hours(1));
    await laptop.agent.goodbye({ reason: "sleep", atMs: lab.clock.now() });
    await laptop.agent.close("fin");
    laptop.speaks = false;
    await pass(minutes(minutesMore));
    up.delete(5);
    await pass(hours(8));
    expect(await segment.presence("laptop")).toBe(presence);
    expect((await segment.incidents()).filter((line) => !line.includes("part-of"))).toEqual(
      presence === "away" ? [] : ["device-missing open: laptop is missing"],
    );
  });
});
