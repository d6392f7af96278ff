import { afterEach, describe, expect, it } from "vitest";
import { days, minutes } from "../../../shared/clock.ts";
import { openSegment, type Segment } from "../../support/presence-lab.ts";

let segment: Segment;
afterEach(() => segment.stop());

const withAgents = async (count: number) => {
  segment = await openSegment();
  const agents = [];
  for (let n = 1; n <= count; n++) agents.push(await segment.agent(`host-${n}`, n));
  await segment.pass(minutes(10));
  return agents;
};

describe("a clock that is wrong", () => {
  it("is the agent's where others agree with the collector", async () => {
    const agents = await withAgents(4);
    agents[1]?.agent.setClockError(-days(1));
    await segment.pass(minutes(10));
    expect(await segment.incidents()).toEqual(["clock-wrong open: Clock of host-2 is 1440 minutes behind"]);
    agents[1]?.agent.setClockError(0);
    await segment.pass(minutes(10));
    expect(await segment.incidents()).toEqual([]);
  });

  it.each([days(1), -days(1)])("is the collector's where all agents say the same: off by %d ms", async (ms) => {
    const agents = await withAgents(4);
    for (const { agent } of agents) agent.setClockError(ms);
    await segment.pass(minutes(30));
    // And so after a restart, when they say it one after the other.
    await segment.lab.restart();
    for (const { agent } of agents) {
      await agent.connect();
      await segment.lab.tick();
    }
    await segment.pass(minutes(30));
    expect(await segment.incidents()).toEqual([]);
    // The collector's clock is mended.
    for (const { agent } of agents) agent.setClockError(0);
    await segment.pass(minutes(30));
    expect(await segment.incidents()).toEqual([]);
  });
});
