import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { migrate, schemaVersion } from "../../../agent/spool/migrations.ts";
import { openBaseline, openSqliteSpool } from "../../../agent/spool/sqlite.ts";
import { createFailPoint, noFailPoint } from "../../../shared/fail-point.ts";
import { type Log, silentLog } from "../../../shared/log.ts";
import { keptSchema } from "../../../shared/protocol/envelope.ts";
import { agentId, createHost, goodbye } from "../../support/spool-content.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-state-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const freshPath = () => join(folder, `${files++}.sqlite`);
const clock = createVirtualClock();
const roomy = { softBytes: 1 << 25, hardBytes: 1 << 27 };
const openAt = (path: string, { limits = roomy, failPoint = noFailPoint, log = silentLog as Log } = {}) =>
  openSqliteSpool({ path, agentId, limits, clock, log, failPoint });

/** A kill as a test sees it: nothing after the point runs. */
const dying = (name: string) =>
  createFailPoint({ ROLLCALL_FAIL_POINT: name }, () => {
    throw new Error("killed");
  });

describe("state database", () => {
  it("is for its owner only", () => {
    const path = freshPath();
    openAt(path).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("keeps messages and baseline together when killed before the commit", () => {
    const path = freshPath();
    const before = openAt(path);
    before.append([createHost(before.baseline).change({ bash: "5.1" })]);
    before.close();
    const spool = openAt(path, { failPoint: dying("spool.append.before-commit") });
    expect(() => spool.append([createHost(spool.baseline).change({ bash: "5.2" })])).toThrow();
    spool.close();
    const after = openAt(path);
    expect(after.counts().messages).toBe(1);
    expect([...after.baseline.items("local/self", "software").values()]).toMatchObject([{ version: "5.1" }]);
  });

  it("sets a damaged file aside with one line and begins anew", () => {
    const path = freshPath();
    const spool = openAt(path);
    spool.append([goodbye(1)]);
    spool.adopt({ instance: 0, epoch: 3, have: 0, digest: null });
    spool.close();
    const octets = readFileSync(path);
    octets.fill(0xa5, 100);
    writeFileSync(path, octets);
    const lines: string[] = [];
    const again = openAt(path, { log: { ...silentLog, error: (message) => void lines.push(message) } });
    expect(lines).toEqual(["state database was damaged and is set aside, beginning anew"]);
    expect(again.position()).toMatchObject({ epoch: 0, nextSequence: 1 });
    expect(again.counts().messages).toBe(0);
    expect(readdirSync(folder).some((name) => name.includes(".damaged-"))).toBe(true);
    again.close();
  });

  it("sets a file aside that never was a database", () => {
    const path = freshPath();
    writeFileSync(path, "not a database, but long enough to be looked at as one".repeat(20));
    expect(openAt(path).counts().messages).toBe(0);
  });

  it("refuses the state of a newer program, and leaves it alone", () => {
    const path = freshPath();
    openAt(path).close();
    const db = new DatabaseSync(path);
    db.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
    db.close();
    expect(() => openAt(path)).toThrow(/install the newer agent/);
    expect(() => openAt(path)).toThrow(/install the newer agent/);
  });

  it("lets a child process read the baseline while the daemon writes", () => {
    const path = freshPath();
    const spool = openAt(path);
    const host = createHost(spool.baseline);
    spool.append([host.change({ bash: "5.1" })]);
    const reader = openBaseline(path);
    spool.append([host.change({ bash: "5.1", zsh: "5.9" })]);
    expect(reader.itemHashes("local/self", "software").size).toBe(2);
    reader.close();
  });

  it("says that it could not write, and goes on with what it had", () => {
    const path = freshPath();
    const spool = openAt(path);
    spool.append([goodbye(1)]);
    const db = new DatabaseSync(path);
    db.exec("BEGIN IMMEDIATE");
    expect(() => spool.append([goodbye(2)])).toThrow(expect.objectContaining({ code: "spool.io", remedy: "retry" }));
    db.exec("ROLLBACK");
    db.close();
    spool.append([goodbye(3)]);
    expect(spool.counts().messages).toBe(2);
  });
});

describe("migrations", () => {
  /** A database as version 1 left it: one acknowledged message, one sealed, one waiting. */
  const oldDatabase = (): string => {
    const path = freshPath();
    const db = new DatabaseSync(path);
    db.exec("PRAGMA journal_mode = WAL");
    migrate(db, { upTo: 1 });
    const source = openAt(":memory:");
    const host = createHost(source.baseline);
    const bodies = [host.change({ bash: "5.1" }), goodbye(1)];
    const insert = db.prepare(
      "INSERT INTO queue (kind, stream, body, spooled_at_ms, sequence, head, digest) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    insert.run(
      "snapshot",
      "local/self",
      zstdCompressSync(JSON.stringify(bodies[0])),
      5,
      2,
      '{"v":1,"body":',
      "d".repeat(32),
    );
    insert.run("goodbye", null, zstdCompressSync(JSON.stringify(bodies[1])), 6, null, null, null);
    db.exec("UPDATE position SET epoch = 3, next_sequence = 3, last_sequence = 1");
    db.close();
    return path;
  };

  it("brings version 1 to the newest and keeps position and messages", () => {
    const path = oldDatabase();
    const spool = openAt(path);
    expect(spool.position()).toMatchObject({ epoch: 3, nextSequence: 3, lastSequence: 1 });
    expect(spool.begin(1)).toMatchObject({ sequence: 2, digest: "d".repeat(32) });
    expect(spool.begin(1)?.json.startsWith('{"v":1,"body":{"kind":"snapshot"')).toBe(true);
    const next = keptSchema.parse(JSON.parse(spool.begin(2)?.json ?? ""));
    expect(next).toMatchObject({ sequence: 3, body: { kind: "goodbye" } });
    spool.close();
    const db = new DatabaseSync(path);
    expect(db.prepare("SELECT section, kind FROM queue_steps").all()).toEqual([{ section: "software", kind: "full" }]);
    db.close();
  });

  it("leaves the old version whole when killed inside, and gets there the next time", () => {
    const path = oldDatabase();
    expect(() => openAt(path, { failPoint: dying("spool.migrate") })).toThrow();
    const db = new DatabaseSync(path);
    expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1 });
    db.close();
    expect(openAt(path).counts().messages).toBe(2);
  });
});

describe("folding in the queue", () => {
  it("stays below the limit, loses no count, and ends at the same content", () => {
    const limits = { softBytes: 60_000, hardBytes: 1 << 27 };
    const spool = openAt(freshPath(), { limits });
    const host = createHost(spool.baseline);
    spool.append([host.change({ steady: "1" }, 1)]);
    const changes = 1_500;
    for (let i = 0; i < changes; i++) spool.append([host.change({ steady: "1", noisy: `1.${i}` }, i + 2)]);
    expect(spool.counts().bytes).toBeLessThan(limits.softBytes * 1.2);
    expect(spool.counts().folded).toBeGreaterThan(1_000);
    let total = 0;
    let hash: string | undefined;
    let content: Record<string, unknown> = {};
    for (let next = spool.begin(0); next !== undefined; next = spool.begin(next.sequence)) {
      const { body } = keptSchema.parse(JSON.parse(next.json));
      for (const step of body.kind === "snapshot" ? body.snapshot.steps : []) {
        if (step.kind === "gone") continue;
        if (step.kind === "delta") {
          expect(step.base).toBe(hash);
          total += step.folded?.count ?? 1;
          content = { ...content, ...step.put };
        } else content = step.items;
        hash = step.hash;
      }
    }
    expect(total).toBe(changes);
    expect(hash).toBe(spool.baseline.sectionHashes("local/self").get("software"));
    expect(content).toEqual(Object.fromEntries(spool.baseline.items("local/self", "software")));
    expect(spool.counts().folded + spool.counts().messages).toBe(changes + 1);
  });
});
