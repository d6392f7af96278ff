import { describe, expect, it } from "vitest";
import { rootOf, toFullMessages } from "../../agent/messages.ts";
import { type Round, toMessages } from "../../agent/snapshot.ts";
import { createMemorySpool } from "../../agent/spool/memory.ts";
import { type KeptBody, keptBodySchema } from "../../shared/protocol/envelope.ts";
import { hashOf } from "../../shared/protocol/items.ts";
import type { SectionContents, SectionName } from "../../shared/protocol/sections.ts";
import { agentId } from "../support/spool-content.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";

const pkg = (name: string, version: string) => ({ manager: "dpkg", name, architecture: "amd64", version });

const round = (contents: SectionContents, more: Partial<Round> = {}): Round => ({
  source: "local",
  subject: { id: "self", realm: "lab", keys: [{ kind: "hostname", value: "web1" }] },
  observedAtMs: 1_000,
  contents,
  failures: [],
  looked: new Set<SectionName>(["software", "battery", "os"]),
  ...more,
});

const setUp = () => {
  const spool = createMemorySpool({
    agentId,
    limits: { softBytes: 1 << 25, hardBytes: 1 << 27 },
    clock: createVirtualClock(),
  });
  const note = (of: Round): KeptBody[] => {
    const messages = toMessages(of, spool.baseline);
    for (const message of messages) expect(keptBodySchema.safeParse(message).error).toBeUndefined();
    spool.append(messages);
    return messages;
  };
  return { spool, note };
};

const stepsOf = (messages: readonly KeptBody[]) =>
  messages.flatMap((message) => (message.kind === "snapshot" ? message.snapshot.steps : []));

describe("what a round tells", () => {
  it("sends everything at first, and nothing when nothing changed", () => {
    const { note } = setUp();
    const first = round({ software: [pkg("bash", "5.1"), pkg("zsh", "5.9")], os: { name: "Debian" } });
    expect(stepsOf(note(first)).map(({ kind, section }) => [kind, section])).toEqual([
      ["full", "software"],
      ["full", "os"],
    ]);
    expect(note({ ...first, observedAtMs: 2_000 })).toEqual([]);
  });

  it("sends one installed package as one item", () => {
    const { note } = setUp();
    note(round({ software: [pkg("bash", "5.1"), pkg("zsh", "5.9")] }));
    const steps = stepsOf(note(round({ software: [pkg("bash", "5.1"), pkg("curl", "8.0"), pkg("zsh", "5.9")] })));
    expect(steps).toMatchObject([{ kind: "delta", section: "software", drop: [] }]);
    expect(steps[0]).toHaveProperty("put", { "dpkg|curl|amd64|": pkg("curl", "8.0") });
  });

  it("leaves a section that failed as it was, and says so once", () => {
    const { note, spool } = setUp();
    note(round({ software: [pkg("bash", "5.1")] }));
    const failed = round({}, { failures: [{ section: "software", kind: "failed", reason: "database is locked" }] });
    const messages = note(failed);
    expect(stepsOf(messages)).toEqual([]);
    expect(messages).toMatchObject([
      { snapshot: { failures: [{ section: "software", reason: "database is locked" }] } },
    ]);
    expect(spool.baseline.items("local/self", "software").size).toBe(1);
    expect(note(failed)).toEqual([]);
  });

  it("empties a collection of which nothing is left, and ends a value and what nobody looks at", () => {
    const { note } = setUp();
    note(round({ battery: [{ name: "BAT0" }], os: { name: "Debian" }, software: [pkg("bash", "5.1")] }));
    const steps = stepsOf(note(round({}, { looked: new Set<SectionName>(["battery", "os"]) })));
    expect(steps.map((step) => [step.kind, step.section])).toEqual([
      ["full", "battery"],
      ["gone", "os"],
      ["gone", "software"],
    ]);
  });

  it("leaves alone what a partial round did not look at", () => {
    const { note } = setUp();
    note(round({ software: [pkg("bash", "5.1")], os: { name: "Debian" } }));
    expect(note(round({ os: { name: "Debian" } }, { looked: new Set(["os"]), partial: true }))).toEqual([]);
  });

  it("answers a command even when nothing changed", () => {
    const { note } = setUp();
    note(round({ software: [pkg("bash", "5.1")] }));
    expect(note(round({ software: [pkg("bash", "5.1")] }, { commandId: "c1" }))).toMatchObject([
      { snapshot: { commandId: "c1", steps: [] } },
    ]);
  });

  it("leaves out items that no collector would take, and says how many", () => {
    const { note } = setUp();
    const [message] = note(round({ software: [pkg("bash", "5.1"), pkg("x".repeat(300), "1")] }));
    expect(message).toMatchObject({ snapshot: { failures: [{ section: "software", kind: "cut" }] } });
    expect(stepsOf([message!])).toMatchObject([{ items: { "dpkg|bash|amd64|": {} } }]);
  });

  it("deals a large round into messages that each fit", () => {
    const { spool } = setUp();
    const items = (n: number, text: string) =>
      Array.from({ length: n }, (_, i) => ({ ...pkg(`p${i}`, "1"), description: text }));
    const contents = {
      software: items(12_000, "d".repeat(250)),
      notes: [{ name: "n", value: "v" }],
      services: Array.from({ length: 8_000 }, (_, i) => ({
        manager: "systemd",
        name: `s${i}`,
        command: "c".repeat(100),
      })),
    };
    const looked = new Set<SectionName>(["software", "notes", "services"]);
    const messages = toMessages(round(contents, { looked }), spool.baseline);
    expect(messages.length).toBeGreaterThan(1);
    for (const message of messages) expect(JSON.stringify(message).length).toBeLessThan(13 << 20);
  });

  it("cuts a section that no message can hold, and says so", () => {
    const { spool } = setUp();
    const software = Array.from({ length: 25_000 }, (_, i) => ({
      ...pkg(`p${i}`, "1"),
      description: "d".repeat(250),
      publisher: "p".repeat(250),
    }));
    const [message] = toMessages(round({ software }), spool.baseline);
    expect(message).toMatchObject({ snapshot: { failures: [{ section: "software", kind: "cut" }] } });
    expect(JSON.stringify(message).length).toBeLessThan(16 << 20);
  });

  it("hashes what it sends, as the collector will", () => {
    const { note, spool } = setUp();
    // Unknown fields, decomposed text and undefined don't survive the schema and the canonical form.
    const odd = { ...pkg("cafe\u0301", "1"), unknown: 1, publisher: undefined } as never;
    const [step] = stepsOf(note(round({ software: [odd] })));
    if (step?.kind !== "full") throw new Error("expected the whole section");
    expect(hashOf(new Map(Object.entries(step.items)))).toBe(step.hash);
    expect(JSON.stringify(step.items)).toContain("caf\u00e9");
    expect(JSON.stringify(step.items)).not.toContain("unknown");
    expect(note(round({ software: [odd] }))).toEqual([]);
    expect(rootOf(spool.baseline)).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("what is sent whole when asked", () => {
  it("gives sections out of the baseline, and ends those that are not there", () => {
    const { note, spool } = setUp();
    note(round({ software: [pkg("bash", "5.1")] }));
    const [message] = toFullMessages(
      [
        { stream: "local/self", section: "software" },
        { stream: "local/self", section: "fdb" },
        { stream: "snmp/nobody", section: "fdb" },
      ],
      spool.baseline,
    );
    expect(stepsOf([message!])).toMatchObject([
      { kind: "full", section: "software", hash: spool.baseline.sectionHashes("local/self").get("software") },
      { kind: "gone", section: "fdb" },
    ]);
    expect(keptBodySchema.safeParse(message).success).toBe(true);
  });
});
