import { expect } from "vitest";
import { branchAddresses, HOUR_MS, LOOK_MS } from "../support/story-cast.ts";
import type { Case, StoryLab } from "../support/story-lab.ts";
import type { Stage, Told } from "../support/story-stage.ts";

/** Stories of what takes many along: switches, routers, the collector itself. */
export const tellOfNetworks = (stage: Stage, s: () => StoryLab, before: readonly Told[]): void => {
  const { story, idOf, expected, presenceOf } = stage;
  /** Cases that came since. */
  const watch = async () => {
    const known = new Set((await s().cases()).map((one) => one.incidentId));
    return {
      all: async () => (await s().cases()).filter((one) => !known.has(one.incidentId)),
      open: async () => (await s().cases()).filter((one) => !known.has(one.incidentId) && one.state !== "resolved"),
    };
  };
  const topsOf = (cases: readonly Case[]) => cases.filter((one) => one.state !== "part-of");

  const floor = story(
    "makes one case of a switch whose uplink was cut, with the thirty behind it, and heals it whole",
    before,
    async () => {
      const { open } = await watch();
      await s().lab.setAwake("floor", false);
      const top = await s().soon("one case for all of it", async () => {
        const all = await open();
        const tops = topsOf(all);
        return all.length >= 20 && tops.length === 1 && tops[0];
      });
      expect(top).toMatchObject({
        kind: "segment-unreachable",
        title: expect.stringMatching(/^floor and \d+ behind it/),
      });
      await s().rest(2 * LOOK_MS);
      expect(topsOf(await open()).map((one) => one.title)).toEqual([top.title]);
      for (const one of await open()) expected.add(one.incidentId);
      await s().lab.setAwake("floor", true);
      await s().soon("all of it is over", async () => (await open()).length === 0);
    },
  );

  const gate = story(
    "makes one case of the thirty hosts behind a router whose line was cut, and heals it whole",
    [floor],
    async () => {
      const { all, open } = await watch();
      await s().onSwitch("ip", "link", "set", "x0", "down");
      const top = await s().soon("one case for all of it", async () => topsOf(await open())[0]);
      await s().rest(2 * LOOK_MS);
      const found = await open();
      expect(topsOf(found).map((one) => one.title)).toEqual([top.title]);
      expect(top.kind).toBe("segment-unreachable");
      expect(top.title).toBe("Agent one sees nothing of scope branch in lab");
      expect(top.summary).toContain("30 devices that it watches cannot be judged meanwhile");
      for (const one of await all()) expected.add(one.incidentId);
      await s().onSwitch("ip", "link", "set", "x0", "up");
      await s().soon("all of it is over", async () => (await open()).length === 0);
      const assets = await s().assets();
      const far = assets.filter((asset) => branchAddresses.includes(String(asset["primaryAddress"])));
      expect(far.map((asset) => asset["presence"])).toEqual(branchAddresses.map(() => "present"));
    },
  );

  story(
    "raises nothing when the collector itself was away for an hour, nor in a maintenance window",
    [gate],
    async () => {
      const { all } = await watch();
      await s().end("collector");
      await s().rest(HOUR_MS);
      const [from, to] = [Date.now() - 60_000, Date.now() + 3_600_000].map((ms) => new Date(ms).toISOString());
      const match = { assetIds: [idOf("planned")] };
      await s().startCollector({ maintenance: [{ kind: "once", name: "a new disk", match, from, to }] });
      await s().lab.setAwake("planned", false);
      await s().soon("it is away", async () => (await presenceOf("planned")) === "away");
      await s().rest(3 * LOOK_MS);
      expect((await all()).map((one) => `${one.kind}: ${one.title}`)).toEqual([]);
      expect(await presenceOf("planned")).toBe("away");
    },
  );
};
