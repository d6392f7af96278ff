import { describe, expect, it } from "vitest";
import { type Held, judgeHello, judgeKept } from "../../../collector/engine/order.ts";
import type { Hello } from "../../../shared/protocol/envelope.ts";

const A = "a".repeat(32);
const B = "b".repeat(32);
const held: Held = { epoch: 3, sequence: 10, digest: A };
const hello = (fields: Partial<Hello>): Hello =>
  ({ epoch: 3, nextSequence: 11, lastSequence: 10, lastDigest: A, ...fields }) as Hello;

describe("order at hello", () => {
  it.each([
    ["everything is acknowledged", {}, { kind: "continue" }],
    ["messages are on the way to us", { nextSequence: 15 }, { kind: "continue" }],
    [
      "acknowledgements are on the way to it",
      { lastSequence: 7, lastDigest: B, nextSequence: 12 },
      { kind: "continue" },
    ],
    [
      "its first acknowledgement was lost",
      { lastSequence: 0, lastDigest: null, nextSequence: 11 },
      { kind: "continue" },
    ],
    ["it has another epoch", { epoch: 2 }, { kind: "new-epoch", epoch: 4, why: "other-past" }],
    ["its epoch is above ours", { epoch: 7 }, { kind: "new-epoch", epoch: 8, why: "other-past" }],
    [
      "its state was put back",
      { nextSequence: 10, lastSequence: 9, lastDigest: B },
      { kind: "new-epoch", epoch: 4, why: "agent-put-back" },
    ],
    [
      "ours was put back",
      { nextSequence: 13, lastSequence: 12 },
      { kind: "new-epoch", epoch: 4, why: "collector-put-back" },
    ],
    ["its state was copied", { lastDigest: B }, { kind: "new-epoch", epoch: 4, why: "copied" }],
  ] as const)("when %s", (_, fields, expected) => {
    expect(judgeHello(held, hello(fields))).toEqual(expected);
  });

  it("gives an agent that was never heard its first epoch", () => {
    const first = { epoch: 0, nextSequence: 1, lastSequence: 0, lastDigest: null };
    expect(judgeHello({ epoch: 0, sequence: 0 }, hello(first))).toEqual({ kind: "new-epoch", epoch: 1, why: "first" });
  });
});

describe("order of kept messages", () => {
  it.each([
    [{ epoch: 3, sequence: 11, digest: B }, "next"],
    [{ epoch: 3, sequence: 12, digest: B }, "ahead"],
    [{ epoch: 3, sequence: 10, digest: A }, "duplicate"],
    [{ epoch: 3, sequence: 9, digest: B }, "duplicate"],
    [{ epoch: 3, sequence: 10, digest: B }, "clone"],
    [{ epoch: 2, sequence: 11, digest: B }, "other-epoch"],
    [{ epoch: 4, sequence: 1, digest: B }, "other-epoch"],
  ] as const)("%o is %s", (kept, expected) => {
    expect(judgeKept(held, kept)).toBe(expected);
  });
});
