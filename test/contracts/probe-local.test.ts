import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as registry from "../../agent/probes/local/registry.ts";
import { runInventory } from "../../agent/probes/local/run.ts";
import type { Probe, ProbeOutcome } from "../../agent/probes/probe.ts";
import { silentLog } from "../../shared/log.ts";
import { itemKey } from "../../shared/protocol/canonical.ts";
import { type SectionName, sections } from "../../shared/protocol/sections.ts";
import { plantTree, readTreeFixture } from "../support/host-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";

/** What every probe of the host owes, whatever it reads: run over every tree, over nothing, and over garbage. */

const folder = temporaryFolder("probe-contract");
const trees = ["dell-server", "thinkpad", "kvm-guest", "raspberry-pi", "lxc-container", "storage-stack"];
for (const name of trees) plantTree(join(folder, name), readTreeFixture(name));
const empty = temporaryFolder("probe-empty");

const probes = Object.entries(registry) as unknown as [string, Probe<object>][];
const filed = probes.filter(([, probe]) => probe.platforms.includes("linux"));
const personal = Object.entries(sections).flatMap(([name, { personal: isPersonal }]) =>
  isPersonal ? [name as SectionName] : [],
);

const run = (probe: Probe<object>, root: string, signal = new AbortController().signal): Promise<ProbeOutcome> =>
  probe.run(probe.configSchema.parse({}) as object, {
    clock: createVirtualClock(),
    log: silentLog,
    signal,
    root,
    live: false,
  });

describe("registry of local probes", () => {
  it.each(probes)("%s is registered under its own name, with a time-out and known sections", (name, probe) => {
    expect(probe.name).toBe(name);
    expect(probe.timeoutMs).toBeGreaterThan(0);
    expect(probe.sections.length).toBeGreaterThan(0);
    for (const section of probe.sections) expect(sections).toHaveProperty(section);
    expect(probe.personal).toBe(probe.sections.every((section) => sections[section].personal));
    expect(probe.sections.some((section) => sections[section].personal)).toBe(probe.personal);
  });

  it("has one probe for each section on Linux", () => {
    const named = filed.flatMap(([, probe]) => probe.sections);
    expect(named.length).toBe(new Set(named).size);
  });
});

describe.each(filed)("local probe %s", (_, probe) => {
  it.each(trees)("fills only its own sections, by their schemas, each key once: %s", async (tree) => {
    const outcome = await run(probe, join(folder, tree));
    if (outcome.status === "failed") throw new Error(outcome.reason);
    if (outcome.status === "no-data") return;
    for (const [name, content] of Object.entries(outcome.sections) as [SectionName, unknown][]) {
      expect(probe.sections).toContain(name);
      const items = sections[name].kind === "collection" ? (content as object[]) : [content as object];
      for (const item of items) expect(sections[name].schema.strict().parse(item)).toEqual(item);
      const keys = items.map((item) => itemKey(name, item as Record<string, unknown>));
      if (sections[name].kind === "collection") expect(keys).toEqual([...new Set(keys)]);
    }
    for (const value of Object.values(outcome.gauges ?? {})) expect(Number.isFinite(value)).toBe(true);
  });

  it("gives the same for the same files", async () => {
    const root = join(folder, "thinkpad");
    expect(await run(probe, root)).toEqual(await run(probe, root));
  });

  it("finds nothing in an empty tree and does not fail over it", async () => {
    const outcome = await run(probe, empty);
    expect(outcome.status).not.toBe("failed");
    expect(outcome.status === "ok" ? (outcome.failures ?? []) : []).toEqual([]);
  });

  it("stops when it is told to", async () => {
    const stopped = new AbortController();
    stopped.abort(new Error("stop"));
    await expect(run(probe, join(folder, "dell-server"), stopped.signal)).rejects.toThrow("stop");
  });
});

describe("hostile files", () => {
  /** The tree with one file's content replaced: names and folders stay, so that every reader meets garbage some time. */
  const files = trees.flatMap((tree) =>
    readTreeFixture(tree).flatMap(([path, content]) =>
      typeof content === "string" || (content !== null && "base64" in content) ? [[tree, path, content] as const] : [],
    ),
  );

  it("cost their own section at most, and what comes out still fits the schemas", async () => {
    const bad: ReadonlyMap<string, Buffer> = new Map([
      ["a long number", Buffer.from("-9".repeat(50_000))],
      ["nested brackets", Buffer.from("[".repeat(5_000))],
      ["terminal codes", Buffer.from("\u001b]0;x\u0007".repeat(300))],
      ["zeros", Buffer.alloc(70_000)],
      ["lines", Buffer.from("a: b=c:d e\n".repeat(2_000))],
    ]);
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ maxLength: 200 }),
      fc.constantFrom(...bad.keys()),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), garbage, async ([tree, path, original], what) => {
        const root = join(folder, tree);
        writeFileSync(join(root, path), typeof what === "string" ? (bad.get(what) ?? what) : what);
        try {
          const found = await runInventory(
            { root, personal },
            { clock: createVirtualClock(), log: silentLog, signal: new AbortController().signal, platform: "linux" },
          );
          for (const [name, content] of Object.entries(found.sections) as [SectionName, unknown][])
            for (const item of sections[name].kind === "collection" ? (content as object[]) : [content])
              sections[name].schema.parse(item);
          expect(new Set(found.failures.map(({ section }) => section)).size).toBeLessThanOrEqual(4);
        } finally {
          plantTree(root, [[path, original]]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
