import type { Baseline } from "../../agent/spool/spool.ts";
import { toItems } from "../../shared/protocol/canonical.ts";
import type { KeptBody } from "../../shared/protocol/envelope.ts";
import { hashesOf, hashOf } from "../../shared/protocol/items.ts";

export const agentId = `agt_${"0".repeat(26)}`;

export const goodbye = (atMs: number): KeptBody => ({ kind: "goodbye", goodbye: { reason: "shutdown", atMs } });

/** A host whose software is what a test says; each change is a snapshot against the baseline as it is then. */
export const createHost = (baseline: Pick<Baseline, "itemHashes" | "sectionHashes">, subjectId = "self") => {
  const stream = `local/${subjectId}`;
  const snapshot = (observedAtMs: number, steps: (KeptBody & { kind: "snapshot" })["snapshot"]["steps"]): KeptBody => ({
    kind: "snapshot",
    snapshot: {
      source: "local",
      subject: { id: subjectId, realm: "lab", keys: [] },
      observedAtMs,
      steps,
      failures: [],
    },
  });
  return {
    change: (versions: Readonly<Record<string, string>>, observedAtMs = 1): KeptBody => {
      const content = Object.entries(versions).map(([name, version]) => ({
        ...({ manager: "dpkg", name, architecture: "amd64", version } as const),
      }));
      const items = toItems("software", content);
      const hash = hashOf(items);
      const base = baseline.sectionHashes(stream).get("software");
      if (base === undefined)
        return snapshot(observedAtMs, [{ kind: "full", section: "software", hash, items: Object.fromEntries(items) }]);
      const known = baseline.itemHashes(stream, "software");
      const now = hashesOf(items);
      const put = Object.fromEntries([...items].filter(([key]) => known.get(key) !== now.get(key)));
      const drop = [...known.keys()].filter((key) => !items.has(key));
      return snapshot(observedAtMs, [{ kind: "delta", section: "software", base, hash, put, drop }]);
    },
    gone: (): KeptBody => snapshot(1, [{ kind: "gone", section: "software" }]),
  };
};
