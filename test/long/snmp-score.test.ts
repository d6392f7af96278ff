import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { runCorpus } from "../snmp-score/run-corpus.ts";
import { corpusTool, defaultCorpus, hasCorpus } from "../support/snmp-replay.ts";

/**
 * The corpus' figures may only rise: `test/snmp-score/floor.json` holds what was reached (percent, rounded down). Raise it
 * with the change that raises the figure.
 */
const fieldSchema = z.object({ n: z.number(), exact: z.number(), norm: z.number(), wrong: z.number() });
const tableSchema = z.object({
  rows: z.number(),
  found: z.number(),
  sub: z.record(z.string(), z.object({ n: z.number(), ok: z.number() })),
});
const scoreSchema = z.object({ fields: z.record(z.string(), fieldSchema), tables: z.record(z.string(), tableSchema) });
const figuresSchema = z.record(z.string(), z.object({ right: z.number(), wrong: z.number() }));
const floorSchema = z.object({
  profiles: figuresSchema,
  generic: figuresSchema,
  tables: z.object({ recall: z.number(), columns: z.number(), each: z.number() }),
});

const floor = floorSchema.parse(JSON.parse(readFileSync(new URL("../snmp-score/floor.json", import.meta.url), "utf8")));

const scoreCorpus = async (generic: boolean) => {
  const names = readdirSync(join(defaultCorpus, "records"))
    .map((file) => file.replace(/\.snmprec(\.gz)?$/, ""))
    .sort();
  const run = await runCorpus({ dir: defaultCorpus, names, generic, concurrency: 64 });
  const folder = mkdtempSync(join(tmpdir(), "rollcall-score-"));
  try {
    writeFileSync(join(folder, "results.jsonl"), run.lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const scorer = corpusTool(defaultCorpus, "score.mjs");
    const out = join(folder, "score.json");
    const ended = spawnSync(process.execPath, [
      scorer,
      join(folder, "results.jsonl"),
      join(defaultCorpus, "expected.jsonl"),
      "--json",
      out,
    ]);
    expect(ended.status).toBe(0);
    return { score: scoreSchema.parse(JSON.parse(readFileSync(out, "utf8"))), lines: run.lines };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const shares = (score: z.infer<typeof scoreSchema>, fields: readonly string[]) =>
  Object.fromEntries(
    fields.map((name) => {
      const { n, exact, norm, wrong } = score.fields[name]!;
      return [name, { right: (100 * (exact + norm)) / n, wrong: (100 * wrong) / n }];
    }),
  );

const expectFloor = (score: z.infer<typeof scoreSchema>, wanted: z.infer<typeof figuresSchema>) => {
  const found = shares(score, Object.keys(wanted));
  for (const [name, { right, wrong }] of Object.entries(wanted)) {
    expect(found[name]!.right, `${name}: right`).toBeGreaterThanOrEqual(right);
    expect(found[name]!.wrong, `${name}: wrong`).toBeLessThanOrEqual(wrong);
  }
};

const lacking = hasCorpus() ? undefined : `the SNMP corpus in ${defaultCorpus}`;
if (lacking && process.env["ROLLCALL_TEST_REQUIRE"] === "all")
  throw new Error(`SNMP corpus: skipped, needs ${lacking}`);
if (lacking) process.stderr.write(`SNMP corpus: skipped, needs ${lacking}\n`);

describe.skipIf(lacking !== undefined)("SNMP corpus over UDP", () => {
  it("gives the standard tables as recorded, and identities no worse than before", { timeout: 600_000 }, async () => {
    const { score, lines } = await scoreCorpus(false);
    expect(lines.filter((line) => "error" in line)).toEqual([]);
    const tables = Object.values(score.tables);
    const sum = (pick: (t: (typeof tables)[number]) => number) => tables.reduce((total, t) => total + pick(t), 0);
    const columns = tables.flatMap((t) => Object.values(t.sub));
    expect((100 * sum((t) => t.found)) / sum((t) => t.rows)).toBeGreaterThanOrEqual(floor.tables.recall);
    const right = (100 * columns.reduce((n, c) => n + c.ok, 0)) / columns.reduce((n, c) => n + c.n, 0);
    expect(right).toBeGreaterThanOrEqual(floor.tables.columns);
    for (const [name, { rows, found, sub }] of Object.entries(score.tables)) {
      if (rows > 0) expect((100 * found) / rows, `${name}: rows`).toBeGreaterThanOrEqual(floor.tables.each);
      for (const [column, { n, ok }] of Object.entries(sub))
        expect((100 * ok) / n, `${name}: ${column}`).toBeGreaterThanOrEqual(floor.tables.each);
    }
    expectFloor(score, floor.profiles);
  });

  it("infers identities without any vendor profile no worse than before", { timeout: 600_000 }, async () => {
    expectFloor((await scoreCorpus(true)).score, floor.generic);
  });
});
