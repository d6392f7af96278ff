import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { itemKey, rootHash } from "../../shared/protocol/canonical.ts";
import {
  challengeSchema,
  downMessageSchema,
  enrolRequestSchema,
  enrolResponseSchema,
  upMessageSchema,
} from "../../shared/protocol/envelope.ts";
import { type Domain, decodeFrame, encodeFrame, parsePublicKey } from "../../shared/protocol/frame.ts";
import { hashOf } from "../../shared/protocol/items.ts";
import { sections } from "../../shared/protocol/sections.ts";
import { agentIdOfTopic, downTopic, partitionOf, upTopic } from "../../shared/protocol/topics.ts";

/**
 * One frozen example of every message of every version that was ever spoken. A fixture is never edited: what no longer reads
 * it has changed the wire, and that takes another version.
 */
const root = new URL("../fixtures/protocol/", import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), "utf8"));
const names = readdirSync(new URL("v1/", root))
  .filter((name) => name !== "frames.json")
  .map((name) => name.replace(/\.json$/, ""));

const schemaOf = (name: string) => {
  if (name === "challenge") return challengeSchema;
  if (name === "enrol-request") return enrolRequestSchema;
  if (name === "enrol-response") return enrolResponseSchema;
  return name.startsWith("up-") ? upMessageSchema : downMessageSchema;
};

type Frames = {
  readonly agentPublicKey: string;
  readonly collectorPublicKey: string;
  readonly frames: readonly {
    readonly message: string;
    readonly frame: string;
    readonly digest: string;
    readonly signed: Domain | null;
    readonly context: string;
  }[];
};

describe("protocol version 1, as it was frozen", () => {
  it("has an example of every kind of message", () => {
    const kinds = (prefix: string, of: (value: Record<string, Record<string, unknown>>) => unknown) =>
      new Set(names.filter((name) => name.startsWith(prefix)).map((name) => of(read(`v1/${name}.json`) as never)));
    expect(kinds("up-", ({ kind }) => kind)).toEqual(new Set(["hello", "heartbeat", "hashes", "kept"]));
    expect(kinds("up-kept", ({ body }) => body?.["kind"])).toEqual(
      new Set(["snapshot", "sweep", "sightings", "goodbye", "refusal"]),
    );
    expect(kinds("down-", ({ body }) => body?.["kind"])).toEqual(
      new Set(["welcome", "ack", "resend", "refused", "need", "command", "error"]),
    );
  });

  it.each(names)("still reads %s, and loses nothing of it", (name) => {
    const value = read(`v1/${name}.json`);
    expect(schemaOf(name).parse(value)).toEqual(value);
  });

  it.each(names.filter((name) => name.includes("snapshot")))("hashes the content of %s as it did", (name) => {
    const message = upMessageSchema.parse(read(`v1/${name}.json`));
    if (message.kind !== "kept" || message.body.kind !== "snapshot") throw new Error("a snapshot was expected");
    for (const step of message.body.snapshot.steps) {
      if (step.kind !== "full") continue;
      expect(hashOf(new Map(Object.entries(step.items)))).toBe(step.hash);
      for (const [key, item] of Object.entries(step.items)) {
        expect(sections[step.section].schema.parse(item)).toEqual(item);
        if (sections[step.section].kind === "collection") expect(itemKey(step.section, item)).toBe(key);
      }
    }
  });

  it("makes the root of a heartbeat from the hashes of all streams as it did", () => {
    const hashes = upMessageSchema.parse(read("v1/up-hashes.json"));
    const beat = upMessageSchema.parse(read("v1/up-heartbeat.json"));
    if (hashes.kind !== "hashes" || beat.kind !== "heartbeat") throw new Error("hashes and a heartbeat were expected");
    const roots = Object.entries(hashes.streams).map(
      ([id, of]) => [id, rootHash(new Map(Object.entries(of)))] as const,
    );
    expect(rootHash(new Map(roots))).toBe(beat.root);
  });

  it("reads frames as they were sent, with their digests and signatures", () => {
    const { frames, agentPublicKey, collectorPublicKey } = read("v1/frames.json") as Frames;
    for (const { message, frame, digest, signed, context } of frames) {
      const decoded = decodeFrame(Buffer.from(frame, "base64"), { maxBytes: 1 << 20 });
      expect(JSON.parse(decoded.json)).toEqual(read(`v1/${message}.json`));
      expect(decoded.digest).toBe(digest);
      expect(decoded.signed).toBe(signed !== null);
      if (signed === null) continue;
      const key = parsePublicKey(signed === "rollcall/1 up" ? agentPublicKey : collectorPublicKey);
      const other: Domain = signed === "rollcall/1 up" ? "rollcall/1 down" : "rollcall/1 up";
      expect(decoded.verifySignature(signed, key, context)).toBe(true);
      expect(decoded.verifySignature(other, key, context)).toBe(false);
      expect(decoded.verifySignature(signed, key, `${context}x`)).toBe(false);
    }
  });
});

describe("frames", () => {
  it("refuse what is no frame", () => {
    const maxBytes = 1_000;
    expect(() => decodeFrame(Buffer.alloc(0), { maxBytes })).toThrow(/unknown flags/);
    expect(() => decodeFrame(Buffer.from([4, 1, 2]), { maxBytes })).toThrow(/unknown flags/);
    expect(() => decodeFrame(Buffer.from([2, 1, 2]), { maxBytes })).toThrow(/shorter than its header/);
    expect(() => decodeFrame(Buffer.from([1, 1, 2]), { maxBytes })).toThrow(/does not decompress/);
  });

  it("bound what a small bomb inflates to", () => {
    const { frame } = encodeFrame(JSON.stringify("0".repeat(50 << 20)));
    expect(frame.length).toBeLessThan(10_000);
    expect(() => decodeFrame(frame, { maxBytes: 1 << 20 })).toThrow(/inflates beyond the limit/);
  });
});

describe("topics", () => {
  const agentId = "agt_01jd6v8k3m7q2w9x4e5r6t8y0a";

  it("are as they were frozen", () => {
    expect(upTopic(agentId)).toBe(`rollcall/1/up/${partitionOf(agentId)}/${agentId}`);
    expect(partitionOf(agentId)).toBe(47);
    expect(downTopic(agentId)).toBe(`rollcall/1/down/${agentId}`);
  });

  it("give an agent's id back only from its own partition", () => {
    expect(agentIdOfTopic(upTopic(agentId))).toBe(agentId);
    expect(agentIdOfTopic(`rollcall/1/up/${(partitionOf(agentId) + 1) % 64}/${agentId}`)).toBeUndefined();
    for (const topic of ["rollcall/1/up", "rollcall/1/up/3/a/b", `rollcall/1/down/${agentId}`, "rollcall/1/up/x/a"])
      expect(agentIdOfTopic(topic)).toBeUndefined();
  });
});
