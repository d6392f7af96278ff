import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createMemorySpool } from "../../agent/spool/memory.ts";
import type { Spool, SpoolLimits } from "../../agent/spool/spool.ts";
import { openSqliteSpool } from "../../agent/spool/sqlite.ts";
import { noFailPoint } from "../../shared/fail-point.ts";
import { silentLog } from "../../shared/log.ts";
import { hash16, rootHash } from "../../shared/protocol/canonical.ts";
import { keptSchema } from "../../shared/protocol/envelope.ts";
import { agentId, createHost, goodbye } from "../support/spool-content.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";

type Opened = { readonly spool: Spool; readonly reopen: () => Spool };
type Open = (options?: { readonly limits?: SpoolLimits }) => Opened;

const roomy: SpoolLimits = { softBytes: 1 << 25, hardBytes: 1 << 27 };

/** What every spool must do. `lasting`: what was appended is there after the process died. */
const describeSpool = (name: string, open: Open, { lasting }: { readonly lasting: boolean }): void => {
  describe(`spool: ${name}`, () => {
    it("gives messages in the order they were kept, numbered from 1 without gaps", () => {
      const { spool } = open();
      const host = createHost(spool.baseline);
      for (let i = 0; i < 70; i++) spool.append([host.change({ bash: `5.${i}` })]);
      const seen: number[] = [];
      for (let after = 0, next = spool.begin(0); next !== undefined; next = spool.begin(after)) {
        const kept = keptSchema.parse(JSON.parse(next.json));
        expect(kept.sequence).toBe(next.sequence);
        expect(kept.body.kind).toBe("snapshot");
        after = next.sequence;
        seen.push(after);
      }
      expect(seen).toEqual(Array.from({ length: 70 }, (_, i) => i + 1));
    });

    it("gives the same octets at every attempt", () => {
      const { spool } = open();
      spool.append([goodbye(1), goodbye(2)]);
      const once = [spool.begin(0), spool.begin(1)];
      spool.append([goodbye(3)]);
      expect([spool.begin(0), spool.begin(1)]).toEqual(once);
      expect(once.map((sealed) => hash16(sealed!.json))).toEqual(once.map((sealed) => sealed!.digest));
    });

    it("settles everything up to an acknowledged message, and says where it stands", () => {
      const { spool } = open();
      spool.append([goodbye(1), goodbye(2), goodbye(3)]);
      spool.begin(0);
      const second = spool.begin(1)!;
      expect(spool.settle(second)).toBe("settled");
      expect(spool.counts()).toMatchObject({ messages: 1, settled: 2 });
      expect(spool.position()).toMatchObject({ lastSequence: 2, lastDigest: second.digest });
      expect(spool.begin(0)?.sequence).toBe(3);
    });

    it("keeps what an acknowledgement of a stranger, a copy or another epoch names", () => {
      const { spool } = open();
      spool.append([goodbye(1)]);
      const own = spool.begin(0)!;
      expect(spool.settle({ ...own, digest: "0".repeat(32) })).toBe("unknown");
      expect(spool.settle({ ...own, epoch: 7 })).toBe("unknown");
      expect(spool.settle({ ...own, sequence: 2 })).toBe("unknown");
      expect(spool.counts().messages).toBe(1);
    });

    it("numbers what it keeps anew under another epoch, in the same order", () => {
      const { spool } = open();
      spool.append([goodbye(1), goodbye(2)]);
      spool.settle(spool.begin(0)!);
      spool.append([goodbye(3)]);
      spool.adopt({ instance: 1, epoch: 4, have: 0, digest: null });
      const bodies = [spool.begin(0)!, spool.begin(1)!].map(({ json }) => keptSchema.parse(JSON.parse(json)));
      expect(bodies.map(({ epoch, sequence, instance }) => [epoch, sequence, instance])).toEqual([
        [4, 1, 1],
        [4, 2, 1],
      ]);
      expect(bodies.map(({ body }) => body.kind === "goodbye" && body.goodbye.atMs)).toEqual([2, 3]);
      expect(spool.position()).toMatchObject({ epoch: 4, instance: 1, lastSequence: 0, lastDigest: null });
    });

    it("does nothing when told the epoch it has", () => {
      const { spool } = open();
      spool.append([goodbye(1)]);
      const before = spool.begin(0);
      spool.adopt({ instance: 0, epoch: 0, have: 0, digest: null });
      expect(spool.begin(0)).toEqual(before);
    });

    it("moves the baseline with the messages", () => {
      const { spool } = open();
      const host = createHost(spool.baseline);
      spool.append([host.change({ bash: "5.1", zsh: "5.9" })]);
      spool.append([host.change({ bash: "5.2" })]);
      expect([...spool.baseline.items("local/self", "software").values()]).toMatchObject([
        { name: "bash", version: "5.2" },
      ]);
      const hashes = spool.baseline.itemHashes("local/self", "software");
      expect(spool.baseline.sectionHashes("local/self").get("software")).toBe(rootHash(hashes));
      expect(spool.baseline.streams()).toEqual(["local/self"]);
      expect(spool.baseline.stream("local/self")).toMatchObject({ source: "local", subject: { id: "self" } });
    });

    it("refuses a delta against another base, whole: neither message nor baseline", () => {
      const { spool } = open();
      const host = createHost(spool.baseline);
      spool.append([host.change({ bash: "5.1" })]);
      const late = host.change({ bash: "5.2" });
      spool.append([host.change({ bash: "5.3" })]);
      expect(() => spool.append([goodbye(1), late])).toThrow(/changed since/);
      expect(spool.counts().messages).toBe(2);
      expect([...spool.baseline.items("local/self", "software").values()]).toMatchObject([{ version: "5.3" }]);
    });

    it("forgets a section that nobody looks at any more", () => {
      const { spool } = open();
      const host = createHost(spool.baseline);
      spool.append([host.change({ bash: "5.1" })]);
      spool.append([host.gone()]);
      expect(spool.baseline.sectionHashes("local/self").size).toBe(0);
      expect(spool.baseline.items("local/self", "software").size).toBe(0);
    });

    it("takes nothing but a goodbye above the hard limit", () => {
      const { spool } = open({ limits: { softBytes: 1, hardBytes: 1 } });
      const host = createHost(spool.baseline);
      spool.append([host.change({ bash: "5.1" })]);
      expect(() => spool.append([host.change({ bash: "5.2" })])).toThrow(/the limit is 1/);
      spool.append([goodbye(9)]);
      expect(spool.counts().messages).toBe(2);
    });

    if (lasting)
      it("has everything after a restart", () => {
        const { spool, reopen } = open();
        const host = createHost(spool.baseline);
        spool.append([host.change({ bash: "5.1" }), goodbye(1)]);
        spool.settle(spool.begin(0)!);
        const before = { next: spool.begin(1), position: spool.position(), counts: spool.counts() };
        const again = reopen();
        expect({ next: again.begin(1), position: again.position(), counts: again.counts() }).toEqual(before);
        expect([...again.baseline.items("local/self", "software").keys()]).toHaveLength(1);
      });
  });
};

const folder = mkdtempSync(join(tmpdir(), "rollcall-spool-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const clock = createVirtualClock();

describeSpool(
  "memory",
  ({ limits = roomy } = {}) => {
    const spool = createMemorySpool({ agentId, limits, clock });
    return { spool, reopen: () => spool };
  },
  { lasting: false },
);

let files = 0;
describeSpool(
  "sqlite",
  ({ limits = roomy } = {}) => {
    const path = join(folder, `${files++}.sqlite`);
    const open = () => openSqliteSpool({ path, agentId, limits, clock, log: silentLog, failPoint: noFailPoint });
    const spool = open();
    return {
      spool,
      reopen: () => {
        spool.close();
        return open();
      },
    };
  },
  { lasting: true },
);
