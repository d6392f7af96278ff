import { describe, expect, it } from "vitest";
import { createRuns } from "../../../collector/ingest/runs.ts";
import type { Hello } from "../../../shared/protocol/envelope.ts";

const hello = (run: string | undefined, instance = 0): Hello => ({
  ...{ v: 1, agentId: `agt_${"0".repeat(26)}` as Hello["agentId"], instance, kind: "hello" as const },
  ...{ epoch: 1, nextSequence: 2, lastDigest: null, nonce: "n" },
  ...{ clock: { wallMs: 1, monotonicMs: 1, bootId: "b" }, software: { version: "0", platform: "linux" } },
  ...{ heartbeatMs: 1_000, scopes: [], ...(run !== undefined && { run }) },
});

describe("processes that speak for one agent at a broker", () => {
  const heard = (...noted: readonly [run: string | undefined, instance: number][]) => {
    const runs = createRuns();
    for (const [run, instance] of noted) runs.note(hello(run), instance);
    return runs;
  };

  it.each([
    ["the first", heard(), hello("a"), { instance: 0, isOutlived: false, isSame: false }],
    ["the same after a reconnect", heard(["a", 0]), hello("a"), { instance: 0, isOutlived: false, isSame: true }],
    ["the next after a restart", heard(["a", 0]), hello("b"), { instance: 0, isOutlived: false, isSame: false }],
    [
      "one that speaks again after another took its place",
      heard(["a", 0], ["b", 0]),
      hello("a"),
      { instance: 0, isOutlived: true, isSame: false },
    ],
    [
      "a copy that did not hear what it was told to be",
      heard(["a", 0], ["b", 0], ["a", 1]),
      hello("a"),
      { instance: 1, isOutlived: false, isSame: true },
    ],
    [
      "the other one, which stays what it was",
      heard(["a", 0], ["b", 0], ["a", 1]),
      hello("b"),
      { instance: 0, isOutlived: false, isSame: true },
    ],
    [
      "a copy that was told to be another since",
      heard(["a", 0]),
      hello("a", 2),
      { instance: 2, isOutlived: false, isSame: false },
    ],
    [
      "an agent that does not say",
      heard([undefined, 0]),
      hello(undefined),
      {
        instance: 0,
        isOutlived: false,
        isSame: false,
      },
    ],
  ])("knows %s", (_, runs, said, expected) => {
    expect(runs.judge(said)).toEqual(expected);
  });

  it("forgets the oldest of many restarts, and then takes nobody for a copy", () => {
    const runs = heard(...Array.from({ length: 40 }, (_, i): [string, number] => [`run ${i}`, 0]));
    expect(runs.judge(hello("run 0"))).toMatchObject({ isOutlived: false });
    expect(runs.judge(hello("run 38"))).toMatchObject({ isOutlived: true });
  });
});
