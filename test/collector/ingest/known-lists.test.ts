import { describe, expect, it } from "vitest";
import { createKnownLists, type KnownLists } from "../../../collector/ingest/known-lists.ts";
import { openMessage } from "../../../collector/ingest/parse.ts";
import { readEntries } from "../../../collector/ingest/scan-items.ts";
import { encodeFrame } from "../../../shared/protocol/frame.ts";
import { hashOfItems, itemHash } from "../../../shared/protocol/hash.ts";
import type { Item } from "../../../shared/protocol/items.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { fullStep, snapshotOf } from "../../support/scripted-agent.ts";

const NONCE = "5c7a0f0e";
const pkg = (n: number, version = "1", description = 'é \\ " {[ text'): Item => ({
  ...{ manager: "dpkg", name: `package-${n}`, architecture: "all", version, description },
});
const key = (n: number) => `dpkg|package-${n}|all|`;
const listOf = (size: number, other: Readonly<Record<number, Item | null>> = {}): Record<string, Item> =>
  Object.fromEntries(
    Array.from({ length: size }, (_, n) => [key(n), other[n] === undefined ? pkg(n) : other[n]] as const).filter(
      (entry): entry is [string, Item] => entry[1] !== null,
    ),
  );

const frameOf = (body: unknown): Uint8Array =>
  encodeFrame(
    JSON.stringify({
      ...{ v: 1, agentId: "agt_01m7zvr5r3p8g3xrhz6px33tkc", instance: 0, kind: "kept", epoch: 1, sequence: 1 },
      ...{ spooledAtMs: 1, body },
    }),
  ).frame;
const frameWith = (items: Readonly<Record<string, Item>>) => frameOf(snapshotOf([fullStep("software", items)]));

const stepsOf = (frame: Uint8Array, lists?: KnownLists) => {
  const opened = openMessage(frame, lists);
  const { message } = opened;
  if (message.kind !== "kept" || message.body.kind !== "snapshot") throw new Error(`not a snapshot: ${message.kind}`);
  return { opened, steps: message.body.snapshot.steps };
};
const learned = (items: Readonly<Record<string, Item>>) => {
  const lists = createKnownLists(NONCE);
  stepsOf(frameWith(items), lists).opened.learn?.();
  return lists;
};

describe("known lists", () => {
  it("tell a large section that came before by what is otherwise in it", () => {
    const base = listOf(200);
    const lists = learned(base);
    const now = listOf(200, { 3: pkg(3, "2"), 9: null });
    now[key(500)] = pkg(500);
    const { opened, steps } = stepsOf(frameWith(now), lists);
    const { hash } = fullStep("software", now) as { hash: string };
    expect(steps).toEqual([
      {
        ...{ kind: "shared", section: "software", hash, base: (fullStep("software", base) as { hash: string }).hash },
        put: { [key(3)]: pkg(3, "2"), [key(500)]: pkg(500) },
        drop: [key(9)],
      },
    ]);
    expect(opened.json).toBeUndefined();
  });

  it("come to the same content as reading the whole, whatever differs", () => {
    const random = createSeededRandom(5);
    const base = listOf(300);
    const lists = learned(base);
    let told = 0;
    for (let round = 0; round < 60; round++) {
      const other: Record<number, Item | null> = {};
      for (let i = 0; i < random.next() * 40; i++)
        other[Math.floor(random.next() * 300)] =
          random.next() < 0.3 ? null : pkg(1, `${Math.floor(random.next() * 4)}`);
      for (const n of Object.keys(other)) if (other[Number(n)]) other[Number(n)] = { ...pkg(Number(n), `${round}`) };
      const now = listOf(300, other);
      const [step] = stepsOf(frameWith(now), lists).steps;
      if (step?.kind !== "shared") continue;
      told++;
      const content = new Map(Object.entries(base));
      for (const k of step.drop) content.delete(k);
      for (const [k, item] of Object.entries(step.put)) content.set(k, item);
      expect(Object.fromEntries(content)).toEqual(now);
      expect(hashOfItems(new Map([...content].map(([k, item]) => [k, itemHash(item)])))).toBe(step.hash);
    }
    expect(told).toBeGreaterThan(30);
  });

  it("are learned when a message goes on, and forgotten when that or they do not hold", () => {
    const items = listOf(100);
    const lists = createKnownLists(NONCE);
    expect(stepsOf(frameWith(items), lists).steps[0]?.kind).toBe("full");
    stepsOf(frameWith(items), lists).opened.learn?.()();
    expect(stepsOf(frameWith(items), lists).steps[0]?.kind).toBe("full");
    stepsOf(frameWith(items), lists).opened.learn?.();
    const [told] = stepsOf(frameWith(items), lists).steps;
    if (told?.kind !== "shared") throw new Error("not told by the list");
    lists.forget("software", told.base, told.hash);
    const again = stepsOf(frameWith(items), lists);
    expect(again.steps[0]?.kind).toBe("full");
    again.opened.learn?.();
    expect(stepsOf(frameWith(items), lists).steps[0]?.kind).toBe("shared");
  });

  it("hold what is new in a told section to its schema", () => {
    const lists = learned(listOf(200));
    const wrong = listOf(200, { 3: { ...pkg(3), version: 7 } });
    const misplaced = { ...listOf(199), [key(199)]: pkg(1) };
    for (const items of [wrong, misplaced])
      expect(openMessage(frameWith(items), lists).message).toMatchObject({ kind: "unreadable", sequence: 1 });
  });

  it("leave a message alone whose sections stand somewhere else", () => {
    const items = listOf(100);
    const lists = learned(items);
    const hidden = frameOf({ ...snapshotOf([]), extra: [fullStep("software", items)] });
    const { opened, steps } = stepsOf(hidden, lists);
    expect(steps).toEqual([]);
    expect(opened.json).toContain("package-99");
    expect(stepsOf(frameOf({ ...snapshotOf([fullStep("notes", {})]) }), lists).steps).toHaveLength(1);
  });

  it("bound the depth of what they read, as of all the rest", () => {
    const deep = JSON.parse(`${"[".repeat(60)}1${"]".repeat(60)}`);
    const items = listOf(100, { 3: { ...pkg(3), deep } });
    for (const lists of [createKnownLists(NONCE), learned(listOf(100))])
      expect(() => openMessage(frameWith(items), lists)).toThrow("nested deeper");
  });

  it("take nobody's text for their own mark", () => {
    const lists = learned(listOf(100));
    const forged = { ...fullStep("software", {}), items: `${NONCE}:0` };
    const both = frameOf(snapshotOf([forged as never, fullStep("software", listOf(100))]));
    expect(openMessage(both, lists).message).toMatchObject({ kind: "unreadable" });
  });

  it("stay within their bound", () => {
    const lists = createKnownLists(NONCE, { maxBytes: 64 << 10 });
    for (let n = 0; n < 20; n++)
      stepsOf(
        frameWith(listOf(100, Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, pkg(i, `${n}`)])))),
        lists,
      ).opened.learn?.();
    const at = (n: number) =>
      stepsOf(
        frameWith(listOf(100, Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, pkg(i, `${n}`)])))),
        lists,
      ).steps[0]?.kind;
    expect(at(19)).toBe("shared");
    expect(at(0)).toBe("full");
  });
});

describe("entries", () => {
  const read = (text: string, maxDepth = 8) => {
    const bytes = Buffer.from(text);
    const found = readEntries(bytes, 0, maxDepth);
    return found && { texts: found.spans.map(({ from, to }) => bytes.toString("utf8", from, to)), to: found.to };
  };

  it.each([
    ["{}", []],
    ['{"a":{}}', ['"a":{}']],
    ['{"a":{"x":"}{\\"","y":[{"z":1}]},"b":{}} and more', ['"a":{"x":"}{\\"","y":[{"z":1}]}', '"b":{}']],
    ['{"é\\\\":{"n":null}}', ['"é\\\\":{"n":null}']],
  ])("of %s", (text, texts) => {
    expect(read(text)?.texts).toEqual(texts);
  });

  it.each(['{"a":1}', '{"a": {}}', '{"a":{}', '{"a":{},', '{"a":{}]', '{"a', "[]", "", '{"a":{"b":"', '{"a":{"b":"\\'])(
    "do not stand in %s",
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  it("are not looked for deeper than allowed", () => {
    expect(read(`{"a":${'{"x":'.repeat(9)}1${"}".repeat(10)}`)).toBeUndefined();
  });
});
