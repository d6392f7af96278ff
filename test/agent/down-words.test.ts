import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChallenge, parseDownMessage } from "../../agent/down-words.ts";
import { challengeSchema, downMessageSchema } from "../../shared/protocol/envelope.ts";

const folder = new URL("../fixtures/protocol/v1/", import.meta.url);
const examples = readdirSync(folder)
  .filter((name) => name.startsWith("down-"))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Record<string, unknown>);

/** Values that sit on the edges of what schemas allow. */
const oddities: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    0,
    1,
    -1,
    1.5,
    Number.MAX_SAFE_INTEGER,
    2 ** 53,
    8_640_000_000_000_000,
    8_640_000_000_000_001,
  ],
  ...[
    "",
    "x",
    "x".repeat(256),
    "x".repeat(257),
    "y".repeat(4_097),
    "0".repeat(32),
    "A".repeat(32),
    `col_${"0".repeat(26)}`,
  ],
  ...[[], {}, ["x"], ["x".repeat(257)], Array(17).fill("x"), Array(257).fill("x"), Array(1_025).fill("x"), [1]],
  ...["inventory", "look", "snmp", "welcome", "ack", "__proto__", "toString", { kind: "inventory" }, { kind: "look" }],
];

type Path = readonly (string | number)[];
const pathsOf = (value: unknown, path: Path = []): Path[] =>
  typeof value === "object" && value !== null
    ? [path, ...Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]))]
    : [path];

const put = (value: unknown, [first, ...rest]: Path, replacement: unknown): unknown => {
  if (first === undefined) return replacement;
  const copy: Record<string, unknown> = Array.isArray(value)
    ? (Object.assign([], value) as never)
    : { ...(value as object) };
  const next = put(copy[first], rest, replacement);
  if (next === undefined) delete copy[first];
  else copy[first] = next;
  return copy;
};

/** Sections' names are the one thing that the agent reads more freely: an unknown one is answered with "gone". */
const isUnknownSection = (value: unknown): boolean => {
  const { body } = value as { body?: { sections?: unknown } };
  return Array.isArray(body?.sections) && !downMessageSchema.safeParse(value).success;
};

const agree = (given: unknown): void => {
  // Only what JSON can say ever arrives.
  const value = JSON.parse(JSON.stringify(given) ?? "null") as unknown;
  const mine = parseDownMessage(value) !== undefined;
  if (mine && isUnknownSection(value)) return;
  expect(mine, JSON.stringify(value).slice(0, 300)).toBe(downMessageSchema.safeParse(value).success);
};

describe("the agent's own reading of downward messages", () => {
  it("takes every message of the protocol", () => {
    expect(examples.length).toBeGreaterThan(9);
    for (const example of examples) expect(parseDownMessage(example)).toBe(example);
  });

  it("agrees with the schema on every field of every message, whatever stands in it", () => {
    let compared = 0;
    for (const example of examples)
      for (const path of pathsOf(example))
        for (const oddity of oddities) {
          agree(put(example, path, oddity));
          compared++;
        }
    expect(compared).toBeGreaterThan(3_000);
  });

  it("agrees with the schema on noise", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...examples),
        fc.json().map((text) => JSON.parse(text) as unknown),
        fc.nat(),
        (example, noise, at) => {
          const paths = pathsOf(example);
          agree(put(example, paths[at % paths.length] ?? [], noise));
          agree(noise);
        },
      ),
      { seed: 7, numRuns: 2_000 },
    );
  });

  it("agrees with the schema on challenges", () => {
    const example = JSON.parse(readFileSync(new URL("challenge.json", folder), "utf8")) as unknown;
    expect(parseChallenge(example)).toBe(example);
    for (const path of pathsOf(example))
      for (const oddity of oddities) {
        const value = put(example, path, oddity);
        expect(parseChallenge(value) !== undefined, JSON.stringify(value)).toBe(
          challengeSchema.safeParse(value).success,
        );
      }
  });
});
