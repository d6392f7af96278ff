import type { KeptBody } from "../shared/protocol/envelope.ts";
import { rootHash } from "../shared/protocol/hash.ts";
import { hashOf } from "../shared/protocol/items.ts";
import type { SectionName } from "../shared/protocol/sections.ts";
import type { SectionStep } from "../shared/protocol/snapshot.ts";
import type { Baseline } from "./spool/spool.ts";

/** What is told out of the baseline itself: roots, and sections that the collector asked for. Pure. */

/** A round is dealt into messages of about this size (protocol README, bounds). */
const MESSAGE_BYTES = 4 << 20;

/** Steps dealt into messages: a message is closed when the next step would make it larger than about 4 MiB. */
export const deal = (steps: readonly SectionStep[]): SectionStep[][] => {
  const dealt: SectionStep[][] = [[]];
  let bytes = 0;
  for (const step of steps) {
    const size = JSON.stringify(step).length;
    if (bytes > 0 && (bytes + size > MESSAGE_BYTES || dealt.at(-1)!.length >= 100)) {
      dealt.push([]);
      bytes = 0;
    }
    dealt.at(-1)!.push(step);
    bytes += size;
  }
  return dealt;
};

/**
 * Whole sections out of the baseline, for a collector that asked for them; those it asks of what we don't have end as `gone`.
 *
 * @param roundAtMs when the last inventory of this run ended: the host was still so then, however old the last difference is.
 */
export const toFullMessages = (
  wanted: readonly { readonly stream: string; readonly section: SectionName }[],
  baseline: Baseline,
  roundAtMs = 0,
): KeptBody[] => {
  const byStream = Map.groupBy(wanted, ({ stream }) => stream);
  return [...byStream].flatMap(([stream, asked]): KeptBody[] => {
    const about = baseline.stream(stream);
    if (about === undefined) return [];
    const hashes = baseline.sectionHashes(stream);
    const steps = [...new Set(asked.map(({ section }) => section))].map((section): SectionStep => {
      if (!hashes.has(section)) return { kind: "gone", section };
      const items = baseline.items(stream, section);
      return { kind: "full", section, hash: hashOf(items), items: Object.fromEntries(items) };
    });
    const { source, subject, failures } = about;
    const observedAtMs = source === "local" ? Math.max(about.observedAtMs, roundAtMs) : about.observedAtMs;
    return deal(steps).map((some) => ({
      kind: "snapshot",
      snapshot: { source, subject, observedAtMs, steps: some, failures },
    }));
  });
};

/** Root over everything noted, or of one stream: what heartbeats and hashes tell. */
export const rootOf = (baseline: Baseline): string =>
  rootHash(new Map(baseline.streams().map((stream) => [stream, rootHash(baseline.sectionHashes(stream))])));
