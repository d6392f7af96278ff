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
});
